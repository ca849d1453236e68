"""What the profiles' stage does with events, flags and what tenants ask about members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from msgspec.structs import replace

from services.scoring.calendar import DAY
from services.scoring.erasure.forgetting import Forgetting, forgetting_id, search
from services.scoring.gathering import GATHERING
from services.scoring.profiles import groups
from services.scoring.profiles.documents import (
    CONDUCTS,
    GROUP_INTERESTS,
    MEMBER_INTERESTS,
    PROFILE_FORGETTINGS,
    PROFILES,
    SURVEYS,
    NextPage,
    Survey,
    group_id,
    member_id,
)
from services.scoring.profiles.profile import (
    Profile,
    Standing,
    counted,
    described,
    erasure,
    seen,
    stood,
)
from services.scoring.profiles.steps import steps_of
from services.scoring.segments.definitions import InForce
from services.scoring.segments.membership import Cause, judged, left_all
from services.scoring.segments.signals import JUDGEMENTS
from shared.events import BaseEvent, Millis, Role, TenantId
from shared.members import AttributesSet, MemberJudged, MemberRequest, PointsChanged
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Outcome,
    Output,
    Perform,
    Performer,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic
from shared.verdicts import Flag

KINDS: Final = (PROFILES, MEMBER_INTERESTS, GROUP_INTERESTS, CONDUCTS, SURVEYS, PROFILE_FORGETTINGS)
LEASE: Final = 60_000
"""After how long (ms) a survey's page is asked for again if its owner died."""


class Tenants(Reference, Protocol):
    """What each tenant has defined."""

    def of(self, tenant: TenantId) -> InForce:
        """Return what is in force for a tenant."""


class ProfilesPartition:
    """Keeps the profiles and interests of one partition's members, and judges their segments."""

    def __init__(self, number: int, tenants: Tenants) -> None:
        self._number = number
        self._tenants = tenants
        self._asked: set[str] = set()

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Record):
            value = item.value.event if item.topic is Topic.FLAGS else item.value
            yield from _own(member_id(value.tenant, value.group, value.member))
            yield GROUP_INTERESTS, group_id(value.tenant, value.group)
            yield CONDUCTS, group_id(value.tenant, value.group)
        elif isinstance(item, Due):
            yield item.kind, item.id
            if item.kind is PROFILES:
                yield from _own(item.id)
                yield GROUP_INTERESTS, _group_of(item.id)
        else:
            if isinstance(item.task, Forgetting):
                yield PROFILE_FORGETTINGS, forgetting_id(item.task)
            else:
                yield SURVEYS, item.task.survey
            for id in item.result or ():
                yield from _own(id)

    def rebuild(self, record: Record) -> None:
        """There is no recent state."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Outcome):
            if isinstance(item.task, Forgetting):
                return groups.forget_inviter(item, documents)
            return self._survey(item, documents)
        if isinstance(item, Due):
            return self._due(item, documents)
        if item.topic is Topic.FLAGS:
            return self._flag(item.value, documents)
        if item.topic is Topic.MEMBERS:
            return self._request(item.value, documents)
        return self._event(item.value, documents)

    def _event(self, event: BaseEvent, documents: Documents) -> list[Output]:
        if groups.is_erased(event, documents):
            return []
        profile = _profile(event, documents)
        in_force = self._tenants.of(event.tenant)
        when = in_force.clock.moment(event.time)
        before, profile = profile, seen(profile, event)
        if event.role is not Role.BOT:
            profile = counted(profile, event, steps_of(event) + in_force.steps_of(event), 1, when)
            groups.talk(event, 1, when.day, documents)
        groups.conduct(event, before, profile, 1, in_force.clock, documents)
        warnings = groups.warnings(event, when.day, documents)
        tell = Cause.QUIET if event.backfill else Cause.LIVE
        told = self._judge(profile, event.time, event.identity, tell, documents)
        return [*told, *warnings]

    def _flag(self, flag: Flag, documents: Documents) -> list[Output]:
        event = flag.event
        profile = _profile(event, documents)
        in_force = self._tenants.of(event.tenant)
        when = in_force.clock.moment(event.time)
        groups.flagged(flag, when.day, documents)
        if not flag.spam or groups.is_erased(event, documents):
            return []
        sign = 1 if flag.reverses else -1
        if event.role is not Role.BOT:
            names = steps_of(event) + in_force.steps_of(event)
            before, profile = profile, counted(profile, event, names, sign, when)
            groups.talk(event, sign, when.day, documents)
            groups.conduct(event, before, profile, sign, in_force.clock, documents)
        profile = replace(profile, flagged=profile.flagged - sign)
        tell = Cause.QUIET if event.backfill else Cause.LIVE
        return self._judge(profile, event.time, flag.id, tell, documents)

    def _request(self, request: MemberRequest, documents: Documents) -> list[Output]:
        if isinstance(request, PointsChanged):
            return []
        profile = _profile(request, documents)
        if isinstance(request, AttributesSet):
            if groups.is_erased(request, documents):
                return []
            profile = described(profile, request.attributes, request.time)
            return self._judge(profile, request.time, request.id, Cause.LIVE, documents)
        if isinstance(request, MemberJudged):
            return self._found(profile, request, documents)
        groups.erase(request, documents)
        return [*left_all(profile, self._tenants.of(request.tenant), request)]

    def _found(self, profile: Profile, found: MemberJudged, documents: Documents) -> list[Output]:
        if not profile.first_seen or groups.is_erased(found, documents):
            return []
        profile = stood(profile, Standing(found.layer, found.churn, found.time))
        tell = Cause.QUIET if found.backfill else Cause.LIVE
        return self._judge(profile, found.time, found.id, tell, documents)

    def _due(self, due: Due, documents: Documents) -> Iterable[Output]:
        if due.kind is SURVEYS:
            return self._ask(due, documents)
        if due.kind is PROFILE_FORGETTINGS:
            return search(due, documents)
        profile = documents.get(PROFILES, due.id)
        if profile is None:
            return []
        group = documents.get(GROUP_INTERESTS, _group_of(due.id))
        tell = Cause.LIVE if group is not None and group.live else Cause.QUIET
        return self._judge(profile, due.now, str(due.now), tell, documents)

    def _judge(
        self, profile: Profile, time: int, cause: str, tell: Cause, documents: Documents
    ) -> list[Output]:
        """Put the profile as of `time` with its segments, and return what is told of them."""
        profile = replace(profile, as_of=max(profile.as_of, time))
        id = member_id(profile.tenant, profile.group, profile.member)
        in_force = self._tenants.of(profile.tenant)
        interests = ""
        if "interests" in in_force.names:
            known = documents.get(MEMBER_INTERESTS, id)
            interests = "".join(f";{word}" for word in known.top) + ";" if known else ""
        profile = replace(profile, due_at=None)
        profile, changes = judged(profile, interests, in_force, cause, tell)
        outputs: list[Output] = [*changes]
        silent_days = in_force.definitions.silent_days
        if silent_days is not None and profile.last_seen:
            end = Millis(profile.last_seen + silent_days * DAY)
            if end <= profile.as_of:
                outputs.append(Publish(Topic.MEMBERS, erasure(profile, cause)))
            else:
                profile = replace(profile, due_at=min(profile.due_at or end, end))
        documents.put(PROFILES, id, profile)
        return outputs

    def _ask(self, due: Due, documents: Documents) -> list[Output]:
        """Have the survey's next page found, unless that is under way."""
        survey: Survey = due.document
        leased = replace(survey, due_at=Millis(due.now + LEASE))
        documents.put(SURVEYS, due.id, leased)
        if due.id in self._asked:
            return []
        self._asked.add(due.id)
        return [Perform(self._next_page(due.id, survey.tenant, survey.after))]

    def _survey(self, outcome: Outcome, documents: Documents) -> Iterator[Output]:
        """Judge the members that were found; None: MongoDB was away, and the lease will ask."""
        task: NextPage = outcome.task
        self._asked.discard(task.survey)
        survey = documents.get(SURVEYS, task.survey)
        if survey is None or outcome.result is None:
            return
        page: dict[str, Standing | None] = outcome.result
        for id, standing in page.items():
            profile = documents.get(PROFILES, id)
            if profile is not None:
                profile = profile if standing is None else stood(profile, standing)
                cause = f"{task.survey}/{survey.version}"
                yield from self._judge(profile, outcome.now, cause, Cause.QUIET, documents)
        if not page:
            documents.remove(SURVEYS, task.survey)
            return
        last = max(page)
        onward = replace(survey, after=last, due_at=Millis(outcome.now + LEASE))
        documents.put(SURVEYS, task.survey, onward)
        self._asked.add(task.survey)
        yield Perform(self._next_page(task.survey, task.tenant, last))

    def _next_page(self, survey: str, tenant: TenantId, after: str) -> NextPage:
        judged = bool(JUDGEMENTS & self._tenants.of(tenant).names)
        return NextPage(survey, tenant, self._number, after, judged)


def profiles_stage(tenants: Tenants, performer: Performer) -> Stage:
    """Return the stage as the runtime needs it."""
    return Stage(
        name="profiles",
        topics=(Topic.EVENTS, Topic.FLAGS, Topic.MEMBERS),
        open_partition=lambda number: ProfilesPartition(number, tenants),
        kinds=KINDS,
        leisure=4,
        gathering=GATHERING,
        performer=performer,
        references=(tenants,),
    )


def _own(id: str) -> Iterator[Key]:
    yield PROFILES, id
    yield MEMBER_INTERESTS, id


def _group_of(id: str) -> str:
    return id.rpartition("\x1f")[0]


def _profile(about: BaseEvent | MemberRequest, documents: Documents) -> Profile:
    found = documents.get(PROFILES, member_id(about.tenant, about.group, about.member))
    if found is not None:
        return found
    return Profile(tenant=about.tenant, group=about.group, member=about.member)
