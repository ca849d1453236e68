"""Describes the topics as an AsyncAPI 3.0 document, from the structs in `shared/`.

`python -m steward.asyncapi > docs/asyncapi.yaml` writes it; a test keeps the file true.
"""

from __future__ import annotations

import sys
from typing import Any, Final, get_args

import msgspec
import yaml

from shared.events import SCHEMA_VERSION
from shared.topics import RECORDS, Topic

_REF: Final = "#/components/schemas/{name}"

TOPICS: Final[dict[Topic, tuple[str, str]]] = {
    Topic.EVENTS: ("tenant/group", "What happened in the groups, as platforms told it."),
    Topic.FLAGS: ("tenant/group", "Verdicts of rules against events, with what explains them."),
    Topic.SIGHTINGS: (
        "tenant/fingerprint",
        "Texts, contacts and domains worth recognising in other groups; rules reads its own.",
    ),
    Topic.TALLIES: (
        "tenant/windows/slot",
        "What a batch of events adds to windows over a whole tenant; rules reads its own.",
    ),
    Topic.ACTIONS: ("tenant/group", "What rules and scoring ask platforms to do."),
    Topic.DELIVERIES: ("endpoint", "An action on its way to one endpoint; notify reads its own."),
    Topic.MEMBERS: (
        "tenant/group",
        "What tenants ask about members by REST (attributes, erasure), and what scoring finds.",
    ),
    Topic.SEGMENTS: ("tenant/group", "Members who entered or left a segment of their tenant's."),
    Topic.CAMPAIGNS: (
        "tenant/campaign or tenant/group",
        "What is asked of campaigns and relays, and the messages that they ask of groups' owners.",
    ),
    Topic.REVIEWS: (
        "tenant/group, tenant/fingerprint (incidents) or tenant",
        "What moderators and members did about what was flagged; rules applies it.",
    ),
    Topic.DLQ: ("as it was", "Records that did not decode or that a stage failed on."),
}
"""By topic: what its records are keyed by, and what they are."""


def document() -> dict[str, Any]:
    """Return the AsyncAPI document as plain data."""
    schemas = _schemas()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Steward's topics",
            "version": str(SCHEMA_VERSION),
            "license": {"name": "Apache-2.0"},
            "description": "Records are JSON. Headers: `schema` (version of these schemas) and "
            "`traceparent` (W3C trace context). A record is known by its identity: an event by "
            "tenant, source and id, every other record by its id.",
        },
        "defaultContentType": "application/json",
        "channels": {str(topic): _channel(topic) for topic in Topic},
        "components": {"messages": _messages(), "schemas": schemas},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    key, summary = TOPICS[topic]
    names = _names(topic)
    return {
        "address": str(topic),
        "description": f"{summary} Key: `{key}`.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _names(topic: Topic) -> list[str]:
    if topic is Topic.DLQ:
        return ["DeadLetter"]
    type_ = RECORDS[topic]
    return [one.__name__ for one in get_args(type_) or (type_,)]


def _messages() -> dict[str, Any]:
    names = [name for topic in Topic if topic is not Topic.DLQ for name in _names(topic)]
    messages: dict[str, Any] = {
        name: {"payload": {"$ref": _REF.format(name=name)}} for name in names
    }
    headers = {
        "stage": "Stage that failed.",
        "reason": "Type and text of the error.",
        "traceback": "Where it was raised.",
        "origin-topic": "Topic the record came from; absent for timers and outcomes.",
        "origin-partition": "Its partition.",
        "origin-offset": "Its offset.",
    }
    messages["DeadLetter"] = {
        "description": "The record's bytes as they came; `steward dlq` lists and replays them.",
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": text} for name, text in headers.items()
            },
        },
    }
    return messages


def _schemas() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(list(RECORDS.values()), ref_template=_REF)
    return dict(sorted(components.items()))


def as_yaml() -> str:
    """Return the document as YAML."""
    text: str = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)
    return text


if __name__ == "__main__":
    sys.stdout.write(as_yaml())
