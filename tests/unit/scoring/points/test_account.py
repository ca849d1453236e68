from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import DAY, day_of
from services.scoring.points.account import Account, Entry, days_of, earned_between
from services.scoring.points.documents import (
    ACCOUNTS,
    INVITATIONS,
    KEPT_DAYS,
    LEDGER,
    document_id,
)
from services.scoring.points.stage import PointsPartition
from services.scoring.points.terms import (
    DEFAULT_RULES,
    Earning,
    Reward,
    Rule,
    RulesFrom,
    Terms,
    with_rules,
)
from shared.actions import Action
from shared.events import (
    BaseEvent,
    CheckinMade,
    InviteAccepted,
    MemberLeft,
    PurchaseMade,
    ReactionAdded,
    Role,
    TenantId,
)
from shared.members import MemberRequest, PointsChanged
from shared.stream.contracts import Due, Input, Output, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, said, spam
from tests.unit.scoring.test_reversals import reversal
from tests.unit.scoring.test_stage import History, histories

TODAY = day_of(MONDAY)
Value = BaseEvent | Flag | MemberRequest


class Known:
    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    async def refresh(self) -> None:
        raise AssertionError("only the runtime refreshes")

    def of(self, tenant: TenantId) -> Terms:
        return self._terms


TERMS = Terms(tenant=TenantId("acme"))


class Books:
    def __init__(self, terms: Terms = TERMS) -> None:
        self.documents = MemoryDocuments()
        self.actions: list[Action] = []
        self._stage = PointsPartition(Known(terms))

    def after(self, *values: Value) -> Books:
        self.apply([Record(_topic(value), 0, n, value) for n, value in enumerate(values)])
        return self

    def apply(self, items: Sequence[Input]) -> None:
        for out in fold(self._stage, items, self.documents):
            assert isinstance(out, Publish)
            assert isinstance(out.record, Action)
            self.actions.append(out.record)

    def outputs(self, *items: Input) -> list[Output]:
        return fold(self._stage, items, self.documents)

    def of(self, member: str = "amy") -> Account:
        found = self.documents.by_key[ACCOUNTS, document_id("acme", "g1", member)]
        assert isinstance(found, Account)
        return found

    def entries(self) -> dict[str, Entry]:
        found = ((key, one) for key, one in self.documents.by_key.items() if key[0] is LEDGER)
        return {key[1].rpartition("\x1f")[2]: one for key, one in found}

    def week_later(self, invitee: str) -> None:
        id = document_id("acme", "g1", invitee)
        document = self.documents.by_key[INVITATIONS, id]
        self.apply([Due(INVITATIONS, id, document, document.due_at)])


def _topic(value: Value) -> Topic:
    if isinstance(value, Flag):
        return Topic.FLAGS
    return Topic.EVENTS if isinstance(value, BaseEvent) else Topic.MEMBERS


def make(kind: Any, day: float = 0, **more: Any) -> Any:
    fields = {"source": "test", "tenant": "acme", "group": "g1", "member": "amy"}
    time = MONDAY + int(day * DAY)
    return kind(id=f"{kind.__name__}-{day}", time=time, **{**fields, **more})


def asked(entry: str, amount: int) -> PointsChanged:
    return PointsChanged(
        id=f"request-{entry}",
        tenant="acme",
        group="g1",
        member="amy",
        time=MONDAY,
        entry=entry,
        amount=amount,
        reason="mug",
    )


def test_what_a_day_earns_is_capped_by_rule() -> None:
    books = Books().after(*(said("amy", MONDAY + n) for n in range(30)), make(CheckinMade))
    assert books.of().total == 10 + 5
    lines = {one.earning: (one.times, one.points) for one in days_of(books.of(), TERMS)}
    assert lines == {"message": (30, 10), "checkin": (1, 5)}


def test_low_value_posts_and_bots_earn_no_points() -> None:
    books = Books().after(
        said("amy", MONDAY, text="收到"), said("bot", MONDAY, role=Role.BOT), said("bo", MONDAY)
    )
    assert [key[1] for key in books.documents.by_key] == [document_id("acme", "g1", "bo")]


def test_an_accepted_answer_earns_its_author() -> None:
    reaction = make(ReactionAdded, member="bo", author="amy", message="m", emoji="✅")
    heart = make(ReactionAdded, 0.1, member="bo", author="amy", message="m", emoji="❤️")
    own = make(ReactionAdded, 0.2, author="amy", message="m", emoji="✅")
    assert Books().after(reaction, heart, own).of().total == 10


def test_a_purchase_earns_by_its_amount() -> None:
    assert Books().after(make(PurchaseMade, order="o", amount=12_345)).of().total == 123


def test_an_invitation_earns_when_who_came_stays_for_a_week() -> None:
    invited = make(InviteAccepted, invitee="bo")
    kept = Books().after(invited)
    assert not any(key[0] is ACCOUNTS for key in kept.documents.by_key)
    kept.week_later("bo")
    assert kept.of().total == 20
    assert [one.day - TODAY for one in days_of(kept.of(), TERMS)] == [KEPT_DAYS]
    gone = Books().after(invited, make(MemberLeft, 3, member="bo"))
    gone.week_later("bo")
    assert not any(key[0] is ACCOUNTS for key in gone.documents.by_key)
    kept.after(make(MemberLeft, 30, member="bo"))
    assert kept.of().total == 20


def test_an_invitation_found_to_be_spam_is_taken_back_even_after_it_was_paid() -> None:
    invited = make(InviteAccepted, invitee="bo")
    books = Books().after(invited)
    books.week_later("bo")
    books.after(spam(invited))
    books.week_later("bo")
    assert books.of().total == 0
    books.after(reversal(spam(invited)))
    books.week_later("bo")
    assert books.of().total == 20


@settings(max_examples=100, deadline=None)
@given(histories(days=60), st.randoms(use_true_random=False))
def test_in_any_order_points_are_those_of_what_was_not_taken_back(
    history: History, random: Random
) -> None:
    flags = [value for value in history if isinstance(value, Flag) and value.spam]
    back = [reversal(flag) for flag in flags if random.random() < 0.5]
    gone = {flag.event.id for flag in flags} - {flag.event.id for flag in back}
    shuffled: list[Value] = [*history, *back]
    random.shuffle(shuffled)
    clean = [v for v in history if isinstance(v, BaseEvent) and v.id not in gone]
    assert totals(Books().after(*shuffled)) == totals(Books().after(*clean))


def totals(books: Books) -> dict[str, tuple[int, list[int]]]:
    accounts = {id: one for (kind, id), one in books.documents.by_key.items() if kind is ACCOUNTS}
    return {id: (one.total, one.earned) for id, one in accounts.items() if one.earned}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_balance_goes_below_zero_and_no_entry_counts_twice(data: st.DataObject) -> None:
    events = [said("amy", MONDAY + n * DAY // 4, id=str(n)) for n in range(20)]
    flags = [spam(event) for event in events]
    requests = [asked(str(n % 6), data.draw(st.integers(-15, 10).filter(bool))) for n in range(9)]
    pool: list[Value] = [*events, *flags, *map(reversal, flags), *requests, *requests]
    values = data.draw(st.permutations(pool))
    books = Books()
    spent: dict[str, int] = {}
    for at, value in enumerate(values):
        before = _balance(books)
        books.apply([Record(_topic(value), 0, at, value)])
        after = _balance(books)
        assert after >= 0
        if isinstance(value, PointsChanged):
            entry = books.entries()[value.entry]
            if value.entry not in spent:
                spent[value.entry] = entry.amount if entry.accepted else 0
                assert entry.accepted is (value.amount > 0 or before >= -value.amount)
    assert books.of().changed == sum(spent.values())


def _balance(books: Books) -> int:
    found = books.documents.by_key.get((ACCOUNTS, document_id("acme", "g1", "amy")))
    return found.balance if isinstance(found, Account) else 0


def test_what_was_spent_before_it_was_taken_back_is_owed() -> None:
    event = make(PurchaseMade, order="o", amount=5_000)
    books = Books().after(event, asked("mug", -40), spam(event))
    assert (books.of().balance, books.of().owed) == (0, 40)
    books.after(asked("pen", -1))
    assert not books.entries()["pen"].accepted
    books.after(reversal(spam(event)))
    assert (books.of().balance, books.of().owed) == (10, 0)


def test_other_rules_hold_from_their_day_on_and_leave_days_past_alone() -> None:
    doubled = {**DEFAULT_RULES, Earning.CHECKIN: Rule(50, 50)}
    terms = replace(TERMS, history=with_rules([], RulesFrom(TODAY + 2, doubled)))
    books = Books(terms).after(*(make(CheckinMade, day) for day in range(4)))
    assert books.of().total == 5 + 5 + 50 + 50
    assert earned_between(books.of(), TODAY + 2, TODAY + 3, terms) == 100
    assert with_rules(terms.history, RulesFrom(TODAY + 2, {})) == [RulesFrom(TODAY + 2, {})]


def test_a_level_is_told_once_with_its_reward_and_privileges() -> None:
    rewards = [Reward(1, "badge", ["post links"]), Reward(2, "mug")]
    books = Books(replace(TERMS, levels=[50, 150], rewards=rewards))
    first = make(PurchaseMade, order="o", amount=6_000)
    books.after(first, spam(first), reversal(spam(first)))
    (action,) = books.actions
    assert (action.kind, action.member) == ("member.promoted", "amy")
    assert action.details == {
        "what": "level",
        "from": 0,
        "to": 1,
        "points": 60,
        "reward": "badge",
        "privileges": "post links",
    }
    books.after(make(PurchaseMade, 1, order="p", amount=90_000))
    assert [each.details["reward"] for each in books.actions] == ["badge", "mug"]


def test_history_promotes_nobody_aloud() -> None:
    books = Books().after(make(PurchaseMade, order="o", amount=60_000, backfill=True))
    assert books.of().told > 0
    assert books.actions == []


@pytest.mark.parametrize(("points", "level"), [(0, 0), (49, 0), (50, 1), (150, 2), (10**6, 10)])
def test_levels_follow_the_curve(points: int, level: int) -> None:
    assert TERMS.level(points) == level


def test_days_older_than_a_quarter_stay_in_the_total() -> None:
    books = Books().after(*(make(CheckinMade, day) for day in range(200)))
    assert books.of().total == 1_000
    assert len(list(days_of(books.of(), TERMS))) == 91
    late: Iterable[BaseEvent] = [make(CheckinMade, 1.2)]
    assert books.after(*late).of().total == 1_000
