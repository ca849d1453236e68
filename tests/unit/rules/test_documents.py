"""A member's record has an id of its own, whatever stands in the ids that it is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.rules.documents import member_id

PARTS = st.text("ab/%25F", min_size=1, max_size=6)


@given(st.tuples(PARTS, PARTS, PARTS), st.tuples(PARTS, PARTS, PARTS))
def test_different_members_have_different_ids(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (member_id(*one) == member_id(*other)) == (one == other)


def test_plain_ids_stand_side_by_side() -> None:
    assert member_id("acme", "g1", "m1") == "acme/g1/m1"
    assert member_id("acme", "g/1", "100%") == "acme/g%2F1/100%25"
