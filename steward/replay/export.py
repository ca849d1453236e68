"""What the user gives: a file, a directory, a zip or a tar, as streams that have names."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Final, Self, cast

READ_OUT_OF_TARS: Final = (".json", ".jsonl", ".txt", ".log")
HEAD_BYTES: Final = 64 * 1024
_DIGEST_CHUNK: Final = 1024 * 1024


class Export:
    """An export's files by name, read as streams; `.gz` is unpacked on the way.

    Args:
        path: a file, a directory, a zip or a tar. A tar's texts are unpacked into
            a temporary directory, as it cannot be read in another order than its own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unpacked: TemporaryDirectory[str] | None = None
        self._zip: zipfile.ZipFile | None = None
        self._open: list[IO[bytes]] = []
        self._finished = 0
        root = path
        if path.is_file() and zipfile.is_zipfile(path):
            self._zip = zipfile.ZipFile(path)
        elif path.is_file() and tarfile.is_tarfile(path):
            root = self._unpack(path)
        self._sizes = self._list(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._zip is not None:
            self._zip.close()
        if self._unpacked is not None:
            self._unpacked.cleanup()

    @property
    def names(self) -> list[str]:
        """The names of the files, in order."""
        return sorted(self._sizes)

    @property
    def total(self) -> int:
        """How many bytes the files have, as they are stored."""
        return sum(self._sizes.values())

    @property
    def done(self) -> int:
        """How many of them have been read."""
        return self._finished + sum(stream.tell() for stream in self._open)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file for reading from its start."""
        stored = self._stored(name)
        self._open.append(stored)
        try:
            if name.endswith(".gz"):
                with gzip.GzipFile(fileobj=stored) as unpacked:
                    yield cast("IO[bytes]", unpacked)
            else:
                yield stored
        finally:
            self._open.remove(stored)
            self._finished += self._sizes[name]
            stored.close()

    def head(self, name: str) -> str:
        """Return how a file begins, as text."""
        with self._stored(name) as stored:
            if name.endswith(".gz"):
                with gzip.open(stored) as unpacked:
                    begin = unpacked.read(HEAD_BYTES)
            else:
                begin = stored.read(HEAD_BYTES)
        return begin.decode("utf-8-sig", errors="replace")

    def digest(self) -> str:
        """Return the SHA-256 of the names and contents, by which an export is known again."""
        digest = hashlib.sha256()
        for path in self._on_disk():
            digest.update(path.name.encode() + b"\0" if path != self.path else b"")
            with path.open("rb") as stream:
                while chunk := stream.read(_DIGEST_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()

    def _on_disk(self) -> list[Path]:
        if self.path.is_file():
            return [self.path]
        return [self.path / name for name in self.names]

    def _stored(self, name: str) -> IO[bytes]:
        if self._zip is not None:
            return self._zip.open(name)
        if self._unpacked is not None:
            return (Path(self._unpacked.name) / name).open("rb")
        return (self.path if self.path.is_file() else self.path / name).open("rb")

    def _list(self, root: Path) -> dict[str, int]:
        if self._zip is not None:
            infos = self._zip.infolist()
            return {info.filename: info.file_size for info in infos if not info.is_dir()}
        if root.is_file():
            return {root.name: root.stat().st_size}
        files = (path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path.stat().st_size for path in files}

    def _unpack(self, path: Path) -> Path:
        self._unpacked = TemporaryDirectory(prefix="steward-replay-")
        target = Path(self._unpacked.name)
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile() and member.name.endswith(READ_OUT_OF_TARS):
                    tar.extract(member, target, filter="data")
        return target


def base(name: str) -> str:
    """Return the last part of a file's name."""
    return PurePosixPath(name).name


def stem(name: str) -> str:
    """Return the last part of a file's name without its extensions."""
    return base(name).split(".")[0]
