"""Judges one text by itself: what the rules say of it, without windows or a member's past."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from services.rules.learning import Learned
from services.rules.member_signals import add_member
from services.rules.observation import Observation, observe
from services.rules.pack import Pack
from services.rules.rules import RuleSet
from services.rules.verdict import Verdict
from services.rules.vocabulary import Subject
from services.rules.word_lists.lists import TenantLists
from shared.events import (
    ContactRequested,
    Event,
    GroupId,
    Media,
    MemberId,
    MemberJoined,
    MemberUpdated,
    MessageId,
    MessagePosted,
    Millis,
    Role,
    TenantId,
)


class Context(Struct, frozen=True, kw_only=True):
    """What is known about the text: where it stands, who wrote it.

    Without a `group` it is judged as in a group that nothing singles out. `age` is how
    many seconds ago its writer joined, None where that was not seen.
    """

    tenant: TenantId = TenantId("")
    group: GroupId = GroupId("")
    about: Subject = Subject.MESSAGE
    role: Role = Role.MEMBER
    media: Media = Media.TEXT
    reply: bool = False
    mentions: int = 0
    invited: bool = False
    removals: int = 0
    age: int | None = None


class Checked(Struct, frozen=True):
    """A text as it was read, and the verdict on it.

    `override` are the groups that the override is for that counted, None if none did;
    `canaries` the rules on trial that are in force in the group.
    """

    normalised: str
    verdict: Verdict
    override: list[str] | None = None
    canaries: list[str] = []


class Checker:
    """Judges texts with one rule set."""

    def __init__(
        self, pack: Pack, learned: Learned | None = None, lists: TenantLists | None = None
    ) -> None:
        """Judge by `pack`, and by what moderators taught and a tenant's words if they are given."""
        self.pack = pack
        self.rules = RuleSet(pack)
        self._learned = learned
        self._lists = lists

    def check(self, text: str, context: Context = Context()) -> Checked:  # noqa: B008
        """Return how a text is read and judged."""
        return check(self.rules, text, context, self._learned, self._lists)


def check(
    rules: RuleSet,
    text: str,
    context: Context,
    learned: Learned | None = None,
    lists: TenantLists | None = None,
) -> Checked:
    """Return how a text is read, and what a rule set says of it."""
    seen = observed(text, context, lists)
    around = learned.signals(seen) if learned else {}
    add_member(around, context.removals, context.age)
    verdict = rules.judge(seen, around).verdict
    if not verdict.noteworthy:
        verdict = rules.explained(seen, around)
    override, canaries = rules.setting(context.tenant, context.group)
    normalised = seen.reading.normal.text if seen.reading else ""
    groups = override.groups if override is not None else None
    return Checked(normalised, verdict, groups, sorted(canaries))


def observed(
    text: str,
    context: Context = Context(),  # noqa: B008
    lists: TenantLists | None = None,
) -> Observation:
    """Look at a text as at an event that says it."""
    return observe(_event(text, context), lists)


_NOBODY: Final = MemberId("member")


def _event(text: str, context: Context) -> Event:
    where = {
        "id": "check",
        "source": "check",
        "tenant": context.tenant,
        "group": context.group,
        "member": _NOBODY,
        "time": Millis(0),
        "role": context.role,
    }
    if context.about is Subject.REQUEST:
        return ContactRequested(**where, target=MemberId("target"), text=text)  # type: ignore[arg-type]
    if context.about is Subject.RENAME:
        return MemberUpdated(**where, name=text)  # type: ignore[arg-type]
    if context.about is Subject.JOIN:
        by = MemberId("another") if context.invited else None
        return MemberJoined(**where, name=text, invited_by=by)  # type: ignore[arg-type]
    return MessagePosted(
        **where,  # type: ignore[arg-type]
        message=MessageId("message"),
        text=text,
        media=context.media,
        reply_to=MessageId("earlier") if context.reply else None,
        mentions=[MemberId(str(i)) for i in range(context.mentions)],
    )
