from __future__ import annotations

import unicodedata

import pytest

from steward.demo.evasions import EVASIONS, dotted, full_width, homophones, zero_width

LURE = "加微信daigou8866"


@pytest.mark.parametrize("name", [name for name in EVASIONS if name != "plain"])
def test_every_evasion_hides_the_words_from_a_plain_search(name: str) -> None:
    evaded = EVASIONS[name](LURE)
    assert "微信" not in evaded or "daigou8866" not in evaded
    assert evaded != LURE


def test_full_width_letters_fold_back_by_nfkc() -> None:
    assert unicodedata.normalize("NFKC", full_width(LURE)) == LURE


def test_dots_and_zero_width_characters_only_stand_between() -> None:
    assert dotted(LURE).replace("·", "") == LURE
    assert zero_width(LURE).replace("\u200b", "") == LURE


def test_homophones_keep_the_length() -> None:
    assert homophones(LURE) == "伽薇芯daigou8866"
