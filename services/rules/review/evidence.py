"""What a case is decided on, frozen when it opens: the flag, and the talk before it."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from shared.events import Member, Millis, Text, encode
from shared.verdicts import Flag


class Line(Struct, frozen=True):
    """A message of the group that came before."""

    member: Member
    time: Millis
    message: str
    text: Text


class Evidence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The flag as it was made, with its spans, rules, values and rule set; the lines before it.

    `alone` is the risk of the text by itself, without windows or the member's
    past; `charged` says that by itself it would have been noteworthy.
    """

    flag: Flag
    before: list[Line] = []
    alone: float = 0.0
    charged: bool = False

    @property
    def digest(self) -> str:
        """The SHA-256 by which the audit log knows this evidence."""
        return hashlib.sha256(encode(self)).hexdigest()
