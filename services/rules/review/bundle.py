"""Evidence for an authority: what is known of a flag, as items chained by their hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from services.rules.documents import FlagDocument
from services.rules.review.audit import BEGINNING, Entry, hash_of
from services.rules.review.case import Case

Item = dict[str, Any]


def bundle(
    noted: FlagDocument, case: Case | None, entries: Sequence[Entry], made_at: int, by: str
) -> list[Item]:
    """Return the items of a bundle, in order; the last one's hash seals it.

    Each has its number, what it is, its content, the hash of the item before
    and its own (`audit.hash_of`).
    """
    flag = noted.flag
    contents: list[tuple[str, Any]] = [
        ("bundle", {"made_at": made_at, "by": by, "tenant": noted.tenant, "flag": flag.id}),
        ("event", flag.event),
        ("verdict", flag),
        ("measures", {"actions": noted.actions or [], "seconds": noted.seconds}),
    ]
    if case is not None:
        contents.append(("context", case.evidence.before))
        contents.append(("case", _without_evidence(case)))
    contents += [("audit", entry) for entry in entries]
    return list(_chained(contents))


def broken(items: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the number of the first item that does not fit its chain; None if all do."""
    before = BEGINNING
    for number, item in enumerate(items):
        if item["seq"] != number or item["before"] != before or hash_of(item) != item["hash"]:
            return number
        before = item["hash"]
    return None


def _chained(contents: Sequence[tuple[str, Any]]) -> Iterator[Item]:
    before = BEGINNING
    for number, (what, content) in enumerate(contents):
        item = {
            "seq": number,
            "what": what,
            "content": msgspec.to_builtins(content),
            "before": before,
        }
        before = hash_of(item)
        yield {**item, "hash": before}


def _without_evidence(case: Case) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(case)
    plain["evidence"] = {"digest": case.evidence.digest}
    plain.pop("taken", None)
    return plain
