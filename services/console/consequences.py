"""What a decision will send out, told before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.console.answers.cases import InForce
from shared.actions import ActionKind
from shared.verdicts import Decision

LEADS_TO: Final[dict[Decision, tuple[ActionKind, ...]]] = {
    Decision.ALLOW: (),
    Decision.WARN: (ActionKind.MEMBER_WARN,),
    Decision.DELETE: (ActionKind.MESSAGE_DELETE,),
    Decision.MUTE: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_MUTE),
    Decision.KICK: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_KICK),
    Decision.BAN: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_BAN),
}
"""What each decision that a moderator may ask for leads to (docs/rules.md)."""

UNDONE_BY: Final[dict[str, ActionKind]] = {
    ActionKind.MESSAGE_DELETE: ActionKind.MESSAGE_RESTORE,
    ActionKind.MEMBER_WARN: ActionKind.MEMBER_UNWARN,
    ActionKind.MEMBER_MUTE: ActionKind.MEMBER_UNMUTE,
    ActionKind.MEMBER_KICK: ActionKind.MEMBER_INVITE,
    ActionKind.MEMBER_BAN: ActionKind.MEMBER_UNBAN,
}
"""What takes back each action (docs/review.md)."""


def of_confirming(decision: Decision, *, has_message: bool) -> list[ActionKind]:
    """Return the actions that confirming sends: what is asked for, and that it was decided."""
    asked = [
        kind for kind in LEADS_TO[decision] if has_message or kind is not ActionKind.MESSAGE_DELETE
    ]
    return [*asked, ActionKind.CASE_DECIDED]


def of_overturning(taken: Sequence[InForce]) -> list[ActionKind]:
    """Return the actions that overturning sends: what undoes each, the last one first."""
    undone = [
        UNDONE_BY[kind]
        for each in reversed(taken)
        for kind in reversed(each.actions)
        if kind in UNDONE_BY
    ]
    return [*undone, ActionKind.CASE_DECIDED]
