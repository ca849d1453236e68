"""The shared libraries that mongod needs from the system, and how to get them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}
"""Debian and Ubuntu package of each library that slim images lack."""

_MISSING: Final = re.compile(r"error while loading shared libraries: (\S+?):")


class ProgramUnusableError(Exception):
    """A bundled program cannot run on this machine; says what to do about it."""


def missing_library(program: Path) -> str | None:
    """Return the first shared library that the program cannot find, or None.

    Raises:
        ProgramUnusableError: it does not run for another reason.
    """
    try:
        run = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ProgramUnusableError(f"{program.name} cannot run here: {error}") from error
    if run.returncode == 0:
        return None
    if found := _MISSING.search(run.stderr):
        return found[1]
    if run.returncode == -signal.SIGILL:
        raise ProgramUnusableError(
            f"{program.name} needs a processor with AVX: set STEWARD_MONGO to a MongoDB elsewhere."
        )
    raise ProgramUnusableError(f"{program.name} does not run here: {run.stderr.strip()}")


def install_command(library: str) -> str:
    """Return the one command that installs the library on Debian and Ubuntu."""
    package = PACKAGES.get(library)
    if package is None:
        return f"install the package of your system that has {library}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install -y {package}"


def can_install(library: str) -> bool:
    """Whether this process may install the library itself: as root, with apt."""
    return library in PACKAGES and os.geteuid() == 0 and shutil.which("apt-get") is not None


def ensure_libraries(program: Path) -> None:
    """Install what the program lacks where that is possible.

    Raises:
        ProgramUnusableError: something is missing, with the command that installs it.
    """
    for _ in PACKAGES:
        library = missing_library(program)
        if library is None:
            return
        if not can_install(library):
            raise ProgramUnusableError(
                f"{program.name} needs {library}. Install it: {install_command(library)}"
            )
        _apt_install(PACKAGES[library])
    if (library := missing_library(program)) is not None:
        raise ProgramUnusableError(f"{program.name} still needs {library} after installing it")


def _apt_install(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProgramUnusableError(f"{' '.join(command)} failed: {done.stderr.strip()}")
