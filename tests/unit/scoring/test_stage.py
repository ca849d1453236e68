from __future__ import annotations

from collections.abc import Sequence
from random import Random

import bson
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring import talkers
from services.scoring.calendar import WEEKS_KEPT, day_of, week_of
from services.scoring.group import ACTIVE, DAY_WIDTH, LATEST
from services.scoring.rings import rows
from services.scoring.stage import GROUPS, MEMBERS, WATCHES, ScoringPartition, member_id
from shared.events import (
    ActivityAttended,
    BaseEvent,
    CheckinMade,
    ContentViewed,
    InviteAccepted,
    Media,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    MessagePosted,
    PurchaseMade,
    ReactionAdded,
    Role,
)
from shared.stream.contracts import Record
from shared.stream.documents import stored, to_bson
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Decision, Flag, Label

History = list[BaseEvent | Flag]
DAY = 86_400_000
START = 1_700_000_000_000
PEOPLE = ["amy", "bo", "chen", "dai"]

people = st.sampled_from(PEOPLE)
texts = st.sampled_from(
    ["收到", "谢谢！", "请问周六的活动怎么报名？", "hello there, how are you", "[微笑]"]
)


def base(**more: object) -> dict[str, st.SearchStrategy[object]]:
    return {
        "source": st.just("test"),
        "tenant": st.just("acme"),
        "group": st.sampled_from(["g1", "g1/x"]),
        "member": people,
        "role": st.sampled_from([Role.MEMBER] * 5 + [Role.OPERATOR, Role.BOT]),
        **more,  # type: ignore[dict-item]
    }


def event_strategy(days: int) -> st.SearchStrategy[BaseEvent]:
    common = base(
        id=st.just("?"),
        time=st.integers(0, days * 24 * 4).map(lambda quarter: START + quarter * DAY // 96),
    )
    kinds = [
        st.builds(
            MessagePosted,
            message=st.just("m"),
            text=texts,
            media=st.sampled_from([Media.TEXT, Media.TEXT, Media.STICKER, Media.IMAGE]),
            reply_to_member=st.none() | people,
            mentions=st.lists(people, max_size=5),
            **common,
        ),
        st.builds(ReactionAdded, message=st.just("m"), author=st.none() | people, **common),
        st.builds(CheckinMade, **common),
        st.builds(MemberJoined, name=st.sampled_from(["", "Amy", "阿美"]), **common),
        st.builds(MemberLeft, **common),
        st.builds(MemberUpdated, name=st.sampled_from(["", "Bo"]), **common),
        st.builds(PurchaseMade, order=st.just("o"), amount=st.integers(0, 10_000), **common),
        st.builds(ContentViewed, content=st.just("c"), **common),
        st.builds(ActivityAttended, activity=st.just("a"), **common),
        st.builds(InviteAccepted, invitee=people, **common),
    ]
    return st.one_of(kinds[0], *kinds)


@st.composite
def histories(draw: st.DrawFn, days: int = 80) -> list[BaseEvent | Flag]:
    events = draw(st.lists(event_strategy(days), min_size=1, max_size=25))
    named = [msgspec.structs.replace(event, id=str(n)) for n, event in enumerate(events)]
    flags = [
        flag(event, spam=draw(st.booleans()))
        for event in named
        if draw(st.sampled_from([True, False, False]))
    ]
    return [*named, *flags]


def flag(event: BaseEvent, *, spam: bool = True) -> Flag:
    return Flag(
        id=f"flag-{event.id}",
        event=event,  # type: ignore[arg-type]
        time=event.time,
        labels=[Label.ADVERTISING, Label.CAMPAIGN],
        risk=0.9,
        decision=Decision.DELETE,
        spam=spam,
        rule_set="test",
    )


def records(values: Sequence[BaseEvent | Flag]) -> list[Record]:
    return [
        Record(Topic.FLAGS if isinstance(value, Flag) else Topic.EVENTS, 0, n, value)
        for n, value in enumerate(values)
    ]


def folded(*batches: Sequence[BaseEvent | Flag]) -> MemoryDocuments:
    documents = MemoryDocuments()
    for batch in batches:
        fold(ScoringPartition(), records(batch), documents)
    return documents


def scored(documents: MemoryDocuments) -> dict[object, object]:
    return documents.by_key


@settings(max_examples=150, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_of_events_and_flags_gives_the_same_documents(
    history: History, random: Random
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    assert scored(folded(shuffled)) == scored(folded(history))


@settings(max_examples=100, deadline=None)
@given(histories(days=1200), st.randoms(use_true_random=False))
def test_over_years_records_late_by_a_month_give_the_same_documents(
    history: History, random: Random
) -> None:
    in_order = sorted(history, key=lambda value: value.time)
    late = sorted(history, key=lambda value: value.time + random.randrange(30 * DAY))
    assert scored(folded(late)) == scored(folded(in_order))


@settings(max_examples=50, deadline=None)
@given(histories(), st.data())
def test_where_records_are_cut_into_batches_does_not_matter(
    history: History, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(history)))
    assert scored(folded(history[:cut], history[cut:])) == scored(folded(history))


@settings(max_examples=50, deadline=None)
@given(histories())
def test_documents_survive_the_way_to_mongodb_and_back(history: History) -> None:
    for key, document in folded(history).by_key.items():
        raw = bson.decode(bson.encode(to_bson(key, document, 3)))
        assert stored(key[0], raw) == document
        assert (raw["_id"], raw["partition"], raw["tenant"]) == (key[1], 3, "acme")


@settings(max_examples=100, deadline=None)
@given(histories())
def test_what_was_flagged_as_spam_leaves_no_trace_in_the_score(history: History) -> None:
    spam = {value.event.id for value in history if isinstance(value, Flag) and value.spam}
    clean = [value for value in history if not isinstance(value, Flag) and value.id not in spam]
    assert earned(folded(history)) == earned(folded(clean))


def earned(documents: MemoryDocuments) -> dict[str, object]:
    """What can be read of members after it all, without those who have earned nothing."""
    day = day_of(START + 81 * DAY)
    members = {id: doc for (kind, id), doc in documents.by_key.items() if kind is MEMBERS}
    return {
        id: (
            member.counts,
            member.score,
            member.ties,
            member.trust,
            member.paid,
            member.presence.active_days(day),
            [member.presence.messages_in(week_of(day) - ago) for ago in range(WEEKS_KEPT)],
            member.presence.streak(day),
        )
        for id, member in members.items()
        if member.counts
    }


@settings(max_examples=100, deadline=None)
@given(histories(days=20))
def test_group_figures_are_sums_over_its_members(history: History) -> None:
    documents = folded(history).by_key
    for (kind, _), group in documents.items():
        if kind is not GROUPS:
            continue
        members = [
            member
            for (of, _), member in documents.items()
            if of is MEMBERS and member.group == group.group
        ]
        presences = [member.presence for member in members]
        assert group.members == sum(member.is_present for member in members)
        for row in rows(group.days, DAY_WIDTH, 0, 10**9):
            assert row[ACTIVE] == sum(each.is_active_on(row[0]) for each in presences)
            assert row[LATEST] == sum(each.latest_day == row[0] for each in presences)
        for week in rows(group.weeks, talkers.WIDTH, 0, 10**9):
            written = [each.messages_in(week[0]) for each in presences]
            assert sum(week[2::2]) == sum(written)
            assert sum(week[1::2]) == sum(count > 0 for count in written)


def test_a_reaction_touches_the_one_who_reacts_and_the_author_and_no_others() -> None:
    event = ReactionAdded(
        id="1",
        source="s",
        tenant="acme",
        group="g1",
        member="amy",
        time=START,
        message="m",
        author="bo",
    )
    keys = list(ScoringPartition().keys(records([event])[0]))
    assert sorted(id for kind, id in keys if kind is MEMBERS) == [
        member_id("acme", "g1", "amy"),
        member_id("acme", "g1", "bo"),
    ]
    assert [kind for kind, _ in keys if kind is not MEMBERS] == [GROUPS, WATCHES]
