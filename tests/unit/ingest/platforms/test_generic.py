from __future__ import annotations

import hmac
import json
import time
from typing import Any

import msgspec
import pytest

from services.ingest.platforms.contract import (
    MOST_IN_ONE,
    ForgedError,
    Mapped,
    Request,
    UnreadableError,
)
from services.ingest.platforms.generic import LONGEST, MappingError, check_mapping, receive

RULE: dict[str, Any] = {
    "type": "message.posted",
    "id": "item.id",
    "data": {"group": "item.room", "member": "item.by", "message": "item.id"},
}

SECRETS = {"token": "t"}


def mapped(**changes: Any) -> Mapped:
    return msgspec.convert({"rules": [RULE | changes]}, Mapped)


def faults(mapping: Mapped) -> list[tuple[str, str]]:
    with pytest.raises(MappingError) as error:
        check_mapping(mapping)
    return [("/".join(map(str, fault.place)), fault.detail) for fault in error.value.faults]


def test_a_whole_mapping_is_kept() -> None:
    check_mapping(mapped(when="item.kind in ['a', 'b'] && size(item.id) > 1", time="item.at"))


@pytest.mark.parametrize(
    ("changes", "place", "detail"),
    [
        ({"type": "message.sung"}, "rules/0/type", "there is no event type 'message.sung'"),
        ({"when": "item.kind =="}, "rules/0/when", None),
        ({"id": "event.id"}, "rules/0/id", "there is no `event` here"),
        ({"time": "now()"}, "rules/0/time", "there is no `now` here"),
        ({"id": "item.a.map(item, item)[0]"}, "rules/0/id", None),
        ({"id": "item.a + item.b + item.c + item.d + item.e + item.f"}, "rules/0/id", None),
        ({"id": "'" + "x" * LONGEST + "'"}, "rules/0/id", None),
        ({"data": {"group": "item.room"}}, "rules/0/data", "`message.posted` needs `member`"),
        (
            {"data": RULE["data"] | {"mood": "item.mood"}},
            "rules/0/data/mood",
            "`message.posted` has no `mood`",
        ),
    ],
)
def test_what_is_wrong_with_a_mapping_is_told_with_its_place(
    changes: dict[str, Any], place: str, detail: str | None
) -> None:
    found = faults(mapped(**changes))
    assert place in [where for where, _ in found]
    if detail is not None:
        assert (place, detail) in found


def test_a_mapping_needs_a_rule() -> None:
    assert faults(Mapped(rules=[])) == [("rules", "a mapping needs a rule")]


def test_an_item_without_what_a_rule_asks_for_is_no_event() -> None:
    request = Request(headers={"authorization": "Bearer t"}, body=b'{"id": 1}')
    (draft,) = receive(request, {"token": "t"}, mapped()).drafts
    assert draft.data["member"] is None


def test_the_first_rule_that_applies_makes_the_event() -> None:
    rules = [RULE | {"when": "item.id > 1"}, RULE | {"id": "'other'"}]
    mapping = msgspec.convert({"rules": rules}, Mapped)

    def of(id: int) -> str:
        body = json.dumps({"id": id, "room": "r", "by": "m"}).encode()
        (draft,) = receive(
            Request(headers={"x-steward-token": "t"}, body=body), SECRETS, mapping
        ).drafts
        return draft.id

    assert (of(1), of(2)) == ("other", "2")


def test_more_items_than_one_request_may_have_are_refused_as_a_whole() -> None:
    mapping = Mapped(rules=mapped().rules, each="body")

    def of(count: int) -> int:
        body = json.dumps([{"id": number} for number in range(count)]).encode()
        request = Request(headers={"x-steward-token": "t"}, body=body)
        return len(receive(request, SECRETS, mapping).drafts)

    assert of(MOST_IN_ONE) == MOST_IN_ONE
    with pytest.raises(UnreadableError):
        of(MOST_IN_ONE + 1)


def test_a_mapping_of_sums_over_a_large_body_costs_little() -> None:
    sums = " + ".join(["body.text"] * 5)
    rule = RULE | {"when": f"({sums}).contains('never')", "data": RULE["data"] | {"text": sums}}
    mapping = msgspec.convert({"each": "body.items", "rules": [rule] * 20}, Mapped)
    check_mapping(mapping)
    items = [{"id": number} for number in range(500)]
    body = json.dumps({"text": "x" * 900_000, "items": items}).encode()
    started = time.process_time()
    receive(Request(headers={"x-steward-token": "t"}, body=body), SECRETS, mapping)
    assert time.process_time() - started < 5


def test_with_a_signing_secret_the_body_must_be_signed() -> None:
    body, secrets = b'{"id": 1}', {"signing_secret": "s"}
    good = "sha256=" + hmac.digest(b"s", body, "sha256").hex()
    request = Request(headers={"x-hub-signature-256": good}, body=body)
    assert receive(request, secrets, mapped()).drafts
    with pytest.raises(ForgedError):
        receive(msgspec.structs.replace(request, body=body + b" "), secrets, mapped())
    with pytest.raises(ForgedError):
        receive(request, secrets | {"token": "t"}, mapped())


@pytest.mark.parametrize(
    ("at", "millis"),
    [
        (1772326800, 1772326800000),
        (1772326800123, 1772326800123),
        ("2026-03-01T01:00:00Z", 1772326800000),
    ],
)
def test_a_time_may_be_seconds_milliseconds_or_rfc_3339(at: Any, millis: int) -> None:
    body = json.dumps({"id": "a", "at": at}).encode()
    request = Request(headers={"x-steward-token": "t"}, body=body)
    (draft,) = receive(request, SECRETS, mapped(time="item.at")).drafts
    assert draft.time is not None
    assert round(draft.time.timestamp() * 1000) == millis
