from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from services.ingest.cloudevents import Reading, read_structured
from services.ingest.rejection import RejectedEvent
from services.ingest.schemas import SCHEMAS
from shared.events import EVENT_TYPES, TenantId

READING = Reading(TenantId("acme"), datetime(2026, 3, 1, tzinfo=UTC))
VALUES = {
    "group": "g",
    "member": "m",
    "message": "x",
    "content": "c",
    "order": "o",
    "amount": 5,
    "activity": "a",
    "invitee": "i",
    "target": "t",
    "origin": "g2",
}


def minimal(name: str) -> dict[str, Any]:
    needed = SCHEMAS[name]["$defs"][f"{EVENT_TYPES[name].__name__}Data"]["required"]
    data = {field: VALUES[field] for field in needed}
    return {"specversion": "1.0", "id": "1", "source": "s", "type": name, "data": data}


def is_taken(event: Any) -> bool:
    try:
        read_structured(json.dumps(event).encode(), READING)
    except RejectedEvent:
        return False
    return True


def fits(name: str, event: Any) -> bool:
    try:
        Draft202012Validator(SCHEMAS[name]).validate(event)
    except ValidationError:
        return False
    return True


def test_every_event_type_has_a_schema() -> None:
    assert SCHEMAS.keys() == EVENT_TYPES.keys()
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_minimal_event_fits_and_without_any_field_does_not(name: str) -> None:
    event = minimal(name)
    assert fits(name, event)
    assert is_taken(event)
    for field in event:
        less = {key: value for key, value in event.items() if key != field}
        assert (fits(name, less), is_taken(less)) == (False, False), field
    for field in event["data"]:
        data = {key: value for key, value in event["data"].items() if key != field}
        assert (fits(name, event | {"data": data}), is_taken(event | {"data": data})) == (
            False,
            False,
        ), field


ODD = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.just(""), st.just([]), st.just({}))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(EVENT_TYPES)), st.data())
def test_the_schema_says_what_ingest_does_with_odd_values(name: str, data: st.DataObject) -> None:
    event = minimal(name)
    place = data.draw(st.sampled_from(["id", "source", "data", *event["data"]]))
    odd = data.draw(ODD)
    if place in event["data"]:
        event["data"] = event["data"] | {place: odd}
    else:
        event[place] = odd
    assert fits(name, event) == is_taken(event), event
