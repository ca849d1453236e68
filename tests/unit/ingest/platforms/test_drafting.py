from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.ingest.platforms.contract import Draft
from services.ingest.platforms.drafting import MOST_BYTES, event_of
from shared.events import BaseEvent, MessagePosted, TenantId, encode

NOW = datetime(2026, 3, 1, 1, tzinfo=UTC)


def drafted(id: str = "1", **data: Any) -> BaseEvent | None:
    known = {"group": "g", "member": "m", "message": "x"}
    draft = Draft(kind="k", type="message.posted", id=id, time=NOW, data=known | data)
    taken = event_of(draft, TenantId("acme"), "s", NOW)
    return None if taken is None else taken.event


def test_what_is_empty_is_left_out_and_a_long_text_is_cut() -> None:
    event = drafted(text="早" * 30_000, reply_to="", reply_to_member=None)
    assert isinstance(event, MessagePosted)
    assert (len(event.text), event.reply_to) == (20_000, None)


def test_without_an_id_a_group_or_a_member_there_is_no_event() -> None:
    assert drafted(id="") is None
    assert drafted(group="") is None
    assert drafted(member="m" * 201) is None
    assert drafted(member="a\x1fb") is None


def test_an_id_that_is_too_long_becomes_one_that_is_always_the_same() -> None:
    first, second = drafted(id="e" * 201), drafted(id="e" * 201)
    assert first is not None
    assert first == second
    assert first != drafted(id="e" * 202)
    assert len(first.id) == 36


def test_an_event_larger_than_any_message_is_none() -> None:
    many = [f"member-{number:0100}" for number in range(900)]
    event = drafted(mentions=many)
    assert event is not None
    assert len(encode(event)) <= MOST_BYTES
    assert drafted(mentions=many * 2) is None
