"""How an erased member is forgotten in campaigns' messages and in deliveries. Pure.

The owner of the group's partition looks for them, a part at a time, changes the
messages itself and asks the owners of endpoints to change the deliveries. An
action that was under way counts as a contact and makes the member known again,
so each look ends with forgetting whoever is known by such contacts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct, structs

from services.notify.campaigns.audience import MemberOutreach
from services.notify.campaigns.documents import SEND, member_at
from services.notify.campaigns.sends import State, TrackedSend
from shared.actions import Action, Delivery
from shared.erasures import Erasure, erasure_id
from shared.events import EndpointId, GroupId, MemberId, Millis, TenantId
from shared.members import MemberErased
from shared.stream.contracts import Documents, Key, Kind, Output, Perform, Publish
from shared.topics import Topic

MOST_FOUND: Final = 200
ERASED: Final = MemberId("erased")


ERASURE: Final = Kind("member_erasures", Erasure, timed=True)


@dataclass(frozen=True, slots=True)
class FindTraces:
    """A task: find up to `MOST_FOUND` messages, and deliveries, after these ids."""

    id: str
    tenant: TenantId
    group: GroupId
    member: MemberId
    after_send: str = ""
    after_delivery: str = ""


class FoundDelivery(Struct, frozen=True):
    """A delivery that names the member."""

    id: str
    endpoint: EndpointId
    lane: str
    action: Action


class Traces(Struct, frozen=True):
    """What was found, by ascending id."""

    sends: list[str]
    deliveries: list[FoundDelivery]


def key_of(id: str) -> Key:
    """Return where the erasure is kept."""
    return ERASURE, id


def keys_of(task: FindTraces, found: Traces | None) -> Iterable[Key]:
    """Name the documents that an answer is applied to."""
    yield key_of(task.id)
    yield member_at(task.tenant, task.group, task.member)
    for id in found.sends if found is not None else ():
        yield SEND, id


def begin(request: MemberErased, now: Millis, documents: Documents) -> None:
    """Begin to forget a member."""
    documents.put(ERASURE, erasure_id(request), Erasure.asked(request, now))


def look(id: str, erasure: Erasure, now: Millis, documents: Documents) -> list[Output]:
    """Look for all that names the member, from the beginning."""
    documents.put(ERASURE, id, erasure.leased(now))
    return [Perform(FindTraces(id, erasure.tenant, erasure.group, erasure.member))]


def found(
    task: FindTraces, traces: Traces | None, now: Millis, documents: Documents
) -> list[Output]:
    """Forget the member in what was found; look on, look again later, or be done."""
    erasure: Erasure | None = documents.get(ERASURE, task.id)
    if erasure is None or traces is None:
        return []
    for id in traces.sends:
        sent: TrackedSend | None = documents.get(SEND, id)
        if sent is not None:
            documents.put(SEND, id, nameless(sent, now))
    outputs: list[Output] = [
        Publish(Topic.DELIVERIES, forgetting(each, f"{task.id}/{erasure.looks}", now))
        for each in traces.deliveries
    ]
    if max(len(traces.sends), len(traces.deliveries)) == MOST_FOUND:
        documents.put(ERASURE, task.id, erasure.leased(now))
        return [*outputs, Perform(_following(task, traces))]
    _forget_contacts(erasure, documents)
    again = erasure.looked(now)
    if again is not None:
        documents.put(ERASURE, task.id, again)
    else:
        documents.remove(ERASURE, task.id)
    return outputs


def nameless(sent: TrackedSend, now: Millis) -> TrackedSend:
    """Return a message without its recipient; one that still waits is left out."""
    if sent.state is State.WAITING:
        sent = sent.ended(State.SKIPPED, "left", now)
    return structs.replace(sent, member=ERASED)


def forgetting(one: FoundDelivery, request: str, now: Millis) -> Delivery:
    """Return the request to forget the member in a delivery; the same one counts once."""
    return Delivery(
        id=one.id,
        endpoint=one.endpoint,
        time=now,
        action=anonymous(one.action),
        lane=one.lane,
        again=f"forget:{request}",
        forget=True,
    )


def anonymous(action: Action) -> Action:
    """Return an action without whom it is about and what was said of them."""
    return structs.replace(action, member=None, text="", reason="", details={}, hits=[], spans=[])


def _forget_contacts(erasure: Erasure, documents: Documents) -> None:
    """Forget whom nothing but messages of before the erasure has made known again."""
    key = member_at(erasure.tenant, erasure.group, erasure.member)
    known: MemberOutreach | None = documents.get(*key)
    if known is None or known != known.contacts_only():
        return
    if all(contact.at <= erasure.until for contact in known.contacts):
        documents.remove(*key)


def _following(task: FindTraces, traces: Traces) -> FindTraces:
    return FindTraces(
        task.id,
        task.tenant,
        task.group,
        task.member,
        _last(traces.sends, task.after_send),
        _last([each.id for each in traces.deliveries], task.after_delivery),
    )


def _last(ids: Sequence[str], before: str) -> str:
    return ids[-1] if ids else before
