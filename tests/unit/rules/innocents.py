"""What people really say in groups, some of it close to what rules look for. All made up."""

from __future__ import annotations

from pathlib import Path

INNOCENTS = tuple(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines())
