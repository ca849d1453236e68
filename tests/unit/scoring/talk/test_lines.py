"""The lines of a group's talk, and what their weights are made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.talk.schemas import TalkAnswer

NAMES = st.sampled_from("abcd")
EDGES = st.dictionaries(
    st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]),
    st.tuples(st.integers(1, 80), st.integers(0, 80)).map(lambda two: (two[0] / 8, min(two) / 8)),
).map(lambda edges: [(*pair, *weights) for pair, weights in sorted(edges.items())])


@given(EDGES)
def test_what_each_says_to_the_other_sums_up_to_the_weight(
    edges: list[tuple[str, str, float, float]],
) -> None:
    answer = TalkAnswer.of(edges, 100, explain=True)
    assert sum(line.weight for line in answer.items) == sum(edge[2] for edge in edges)
    weights = {(speaker, to): weight for speaker, to, weight, _ in edges}
    for line in answer.items:
        parts = line.explain
        assert parts is not None
        assert parts.one_to_other == weights.get((line.one, line.other), 0)
        assert parts.other_to_one == weights.get((line.other, line.one), 0)
        assert line.weight == parts.one_to_other + parts.other_to_one >= parts.in_disagreement


def test_the_strongest_come_first_and_are_explained_when_asked() -> None:
    edges = [("a", "b", 1.0, 0.0), ("b", "a", 2.0, 0.5), ("b", "c", 2.5, 0.0), ("c", "d", 9.0, 0.0)]
    told = TalkAnswer.of(edges, 2, explain=False)
    assert told.people == 4
    assert [(line.one, line.other, line.weight) for line in told.items] == [
        ("c", "d", 9.0),
        ("a", "b", 3.0),
    ]
    assert all(line.explain is None for line in told.items)
