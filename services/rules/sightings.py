"""What of an event is worth recognising in other groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.rules.contacts import ContactKind
from services.rules.nearness import bands
from services.rules.observation import Observation
from services.rules.outcome import acted_on
from services.rules.verdict import Verdict
from services.rules.written import fingerprint
from shared.events import MessageEdited, MessagePosted, RelayPosted, Role, derive_id
from shared.verdicts import Sighting

LONG_ENOUGH: Final = 20
"""Characters from which a text is its writer's own; shorter ones are what everybody says."""
LONG_ENOUGH_WITH_LURE: Final = 8
MOST: Final = 12
"""Sightings of one event."""
LIKELY: Final = 35
"""From which `classifier.spam` on a text's near copies are looked for, whatever its words."""
_MEMBER: Final = Role.MEMBER
_MESSAGES: Final = frozenset({MessagePosted, MessageEdited, RelayPosted})
_STABLE: Final = frozenset(
    {ContactKind.WECHAT, ContactKind.QQ, ContactKind.PHONE, ContactKind.TELEGRAM}
)


def sightings(seen: Observation, verdict: Verdict) -> list[Sighting]:
    """Return the sightings of a member's message and of what is done about it by itself.

    Those who run the group may repeat theirs.
    """
    event = seen.event
    if event.role is not _MEMBER or type(event) not in _MESSAGES:
        return []
    prints = list(_fingerprints(seen))
    if not prints:
        return []
    prints = list(dict.fromkeys(prints))[:MOST]
    flagged, acted = verdict.removes, acted_on(event, verdict)
    return [
        Sighting(
            id=derive_id(event.identity, "sighting", found),
            fingerprint=found,
            time=event.time,
            event=event,  # type: ignore[arg-type]
            flagged=flagged,
            acted=acted,
            also=[other for other in prints if other != found],
        )
        for found in prints
    ]


def _fingerprints(seen: Observation) -> Iterator[str]:
    if seen.reading is None:
        return
    lure = bool(seen.signals.get("text.reach") or seen.signals.get("text.pitch"))
    if _is_suspicious(seen):
        yield from bands(seen.essence)
    if len(seen.essence) >= (LONG_ENOUGH_WITH_LURE if lure else LONG_ENOUGH):
        yield fingerprint("text", seen.essence)
    for contact in seen.reading.contacts:
        if contact.kind in _STABLE:
            yield fingerprint("contact", contact.value)
    for link in seen.reading.links:
        if not link.known and not link.short:
            yield fingerprint("domain", link.domain)


def _is_suspicious(seen: Observation) -> bool:
    """Whether near copies matter too: whoever offers something words it anew for each group.

    What members write by one template, such as check-ins, is alike as well.
    """
    signals = seen.signals
    if "text.reach" in signals or int(signals.get("text.pitch", 0)) >= 2:
        return True
    return "classifier.spam" in signals and int(signals["classifier.spam"]) >= LIKELY
