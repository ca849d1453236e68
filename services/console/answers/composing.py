"""Turns the form of a campaign into what notify takes, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from services.console.answers.campaigns import Definition
from services.console.answers.schedules import Schedule, cron_of
from services.console.forms import Form

VARIANTS: Final = 3
"""Other wordings that the form has room for."""
REMINDERS: Final = 3
"""Reminders that the form has room for."""
_IN_FORM: Final = {
    "audience": {"recipients", "every_group", "segments", "attributes", "groups"},
    "content": {"text", "variants", "variables", "persona"},
    "schedule": {"at", "cron", "zone", "until", "reminders"},
    "frequency": {"quiet"},
}
"""What of a campaign the form shows."""


def definition_of(form: Form, zone: tzinfo) -> dict[str, Any]:
    """Return the campaign that a form asks for; moments in it are in `zone`.

    What a field holds that is no number goes as it is: notify says what is wrong
    with it, and where.
    """
    zone_name = form["zone"] or "UTC"
    body: dict[str, Any] = {
        "name": form["name"],
        "audience": _audience(form),
        "content": _content(form),
        "schedule": _schedule(form, zone, zone_name),
    }
    for name in ("per_minute", "watch_hours"):
        if form[name]:
            number = form.number(name)
            body[name] = form[name] if number is None else number
    if form["holdout"]:
        percent = form.number("holdout")
        body["holdout"] = form["holdout"] if percent is None else percent / 100
    if form["quiet_start"] or form["quiet_end"]:
        quiet = {"start": form["quiet_start"], "end": form["quiet_end"], "zone": zone_name}
        body["frequency"] = {"quiet": quiet}
    return body


def with_rest_of(before: Mapping[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return what a form asks for, with what the form has no room for as it was before."""
    kept = dict(body)
    for name, own in _IN_FORM.items():
        others = {key: value for key, value in before.get(name, {}).items() if key not in own}
        kept[name] = {**others, **body.get(name, {})}
    return kept


def _audience(form: Form) -> dict[str, Any]:
    if form["audience"] == "every_group":
        return {"every_group": True}
    if form["audience"] == "segments":
        return {
            "segments": form.every("segments"),
            "attributes": pairs(form["attributes"]),
            "groups": form.every("groups"),
        }
    return {"recipients": [{"group": group} for group in form.every("groups")]}


def _content(form: Form) -> dict[str, Any]:
    content: dict[str, Any] = {"text": form["text"].replace("\r\n", "\n")}
    if form["persona"]:
        content["persona"] = form["persona"]
    if variables := pairs(form["variables"]):
        content["variables"] = variables
    variants = []
    for number in range(VARIANTS):
        text = form[f"variant_{number}"].replace("\r\n", "\n")
        if text:
            kind, _, name = form[f"variant_for_{number}"].partition(":")
            wanted = {f"{kind}s": [name]} if kind in ("segment", "group") and name else {}
            variants.append({"text": text, **wanted})
    if variants:
        content["variants"] = variants
    return content


def _schedule(form: Form, zone: tzinfo, zone_name: str) -> dict[str, Any]:
    schedule: dict[str, Any] = {"zone": zone_name}
    if form["when"] == "at":
        schedule["at"] = _moment(form["at"], zone)
    elif form["when"] == "cron":
        schedule["cron"] = form["cron"]
    elif form["when"] == "weekly":
        schedule["cron"] = cron_of(form.every("weekly_days"), form["weekly_time"])
    if "cron" in schedule and form["until"]:
        schedule["until"] = _moment(form["until"], zone)
    if len(schedule) > 1 and (reminders := list(_reminders(form))):
        schedule["reminders"] = reminders
    return schedule


def _reminders(form: Form) -> Iterator[dict[str, Any]]:
    for number in range(REMINDERS):
        text = form[f"reminder_{number}"].replace("\r\n", "\n")
        if text:
            minutes = form.number(f"reminder_before_{number}")
            told = form[f"reminder_before_{number}"] if minutes is None else minutes
            yield {"minutes_before": told, "text": text}


def pairs(text: str) -> dict[str, str]:
    """Return names and values that are written one a line, as `name = value`."""
    lines = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): value.strip() for name, _, value in lines}


def _moment(text: str, zone: tzinfo) -> str:
    """Return a moment of a `datetime-local` field with its offset; as it is where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text


def fits(definition: Definition) -> bool:
    """Whether the form can show whom a campaign goes to, and all its wordings."""
    variants = definition.content.variants
    one_each = all(len(each.segments) + len(each.groups) <= 1 for each in variants)
    members = any(each.member is not None for each in definition.audience.recipients)
    named = {**definition.content.variables, **definition.audience.attributes}
    return (
        one_each
        and len(variants) <= VARIANTS
        and len(definition.schedule.reminders) <= REMINDERS
        and not members
        and pairs(_lines(named)) == named
    )


def form_of(definition: Definition, zone: tzinfo) -> Form:
    """Return the form that asks for a campaign as it is."""
    schedule, quiet = definition.schedule, definition.frequency.quiet
    audience = definition.audience
    groups = audience.groups or [each.group for each in audience.recipients]
    fields: dict[str, list[str]] = {
        "name": [definition.name],
        "text": [definition.content.text],
        "variables": [_lines(definition.content.variables)],
        "persona": [definition.content.persona or ""],
        "audience": [_kind(definition)],
        "groups": groups,
        "segments": audience.segments,
        "attributes": [_lines(audience.attributes)],
        **_schedule_fields(schedule, zone),
        "per_minute": [str(definition.per_minute)],
        "holdout": [f"{definition.holdout * 100:.0f}"],
    }
    if quiet is not None:
        fields |= {"quiet_start": [quiet.start], "quiet_end": [quiet.end]}
    for number, variant in enumerate(definition.content.variants[:VARIANTS]):
        kind, names = (
            ("segment", variant.segments) if variant.segments else ("group", variant.groups)
        )
        fields[f"variant_{number}"] = [variant.text]
        fields[f"variant_for_{number}"] = [f"{kind}:{names[0]}" if names else ""]
    return Form(fields)


def _schedule_fields(schedule: Schedule, zone: tzinfo) -> dict[str, list[str]]:
    weekly = schedule.weekly
    when = "at" if schedule.at else "weekly" if weekly else "cron" if schedule.cron else "now"
    fields = {"when": [when], "cron": [schedule.cron], "zone": [schedule.zone]}
    for name, moment in (("at", schedule.at), ("until", schedule.until)):
        if moment is not None:
            fields[name] = [moment_field(moment, zone)]
    if weekly is not None:
        fields |= {"weekly_days": [str(day) for day in weekly.days], "weekly_time": [weekly.time]}
    for number, reminder in enumerate(schedule.reminders[:REMINDERS]):
        fields[f"reminder_{number}"] = [reminder.text]
        fields[f"reminder_before_{number}"] = [str(reminder.minutes_before)]
    return fields


def moment_field(moment: datetime, zone: tzinfo) -> str:
    """Return a moment as a `datetime-local` field has it: to the minute if that is all of it."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    exact = local.second or local.microsecond
    return local.isoformat(timespec="milliseconds" if exact else "minutes")


def _lines(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in values.items())


def _kind(definition: Definition) -> str:
    if definition.audience.every_group:
        return "every_group"
    audience = definition.audience
    return "segments" if audience.segments or audience.attributes else "groups"
