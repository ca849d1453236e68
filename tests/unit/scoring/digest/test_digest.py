"""A digest tells what most different people valued, and forgets what was flagged or deleted."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import DAY, HOUR
from services.scoring.clock import DEFAULT_CLOCK
from services.scoring.digest.highlight import WORTH, Highlight, Valued
from services.scoring.digest.plan import DigestSettings, Rhythm, next_moment
from services.scoring.digest.stage import (
    FORGETTINGS,
    HIGHLIGHTS,
    PLANS,
    DigestPartition,
    highlight_id,
)
from services.scoring.profiles.documents import group_id
from shared.actions import Action
from shared.events import BaseEvent, MessageDeleted, MessageEdited, Millis, ReactionAdded, TenantId
from shared.members import MemberErased
from shared.stream.contracts import Due, Outcome, Output, Perform, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import MONDAY, said, spam

SENT = DigestSettings(send=True, hour=21, most=3)
TEXT = "周六徒步的路线和装备清单都在这里"


class OneWish:
    """What every tenant wants."""

    def __init__(self, wish: DigestSettings) -> None:
        self.wish = wish

    async def refresh(self) -> None:
        """Stay as it is."""

    def of(self, tenant: TenantId) -> DigestSettings:
        return self.wish


class World:
    """A partition of the digests' stage with its documents in memory."""

    def __init__(self, wish: DigestSettings = SENT) -> None:
        self.partition = DigestPartition(OneWish(wish))
        self.documents = MemoryDocuments()

    def fold(self, *values: BaseEvent | Flag | MemberErased) -> list[Output]:
        return fold(self.partition, [record(value) for value in values], self.documents)

    def found(self, message: str = "m1") -> Highlight | None:
        found: Highlight | None = self.documents.by_key.get(
            (HIGHLIGHTS, highlight_id("acme", "g1", message))
        )
        return found


def record(value: BaseEvent | Flag | MemberErased) -> Record:
    if isinstance(value, BaseEvent):
        return Record(Topic.EVENTS, 0, 0, value)
    return Record(Topic.FLAGS if isinstance(value, Flag) else Topic.MEMBERS, 0, 0, value)


def message(number: int = 1, time: int = MONDAY, member: str = "amy", **more: Any) -> BaseEvent:
    return said(member, time, id=f"e{number}", message=f"m{number}", text=TEXT, **more)


def reacted(by: str, number: int = 1, time: int = MONDAY + 60_000, emoji: str = "👍") -> BaseEvent:
    return ReactionAdded(
        id=f"r-{by}-{number}-{emoji}",
        source="test",
        tenant="acme",  # type: ignore[arg-type]
        group="g1",  # type: ignore[arg-type]
        member=by,  # type: ignore[arg-type]
        time=Millis(time),
        message=f"m{number}",  # type: ignore[arg-type]
        emoji=emoji,
    )


def replied(by: str, number: int = 1, time: int = MONDAY + 60_000) -> BaseEvent:
    return said(by, time, id=f"a-{by}-{number}", reply_to=f"m{number}", message=f"a-{by}-{number}")


deeds = st.one_of(
    st.builds(reacted, st.sampled_from("bcde"), emoji=st.sampled_from(["👍", "❤", "⭐"])),
    st.builds(replied, st.sampled_from("bcde")),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(deeds, min_size=1, max_size=12), st.randoms())
def test_a_message_is_worth_what_different_people_did_in_any_order(
    happened: list[BaseEvent], chance: random.Random
) -> None:
    world = World()
    chance.shuffle(happened)
    world.fold(message(), *happened)
    found = world.found()
    assert found is not None
    did = {
        (each.member, what)
        for each in happened
        for what in [
            Valued.REPLIED
            if not isinstance(each, ReactionAdded)
            else (Valued.SAVED if each.emoji == "⭐" else Valued.REACTED)
        ]
    }
    assert found.value == sum(WORTH[what] for _, what in did)


def test_nobody_raises_their_own_message_and_what_nobody_valued_is_not_kept() -> None:
    world = World()
    world.fold(message(), reacted("amy"), message(2))
    assert world.found() is None
    assert world.found("m2") is None


def test_state_rebuilt_from_the_log_goes_on_like_the_live_one() -> None:
    live, restored = World(), World()
    live.fold(message(), reacted("bo"))
    restored.partition.rebuild(record(message()))
    restored.fold(reacted("bo"))
    assert restored.found() == live.found()


def test_an_hour_later_a_first_reaction_comes_too_late_and_a_second_does_not() -> None:
    world = World()
    world.fold(message(), message(2), reacted("bo", 2))
    late = MONDAY + HOUR + 1
    world.fold(reacted("cy", 1, late), reacted("cy", 2, late))
    second = world.found("m2")
    assert world.found() is None
    assert second is not None
    assert second.value == 2


def test_flagged_messages_lose_their_text_until_the_flag_is_taken_back() -> None:
    world = World()
    world.fold(message(), reacted("bo"))
    flag = spam(message())
    world.fold(flag)
    found = world.found()
    assert found is not None
    assert (found.hidden, found.text, found.tokens) == (True, "", [])
    world.fold(replace(flag, id="back", reverses=flag.id))
    found = world.found()
    assert found is not None
    assert (found.hidden, found.text, found.value) == (False, TEXT, 1)


def test_what_a_flagged_reply_gave_is_taken_back() -> None:
    world = World()
    reply = replied("bo")
    world.fold(message(), reply, spam(reply))
    found = world.found()
    assert found is not None
    assert found.value == 0


def test_a_message_flagged_before_anybody_valued_it_is_not_kept() -> None:
    world = World()
    world.fold(message(), spam(message()), reacted("bo"))
    assert world.found() is None


@pytest.mark.parametrize("valued_first", [True, False])
def test_deleted_messages_go_and_edited_ones_say_what_they_say_now(valued_first: bool) -> None:
    world = World()
    about: dict[str, Any] = {
        "source": "test",
        "tenant": "acme",
        "group": "g1",
        "member": "amy",
        "time": MONDAY + 1,
    }
    edited = MessageEdited(id="ed", message="m1", text="改到周日的烘焙课", **about)  # type: ignore[arg-type]
    deleted = MessageDeleted(id="de", message="m2", **about)  # type: ignore[arg-type]
    valuing = [reacted("bo", 1), reacted("bo", 2)]
    changing: list[BaseEvent] = [edited, deleted]
    rest = [*valuing, *changing] if valued_first else [*changing, *valuing]
    world.fold(message(1), message(2), *rest)
    found = world.found()
    assert found is not None
    assert found.text == "改到周日的烘焙课"
    assert "烘焙" in found.tokens
    assert "徒步" not in found.tokens
    assert world.found("m2") is None


def due(world: World) -> list[Action]:
    plan = world.documents.by_key[PLANS, group_id("acme", "g1")]
    assert plan.due_at is not None
    outputs = fold(
        world.partition,
        [Due(PLANS, group_id("acme", "g1"), plan, plan.due_at)],
        world.documents,
    )
    return [each.record for each in outputs if isinstance(each, Publish)]  # type: ignore[misc]


def test_the_digest_tells_the_best_once() -> None:
    world = World()
    world.fold(*(message(number, member=f"author-{number}") for number in range(1, 7)))
    people = [f"p{number}" for number in range(9)]
    for number in range(1, 7):
        world.fold(*(reacted(by, number) for by in people[: number + 1]))
    world.fold(spam(message(6, member="author-6")))
    (action,) = due(world)
    told = [action.details[f"{place}.message"] for place in (1, 2, 3)]
    assert told == ["m5", "m4", "m3"], "the sixth was flagged, the others are worth less"
    assert action.text.startswith("今日精华\n1. ")
    assert "👍6" in action.text
    world.fold(*(reacted(by, 5) for by in people), *(reacted(by, 2) for by in people))
    (following,) = due(world)
    assert following.details["messages"] == 1
    assert following.details["1.message"] == "m2", "what was told is not told again"
    assert following.id != action.id or following.time == action.time


def test_history_and_tenants_who_did_not_ask_get_no_digest() -> None:
    quiet, past = World(DigestSettings()), World()
    quiet.fold(message(), *(reacted(by) for by in "bcde"))
    past.fold(message(), *(replace(reacted(by), backfill=True) for by in "bcde"))
    for world in (quiet, past):
        assert world.found() is not None
        assert not [key for key in world.documents.by_key if key[0] is PLANS]


@given(st.integers(0, 30 * DAY), st.integers(0, 23), st.sampled_from(Rhythm))
def test_digests_come_at_the_tenants_hour(later: int, hour: int, rhythm: Rhythm) -> None:
    wish = DigestSettings(hour=hour, rhythm=rhythm)
    moment = next_moment(wish, MONDAY + later, DEFAULT_CLOCK)
    assert 0 < moment - MONDAY - later <= (DAY if rhythm is Rhythm.DAY else 7 * DAY)
    assert (moment - MONDAY) % (DAY if rhythm is Rhythm.DAY else 7 * DAY) == hour * HOUR


def test_an_erased_member_is_in_no_message_any_more() -> None:
    world = World()
    world.fold(message(1), message(2, member="bo"), reacted("bo", 1), reacted("amy", 2))
    world.fold(reacted("cy", 2))
    erase = MemberErased(
        id="erase",
        tenant=TenantId("acme"),
        group="g1",  # type: ignore[arg-type]
        member="amy",  # type: ignore[arg-type]
        time=Millis(MONDAY + DAY),
    )
    assert world.fold(erase) == [], "the search waits until what was folded is written"
    ids = [id for kind, id in world.documents.by_key if kind is HIGHLIGHTS]
    asked = search(world)
    fold(world.partition, [Outcome(asked.task, None, Millis(MONDAY))], world.documents)
    assert world.found() is not None, "MongoDB was away; the lease asks again"
    again = search(world)
    fold(world.partition, [Outcome(again.task, ids, Millis(MONDAY))], world.documents)
    assert world.found() is None
    second = world.found("m2")
    assert second is not None
    assert second.people == [("cy", 1)]
    assert not [key for key in world.documents.by_key if key[0] is FORGETTINGS]
    world.fold(message(3), reacted("bo", 3), reacted("amy", 2))
    assert "amy" not in repr(world.documents.by_key), "nor does anything late bring them back"


def search(world: World) -> Perform:
    """Return what the timer of a forgetting asks for."""
    due = [
        Due(FORGETTINGS, key[1], document, Millis(MONDAY))
        for key, document in list(world.documents.by_key.items())
        if key[0] is FORGETTINGS
    ]
    (asked,) = fold(world.partition, due, world.documents)
    assert isinstance(asked, Perform)
    return asked
