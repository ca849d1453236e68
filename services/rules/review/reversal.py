"""What takes back a flag: its reversal for scoring, and for each action the one that undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from services.rules.review.case import Case, Taken
from shared.actions import Action, ActionKind
from shared.events import Millis, derive_id
from shared.verdicts import Flag

UNDONE_BY: Final[dict[ActionKind, ActionKind]] = {
    ActionKind.MESSAGE_DELETE: ActionKind.MESSAGE_RESTORE,
    ActionKind.MEMBER_WARN: ActionKind.MEMBER_UNWARN,
    ActionKind.MEMBER_MUTE: ActionKind.MEMBER_UNMUTE,
    ActionKind.MEMBER_KICK: ActionKind.MEMBER_INVITE,
    ActionKind.MEMBER_BAN: ActionKind.MEMBER_UNBAN,
}
"""Every action against a member or a message, and the one that undoes it."""


def reversal_of(flag: Flag, now: Millis) -> Flag:
    """Return the record that takes a flag back: the same id, however often it is asked for."""
    return replace(flag, id=derive_id(flag.id, "reversal"), reverses=flag.id, time=now)


def undoing(case: Case, taken: Taken, now: Millis) -> Iterator[Action]:
    """Yield what undoes the actions that a flag led to, the last one first.

    Each says in `reverses` which action it undoes.
    """
    for kind in reversed(taken.actions):
        undo = UNDONE_BY.get(kind)
        if undo is None:
            continue
        yield Action(
            id=derive_id(taken.flag.id, "reversal", undo),
            kind=undo,
            tenant=case.tenant,
            group=case.group,
            time=now,
            cause=derive_id(taken.flag.id, "reversal"),
            member=case.member,
            message=case.message,
            seconds=taken.seconds if kind is ActionKind.MEMBER_MUTE else 0,
            text="经复核，此前的处理已撤销。After review, the earlier measure was withdrawn.",
            reason="a moderator overturned the verdict",
            labels=taken.flag.labels,
            details={"reverses": derive_id(taken.flag.id, kind), "flag": taken.flag.id},
        )
