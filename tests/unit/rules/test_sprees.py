"""What the shipped pack sees over all groups of a tenant."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from shared.events import ContactRequested
from shared.verdicts import Decision, Flag
from tests.unit.rules.judging import PACK, event, message, verdict
from tests.unit.rules.replicas import Replicas

LINKS = (
    "周末的照片在 http://album-one.net/x1 里",
    "我写的教程 https://notes.somebody.dev/python",
    "谁要看这场比赛 http://match-live.org/9",
    "这家店不错 https://noodle-house.cc/menu",
    "作业答案放这了 http://class-three.org/hw",
    "新出的游戏试玩 https://indie-play.net/demo",
    "地图看这个 http://trail-maps.net/hill",
    "报名表 https://run-form.org/r",
)


def test_the_shipped_pack_counts_over_groups_only_what_names_a_way_to_be_reached() -> None:
    replicas = Replicas(PACK)
    replicas.see(*(message("看看这个", number, group=f"g{number}") for number in range(9)))
    assert (replicas.waiting, replicas.counted) == ([], 0)
    replicas.see(message("有事打我电话 13912345678", 9, group="g1"))
    replicas.deliver()
    assert replicas.counted == 1


def spree(found: Iterable[Flag]) -> list[str]:
    """Return which rules about sprees over groups fired."""
    return [hit.rule for flag in found for hit in flag.hits if "over_" in hit.rule]


def test_one_member_s_links_in_one_group_after_the_other_are_seen_wherever_they_lead() -> None:
    replicas, found = Replicas(PACK), []
    for number, link in enumerate(LINKS):
        said = message(link, number * 30, group=f"g{number}", member="walker")
        found.append(spree(replicas.see(said)))
        replicas.deliver()
    many = ["reach_over_groups", "reach_over_many_groups"]
    assert found == [[], [], [], *[many[:1]] * 4, many]


def test_links_of_many_members_or_in_one_group_or_over_an_hour_are_no_spree() -> None:
    replicas = Replicas(PACK)
    for number, link in enumerate(LINKS):
        many = message(link, number * 30, group=f"g{number}", member=f"m{number}")
        slow = message(link, number * 240, id=f"s{number}", group=f"g{number}", member="slow")
        home = message(link, number * 30, id=f"h{number}", group="g1", member="home")
        assert spree(replicas.see(many, slow, home)) == []
        replicas.deliver()


def test_who_writes_to_a_few_strangers_in_each_group_is_muted_like_who_does_it_in_one() -> None:
    replicas, found = Replicas(PACK), []
    for number in range(15):
        target, group = f"t{number}", f"g{number // 3}"
        asked = event(
            ContactRequested, number * 10, group=group, member="walker", target=target, text="你好"
        )
        found += replicas.see(asked)
        replicas.deliver()
    assert [flag.event.id for flag in found] == [
        f"ContactRequested-{number * 10}" for number in range(11, 15)
    ]
    assert {flag.decision for flag in found} == {Decision.MUTE}
    (hit,) = found[0].hits
    assert (hit.rule, hit.values["window.requests_over_groups_1h"]) == ("requests_over_groups", 12)


@pytest.mark.parametrize(
    "text",
    [
        "周末的照片在 http://album-one.net/x1 里",
        "我写的教程 https://notes.somebody.dev/python",
        "这家店不错 https://noodle-house.cc/menu",
        "地图看这个 http://trail-maps.net/hill",
        "the minutes of our meeting are at https://minutes.ourclub.net/may",
    ],
)
def test_one_unfamiliar_link_in_plain_words_is_not_acted_on(text: str) -> None:
    assert verdict(text).decision in (Decision.ALLOW, Decision.WATCH)
