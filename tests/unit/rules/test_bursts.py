"""A burst is one offence, and who joins with an advertisement for a name is not greeted."""

from __future__ import annotations

from services.rules.documents import BURST, MemberRecord
from shared.actions import ActionKind
from shared.events import MemberJoined, Millis
from shared.verdicts import Decision
from tests.unit.rules.judging import START, World, actions, event, flags, message

DAY = 86_400_000


def record(*removals: int) -> MemberRecord:
    found = MemberRecord(tenant="acme", group="g1", member="m1")
    for removal in removals:
        found = found.with_removal(Millis(removal))
    return found


def test_removals_of_one_minute_count_as_one() -> None:
    burst = record(*(START + 1_000 * n for n in range(30)))
    assert burst.removals_within(DAY, Millis(START + BURST)) == 1
    apart = record(START, START + BURST, START + 3 * BURST, START + 3 * BURST + 1)
    assert apart.removals_within(DAY, Millis(START + 5 * BURST)) == 3
    assert apart.removals_within(DAY, Millis(START + 2 * BURST)) == 2


def test_a_flood_that_does_not_end_counts_again_and_again() -> None:
    flood = record(*(START + 20_000 * n for n in range(12)))
    assert flood.removals_within(DAY, Millis(START + 4 * BURST)) == 4


def test_a_burst_of_wishes_is_no_reason_to_ban() -> None:
    said = flags(World().see(*[message("生日快乐！！！", n) for n in range(12)]))
    assert Decision.MUTE in {flag.decision for flag in said}
    assert not {Decision.KICK, Decision.BAN} & {flag.decision for flag in said}


def test_who_goes_on_for_days_is_banned() -> None:
    lure = "加.薇.信 abcd8899 领红包"
    said = flags(World().see(*[message(f"{lure} {n}", n * 3_600) for n in range(6)]))
    assert said[-1].decision is Decision.BAN


def test_a_joiner_with_an_advertisement_for_a_name_is_not_greeted() -> None:
    joined = event(MemberJoined, 1, member="m7", name="加微信abc8899领福利")
    outputs = World().see(joined)
    assert [flag.decision for flag in flags(outputs)] == [Decision.WATCH]
    assert ActionKind.MEMBER_WELCOME not in {action.kind for action in actions(outputs)}
    plain = World().see(event(MemberJoined, 2, member="m8", name="小鱼"))
    assert ActionKind.MEMBER_WELCOME in {action.kind for action in actions(plain)}
