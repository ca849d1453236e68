"""Every relative link in the documents leads to a file that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)[^)]*\)")
NOT_OURS = {".venv", "node_modules", "var", "build", ".git"}


def documents() -> list[Path]:
    found = ROOT.rglob("*.md")
    return sorted(path for path in found if not NOT_OURS & set(path.relative_to(ROOT).parts))


def dead_links(document: Path) -> list[str]:
    targets = LINK.findall(document.read_text())
    return [target for target in targets if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    assert dead_links(document) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](page.md) [b](gone.md#top) [c](https://example.org) [d](#here)")
    assert dead_links(page) == ["gone.md"]
