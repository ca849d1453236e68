"""Cursors come back as they went, and nothing else is one."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from shared.web import paging


@given(st.integers(0, 2**53), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_cursor_comes_back_as_it_went(moment: int, id: str) -> None:
    assert paging.read(paging.write((moment, id))) == (moment, id)


@given(st.text())
def test_what_is_no_cursor_is_refused_and_nothing_else_is_raised(cursor: str) -> None:
    with suppress(paging.InvalidCursorError):
        assert isinstance(paging.read(cursor), tuple)
