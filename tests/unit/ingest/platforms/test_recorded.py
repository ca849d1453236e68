"""Every platform: what it sends becomes the events that it means, and nothing else gets in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.ingest.platforms.contract import Forged, ForgedError, Received, Request
from services.ingest.platforms.drafting import event_of
from services.ingest.platforms.table import PLATFORMS, check_secrets
from shared.events import BaseEvent, Event, TenantId
from tests.unit.ingest.platforms.sending import MAPPING, NOW, SECRETS, SEND, Recorded, recorded

ALL = [(name, item) for name in PLATFORMS for item in recorded(name)]
STAMPED = {"slack": 301, "discord": 301, "feishu": 30_000, "dingtalk": 3601, "wecom": 301}
"""Platforms whose requests carry a time, and seconds after which they are stale."""


def receive(name: str, request: Request) -> Received:
    mapping = MAPPING if name == "generic" else None
    return PLATFORMS[name].receive(request, SECRETS[name], mapping)


def events(received: Received) -> list[BaseEvent]:
    now = datetime.fromtimestamp(NOW, UTC)
    found = [event_of(draft, TenantId("acme"), "hook", now) for draft in received.drafts]
    return [taken.event for taken in found if taken is not None]


def expected(item: Recorded) -> list[Any]:
    own = {"tenant": "acme", "source": "hook"}
    return [
        msgspec.convert(event | own | {"time": event.get("time") or NOW * 1000}, Event)
        for event in item["events"]
    ]


@pytest.mark.parametrize(("name", "item"), ALL)
def test_a_recorded_request_becomes_its_events(name: str, item: Recorded) -> None:
    received = receive(name, SEND[name](item, NOW))
    assert events(received) == expected(item)
    assert {draft.kind for draft in received.drafts} <= {item["kind"]}
    assert received.reply.status in (200, 204)
    if item["kind"] is None:
        assert received.ignored


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_table_of_a_platform_is_what_its_recordings_show(name: str) -> None:
    shown: dict[str, set[str]] = {}
    for item in recorded(name):
        if item["kind"] is not None:
            shown.setdefault(item["kind"], set()).update(event["type"] for event in item["events"])
    told = {kind: set(types) for kind, types in PLATFORMS[name].becomes.items()}
    if name == "generic":
        assert shown.keys() == told.keys()
    else:
        assert shown == told


@pytest.mark.parametrize(("name", "item"), ALL)
def test_a_request_sent_again_later_has_the_same_event_ids(name: str, item: Recorded) -> None:
    first = receive(name, SEND[name](item, NOW))
    second = receive(name, SEND[name](item, NOW + 200))
    assert [draft.id for draft in first.drafts] == [draft.id for draft in second.drafts]
    assert all(draft.id for draft in first.drafts)


@pytest.mark.parametrize(("name", "item"), ALL)
def test_nothing_is_believed_with_any_other_secret(name: str, item: Recorded) -> None:
    request = SEND[name](item, NOW)
    others = {key: "0" * len(secret) for key, secret in SECRETS[name].items()}
    if "aes_key" in others:
        others["aes_key"] = SECRETS[name]["aes_key"]
    with pytest.raises(ForgedError):
        PLATFORMS[name].receive(request, others, None)


@pytest.mark.parametrize(("name", "item"), ALL)
def test_nothing_is_believed_without_its_headers_and_query(name: str, item: Recorded) -> None:
    request = SEND[name](item, NOW)
    if name in ("mattermost", "zulip"):
        body = request.body.replace(b"TOKEN", b"")
        bare = msgspec.structs.replace(request, body=body)
    else:
        bare = msgspec.structs.replace(request, headers={}, query={})
    with pytest.raises(ForgedError) as forged:
        receive(name, bare)
    assert forged.value.reason is Forged.MISSING


@pytest.mark.parametrize("name", ["slack", "discord", "feishu", "dingtalk", "wecom", "discourse"])
def test_a_changed_body_breaks_a_signature(name: str) -> None:
    for item in recorded(name):
        if item.get("relay") or item.get("robot"):
            continue  # known by a token, which says nothing of the body
        request = SEND[name](item, NOW)
        middle = len(request.body) // 2
        other = b"A" if request.body[middle : middle + 1] != b"A" else b"B"
        body = request.body[:middle] + other + request.body[middle + 1 :]
        with pytest.raises(ForgedError):
            receive(name, msgspec.structs.replace(request, body=body))


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_request_replayed_too_late_is_stale(name: str, sign: int) -> None:
    for item in recorded(name):
        if item.get("relay"):
            continue
        request = SEND[name](item, NOW)
        late = msgspec.structs.replace(request, now=NOW + sign * STAMPED[name])
        with pytest.raises(ForgedError) as forged:
            receive(name, late)
        assert forged.value.reason is Forged.STALE


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_secrets_of_a_platform_are_complete(name: str) -> None:
    check_secrets(PLATFORMS[name], SECRETS[name])
    assert SECRETS[name].keys() <= set(PLATFORMS[name].needs + PLATFORMS[name].may)
