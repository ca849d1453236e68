"""Puts flags: what is kept of them, published, and asked of the platform because of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from services.rules.documents import FLAGS, FlagDocument, document
from services.rules.outcome import actions_of, flag_of
from services.rules.pack import Pack
from services.rules.prepared import Prepared
from services.rules.review.desk import Desk
from services.rules.verdict import Verdict
from shared.events import Millis
from shared.stream.contracts import Documents, Output, Publish
from shared.topics import Topic


class Flagging:
    """Puts the flags of one partition; those that need a person come before its desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def judged(
        self, ready: Prepared, verdict: Verdict, documents: Documents, immune: bool, now: Millis
    ) -> Iterator[Output]:
        """Put the flag of a verdict that is noteworthy."""
        rules = ready.judges.acting
        flag = flag_of(ready.seen.event, verdict)  # type: ignore[arg-type]
        alone = rules.alone(ready.seen)
        noted = replace(document(flag, now), alone=alone.risk, charged=alone.noteworthy)
        noted, outputs = put_flag(noted, rules.pack, documents, verdict.mute_seconds)
        yield from outputs
        yield from self._desk.flagged(noted, immune, documents)


def put_flag(
    noted: FlagDocument, pack: Pack, documents: Documents, mute_seconds: int = 0
) -> tuple[FlagDocument, list[Output]]:
    """Keep a flag and return it with what it led to noted, and what goes out."""
    flag = noted.flag
    actions = list(actions_of(flag, pack, mute_seconds))
    kinds = [action.kind for action in actions]
    noted = replace(noted, actions=kinds, seconds=mute_seconds)
    documents.put(FLAGS, flag.id, noted)
    published = [Publish(Topic.ACTIONS, action) for action in actions]
    return noted, [Publish(Topic.FLAGS, flag), *published]
