"""An event enters the windows whose condition holds and whose facets it has."""

from __future__ import annotations

from services.rules.entering import Entering, Entries
from services.rules.windows import MARKED, Facet, Window
from shared.condition_types import Signals
from shared.conditions import Condition, Conditions

DAY = 86_400_000
DEFAULTS: Signals = {"text.length": 0, "text.links": 0}
MEMBER = {Facet.MEMBER: "m", Facet.GROUP: "g", Facet.TENANT: "t"}

POSTS = Window("posts", (Facet.MEMBER,), 10_000)
TARGETS = Window("targets", (Facet.MEMBER,), 10_000, Facet.TARGET)
COPIES = Window("copies", (Facet.MEMBER, Facet.TEXT), 10_000)
DAILY = Window("daily", (Facet.GROUP, Facet.MEMBER), DAY, series="daily@2")
WIDE = Window("wide", (Facet.TENANT, Facet.MEMBER), 10_000, Facet.GROUP)
LINKED = Window("linked", (Facet.GROUP,), 10_000, share=True)


def entering(*windows: Window, when: str = "true", share: str = "text.links > 0") -> Entering:
    shares = [window.name for window in windows if window.share]
    together = [*[when] * len(windows), *[share] * len(shares)]
    conditions = Conditions([Condition(each, DEFAULTS) for each in together], DEFAULTS)
    return Entering(windows, shares, conditions)


def names(found: Entries) -> list[str]:
    return [entry.window.name for entry in (*found.short, *found.durable)]


def test_a_window_is_entered_where_its_condition_holds() -> None:
    windows = entering(POSTS, when="text.length > 5")
    assert names(windows.entries("g", MEMBER, {"text.length": 6})) == ["posts"]
    assert names(windows.entries("g", MEMBER, {"text.length": 5})) == []


def test_an_event_without_the_facet_has_no_part_in_the_window() -> None:
    windows = entering(POSTS, TARGETS, COPIES)
    assert names(windows.entries("g", MEMBER, {})) == ["posts"]
    aimed = windows.entries("g", {**MEMBER, Facet.TARGET: "x"}, {})
    assert [(each.window.name, each.value) for each in aimed.short] == [
        ("posts", ""),
        ("targets", "x"),
    ]


def test_events_that_look_alike_keep_series_of_their_own() -> None:
    windows = entering(POSTS, COPIES)
    said = {**MEMBER, Facet.TEXT: "hello"}
    one = windows.entries("g", said, {})
    for other in (
        windows.entries("h", said, {}),
        windows.entries("g", {**said, Facet.MEMBER: "n"}, {}),
    ):
        assert not {each.key for each in one.short} & {each.key for each in other.short}
    (_, copies), (posts, others) = (
        one.short,
        windows.entries("g", {**said, Facet.TEXT: "bye"}, {}).short,
    )
    assert posts.key == one.short[0].key
    assert others.key != copies.key


def test_series_in_documents_are_told_apart_and_named_by_strings() -> None:
    found = entering(POSTS, DAILY, WIDE).entries("g", MEMBER, {})
    assert [entry.window for entry in found.short] == [POSTS]
    assert [(entry.key, entry.value) for entry in found.durable] == [
        (("daily@2", "g", "", "m"), ""),
        (("wide", "t", "m"), "g"),
    ]


def test_what_counts_towards_a_share_is_marked() -> None:
    windows = entering(LINKED)
    values = [windows.entries("g", MEMBER, {"text.links": n}).short[0].value for n in (0, 1, 0)]
    assert values == ["", MARKED, ""]


def test_two_packs_with_a_window_in_common_enter_it_once() -> None:
    one = entering(POSTS, DAILY).entries("g", MEMBER, {})
    other = entering(POSTS, COPIES).entries("g", {**MEMBER, Facet.TEXT: "a"}, {})
    assert names(one.union(other)) == ["posts", "copies", "daily"]


def test_a_pack_without_windows_has_none_to_enter() -> None:
    assert Entering((), (), None).entries("g", MEMBER, {}) == Entries()
