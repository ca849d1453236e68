"""Campaigns are recognised across groups, whatever the order in which copies arrive."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.rules.campaigns import GROUPS, MOST_COPIES, SPAN, Campaigns
from services.rules.nearness import BANDS, SHORTEST, bands
from services.rules.pack import PackError, load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.actions import ActionKind
from shared.events import Role
from shared.reviews import IncidentSpread
from shared.stream.contracts import Output
from shared.verdicts import Decision, Flag, Label, Sighting
from tests.unit.rules.judging import START, World, actions, by_newcomers, flags, message, records

# Long enough to be recognised, and no lure by itself.
QUIET = "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦"


def sighting(number: int, group: str, *, flagged: bool = False, minute: float = 0) -> Sighting:
    posted = message(QUIET, number, group=group)
    return Sighting(
        id=f"s{number}",
        fingerprint="text:1",
        time=START + int(minute * 60_000),
        event=posted,
        flagged=flagged,
    )


def caught(sightings: list[Sighting]) -> set[str]:
    campaigns, found = Campaigns(), set()
    for each in sightings:
        for copy in campaigns.look(each).copies:
            assert copy.id not in found
            found.add(copy.id)
        campaigns.fold(each)
    return found


def test_the_third_group_makes_a_campaign_and_flags_the_earlier_copies_too() -> None:
    world = World()
    told = [message(QUIET, 60 * n, group=f"g{n}", member=f"m{n}") for n in (1, 2, 3)]
    assert flags(world.see(*by_newcomers(*told[:2]))) == []
    outputs = world.see(*by_newcomers(told[2]))
    found = flags(outputs)
    assert {flag.event.group for flag in found} == {"g1", "g2", "g3"}
    assert all(flag.labels == [Label.CAMPAIGN] and flag.spam for flag in found)
    assert len({flag.campaign for flag in found}) == 1
    assert [action.kind for action in actions(outputs)] == [ActionKind.MESSAGE_DELETE] * GROUPS


def test_copies_dressed_up_differently_are_recognised() -> None:
    world = World()
    outputs = world.see(
        message(QUIET, 0, group="g1"),
        message("🌸".join(QUIET), 10, group="g2"),
        message(f"{QUIET}!!! 8846", 20, group="g3"),
    )
    assert len(flags(outputs)) == 3


def test_a_copy_already_flagged_as_spam_is_not_flagged_again() -> None:
    world = World()
    lure = "加薇.信 abcd8899 领红包，名额有限先到先得"
    outputs = world.see(*[message(lure, n, group=f"g{n}") for n in range(4)])
    spam = [flag.event.identity for flag in flags(outputs) if flag.spam]
    assert len(spam) == len(set(spam)) == 4
    assert all(Label.CAMPAIGN not in flag.labels for flag in flags(outputs))


def test_an_event_whose_text_and_contact_give_it_away_has_one_flag_id() -> None:
    world = World()
    text = f"{QUIET}，QQ 99887766"
    copies = [message(text, n, group=f"g{n}", reply_to="x") for n in range(3)]
    outputs = world.see(*by_newcomers(*copies))
    ids = [flag.id for flag in flags(outputs) if flag.spam]
    assert len(set(ids)) == 3


def test_two_groups_slow_copies_or_those_who_run_groups_make_no_campaign() -> None:
    few = [message(QUIET, n, group=f"g{n % 2}", member=f"m{n}") for n in range(9)]
    assert flags(World().see(*few)) == []
    slow = [message(QUIET, n * 400, group=f"g{n}") for n in range(6)]
    assert flags(World().see(*slow)) == []
    owners = [message(QUIET, n, group=f"g{n}", role=Role.OWNER) for n in range(6)]
    assert records(World().see(*owners), Flag) == []


def test_short_common_words_are_not_even_sighted() -> None:
    assert records(World().see(message("早上好呀大家")), Sighting) == []


def test_every_order_of_arrival_catches_the_same_copies() -> None:
    copies = [
        sighting(0, "g1", minute=0),
        sighting(1, "g2", minute=6),
        sighting(2, "g3", minute=9),
        sighting(3, "g1", minute=15),
        sighting(4, "g4", minute=18),
        sighting(5, "g5", minute=40),
    ]
    results = {frozenset(caught(list(order))) for order in permutations(copies)}
    assert results == {frozenset({"s0", "s1", "s2", "s3", "s4"})}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), max_size=14), st.randoms())
def test_the_order_never_matters(seen: list[tuple[int, float]], random: object) -> None:
    copies = [sighting(n, f"g{g}", minute=m) for n, (g, m) in enumerate(seen)]
    shuffled = list(copies)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert caught(copies) == caught(shuffled)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), max_size=14))
def test_all_copies_of_every_span_with_enough_groups_are_caught(
    seen: list[tuple[int, float]],
) -> None:
    copies = [sighting(n, f"g{g}", minute=m) for n, (g, m) in enumerate(seen)]
    expected: set[str] = set()
    for last in copies:
        span = [each for each in copies if 0 <= last.time - each.time <= SPAN]
        if len({each.event.group for each in span}) >= GROUPS:
            expected |= {each.id for each in span}
    assert caught(copies) == expected


def test_copies_of_one_fingerprint_are_bounded() -> None:
    campaigns = Campaigns()
    for number in range(2 * MOST_COPIES):
        campaigns.fold(sighting(number, "g1", minute=number / 1000))
    last = sighting(9_999, "g2", minute=1)
    assert len(campaigns._with(last)) <= MOST_COPIES + 1
    assert SPAN == 600_000


WIDER = "name: wide\nextends: default\ncampaigns: {groups: 5, within: 30m}\n"


def seen_in(source: str, groups: int, minutes: int) -> list[Flag]:
    """Return the flags of copies in so many groups, so many minutes apart, by a pack."""
    world = World()
    world.stage = rules_stage(OneRuleSet(load(source, "own"))).open_partition(0)
    copies = [message(QUIET, 60 * minutes * n, group=f"g{n}") for n in range(groups)]
    return flags(world.see(*by_newcomers(*copies)))


def test_a_pack_says_in_how_many_groups_and_within_what_span_copies_make_a_campaign() -> None:
    assert len(seen_in(WIDER, 5, 7)) == 5
    assert seen_in(WIDER, 4, 7) == []
    assert seen_in(WIDER, 5, 8) == [], "five times eight minutes are more than half an hour"
    assert len(seen_in("name: plain\nextends: default\n", 3, 5)) == 3


def test_a_campaign_goes_as_far_as_its_label_may() -> None:
    source = "name: mild\nextends: default\nlabels: [{label: campaign, at_most: watch}]\n"
    found = seen_in(source, 3, 1)
    assert [(flag.decision, flag.spam) for flag in found] == [(Decision.WATCH, False)] * 3


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("campaigns: {groups: 1}", "Expected `int` >= 2"),
        ("campaigns: {within: 2h}", "a campaign comes within 10 s to 1 h"),
        ("campaigns: {within: soon}", "`soon` is no span"),
    ],
)
def test_a_campaign_that_cannot_be_told_is_refused(written: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        load(f"name: own\nextends: default\n{written}\n", "own")


# Each group gets the call in other words; by itself it is only watched.
REWORDED = (
    "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦，QQ {}",
    "各位同学明天晚上八点在老地方集合我们一起去看星星呀不见不散，QQ {}",
    "同学们明天晚上八点在老地方集合我们一起去看星星吧不见不散哦，QQ {}",
    "各位同学明天晚上九点在老地方集合我们一起去看星星吧不见不散哦，QQ {}",
)


def spread(outputs: list[Output]) -> dict[str, set[str]]:
    """Return which groups' flags came into which incident."""
    found: dict[str, set[str]] = {}
    for one in records(outputs, IncidentSpread):
        found.setdefault(one.fingerprint, set()).update(flag.event.group for flag in one.flags)
    return found


def reworded(contacts: list[str]) -> list[Output]:
    texts = [text.format(contact) for text, contact in zip(REWORDED, contacts, strict=True)]
    events = [
        message(t, n, group=f"g{n}", member=f"m{n}", reply_to="x") for n, t in enumerate(texts)
    ]
    return World().see(*by_newcomers(*events))


def test_a_call_that_is_reworded_for_each_group_is_one_incident() -> None:
    outputs = reworded(["99887766", "88776655", "77665544", "66554433"])
    copies = [flag for flag in flags(outputs) if flag.spam]
    assert {flag.event.group for flag in copies} == {"g0", "g1", "g2", "g3"}
    assert len({flag.campaign for flag in copies}) == 1
    ((name, groups),) = spread(outputs).items()
    assert name.startswith("near:")
    assert groups == {"g0", "g1", "g2", "g3"}


def test_near_texts_with_one_contact_are_one_incident_under_the_contact() -> None:
    outputs = reworded(["99887766"] * 4)
    assert len({flag.campaign for flag in flags(outputs) if flag.spam}) == 1
    ((name, groups),) = spread(outputs).items()
    assert name.startswith("contact:")
    assert groups == {"g0", "g1", "g2", "g3"}


def test_members_who_write_by_one_template_are_no_campaign() -> None:
    world = World()
    days = [
        f"打卡第{n}天，今天{what}，感觉很好，明天继续加油"
        for n, what in enumerate(["跑步", "读书", "背单词", "游泳"])
    ]
    outputs = world.see(*[message(day, n, group=f"g{n}") for n, day in enumerate(days)])
    assert flags(outputs) == []


@given(st.text(alphabet="加微信领红包送豪礼兼职", min_size=SHORTEST, max_size=60))
def test_equal_texts_agree_in_every_band_and_short_ones_have_none(text: str) -> None:
    assert bands(text) == bands(text)
    assert len(set(bands(text))) == BANDS
    assert bands(text[: SHORTEST - 1]) == []


def test_what_was_not_seen_for_an_hour_is_forgotten() -> None:
    campaigns = Campaigns()
    for number in range(50):
        seen = sighting(number, "g1", minute=number)
        campaigns.fold(replace(seen, fingerprint=f"text:{number}"))
    assert len(campaigns._copies) == 50
    campaigns.fold(sighting(99, "g1", minute=200))
    assert len(campaigns._copies) == 1
