"""Whole messages for training, of our own: offers worded as among friends, and ordinary talk."""

from __future__ import annotations

from random import Random
from typing import Final

from services.rules.data import table
from services.rules.evaluation import BAD, Row, RowLabel
from steward.blanks import filled

LABELS: Final[dict[str, RowLabel]] = {
    "offers": "spam",
    "mailings": "spam",
    "talk": "ham",
    "english_offers": "spam",
    "english_talk": "ham",
    "insults": "abuse",
    "heated": "ok",
    "english_insults": "abuse",
    "english_heated": "ok",
}
"""What the messages of each part of these tables are."""

TABLES: Final = (
    "sentences",
    "messages_groups",
    "messages_hobbies",
    "messages_english",
    "messages_quarrels",
    "messages_contrasts",
    "messages_chats",
    "messages_sms",
    "messages_sneers",
    "messages_channels",
)
"""Where they stand: each table but the first is by another hand."""

_SEED: Final = 20


def messages() -> list[Row]:
    """Return all messages, with blanks filled in, the same each time."""
    choose = Random(_SEED)  # noqa: S311 # nosec B311
    return [
        Row(filled(line.strip(), choose, LABELS[part] in BAD), LABELS[part])
        for name in TABLES
        for part, subjects in table(name).items()
        for lines in subjects.values()
        for line in lines.splitlines()
    ]
