"""Values that no condition tells apart look alike, and only those."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.condition_looks import MOST_KNOWN, Looks

CONDITIONS = ["posts > 3 && posts < 10", 'kind == "a"']
SIGNALS = {"window.posts": ("posts", 0), "event.kind": ("kind", "")}


@given(st.integers(-5, 20), st.integers(-5, 20))
def test_numbers_look_alike_if_they_lie_between_the_same_bounds(one: int, other: int) -> None:
    looks = Looks(SIGNALS, CONDITIONS)
    alike = all((one < n, one == n) == (other < n, other == n) for n in (3, 10))
    assert (looks["window.posts", one] == looks["window.posts", other]) is alike


def test_what_differs_from_no_default_looks_like_nothing() -> None:
    looks = Looks(SIGNALS, CONDITIONS)
    assert [looks["window.posts", 2], looks["event.kind", ""], looks["unknown", 5]] == [0, 0, 0]
    assert looks["window.posts", 4] != looks["event.kind", "a"]


def test_a_look_that_was_forgotten_is_never_taken_for_another() -> None:
    looks = Looks(SIGNALS, CONDITIONS)
    values = [str(n) for n in range(2 * MOST_KNOWN + 1)]
    assert len({looks["event.kind", value] for value in values}) == len(values)
    assert len(looks) <= MOST_KNOWN
