"""What of an event is worth recognising in other groups."""

from __future__ import annotations

from typing import Final

from services.rules.contacts import ContactKind
from services.rules.nearness import bands
from services.rules.observation import Observation
from services.rules.outcome import acted_on
from services.rules.verdict import Verdict
from services.rules.written import fingerprint
from shared.events import MessageEdited, MessagePosted, Millis, RelayPosted, Role, derive_id
from shared.verdicts import Sighting

LONG_ENOUGH: Final = 20
"""Characters from which a text is its writer's own; shorter ones are what everybody says."""
LONG_ENOUGH_WITH_LURE: Final = 8
MOST: Final = 12
"""Sightings of one event."""
LIKELY: Final = 35
"""From which `classifier.spam` on a text's near copies are looked for, whatever its words."""
SUSPECT: Final = 0.15
"""From which risk on a text is no ordinary one; of ordinary ones an eighth have it."""
NEW: Final = 86_400_000
"""For how many milliseconds after joining a member is new."""
_MEMBER: Final = Role.MEMBER
_MESSAGES: Final = frozenset({MessagePosted, MessageEdited, RelayPosted})
_STABLE: Final = frozenset(
    {ContactKind.WECHAT, ContactKind.QQ, ContactKind.PHONE, ContactKind.TELEGRAM}
)


def sightings(
    seen: Observation, verdict: Verdict, joined_at: Millis | None = None
) -> list[Sighting]:
    """Return the sightings of a member's message and of what is done about it by itself.

    `joined_at` is when its writer joined, None where that was not seen. Those who run
    the group may repeat theirs.
    """
    event = seen.event
    if event.role is not _MEMBER or type(event) not in _MESSAGES:
        return []
    prints = _fingerprints(seen)
    if not prints:
        return []
    prints = list(dict.fromkeys(prints))[:MOST]
    flagged, acted = verdict.removes, acted_on(event, verdict)
    suspect = verdict.risk >= SUSPECT or _is_new(joined_at, Millis(event.time))
    return [
        Sighting(
            id=derive_id(event.identity, "sighting", found),
            fingerprint=found,
            time=event.time,
            event=event,  # type: ignore[arg-type]
            flagged=flagged,
            acted=acted,
            suspect=suspect,
            also=[other for other in prints if other != found] if len(prints) > 1 else [],
        )
        for found in prints
    ]


def _is_new(joined_at: Millis | None, time: Millis) -> bool:
    return joined_at is not None and time - joined_at < NEW


def _fingerprints(seen: Observation) -> list[str]:
    """Name what of an event may come again.

    Near copies matter too where something is offered, which is worded anew for each
    group; what members write by one template, such as check-ins, is alike as well.
    """
    if seen.reading is None:
        return []
    signals, essence = seen.signals, seen.essence
    reach, pitch = "text.reach" in signals, int(signals.get("text.pitch", 0))
    near = reach or pitch >= 2 or int(signals.get("classifier.spam", 0)) >= LIKELY
    found = bands(essence) if near else []
    if len(essence) >= (LONG_ENOUGH_WITH_LURE if reach or pitch else LONG_ENOUGH):
        found.append(fingerprint("text", essence))
    for contact in seen.reading.contacts:
        if contact.kind in _STABLE:
            found.append(fingerprint("contact", contact.value))
    for link in seen.reading.links:
        if not link.known and not link.short:
            found.append(fingerprint("domain", link.domain))
    return found
