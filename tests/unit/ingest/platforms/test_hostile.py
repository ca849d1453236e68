"""Whatever comes, a platform's function believes it, refuses it or cannot read it."""

from __future__ import annotations

import contextlib
import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.platforms.contract import ForgedError, Request, UnreadableError
from services.ingest.platforms.drafting import event_of
from services.ingest.platforms.table import PLATFORMS
from services.ingest.platforms.xml import read_xml
from shared.events import TenantId
from tests.unit.ingest.platforms.sending import MAPPING, NOW, SECRETS, SEND, recorded

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["\x00", "9" * 400, "x" * 30_000, "1e400", "2026-13-01", "-1"])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
WAYS = st.lists(st.integers(0, 30), max_size=8)


def take_in(platform: str, request: Request) -> None:
    """Do what the door does; errors of the contract are answers, any other fails the test."""
    mapping = MAPPING if platform == "generic" else None
    with contextlib.suppress(ForgedError, UnreadableError):
        received = PLATFORMS[platform].receive(request, SECRETS[platform], mapping)
        for draft in received.drafts:
            event_of(draft, TenantId("acme"), "hook", datetime.fromtimestamp(NOW, UTC))


def spoiled(value: Any, way: list[int], junk: Any) -> Any:
    """Put `junk` in the place that `way` leads to."""
    if not way or not isinstance(value, dict | list) or not value:
        return junk
    if isinstance(value, dict):
        name = sorted(value)[way[0] % len(value)]
        return value | {name: spoiled(value[name], way[1:], junk)}
    index = way[0] % len(value)
    return [*value[:index], spoiled(value[index], way[1:], junk), *value[index + 1 :]]


@pytest.mark.parametrize("platform", PLATFORMS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_genuine_request_with_one_part_spoiled_is_taken_or_refused(
    platform: str, data: st.DataObject
) -> None:
    items = [item for item in recorded(platform) if not isinstance(item["body"], str)]
    item = copy.deepcopy(data.draw(st.sampled_from(items)))
    item["body"] = spoiled(item["body"], data.draw(WAYS), data.draw(JSON))
    take_in(platform, SEND[platform](item, NOW))


@pytest.mark.parametrize("platform", PLATFORMS)
@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "authorization",
                "content-type",
                "sign",
                "timestamp",
                "x-slack-request-timestamp",
                "x-slack-signature",
                "x-signature-timestamp",
                "x-signature-ed25519",
                "x-lark-signature",
                "x-lark-request-timestamp",
                "x-discourse-event-signature",
                "x-steward-token",
                "x-telegram-bot-api-secret-token",
            ]
        ),
        st.text(st.characters(max_codepoint=255), max_size=80)
        | st.sampled_from(["Bearer \xff", "²"]),
    ),
    query=st.dictionaries(
        st.sampled_from(["timestamp", "nonce", "msg_signature", "signature", "echostr"]), st.text()
    ),
    body=st.binary(max_size=200) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")),
    method=st.sampled_from(["GET", "POST", "PUT"]),
)
@settings(max_examples=60, deadline=None)
def test_a_forged_request_is_refused(
    platform: str, headers: dict[str, str], query: dict[str, str], body: bytes, method: str
) -> None:
    request = Request(method=method, headers=headers, query=query, body=body, now=NOW)
    with pytest.raises((ForgedError, UnreadableError)):
        PLATFORMS[platform].receive(request, SECRETS[platform], None)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x SYSTEM "file:///etc/hostname"><x/>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
        "<x>" * 9 + "</x>" * 9,
        "<x>&undefined;</x>",
        "<x>",
        "",
    ],
)
def test_xml_that_could_grow_or_fetch_is_not_read(document: str) -> None:
    with pytest.raises(UnreadableError):
        read_xml(document)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_are_xml_or_unreadable(document: bytes | str) -> None:
    with contextlib.suppress(UnreadableError):
        assert isinstance(read_xml(document), dict)


def test_json_nested_too_deeply_is_unreadable() -> None:
    body = b"[" * 100_000
    request = Request(headers={"x-telegram-bot-api-secret-token": "t0ken"}, body=body)
    with pytest.raises(UnreadableError):
        PLATFORMS["telegram"].receive(request, SECRETS["telegram"], None)
