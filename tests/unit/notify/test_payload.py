"""The request that a receiver gets."""

from __future__ import annotations

import datetime as dt
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from standardwebhooks.webhooks import Webhook

from services.notify import payload
from services.notify.deliveries import TrackedDelivery, replay_of
from shared.events import MemberId
from shared.verdicts import Label, RuleHit, Span
from tests.unit.notify.builders import NOW, SECRET, action, tracked


def test_the_body_is_the_action_and_its_kind_is_called_type() -> None:
    body = payload.body(action(member=MemberId("李雷"), text="加我微信", labels=[Label.FRAUD]))
    assert json.loads(body) == {
        "type": "message.delete",
        "id": "a1",
        "tenant": "acme",
        "group": "g1",
        "time": NOW,
        "cause": "f1",
        "member": "李雷",
        "text": "加我微信",
        "labels": ["fraud"],
    }


@given(st.text(max_size=20), st.integers(1, 20_000), st.text(max_size=100), st.integers(0, 500))
def test_no_body_is_longer_than_20_kilobytes(
    piece: str, times: int, excuse: str, repeated: int
) -> None:
    text, reason = (piece * times)[:20_000], excuse * repeated
    body = payload.body(action(text=text, reason=reason, details={"n": 1}))
    assert len(body) <= payload.MOST_BYTES
    said = json.loads(body)
    assert text.startswith(said.get("text", ""))
    assert said.get("truncated", False) is (said.get("text", "") != text or "details" not in said)


@pytest.mark.parametrize("character", ["a", "好", "\x00", "😀", '"'])
def test_a_long_text_is_cut_and_says_so(character: str) -> None:
    said = json.loads(payload.body(action(text=character * 20_000)))
    assert said["truncated"] is True
    assert len(said["text"]) > 1_000


def test_a_body_says_which_rules_fired_and_what_was_seen_where_unless_it_is_too_long() -> None:
    values = {"text.invite": 1, "window.posts_10s": 8}
    hit = RuleHit("invite", Label.CONTACT_LURE, 0.75, "asks to be contacted", values)
    explained = action(hits=[hit], spans=[Span(0, 2, "invite")], campaign="c1")
    said = json.loads(payload.body(explained))
    assert said["hits"] == [msgspec.to_builtins(hit)]
    assert said["spans"] == [{"start": 0, "end": 2, "what": "invite"}]
    assert said["campaign"] == "c1"
    short = json.loads(payload.body(structs.replace(explained, hits=[hit] * 400, text="加我")))
    assert (short["truncated"], short["text"], short["campaign"]) == (True, "加我", "c1")
    assert "hits" not in short
    assert "spans" not in short


def sent(id: str, delivery: TrackedDelivery, secrets: list[str]) -> dict[str, str]:
    body = payload.body(delivery.action)
    now = int(dt.datetime.now(tz=dt.UTC).timestamp())
    return payload.headers(id, delivery, body, secrets, now)


def test_the_reference_implementation_verifies_a_delivery() -> None:
    delivery = tracked(text="你好")
    headers = sent(delivery.webhook_id, delivery, [SECRET])
    assert Webhook(SECRET).verify(payload.body(delivery.action), headers)["text"] == "你好"
    assert headers["content-type"] == "application/json"
    assert headers["steward-attempt"] == "1"
    assert "steward-replay" not in headers
    assert "traceparent" not in headers


def test_a_replay_keeps_the_webhook_id_and_says_that_it_is_one() -> None:
    first = tracked()
    again = replay_of(first, 1, NOW, "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    assert again.id != first.webhook_id
    headers = sent(again.id, TrackedDelivery.accept(again, NOW), [SECRET])
    assert headers["webhook-id"] == first.webhook_id
    assert headers["steward-replay"] == "true"
    assert headers["traceparent"] == again.trace


def test_every_replay_has_its_own_id_and_asking_twice_at_once_makes_one() -> None:
    first = tracked()
    assert replay_of(first, 1, NOW, "").id == replay_of(first, 1, NOW, "x").id
    assert replay_of(first, 1, NOW, "").id != replay_of(first, 2, NOW, "").id
