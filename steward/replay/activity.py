"""Who wrote when in which group, without what: columns `ts user stream topic chars`.

`ts` is in seconds since the Unix epoch, a `stream` is a group, and `chars` is the
length of the text that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final

from shared.events import BaseEvent, MessagePosted
from steward.replay.export import Export
from steward.replay.json_items import BrokenExportError
from steward.replay.teller import LONGEST_TEXT, Teller

HEADER: Final = "ts\tuser\tstream\ttopic\tchars"
_SYLLABLES: Final = [first + second for first in "fghjklmnpqrtvwxz" for second in "aouy"]
"""Without those of which words that rules know, such as `dubo` (赌博, gambling), are made."""
_WORDS: Final = 6


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether the first line names the columns."""
    return head.startswith(HEADER)


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield a message for each row. Raises `BrokenExportError` for a row that is none."""
    for name in export.names:
        with export.open(name) as stream:
            for number, line in enumerate(stream, 1):
                if number > 1:
                    yield _event(line, number, teller)


def _event(line: bytes, number: int, teller: Teller) -> BaseEvent:
    try:
        ts, user, stream, topic, chars = line.decode().rstrip("\r\n").split("\t")
        time, length = int(ts) * 1000, int(chars)
    except ValueError:
        raise BrokenExportError(f"row {number} is not `{HEADER}`".replace("\t", " ")) from None
    id = teller.name(stream, time, user, topic, chars)
    return teller.tell(
        MessagePosted,
        id=id,
        group=stream,
        member=user,
        time=time,
        message=id,
        text=stand_in(id, min(length, LONGEST_TEXT)),
    )


def stand_in(seed: str, length: int) -> str:
    """Return meaningless words of a length, other ones for every seed.

    Scores grow with the length of what was written, and equal texts would look
    like copies; so a text that is not known is stood in for by one of its own.
    """
    digest = blake2b(seed.encode(), digest_size=3 * _WORDS).digest()
    syllables = [_SYLLABLES[byte % 64] for byte in digest]
    words = "".join(f"{''.join(syllables[at : at + 3])} " for at in range(0, len(syllables), 3))
    return (words * (length // len(words) + 1))[:length]
