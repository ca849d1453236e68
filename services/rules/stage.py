"""What the rules service does with each event and each sighting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from services.rules.documents import (
    MEMBER_RECORDS,
    RULE_KINDS,
    MemberRecord,
    member_id,
)
from services.rules.entering import Entries
from services.rules.erasure.forgetting import ERASURES, Forgetting
from services.rules.flagging import Flagging
from services.rules.observation import Observation
from services.rules.opinions.opinion import Ambiguity, AskOpinion
from services.rules.opinions.second_look import SecondLook
from services.rules.outcome import answering, automation_action
from services.rules.pack import default_pack
from services.rules.prepared import Prepared, Preparing, prepared
from services.rules.recognising import Recognising
from services.rules.review.desk import Desk
from services.rules.review.kinds import REVIEW_KINDS
from services.rules.review.taught import Taught
from services.rules.review.trust import KnownStanding, Standing, acts, spared
from services.rules.rule_sets.catalog import OneRuleSet, RuleSets
from services.rules.rules import Judgement, RuleSet
from services.rules.sightings import sightings
from services.rules.surroundings import Surroundings
from services.rules.trials import TRIALS, TrialVerdict, compared, trial_id
from services.rules.verdict import Verdict
from services.rules.vocabulary import SUBJECTS
from services.rules.window_state import WindowState
from services.rules.word_lists.lists import KnownLists, WordLists
from shared.events import BaseEvent, ReportFiled
from shared.members import MemberErased
from shared.stream.contracts import (
    Concluding,
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    PartitionStage,
    Perform,
    Performer,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.topics import Topic

KINDS: Final[tuple[Kind[Any], ...]] = (*RULE_KINDS, *REVIEW_KINDS, ERASURES)
HORIZON: Final = timedelta(hours=1)
"""The longest span of a window: how far back the log is folded again on assignment."""


class RulesPartition(PartitionStage, Concluding):
    """One partition's windows and campaigns, judged by each tenant's rule set."""

    def __init__(
        self,
        rule_sets: RuleSets,
        partition: int = 0,
        standing: Standing | None = None,
        taught: Taught | None = None,
        lists: WordLists | None = None,
        ambiguity: Ambiguity | None = None,
    ) -> None:
        self._rule_sets = rule_sets
        self._lists = lists or KnownLists()
        self._standing = standing or KnownStanding()
        self._desk = Desk(partition, rule_sets)
        self._flagging = Flagging(self._desk)
        self._ambiguity = ambiguity
        self._second_look = SecondLook(self._desk)
        self._forgetting = Forgetting(partition)
        self._windows = WindowState(partition)
        self._surroundings = Surroundings(self._windows, taught)
        self._preparing = Preparing(rule_sets, self._lists)
        self._recognising = Recognising(rule_sets, self._standing)

    def keys(self, item: Input) -> Iterable[Key]:
        event = _judged(item)
        if event is None:
            return self._other_keys(item)
        assert isinstance(item, Record)
        own = (MEMBER_RECORDS, member_id(event.tenant, event.group, event.member))
        keys = [own, *self._desk.event_keys(event)]
        named = self._preparing.named(item)
        if named:
            keys += self._windows.keys(named)
        return keys

    def _other_keys(self, item: Input) -> Iterable[Key]:
        """Name the documents of what is no event to be judged."""
        if isinstance(item, Outcome) and isinstance(item.task, AskOpinion):
            yield from self._second_look.keys(item.task)
        elif isinstance(item, Outcome) or (isinstance(item, Due) and item.kind is ERASURES):
            yield from self._forgetting.keys(item)
        elif isinstance(item, Due):
            yield from self._desk.due_keys(item)
        elif item.topic is Topic.REVIEWS:
            yield from self._desk.keys(item.value)
        elif item.topic is Topic.TALLIES:
            yield from self._windows.tally_keys(item.value)
        elif isinstance(item.value, MemberErased):
            yield from self._forgetting.request_keys(item.value)

    def rebuild(self, record: Record) -> None:
        if record.topic is Topic.SIGHTINGS:
            self._recognising.rebuild(record.value)
        elif isinstance(record.value, MemberErased):
            self._desk.forget(record.value)
        elif type(record.value) in SUBJECTS:
            event: BaseEvent = record.value
            judges = self._rule_sets.judges(event.tenant, event.group)
            ready = prepared(event, judges, self._lists.of(event.tenant))
            self._windows.rebuild(ready.entries, record)
            self._desk.heard(event)

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        event = _judged(item)
        if event is not None:
            assert isinstance(item, Record)
            return self._judge(item, event, documents)
        if isinstance(item, Record) and item.topic is Topic.SIGHTINGS:
            return self._recognising.apply(item.value, item.appended, documents)
        if isinstance(item, Record) and item.topic is Topic.REVIEWS:
            return self._desk.apply(item.value, documents)
        if isinstance(item, Record) and item.topic is Topic.TALLIES:
            self._windows.count(item.value, item.appended, documents)
            return []
        if isinstance(item, Outcome):
            asked = isinstance(item.task, AskOpinion)
            applied = self._second_look.apply if asked else self._forgetting.found
            return applied(item, documents)
        if isinstance(item, Due):
            if item.kind is ERASURES:
                return self._forgetting.due(item, documents)
            return self._desk.due(item, documents)
        if isinstance(item.value, MemberErased):
            self._forgetting.begin(item.value, documents)
            self._desk.forget(item.value)
        return []

    def conclude(self) -> Iterable[Publish]:
        return [Publish(Topic.TALLIES, tally) for tally in self._windows.conclude()]

    def _judge(self, item: Record, event: BaseEvent, documents: Documents) -> list[Output]:
        ready = self._preparing.take(item)
        seen, rules = ready.seen, ready.judges.acting
        id = member_id(event.tenant, event.group, event.member)
        record = documents.get(MEMBER_RECORDS, id) or MemberRecord(
            tenant=event.tenant, group=event.group, member=event.member
        )
        judgement = self._judged_by(rules, ready.acting, seen, record, documents)
        verdict, removes = judgement.verdict, False
        if ready.judges.watching is not None or judgement.trial is not None:
            self._compare(ready, judgement, record, documents)
        outputs: list[Output] = []
        if verdict.noteworthy:
            immune = acts(verdict.decision) and (
                record.runs_the_group or self._standing.trusts(event)
            )
            verdict = spared(verdict) if immune else verdict
            removes = verdict.removes and not isinstance(event, ReportFiled)
            outputs += self._flagging.judged(ready, verdict, documents, immune, item.appended)
        if isinstance(event, ReportFiled):
            outputs += self._desk.reported(event, item.appended, documents)
        if self._ambiguity is not None:
            outputs += self._questions(self._ambiguity, ready, verdict, record, documents)
        if judgement.automations and not removes and not event.backfill:
            for automation in answering(judgement.automations, verdict):
                action = automation_action(event, automation, rules.pack, judgement.answer)
                outputs.append(Publish(Topic.ACTIONS, action))
        changed = record.after(event, removes)
        if changed is not record:
            documents.put(MEMBER_RECORDS, id, changed)
        if not record.runs_the_group:
            found = sightings(seen, verdict, record.joined_at)
            outputs += [Publish(Topic.SIGHTINGS, sighting) for sighting in found]
        self._windows.fold(ready.entries, item, documents)
        self._desk.heard(event)
        return outputs

    def _judged_by(
        self,
        rules: RuleSet,
        entries: Entries,
        seen: Observation,
        record: MemberRecord,
        documents: Documents,
    ) -> Judgement:
        return rules.judge(
            seen, self._surroundings.signals(rules.pack, entries, seen, record, documents)
        )

    def _questions(
        self,
        ambiguity: Ambiguity,
        ready: Prepared,
        verdict: Verdict,
        record: MemberRecord,
        documents: Documents,
    ) -> list[Output]:
        """Ask a language model about what the verdict leaves open."""
        seen, rules = ready.seen, ready.judges.acting
        if not ambiguity.leaves_open(seen.event, verdict):
            return []
        if self._standing.trusts(seen.event):
            return []
        if not verdict.noteworthy:
            around = self._surroundings.signals(rules.pack, ready.acting, seen, record, documents)
            verdict = rules.explained(seen, around)
        task = ambiguity.question(seen, verdict)
        return [] if task is None else [Perform(task)]

    def _compare(
        self, ready: Prepared, judgement: Judgement, record: MemberRecord, documents: Documents
    ) -> None:
        """Keep what a candidate said beside the verdict that counts. It leads to nothing else."""
        event, judges = ready.seen.event, ready.judges
        if event.backfill:
            return
        if judges.watching is not None:  # a whole version
            other = self._judged_by(
                judges.watching, ready.watching, ready.seen, record, documents
            ).verdict
            acted = judges.acting.pack.version == judges.version
            both = (other, judgement.verdict) if acted else (judgement.verdict, other)
            self._keep_trial(event, compared(event, judges.version, *both, acted), documents)
        version = judges.acting.pack.version
        told = judges.watching is not None and version == judges.version
        if judgement.trial is not None and not told:  # of its rules alone
            found = compared(event, version, judgement.verdict, judgement.trial, acted=False)
            self._keep_trial(event, found, documents)

    @staticmethod
    def _keep_trial(event: BaseEvent, found: TrialVerdict | None, documents: Documents) -> None:
        if found is not None:
            documents.put(TRIALS, trial_id(event, found.version), found)


_EVENTS: Final = Topic.EVENTS


def _judged(item: Input) -> BaseEvent | None:
    if not isinstance(item, Record) or item.topic is not _EVENTS:
        return None
    event: BaseEvent = item.value
    return event if type(event) in SUBJECTS else None


def rules_stage(
    rule_sets: RuleSets | None = None,
    references: tuple[Reference, ...] = (),
    standing: Standing | None = None,
    taught: Taught | None = None,
    performer: Performer | None = None,
    lists: WordLists | None = None,
    ambiguity: Ambiguity | None = None,
) -> Stage:
    """Return the stage, with the shipped rule set for everybody unless others are given.

    `references` are what is brought up to date before each batch, `standing`
    tells who is trusted and which campaigns were overturned, `taught` what
    moderators taught, `performer` finds what names a member to be forgotten,
    `lists` are the words that operators supplied, `ambiguity` tells of which
    verdicts a language model is asked.
    """
    judges = OneRuleSet(default_pack()) if rule_sets is None else rule_sets
    return Stage(
        name="rules",
        topics=(Topic.EVENTS, Topic.SIGHTINGS, Topic.TALLIES, Topic.REVIEWS, Topic.MEMBERS),
        open_partition=lambda partition: RulesPartition(
            judges, partition, standing, taught, lists, ambiguity
        ),
        kinds=KINDS,
        horizon=HORIZON,
        performer=performer,
        references=references,
    )
