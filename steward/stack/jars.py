"""Kafka's jars: fetched once into the user's cache, each checked against its SHA-256."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from steward.stack.platform import UnsupportedPlatformError

LOCK_FILE: Final = Path(__file__).with_name("kafka-jars.txt")
"""One jar a line, `group:artifact:version sha256:…`: what the broker loads, and no more."""

Progress = Callable[[int, int], None]
"""Called with how many jars are there and how many there are to be."""


class JarUnavailableError(Exception):
    """A jar could not be fetched, or is not the one that was locked."""


@dataclass(frozen=True)
class Jar:
    """A Maven artifact and what its bytes must hash to."""

    group: str
    artifact: str
    version: str
    sha256: str

    def path(self, cache: Path) -> Path:
        """Where the jar is kept, laid out as Maven lays out its repositories."""
        directory = cache.joinpath(*self.group.split("."), self.artifact, self.version)
        return directory / f"{self.artifact}-{self.version}.jar"

    def is_intact(self, cache: Path) -> bool:
        """Whether the cached file is there and is the locked one."""
        try:
            content = self.path(cache).read_bytes()
        except FileNotFoundError:
            return False
        return hashlib.sha256(content).hexdigest() == self.sha256


def default_cache() -> Path:
    """Return the user's cache directory, shared by every checkout and every test run."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "steward" / "jars"


def locked_jars(lock: Path = LOCK_FILE) -> list[Jar]:
    """Read the lock file."""
    jars = []
    for line in lock.read_text().splitlines():
        coordinates, digest = line.split()
        group, artifact, version = coordinates.split(":")
        jars.append(Jar(group, artifact, version, digest.removeprefix("sha256:")))
    return jars


def fetch(cache: Path, jars: list[Jar], progress: Progress = lambda _have, _all: None) -> str:
    """Make sure every jar is in the cache, and return the class path.

    Raises:
        JarUnavailableError: one could not be fetched, or differs from the lock.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with _only_one_process(cache):
        missing = [jar for jar in jars if not jar.is_intact(cache)]
        have = len(jars) - len(missing)
        progress(have, len(jars))
        if missing:
            with ThreadPoolExecutor(8) as pool:
                for done, _ in enumerate(pool.map(lambda jar: _download(jar, cache), missing), 1):
                    progress(have + done, len(jars))
    return os.pathsep.join(str(jar.path(cache)) for jar in jars)


def _download(jar: Jar, cache: Path) -> None:
    try:
        from jgo.maven import MavenContext
    except ImportError as error:
        raise UnsupportedPlatformError("Kafka") from error
    jar.path(cache).unlink(missing_ok=True)  # what a broken download left
    context = MavenContext(repo_cache=cache, timeout=60)
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    try:
        component.artifact("", "jar").resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise JarUnavailableError(f"cannot fetch {jar.artifact} {jar.version}: {error}") from error
    if not jar.is_intact(cache):
        jar.path(cache).unlink(missing_ok=True)
        raise JarUnavailableError(f"{jar.artifact} {jar.version} does not match its SHA-256")


@contextmanager
def _only_one_process(cache: Path) -> Iterator[None]:
    """Hold the cache's lock: two processes would write the same files."""
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
