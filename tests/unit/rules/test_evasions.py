"""Lures are caught however they are written; what people say to each other is left alone."""

from __future__ import annotations

import pytest

from tests.unit.rules.innocents import INNOCENTS
from tests.unit.rules.judging import verdict
from tests.unit.rules.lures import EVASIONS, LURES


@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_lure_is_caught_in_every_way_of_writing(evasion: str) -> None:
    missed = [lure for lure in LURES if not verdict(EVASIONS[evasion](lure)).removes]
    assert len(missed) <= 0.05 * len(LURES), [EVASIONS[evasion](lure) for lure in missed]


def test_at_least_95_of_100_disguised_lures_are_caught() -> None:
    written = [write(lure) for lure in LURES for write in EVASIONS.values()]
    caught = sum(verdict(text).removes for text in written)
    assert len(LURES) >= 40
    assert len(EVASIONS) >= 15
    assert caught >= 0.95 * len(written)


def test_at_most_one_of_100_innocent_sentences_is_flagged() -> None:
    flagged = [text for text in INNOCENTS if verdict(text).noteworthy]
    assert len(set(INNOCENTS)) >= 300
    assert len(flagged) <= 0.01 * len(INNOCENTS), flagged


def test_evasion_itself_is_named_in_the_explanation() -> None:
    found = verdict("加.薇.信 abcd8899 领红包")
    values = {name for hit in found.hits for name in hit.values}
    assert {"text.variants", "text.gaps"} <= values
