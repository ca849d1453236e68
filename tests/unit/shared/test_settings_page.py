"""The page about settings is true."""

from __future__ import annotations

from pathlib import Path

from steward.settings_page import page

FILE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_page_says_what_the_classes_read() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), (
        "run: python -m steward.settings_page > docs/settings.md"
    )
