"""What a receiver says: the answer, and the reading of it from a connection's bytes."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Final, NamedTuple

import httptools

MOST_KEPT: Final = 1_024
"""Bytes of an answer that the log of a delivery keeps."""
MOST_READ: Final = 65_536
"""Bytes of an answer that are read to keep its connection; beyond, it is closed."""
MOST_HEAD: Final = 65_536
"""Bytes that may come before an answer's body."""
_FIRST_FINAL: Final = 200


class ProtocolError(ValueError):
    """A receiver does not speak HTTP/1.1 as it should, or a request could not be said in it."""


class Answer(NamedTuple):
    """A status, headers by their names in lower case, and the start of a body.

    `head_at` is when its head had come, by `perf_counter`; `reusable` is
    whether the connection may take another request.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    head_at: float
    reusable: bool


class AnswerReader:
    """Reads one answer after the other from the bytes of a connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer: Answer | None = None
        self._begin()

    def _begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._kept = bytearray()
        self._head_bytes = self._read = 0
        self._in_body = False
        self._head_at = 0.0
        self.has_begun = False

    def feed(self, data: bytes) -> Answer | None:
        """Return the answer once its end, or enough of it, is there.

        Raises `ProtocolError` for what is no answer.
        """
        if not self._in_body:
            self._head_bytes += len(data)
        self.has_begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._answer is None:
                raise ProtocolError(f"no HTTP answer: {type(error).__name__}") from None
            return self._taken(self._answer._replace(reusable=False))
        if self._answer is not None:
            return self._taken(self._answer)
        if not self._in_body and self._head_bytes > MOST_HEAD:
            raise ProtocolError(f"more than {MOST_HEAD} bytes before a body")
        if self._read > MOST_READ:
            return self._taken(self._answered(reusable=False))
        return None

    def end(self) -> Answer | None:
        """Return the answer that the end of the connection ends, if it ends one."""
        if not self._in_body or self._has_length:
            return None
        return self._taken(self._answered(reusable=False))

    @property
    def _has_length(self) -> bool:
        return "content-length" in self._headers or "transfer-encoding" in self._headers

    def _answered(self, reusable: bool) -> Answer:
        status: int = self._parser.get_status_code()
        kept = bytes(self._kept[:MOST_KEPT])
        return Answer(status, self._headers, kept, self._head_at, reusable)

    def _taken(self, answer: Answer) -> Answer:
        self._answer = None
        self._begin()
        return answer

    # What httptools calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._in_body = True
        self._head_at = perf_counter()

    def on_body(self, chunk: bytes) -> None:
        self._read += len(chunk)
        if len(self._kept) < MOST_KEPT:
            self._kept += chunk[:MOST_KEPT]

    def on_message_complete(self) -> None:
        if self._answer is not None:
            self._answer = self._answer._replace(reusable=False)  # nobody asked for a second one
        elif self._parser.get_status_code() < _FIRST_FINAL:
            self._begin()
        else:
            self._answer = self._answered(self._parser.should_keep_alive())
