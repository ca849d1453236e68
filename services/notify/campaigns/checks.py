"""What is wrong with a new campaign, persona or relay: JSON pointers, and what about them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from services.notify.campaigns import schedule
from services.notify.campaigns.relaying import NAMES, SIGNALS
from services.notify.campaigns.template import BUILT_IN, InvalidTemplateError, check
from shared.campaigns import Audience, Campaign, Content, Relay
from shared.condition_types import ConditionError
from shared.conditions import Condition
from shared.events import Millis
from shared.frequency import Frequency

Error = dict[str, str]

RESERVED: Final = BUILT_IN | {"true", "false", "none", "not", "and", "or", "if", "else", "is", "in"}
"""Names that a campaign's own variables may not have."""


def campaign_errors(campaign: Campaign, now: Millis) -> list[Error]:
    """Return what is wrong with a campaign that is written at `now`."""
    return [
        *_audience_errors(campaign.audience),
        *_content_errors(campaign.content),
        *(
            _error(f"/schedule/{field}", detail)
            for field, detail in schedule.problems(campaign.schedule, now)
        ),
        *_reminder_errors(campaign),
        *_frequency_errors(campaign.frequency),
    ]


def relay_errors(relay: Relay) -> list[Error]:
    """Return what is wrong with a relay."""
    errors = [
        *_template_errors("/text", relay.text, NAMES),
        *_frequency_errors(relay.frequency),
    ]
    if relay.source in relay.targets:
        place = relay.targets.index(relay.source)
        errors.append(_error(f"/targets/{place}", "a group cannot be relayed into itself"))
    if relay.where:
        try:
            Condition(relay.where, SIGNALS)
        except ConditionError as error:
            errors.append(_error("/where", f"{error.message} (at character {error.offset})"))
    return errors


def _audience_errors(audience: Audience) -> Iterator[Error]:
    kinds = (
        bool(audience.recipients),
        audience.every_group,
        bool(audience.segments or audience.attributes),
    )
    if sum(kinds) != 1:
        yield _error("/audience", "give one of recipients, every_group, segments or attributes")
    elif audience.groups and not kinds[2]:
        yield _error("/audience/groups", "narrows down members of segments or attributes only")


def _content_errors(content: Content) -> Iterator[Error]:
    names = BUILT_IN | set(content.variables)
    for name in sorted(RESERVED & set(content.variables)):
        yield _error(f"/content/variables/{name}", "has a meaning of its own")
    yield from _template_errors("/content/text", content.text, names)
    for place, variant in enumerate(content.variants):
        yield from _template_errors(f"/content/variants/{place}/text", variant.text, names)
        if not variant.segments and not variant.groups:
            yield _error(f"/content/variants/{place}", "is for nobody: name segments or groups")


def _reminder_errors(campaign: Campaign) -> Iterator[Error]:
    names = BUILT_IN | set(campaign.content.variables)
    before = [reminder.minutes_before for reminder in campaign.schedule.reminders]
    for place, reminder in enumerate(campaign.schedule.reminders):
        pointer = f"/schedule/reminders/{place}"
        yield from _template_errors(f"{pointer}/text", reminder.text, names)
        if reminder.minutes_before in before[:place]:
            yield _error(f"{pointer}/minutes_before", "is the same as an earlier one's")


def _frequency_errors(frequency: Frequency) -> Iterator[Error]:
    if frequency.quiet is None:
        return
    try:
        ZoneInfo(frequency.quiet.zone)
    except (KeyError, ValueError, OSError):
        yield _error("/frequency/quiet/zone", "there is no such time zone")


def _template_errors(pointer: str, source: str, names: Collection[str]) -> Iterator[Error]:
    try:
        check(source, names)
    except InvalidTemplateError as error:
        yield _error(pointer, str(error))


def _error(pointer: str, detail: str) -> Error:
    return {"pointer": pointer, "detail": detail}
