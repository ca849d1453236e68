"""What is said to a recipient: the variant that fits, with what is known of them. Pure."""

from __future__ import annotations

from typing import Any

from services.notify.campaigns.audience import MemberOutreach
from services.notify.campaigns.template import Templates
from shared.campaigns import Content
from shared.events import GroupId


def template_of(content: Content, group: GroupId, member: MemberOutreach | None) -> str:
    """Return the template of the first variant for this group or one of the member's segments."""
    segments = frozenset() if member is None else frozenset(member.segments)
    for variant in content.variants:
        if group in variant.groups or not segments.isdisjoint(variant.segments):
            return variant.text
    return content.text


def wording(
    templates: Templates,
    content: Content,
    variables: dict[str, str],
    group: GroupId,
    member: MemberOutreach | None,
) -> str:
    """Return the message to a group, or to a member of it.

    Raises `InvalidTemplateError` where it cannot be said.
    """
    persona = content.persona
    values: dict[str, Any] = {**content.variables, **variables, "group": group}
    values["member"] = {}
    if member is not None:
        values["member"] = {**member.attributes, "id": member.member, "name": member.name}
    values["persona"] = {} if persona is None else {**persona.voice, "name": persona.name}
    text = templates.render(template_of(content, group, member), values)
    return text if persona is None or not persona.signature else f"{text}\n{persona.signature}"
