"""Content encodings: compressed bodies, decompressed piece by piece, however little they were."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import zstandard

from services.ingest.rejection import MalformedBody

PIECE_BYTES: Final = 64 * 1024
"""Most that gzip gives at once."""
ZSTD_SLICE_BYTES: Final = 64
"""How much of a zstd body is looked at in one go.

A block of 4 bytes can become 128 KiB (RFC 8878 §3.1.1.2), so a slice becomes 2 MiB at most.
"""
ZSTD_WINDOW_BYTES: Final = 8 * 1024 * 1024
"""Largest window of the content coding `zstd` (RFC 9659)."""


class Decoder(Protocol):
    """Undoes one content encoding."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the next bytes of the body become. Raises `MalformedBody`."""

    def finish(self) -> None:
        """Raise `MalformedBody` if the body ended too early."""


class Identity:
    """No encoding: bytes stay what they are."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk

    def finish(self) -> None:
        """Whatever came is complete."""


class Gzip:
    """gzip (RFC 1952), of one member or several."""

    def __init__(self) -> None:
        self._member = _gzip_member()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        full = False
        while chunk or full:
            if self._member.eof:
                self._member = _gzip_member()
            try:
                piece = self._member.decompress(chunk, PIECE_BYTES)
            except zlib.error as error:
                raise MalformedBody(f"Not gzip: {error}") from None
            full = len(piece) == PIECE_BYTES and not self._member.eof
            chunk = self._member.unused_data or self._member.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._member.eof:
            raise MalformedBody("The gzip body is not complete.")


class Zstd:
    """Zstandard (RFC 8878), of one frame or several."""

    def __init__(self) -> None:
        self._frame = _zstd_frame()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        whole = memoryview(chunk)
        for start in range(0, len(chunk), ZSTD_SLICE_BYTES):
            rest = bytes(whole[start : start + ZSTD_SLICE_BYTES])
            while rest:
                if self._frame.eof:
                    self._frame = _zstd_frame()
                try:
                    piece = self._frame.decompress(rest)
                except zstandard.ZstdError as error:
                    raise MalformedBody(f"Not zstd: {error}") from None
                rest = self._frame.unused_data
                if piece:
                    yield piece

    def finish(self) -> None:
        if not self._frame.eof:
            raise MalformedBody("The zstd body is not complete.")


def _gzip_member() -> zlib._Decompress:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _zstd_frame() -> zstandard.ZstdDecompressionObj:
    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()


DECODERS: Final[dict[str, Callable[[], Decoder]]] = {
    "identity": Identity,
    "gzip": Gzip,
    "x-gzip": Gzip,
    "zstd": Zstd,
}
"""What undoes each content encoding that is read."""
