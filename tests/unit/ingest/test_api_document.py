from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from services.ingest import receive
from services.ingest.app import create_app
from services.ingest.cloudevents import MAX_EVENT_BYTES
from services.ingest.envelopes import ATTRIBUTES, DATA
from services.ingest.openapi import event_schemas
from shared.events import EVENT_TYPES, BaseEvent
from shared.settings import Settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()


COMMON = {field.name for field in msgspec.structs.fields(BaseEvent)}
"""What every event may have: told once, above the table."""


def row(name: str) -> str:
    """Return the row of an event type as the document must have it."""
    own = [field for field in msgspec.structs.fields(DATA[name]) if field.name not in COMMON]
    needs = ", ".join(f"`{field.name}`" for field in own if field.required) or "–"
    may = ", ".join(f"`{field.name}`" for field in own if not field.required) or "–"
    meaning = (EVENT_TYPES[name].__doc__ or "").splitlines()[0]
    return f"| `{name}` | {needs} | {may} | {meaning} |"


def test_the_document_has_every_event_type_with_its_fields() -> None:
    rows = re.findall(r"^\| `[a-z]+\.[a-z]+` .*$", DOCUMENT, re.MULTILINE)
    assert rows == [row(name) for name in EVENT_TYPES]


def test_the_document_tells_of_the_data_that_every_event_may_have() -> None:
    introduction = DOCUMENT.partition("## Event types")[2].partition("| type |")[0]
    for name in COMMON - ATTRIBUTES:
        assert f"`{name}`" in introduction


def test_the_document_has_the_bounds_in_force() -> None:
    mebi, kibi = 1024 * 1024, 1024
    bounds = [
        f"{receive.MAX_BODY_BYTES // mebi} MiB",
        f"{receive.MAX_BATCH_BYTES // mebi} MiB",
        f"{receive.MAX_BATCH_EVENTS:,}",
        f"{MAX_EVENT_BYTES // kibi} KiB",
    ]
    table = DOCUMENT.partition("| bound | value |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| [^|]+ \| ([^|]+) \| ", table, re.MULTILINE)[1:] == bounds


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in references(item)]
    return [found for item in value for found in references(item)] if type(value) is list else []


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def test_openapi_has_both_doors_and_no_dangling_reference(openapi: dict[str, Any]) -> None:
    assert {"/v1/events", "/v1/events:batch", "/v1/sources"} <= openapi["paths"].keys()
    known = {f"#/components/schemas/{name}" for name in openapi["components"]["schemas"]}
    assert set(references(openapi)) <= known
    assert "ApiKey" in openapi["components"]["securitySchemes"]


def test_the_example_in_openapi_fits_its_schema(openapi: dict[str, Any]) -> None:
    content = openapi["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    schema = {
        "$ref": "#/components/schemas/MessagePostedCloudEvent",
        "components": {"schemas": event_schemas()},
    }
    Draft202012Validator(schema).validate(content["application/json"]["example"])
