"""What an event tells of its group: what is talked about, and how the group is run."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from services.scoring.clock import TenantClock
from services.scoring.erasure.forgetting import Forgetting, begin, forgetting_id
from services.scoring.erasure.tombstones import erased_until, with_tombstone
from services.scoring.profiles import conduct as conducts
from services.scoring.profiles.conduct import Conduct
from services.scoring.profiles.documents import (
    CONDUCTS,
    GROUP_INTERESTS,
    MEMBER_INTERESTS,
    PROFILE_FORGETTINGS,
    PROFILES,
    GroupInterests,
    MemberInterests,
    group_id,
    member_id,
)
from services.scoring.profiles.keywords import keywords
from services.scoring.profiles.profile import Profile
from shared.events import BaseEvent, MessagePosted
from shared.members import MemberErased, MemberRequest, pseudonym
from shared.stream.contracts import Documents, Outcome, Output, Publish
from shared.topics import Topic
from shared.verdicts import Flag


def talk(event: BaseEvent, sign: int, day: int, documents: Documents) -> None:
    """Fold what a message is about into the interests of its author and of its group."""
    whole = group_id(event.tenant, event.group)
    group = documents.get(GROUP_INTERESTS, whole)
    if group is None:
        group = GroupInterests(tenant=event.tenant, group=event.group)
    words = keywords(event.text) if type(event) is MessagePosted and event.text else []
    live = group.live or not event.backfill
    if words:
        said = group.interests.record(words, day, sign)
        group = replace(group, interests=said, top=said.top)
        id = member_id(event.tenant, event.group, event.member)
        own = documents.get(MEMBER_INTERESTS, id)
        if own is None:
            own = MemberInterests(tenant=event.tenant, group=event.group, member=event.member)
        said = own.interests.record(words, day, sign)
        documents.put(MEMBER_INTERESTS, id, replace(own, interests=said, top=said.top))
    if words or live != group.live:
        documents.put(GROUP_INTERESTS, whole, replace(group, live=live))


def is_erased(about: BaseEvent | MemberRequest, documents: Documents) -> bool:
    """Whether something happened before its member was erased: it is kept out."""
    group = documents.get(GROUP_INTERESTS, group_id(about.tenant, about.group))
    if group is None or not group.erased:
        return False
    return about.time <= erased_until(group.erased, about.tenant, about.member)


def erase(asked: MemberErased, documents: Documents) -> None:
    """Forget a member, and have the profiles found of those whom they invited."""
    id = member_id(asked.tenant, asked.group, asked.member)
    documents.remove(PROFILES, id)
    documents.remove(MEMBER_INTERESTS, id)
    whole = group_id(asked.tenant, asked.group)
    group = documents.get(GROUP_INTERESTS, whole)
    if group is None:
        group = GroupInterests(tenant=asked.tenant, group=asked.group)
    kept_out = with_tombstone(group.erased, asked.tenant, asked.member, asked.time)
    documents.put(GROUP_INTERESTS, whole, replace(group, erased=kept_out))
    begin(PROFILE_FORGETTINGS, asked, documents)


def forget_inviter(outcome: Outcome, documents: Documents) -> Iterable[Output]:
    """Let the profiles that were found name a pseudonym; None: the lease will ask again."""
    task: Forgetting = outcome.task
    if outcome.result is None:
        return ()
    for id in outcome.result:
        profile = documents.get(PROFILES, id)
        if profile is not None and profile.invited_by == task.member:
            nobody = pseudonym(task.tenant, task.member)
            documents.put(PROFILES, id, replace(profile, invited_by=nobody))
    documents.remove(PROFILE_FORGETTINGS, forgetting_id(task))
    return ()


def conduct(
    event: BaseEvent,
    before: Profile,
    after: Profile,
    sign: int,
    clock: TenantClock,
    documents: Documents,
) -> None:
    """Fold an event (1), or what a flag takes back of it (-1), into how its group is run."""
    known = _conduct(event, documents)
    changed = conducts.spoken(known, event, sign, clock.day(event.time))
    changed = conducts.attended(changed, before, after, clock)
    _put(known, changed, documents)


def warnings(event: BaseEvent, day: int, documents: Documents) -> list[Publish]:
    """Return what is to be said of how the group is run, after an operator did something now."""
    if not event.role.runs_group or event.backfill:
        return []
    known = _conduct(event, documents)
    changed, actions = conducts.complaints(known, event.time, day)
    _put(known, changed, documents)
    return [Publish(Topic.ACTIONS, action) for action in actions]


def flagged(flag: Flag, day: int, documents: Documents) -> None:
    """Fold a flag against an operator's promotion into how the group is run."""
    known = _conduct(flag.event, documents)
    sign = -1 if flag.reverses else 1
    _put(known, conducts.promoted(known, flag.event, flag.labels, sign, day), documents)


def _conduct(event: BaseEvent, documents: Documents) -> Conduct:
    found = documents.get(CONDUCTS, group_id(event.tenant, event.group))
    return found or Conduct(tenant=event.tenant, group=event.group)


def _put(known: Conduct, changed: Conduct, documents: Documents) -> None:
    if changed is not known:
        documents.put(CONDUCTS, group_id(known.tenant, known.group), changed)
