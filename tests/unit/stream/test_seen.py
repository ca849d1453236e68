"""Which ids count as repetitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.stream.seen import SeenIds

ids = st.lists(st.sampled_from("abcdefgh"), max_size=60)


def is_new_by_definition(log: list[str], offset: int, span: int) -> bool:
    """Look for the id in the `span` records before."""
    return log[offset] not in log[max(0, offset - span) : offset]


@given(log=ids, span=st.integers(1, 12))
def test_an_id_is_new_unless_the_last_records_have_it(log: list[str], span: int) -> None:
    seen = SeenIds(span)
    answers = [seen.add(offset, id) for offset, id in enumerate(log)]
    assert answers == [is_new_by_definition(log, offset, span) for offset in range(len(log))]


@given(log=ids, span=st.integers(1, 12), cut=st.integers(0, 60))
def test_memory_rebuilt_from_the_span_before_answers_alike(
    log: list[str], span: int, cut: int
) -> None:
    live, rebuilt = SeenIds(span), SeenIds(span)
    start = max(0, cut - span)
    for offset, id in enumerate(log[:cut]):
        live.add(offset, id)
        if offset >= start:
            rebuilt.add(offset, id)
    rest = list(enumerate(log))[cut:]
    assert [rebuilt.add(*one) for one in rest] == [live.add(*one) for one in rest]


def test_gaps_in_the_log_let_old_ids_go() -> None:
    seen = SeenIds(10)
    assert seen.add(0, "a")
    assert not seen.add(10, "a")
    assert seen.add(1_000, "a")
