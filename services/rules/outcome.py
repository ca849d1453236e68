"""What a verdict or a campaign leads to: flags, and actions for the platform."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from services.rules.campaigns import Caught
from services.rules.checking import PLACES
from services.rules.pack import Pack
from services.rules.pack_source import AutomationSource
from services.rules.verdict import ACTING, Verdict
from shared.actions import Action, ActionKind
from shared.events import (
    BaseEvent,
    ContactRequested,
    Event,
    MemberId,
    MemberJoined,
    MemberUpdated,
    MessageId,
    Millis,
    ReportFiled,
    derive_id,
)
from shared.verdicts import SEVERITY, Acted, Decision, Flag, Label, RuleHit, Sighting

_ACTIONS: Final[dict[Decision, tuple[ActionKind, ...]]] = {
    Decision.ALLOW: (),
    Decision.WATCH: (),
    Decision.WARN: (ActionKind.MEMBER_WARN,),
    Decision.DELETE: (ActionKind.MESSAGE_DELETE,),
    Decision.MUTE: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_MUTE),
    Decision.KICK: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_KICK),
    Decision.BAN: (ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_BAN),
    Decision.ESCALATE: (ActionKind.OPERATOR_NOTICE,),
}


REPEATED: Final = 0.4
"""The risk of a text that nothing but its repetition in several groups speaks against."""


def flag_of(event: Event, verdict: Verdict) -> Flag:
    """Return the flag that a noteworthy verdict puts on an event."""
    return Flag(
        id=_flag_id(event),
        event=event,
        time=event.time,
        labels=verdict.labels,
        risk=verdict.risk,
        decision=verdict.decision,
        spam=verdict.removes and accused(event) == event.member,
        rule_set=verdict.rule_set,
        hits=verdict.hits,
        spans=verdict.spans,
    )


def _flag_id(event: BaseEvent) -> str:
    return derive_id(event.identity, "verdict")


def acted_on(event: BaseEvent, verdict: Verdict) -> Acted | None:
    """Return what a verdict does about an event, None if it does nothing."""
    if verdict.decision not in ACTING:
        return None
    return Acted(
        flag=_flag_id(event),
        decision=verdict.decision,
        labels=verdict.labels,
        risk=verdict.risk,
        rule_set=verdict.rule_set,
    )


def acted_flag(copy: Sighting, acted: Acted) -> Flag:
    """Return the flag by which rules acted on a copy, without what explains it."""
    return Flag(
        id=acted.flag,
        event=copy.event,
        time=copy.time,
        labels=acted.labels,
        risk=acted.risk,
        decision=acted.decision,
        spam=copy.flagged,
        rule_set=acted.rule_set,
    )


def campaign_flag(copy: Sighting, caught: Caught, pack: Pack) -> Flag:
    """Return the flag on one copy of a campaign, as far as its label may go.

    One that nothing but its repetition speaks against is watched. The flag's id does
    not depend on what gave the copy away, so that an event whose text and contact both
    did is flagged once; a copy that is caught `again` has another one.
    """
    hit = RuleHit(
        "campaign",
        Label.CAMPAIGN,
        1.0 if caught.charged else REPEATED,
        "nearly the same text, a contact or a domain in several groups within minutes",
        {"groups": caught.groups, "fingerprint": caught.name},
    )
    wanted = Decision.DELETE if caught.charged else Decision.WATCH
    at_most = pack.at_most.get(Label.CAMPAIGN, Decision.DELETE)
    decision = min(wanted, at_most, key=SEVERITY.__getitem__)
    event = copy.event
    again = ("charged",) if copy.id in caught.again else ()
    return Flag(
        id=derive_id(event.identity, "campaign", *again),
        event=event,
        time=copy.time,
        labels=[Label.CAMPAIGN],
        risk=hit.weight,
        decision=decision,
        spam=decision is Decision.DELETE,
        rule_set=pack.version,
        hits=[hit],
        campaign=derive_id(f"{event.tenant}/{caught.name}", "campaign"),
    )


def actions_of(
    flag: Flag, pack: Pack, mute_seconds: int = 0, message: MessageId | None = None
) -> Iterator[Action]:
    """Yield what the platform is to do about a flag: nothing, if its event is history.

    `message` is the one to delete, where it is not that of the flag's event.
    """
    if flag.event.backfill:
        return
    message = message or message_of(flag.event)
    texts = {policy.label: policy.text for policy in pack.source.labels}
    text = next((texts[label] for label in flag.labels if texts.get(label)), "")
    member = accused(flag.event)
    for kind in _asked(flag):
        if kind is ActionKind.MESSAGE_DELETE and message is None:
            continue
        if kind in _AGAINST and member is None:
            continue
        yield Action(
            id=derive_id(flag.id, kind),
            kind=kind,
            tenant=flag.event.tenant,
            group=flag.event.group,
            time=flag.time,
            cause=flag.id,
            member=member,
            message=message,
            text=text,
            seconds=mute_seconds if kind is ActionKind.MEMBER_MUTE else 0,
            reason=flag.hits[0].because if flag.hits else "",
            labels=flag.labels,
            details={"risk": flag.risk, "rule_set": flag.rule_set},
            hits=flag.hits,
            spans=flag.spans,
            campaign=flag.campaign,
        )


def _asked(flag: Flag) -> tuple[ActionKind, ...]:
    """Return what a flag asks for; a request to another member is no message: it is warned of."""
    asked = _ACTIONS[flag.decision]
    if isinstance(flag.event, ContactRequested) and asked[:1] == (ActionKind.MESSAGE_DELETE,):
        return asked[1:] or (ActionKind.MEMBER_WARN,)
    return asked


_AGAINST: Final = frozenset(
    {
        ActionKind.MEMBER_WARN,
        ActionKind.MEMBER_MUTE,
        ActionKind.MEMBER_KICK,
        ActionKind.MEMBER_BAN,
    }
)
"""What is done to a member."""


def accused(event: BaseEvent) -> MemberId | None:
    """Return whom a flag on an event is about: of a report, the writer, if that is known."""
    return event.author if isinstance(event, ReportFiled) else MemberId(event.member)


def answering(
    automations: Iterable[AutomationSource], verdict: Verdict
) -> Iterator[AutomationSource]:
    """Yield what is to be done; who joins under a name that is flagged is not welcomed by it."""
    flagged = verdict.noteworthy and verdict.labels != [Label.RAID]
    for automation in automations:
        if not (flagged and automation.do is ActionKind.MEMBER_WELCOME):
            yield automation


def automation_action(
    event: BaseEvent, automation: AutomationSource, pack: Pack, answer: str = ""
) -> Action:
    """Return what an automation has the platform do."""
    return Action(
        id=derive_id(event.identity, "automation", automation.name),
        kind=automation.do,
        tenant=event.tenant,
        group=event.group,
        time=Millis(event.time),
        cause=event.id,
        member=event.member,
        message=message_of(event),
        text=_filled(automation.text, event, answer),
        seconds=automation.seconds,
        reason=automation.name,
        details={"rule_set": pack.version},
    )


def _filled(text: str, event: BaseEvent, answer: str) -> str:
    given = {"name": _name(event), "member": event.member, "answer": answer}
    return _PLACE.sub(lambda found: given[found[1]], text)


_PLACE: Final = re.compile(rf"\{{({'|'.join(PLACES)})\}}")


def message_of(event: BaseEvent) -> MessageId | None:
    """Return the message that an event is about, if it is about one."""
    found: MessageId | None = getattr(event, "message", None)
    return found


def _name(event: BaseEvent) -> str:
    name = event.name if isinstance(event, MemberJoined | MemberUpdated) else ""
    return name or event.member
