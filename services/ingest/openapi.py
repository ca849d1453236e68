"""The documentation of the two doors for events, which FastAPI does not see."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.ingest.batch import Result, Summary
from services.ingest.envelopes import DATA, ENVELOPES
from services.ingest.line_stream import End

_SECURITY: Final[list[dict[str, list[str]]]] = [{"ApiKey": ["events:write"]}]
_ONE: Final = {
    "specversion": "1.0",
    "id": "m-1001",
    "source": "demo-platform",
    "type": "message.posted",
    "time": "2026-03-01T09:00:00+08:00",
    "data": {"group": "g-1", "member": "u-7", "message": "m-1001", "text": "大家早上好"},
}
_BINARY_HEADERS: Final = {
    "ce-specversion": "Selects binary mode: `1.0`.",
    "ce-id": "Binary mode: the event's id.",
    "ce-source": "Binary mode: where it comes from.",
    "ce-type": "Binary mode: its type, such as `message.posted`.",
    "ce-time": "Binary mode: when it happened (RFC 3339).",
}
_SIGNATURE_HEADERS: Final = {
    "webhook-id": "Of a source that signs: the id of the request.",
    "webhook-timestamp": "Of a source that signs: Unix seconds.",
    "webhook-signature": "Of a source that signs: `v1,…` (Standard Webhooks).",
}
_ENCODING_HEADERS: Final = {"content-encoding": "`gzip`, `zstd` or nothing."}
_DRY_RUN: Final = {
    "name": "dry_run",
    "in": "query",
    "schema": {"type": "boolean", "default": False},
    "description": "Check everything, publish nothing.",
}


_ACCESS_TOKEN: Final = {
    "name": "access_token",
    "in": "query",
    "schema": {"type": "string"},
    "description": "The API key, for systems that can send no `Authorization` header. Addresses "
    "end up in others' logs: prefer the header.",
}
_QUERY: Final = (_DRY_RUN, _ACCESS_TOKEN)


def event_paths() -> dict[str, Any]:
    """Return the OpenAPI paths of the event routes."""
    return {
        "/v1/events": {"post": _one()},
        "/v1/events:batch": {"post": _many()},
        "/v1/events:stream": {"post": _stream()},
    }


def event_schemas() -> dict[str, Any]:
    """Return the OpenAPI schemas of every CloudEvent that is taken, and of the answers."""
    types = [*ENVELOPES.values(), *DATA.values(), Summary, Result, End]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schemas["CloudEvent"] = {
        "description": "One of the events that are understood, told apart by `type`.",
        "oneOf": [{"$ref": _ref(envelope.__name__)} for envelope in ENVELOPES.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: _ref(envelope.__name__) for name, envelope in ENVELOPES.items()},
        },
    }
    return schemas


def _one() -> dict[str, Any]:
    event = {"schema": {"$ref": _ref("CloudEvent")}, "example": _ONE}
    answer = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "status": {"enum": ["accepted", "valid"]}},
    }
    return {
        "tags": ["events"],
        "summary": "Send one event",
        "description": "One CloudEvent 1.0: the whole event as JSON (structured mode), or its "
        "attributes in `ce-` headers and `data` as the body (binary mode). 202 means that it is "
        "on disk. An event sent again counts once, by `source` and `id`.",
        "operationId": "send_event",
        "security": _SECURITY,
        "parameters": [
            _DRY_RUN,
            _ACCESS_TOKEN,
            *_parameters({**_BINARY_HEADERS, **_SIGNATURE_HEADERS}),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents+json": event,
                "application/json": event,
            },
        },
        "responses": {
            "200": _response("A dry run: it would be taken.", answer),
            "202": _response("It is on disk.", answer),
            **_problems(),
        },
    }


def _many() -> dict[str, Any]:
    items = {"type": "array", "maxItems": 1000, "items": {"$ref": _ref("CloudEvent")}}
    array = {"schema": items, "example": [_ONE]}
    lines = {"schema": {"type": "string", "description": "One CloudEvent a line."}}
    return {
        "tags": ["events"],
        "summary": "Send several events",
        "description": "Up to 1,000 events of 64 KiB each. Those that fit are taken; `results` "
        "says of each what became of it, and why.",
        "operationId": "send_events",
        "security": _SECURITY,
        "parameters": [*_QUERY, *_parameters(_SIGNATURE_HEADERS)],
        "requestBody": {
            "required": True,
            "content": {
                "application/cloudevents-batch+json": array,
                "application/json": array,
                "application/x-ndjson": lines,
            },
        },
        "responses": {
            "200": _response("A dry run: one would be taken.", {"$ref": _ref("Summary")}),
            "202": _response("At least one was taken.", {"$ref": _ref("Summary")}),
            **_problems(),
        },
    }


def _stream() -> dict[str, Any]:
    lines = {"schema": {"type": "string", "description": "One CloudEvent a line."}}
    results = {"schema": {"anyOf": [{"$ref": _ref("Result")}, {"$ref": _ref("End")}]}}
    return {
        "tags": ["events"],
        "summary": "Send events without an end",
        "description": "Lines of any number; a line of the answer says of each what became of it, "
        "as soon as it is on disk. What has no `accepted` must be sent again.",
        "operationId": "stream_events",
        "security": _SECURITY,
        "parameters": [*_QUERY, *_parameters({})],
        "requestBody": {"required": True, "content": {"application/x-ndjson": lines}},
        "responses": {
            "200": {
                "description": "A result a line.",
                "content": {"application/x-ndjson": results},
            },
            **_problems(),
        },
    }


def _parameters(headers: dict[str, str]) -> list[dict[str, Any]]:
    headers = {**headers, **_ENCODING_HEADERS}
    return [
        {"name": name, "in": "header", "schema": {"type": "string"}, "description": description}
        for name, description in headers.items()
    ]


def _problems() -> dict[str, Any]:
    descriptions = {
        "400": "The body is not JSON.",
        "401": "The API key or the source's signature is missing or wrong.",
        "403": "The API key lacks the scope, or the source's events come from elsewhere.",
        "408": "The body came too slowly.",
        "413": "The body, an event or the batch is too large.",
        "415": "The content type or encoding is not one that is read.",
        "422": "The event, or every event of the batch, does not fit.",
        "429": "The key's limit is reached: send it again after `Retry-After` seconds.",
        "503": "Kafka or MongoDB is away, or too much is under way: send it again after "
        "`Retry-After` seconds.",
    }
    problem = {"type": "object", "description": "RFC 9457 problem details."}
    return {
        status: {
            "description": description,
            "content": {"application/problem+json": {"schema": problem}},
        }
        for status, description in descriptions.items()
    }


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"
