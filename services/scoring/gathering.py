"""How long records gather before a stage of scoring takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

GATHERING: Final = timedelta(milliseconds=200)
"""What they keep is looked at, not waited for: many events at once cost less than one at a time."""
