"""What the rules service does with each event and each sighting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from services.rules.campaigns import Campaigns
from services.rules.documents import (
    FLAGS,
    MEMBER_RECORDS,
    RULE_KINDS,
    FlagDocument,
    MemberRecord,
    document,
    member_id,
)
from services.rules.erasure.forgetting import ERASURES, Forgetting
from services.rules.observation import Observation
from services.rules.outcome import actions_of, automation_action, campaign_flag, flag_of
from services.rules.pack import Pack, default_pack
from services.rules.prepared import Prepared, Preparing, prepared
from services.rules.review.desk import Desk, spread_of
from services.rules.review.kinds import REVIEW_KINDS
from services.rules.review.taught import Taught
from services.rules.review.trust import KnownStanding, Standing, acts, spared, spared_flag
from services.rules.rule_sets.catalog import OneRuleSet, RuleSets
from services.rules.rules import Judgement, RuleSet
from services.rules.sightings import sightings
from services.rules.trials import TRIALS, TrialVerdict, compared, trial_id
from services.rules.verdict import Verdict
from services.rules.vocabulary import SUBJECTS
from services.rules.window_state import WindowState
from services.rules.windows import Entry
from shared.condition_types import Value
from shared.events import BaseEvent, MemberJoined, Millis
from shared.members import MemberErased
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    PartitionStage,
    Performer,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic
from shared.verdicts import Flag, Sighting

KINDS: Final[tuple[Kind[Any], ...]] = (*RULE_KINDS, *REVIEW_KINDS, ERASURES)
HORIZON: Final = timedelta(hours=1)
"""The longest span of a window: how far back the log is folded again on assignment."""


class RulesPartition(PartitionStage):
    """One partition's windows and campaigns, judged by each tenant's rule set."""

    def __init__(
        self,
        rule_sets: RuleSets,
        partition: int = 0,
        standing: Standing | None = None,
        taught: Taught | None = None,
    ) -> None:
        self._rule_sets = rule_sets
        self._taught = taught
        self._standing = standing or KnownStanding()
        self._desk = Desk(partition, rule_sets)
        self._forgetting = Forgetting(partition)
        self._windows = WindowState()
        self._preparing = Preparing(rule_sets)
        self._campaigns = Campaigns()

    def keys(self, item: Input) -> Iterable[Key]:
        if isinstance(item, Outcome) or (isinstance(item, Due) and item.kind is ERASURES):
            yield from self._forgetting.keys(item)
        elif isinstance(item, Due):
            yield from self._desk.due_keys(item)
        elif item.topic is Topic.REVIEWS:
            yield from self._desk.keys(item.value)
        elif isinstance(item.value, MemberErased):
            yield from self._forgetting.request_keys(item.value)
        event = _judged(item)
        if event is not None:
            yield from self._desk.event_keys(event)
            yield MEMBER_RECORDS, member_id(event.tenant, event.group, event.member)
            assert isinstance(item, Record)
            named = self._preparing.named(item)
            if named:
                yield from self._windows.keys(named)

    def rebuild(self, record: Record) -> None:
        if record.topic is Topic.SIGHTINGS:
            self._campaigns.fold(record.value)
        elif isinstance(record.value, MemberErased):
            self._desk.forget(record.value)
        elif type(record.value) in SUBJECTS:
            event: BaseEvent = record.value
            ready = prepared(event, self._rule_sets.judges(event.tenant, event.group))
            self._windows.rebuild(ready.entries, event.time)
            self._desk.heard(event)

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        if isinstance(item, Record) and item.topic is Topic.SIGHTINGS:
            return self._recognise(item.value, item.appended, documents)
        if isinstance(item, Record) and item.topic is Topic.REVIEWS:
            return self._desk.apply(item.value, documents)
        if isinstance(item, Outcome):
            return self._forgetting.found(item, documents)
        if isinstance(item, Due):
            if item.kind is ERASURES:
                return self._forgetting.due(item, documents)
            return self._desk.due(item, documents)
        if isinstance(item.value, MemberErased):
            self._forgetting.begin(item.value, documents)
            self._desk.forget(item.value)
        event = _judged(item)
        return [] if event is None else self._judge(item, event, documents)

    def _judge(self, item: Record, event: BaseEvent, documents: Documents) -> list[Output]:
        ready = self._preparing.take(item)
        seen, rules = ready.seen, ready.judges.acting
        record = _record(event, documents)
        judgement = self._judged_by(rules, ready.acting, seen, record, documents)
        verdict = judgement.verdict
        self._compare(ready, judgement, record, documents)
        immune = acts(verdict.decision) and self._standing.trusts(event)
        if immune:
            verdict = spared(verdict)
        outputs = list(self._consequences(ready, verdict, documents, immune, item.appended))
        outputs += self._desk.reported(event, item.appended, documents)
        if not verdict.removes and not event.backfill:
            for automation in judgement.automations:
                action = automation_action(event, automation, rules.pack, judgement.answer)
                outputs.append(Publish(Topic.ACTIONS, action))
        self._remember(record, verdict, event, documents)
        outputs += [Publish(Topic.SIGHTINGS, s) for s in sightings(seen, verdict.removes)]
        self._windows.fold(ready.entries, event.tenant, event.time, item.appended, documents)
        self._desk.heard(event)
        return outputs

    def _judged_by(
        self,
        rules: RuleSet,
        entries: Sequence[Entry],
        seen: Observation,
        record: MemberRecord,
        documents: Documents,
    ) -> Judgement:
        time = seen.event.time
        windows = self._windows.look(entries, time, documents)
        around = _member_signals(rules.pack, record, time)
        around.update((f"window.{name}", value) for name, value in windows.items())
        learned = self._taught.of(seen.event.tenant) if self._taught is not None else None
        if learned is not None:
            around.update(learned.signals(seen))
        return rules.judge(seen, around)

    def _compare(
        self, ready: Prepared, judgement: Judgement, record: MemberRecord, documents: Documents
    ) -> None:
        """Keep what a candidate said beside the verdict that counts. It leads to nothing else."""
        event, judges = ready.seen.event, ready.judges
        if event.backfill:
            return
        if judges.watching is not None:
            other = self._judged_by(
                judges.watching, ready.watching, ready.seen, record, documents
            ).verdict
            acted = judges.acting.pack.version == judges.version
            both = (other, judgement.verdict) if acted else (judgement.verdict, other)
            self._keep_trial(event, compared(event, judges.version, *both, acted), documents)
        if judgement.trial is not None:
            version = judges.acting.pack.version
            found = compared(event, version, judgement.verdict, judgement.trial, acted=False)
            self._keep_trial(event, found, documents)

    @staticmethod
    def _keep_trial(event: BaseEvent, found: TrialVerdict | None, documents: Documents) -> None:
        if found is not None:
            documents.put(TRIALS, trial_id(event, found.version), found)

    def _consequences(
        self, ready: Prepared, verdict: Verdict, documents: Documents, immune: bool, now: Millis
    ) -> Iterator[Output]:
        if not verdict.noteworthy:
            return
        rules = ready.judges.acting
        flag = flag_of(ready.seen.event, verdict)  # type: ignore[arg-type]
        alone = rules.judge(ready.seen, {}).verdict
        noted = msgspec.structs.replace(
            document(flag, now), alone=alone.risk, charged=alone.noteworthy
        )
        noted, outputs = self._flag(noted, rules.pack, documents, verdict.mute_seconds)
        yield from outputs
        yield from self._desk.flagged(noted, immune, documents)

    @staticmethod
    def _flag(
        noted: FlagDocument, pack: Pack, documents: Documents, mute_seconds: int = 0
    ) -> tuple[FlagDocument, list[Output]]:
        flag = noted.flag
        actions = list(actions_of(flag, pack, mute_seconds))
        kinds = [action.kind for action in actions]
        noted = msgspec.structs.replace(noted, actions=kinds, seconds=mute_seconds)
        documents.put(FLAGS, flag.id, noted)
        published = [Publish(Topic.ACTIONS, action) for action in actions]
        return noted, [Publish(Topic.FLAGS, flag), *published]

    def _recognise(self, sighting: Sighting, now: Millis, documents: Documents) -> list[Output]:
        caught = self._campaigns.look(sighting)
        tenant, fingerprint = sighting.event.tenant, sighting.fingerprint
        pack = self._rule_sets.of(tenant).pack
        outputs: list[Output] = []
        flags: list[Flag] = []
        if not any(self._standing.pardons(tenant, each) for each in (fingerprint, caught.name)):
            for copy in caught.copies:
                if not copy.flagged:
                    flag = campaign_flag(copy, caught.name, caught.groups, pack)
                    immune = self._standing.trusts(copy.event)
                    flags.append(spared_flag(flag) if immune else flag)
                    outputs += self._flag(document(flags[-1], now), pack, documents)[1]
        if flags:
            outputs.append(Publish(Topic.REVIEWS, spread_of(flags, caught.name)))
        self._campaigns.fold(sighting)
        return outputs

    @staticmethod
    def _remember(
        record: MemberRecord, verdict: Verdict, event: BaseEvent, documents: Documents
    ) -> None:
        changed = record
        if isinstance(event, MemberJoined):
            changed = msgspec.structs.replace(changed, joined_at=event.time)
        if verdict.removes:
            changed = changed.with_removal(Millis(event.time))
        if changed is not record:
            documents.put(
                MEMBER_RECORDS, member_id(event.tenant, event.group, event.member), changed
            )


def _member_signals(pack: Pack, record: MemberRecord, time: Millis) -> dict[str, Value]:
    signals: dict[str, Value] = {}
    if record.removals and (removals := record.removals_within(pack.escalation_span, time)):
        signals["member.removals"] = removals
    if record.joined_at is not None and record.joined_at <= time:
        signals["member.joined"] = True
        signals["member.age"] = (time - record.joined_at) // 1000
    return signals


def _judged(item: Input) -> BaseEvent | None:
    if not isinstance(item, Record) or item.topic is not Topic.EVENTS:
        return None
    event: BaseEvent = item.value
    return event if type(event) in SUBJECTS else None


def _record(event: BaseEvent, documents: Documents) -> MemberRecord:
    found = documents.get(MEMBER_RECORDS, member_id(event.tenant, event.group, event.member))
    return found or MemberRecord(tenant=event.tenant, group=event.group, member=event.member)


def rules_stage(
    rule_sets: RuleSets | None = None,
    references: tuple[Reference, ...] = (),
    standing: Standing | None = None,
    taught: Taught | None = None,
    performer: Performer | None = None,
) -> Stage:
    """Return the stage, with the shipped rule set for everybody unless others are given.

    `references` are what is brought up to date before each batch, `standing`
    tells who is trusted and which campaigns were overturned, `taught` what
    moderators taught, `performer` finds what names a member to be forgotten.
    """
    judges = OneRuleSet(default_pack()) if rule_sets is None else rule_sets
    return Stage(
        name="rules",
        topics=(Topic.EVENTS, Topic.SIGHTINGS, Topic.REVIEWS, Topic.MEMBERS),
        open_partition=lambda partition: RulesPartition(judges, partition, standing, taught),
        kinds=KINDS,
        horizon=HORIZON,
        performer=performer,
        references=references,
    )
