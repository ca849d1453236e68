"""The page about licences is true, and nothing in it binds who runs Steward."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steward.licences_page import licences, page

FILE = Path(__file__).parents[3] / "docs" / "licences.md"


def test_the_page_tells_the_licences_of_what_is_locked() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), (
        "run: python -m steward.licences_page > docs/licences.md"
    )


@pytest.mark.parametrize(("name", "licence"), list(licences()))
def test_no_licence_asks_for_our_source(name: str, licence: str) -> None:
    assert licence != "not told"
    assert not re.search(r"\b[AL]?GPL|General Public", licence)
