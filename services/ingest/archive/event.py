"""How an event is kept in the archive: small, to be found by group and time, until its end."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import zstandard
from msgspec import Struct
from msgspec.structs import replace

from shared.events import BaseEvent, Millis, encode, group_key
from shared.stream.contracts import Kind

DICTIONARY: Final = Path(__file__).parent / "data" / "archive-1.txt"
"""Text that events look like. What is stored cannot be read without it: it never changes;
another one would get a number of its own, which each body begins with."""

_NUMBER: Final = b"\x01"
_LEVEL: Final = 6
_MOST_BYTES: Final = 1024 * 1024
_SEPARATOR: Final = "\x1f"
_BEHIND: Final = "\x20"
"""What sorts behind `_SEPARATOR`."""
_LAST: Final = Millis(0xFFFFFFFFFFFF)


class ArchivedEvent(Struct, frozen=True, kw_only=True):
    """An event as it is archived. Its `_id` begins with tenant and time: see `archive_id`.

    `key` is the key of its group, `body` the event's JSON, compressed;
    MongoDB removes the document when `expires_at` has come.
    """

    key: str
    expires_at: datetime
    body: bytes


ARCHIVE: Final = Kind("archive", ArchivedEvent)


def archive_id(event: BaseEvent) -> str:
    """Return the `_id` of an event: ids of a tenant sort by the time of what happened."""
    own = hashlib.blake2b(event.identity.encode(), digest_size=8).hexdigest()
    return f"{event.tenant}{_SEPARATOR}{_clock(event.time)}{own}"


def span(tenant: str, start: Millis | None, end: Millis | None) -> tuple[str, str]:
    """Return bounds of the ids of a tenant's events from `start` to before `end`.

    All ids of the span are greater than the first and less than the second.
    """
    prefix = f"{tenant}{_SEPARATOR}"
    first = prefix if start is None else prefix + _clock(start)
    last = f"{tenant}{_BEHIND}" if end is None else prefix + _clock(end)
    return first, last


def archived(event: BaseEvent, appended: Millis, days: int) -> ArchivedEvent:
    """Return what is kept of an event that the log took at `appended`, for so many days."""
    taken = datetime.fromtimestamp(appended / 1000, tz=UTC)
    return ArchivedEvent(
        key=group_key(event.tenant, event.group),
        expires_at=taken + timedelta(days=days),
        body=_NUMBER + _COMPRESSOR.compress(encode(event)),
    )


def with_body(known: ArchivedEvent, json: bytes) -> ArchivedEvent:
    """Return an archived event that says something else, to be kept as long."""
    return replace(known, body=_NUMBER + _COMPRESSOR.compress(json))


def event_json(body: bytes) -> msgspec.Raw:
    """Return the JSON of the event in a body. Raises `ValueError` for another dictionary's."""
    if body[:1] != _NUMBER:
        raise ValueError(f"an archive body of dictionary {body[:1].hex()}")
    return msgspec.Raw(_DECOMPRESSOR.decompress(body[1:], max_output_size=_MOST_BYTES))


def _clock(time: Millis) -> str:
    return f"{min(max(time, 0), _LAST):012x}"


_DICTIONARY: Final = zstandard.ZstdCompressionDict(
    DICTIONARY.read_bytes(), dict_type=zstandard.DICT_TYPE_RAWCONTENT
)
_PARAMETERS: Final = zstandard.ZstdCompressionParameters.from_level(
    _LEVEL, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_checksum=False, write_dict_id=False
)
_COMPRESSOR: Final = zstandard.ZstdCompressor(dict_data=_DICTIONARY, compression_params=_PARAMETERS)
_DECOMPRESSOR: Final = zstandard.ZstdDecompressor(
    dict_data=_DICTIONARY, format=zstandard.FORMAT_ZSTD1_MAGICLESS
)
