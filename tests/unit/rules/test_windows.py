"""Windows count in event time, whatever the order, within bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.rules.windows import LONGEST_IN_MEMORY, MOST_ENTRIES, Entry, Facet, Window, Windows

COUNT = Window("posts", (Facet.MEMBER,), 10_000)
UNIQUE = Window("targets", (Facet.MEMBER,), 10_000, Facet.TARGET)


def entry(window: Window = COUNT, member: str = "m", value: str = "") -> Entry:
    return Entry(window, hash((window.name, "g", member)), value)


def test_an_event_counts_itself_and_those_within_the_span() -> None:
    windows = Windows()
    for time in (1_000, 5_000, 10_999):
        windows.fold([entry()], time)
    assert windows.look([entry()], 11_000) == {"window.posts": 3}
    assert windows.look([entry()], 20_999) == {"window.posts": 1}


def test_looking_changes_nothing() -> None:
    windows = Windows()
    windows.look([entry()], 1)
    assert windows.look([entry()], 1) == {"window.posts": 1}
    assert len(windows) == 0


def test_unique_windows_count_values_once() -> None:
    windows = Windows()
    for value in ("a", "b", "a"):
        windows.fold([entry(UNIQUE, value=value)], 1_000)
    assert windows.look([entry(UNIQUE, value="b")], 2_000) == {"window.targets": 2}
    assert windows.look([entry(UNIQUE, value="c")], 2_000) == {"window.targets": 3}


def test_series_do_not_mix() -> None:
    windows = Windows()
    windows.fold([entry(member="other")], 1_000)
    assert windows.look([entry()], 1_000) == {"window.posts": 1}


@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=50), st.randoms())
def test_the_order_of_arrival_does_not_matter(times: list[int], random: object) -> None:
    one, other = Windows(), Windows()
    shuffled = list(times)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for time in times:
        one.fold([entry()], time)
    for time in shuffled:
        other.fold([entry()], time)
    assert one.look([entry()], 9_999) == other.look([entry()], 9_999)
    assert one.look([entry()], 9_999)["window.posts"] == len([t for t in times if t > -1]) + 1


def test_memory_is_bounded() -> None:
    windows = Windows(most_keys=100)
    for number in range(1_000):
        windows.fold([entry(member=str(number))], number)
    assert len(windows) == 100
    for _ in range(2 * MOST_ENTRIES):
        windows.fold([entry()], 5_000)
    assert windows.look([entry()], 5_000) == {"window.posts": MOST_ENTRIES}


def test_what_no_window_looks_back_to_is_forgotten() -> None:
    windows = Windows()
    for number in range(10):
        windows.fold([entry(member=str(number))], number * 60_001)
    assert len(windows) == 10
    windows.fold([entry()], LONGEST_IN_MEMORY + 300_000)
    assert len(windows) == 6
