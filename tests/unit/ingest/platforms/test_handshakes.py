"""What platforms ask before, and beside, the events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.ingest.platforms.contract import ForgedError, Received, Request, SecretsError
from services.ingest.platforms.table import PLATFORMS, check_secrets
from tests.unit.ingest.platforms.sending import NOW, SECRETS, SEND, feishu_encrypted


def ask(platform: str, body: Any, **more: Any) -> Received:
    request = SEND[platform]({"body": body, "kind": None, **more}, NOW)
    return PLATFORMS[platform].receive(request, SECRETS[platform], None)


def answer(received: Received) -> Any:
    assert not received.drafts
    return json.loads(received.reply.body)


def test_slack_gets_its_challenge_back_when_it_has_signed_it() -> None:
    body = {"token": "x", "challenge": "3eZbrw1a", "type": "url_verification"}
    assert answer(ask("slack", body)) == {"challenge": "3eZbrw1a"}
    with pytest.raises(ForgedError):
        PLATFORMS["slack"].receive(Request(body=json.dumps(body).encode()), SECRETS["slack"], None)


def test_feishu_gets_its_challenge_back_unsigned_but_encrypted_and_with_its_token() -> None:
    def challenge(token: str) -> Received:
        plain = {"challenge": "ajls384k", "token": token, "type": "url_verification"}
        sealed = feishu_encrypted("test key", json.dumps(plain).encode())
        request = Request(body=json.dumps({"encrypt": sealed}).encode(), now=NOW)
        return PLATFORMS["feishu"].receive(request, SECRETS["feishu"], None)

    assert answer(challenge("TOKEN")) == {"challenge": "ajls384k"}
    with pytest.raises(ForgedError):
        challenge("OTHER")


def test_feishu_without_an_encrypt_key_is_known_by_its_token() -> None:
    secrets = {"verification_token": "TOKEN"}
    body = {"challenge": "c", "token": "TOKEN", "type": "url_verification"}
    request = Request(body=json.dumps(body).encode())
    assert answer(PLATFORMS["feishu"].receive(request, secrets, None)) == {"challenge": "c"}


def test_feishu_with_an_encrypt_key_is_not_believed_in_the_clear() -> None:
    request = Request(body=b'{"token": "TOKEN", "type": "url_verification", "challenge": "c"}')
    with pytest.raises(ForgedError):
        PLATFORMS["feishu"].receive(request, SECRETS["feishu"], None)


def test_discords_ping_is_answered_with_a_pong() -> None:
    assert answer(ask("discord", {"type": 1})) == {"type": 1}


def test_discords_webhook_events_are_answered_without_content() -> None:
    for kind in (0, 1):
        received = ask("discord", {"version": 1, "application_id": "1", "type": kind})
        assert (received.reply.status, received.reply.body) == (204, b"")


def test_every_interaction_of_discord_gets_an_answer_of_its_kind() -> None:
    assert answer(ask("discord", {"type": 3}))["type"] == 6
    assert answer(ask("discord", {"type": 4}))["data"] == {"choices": []}
    assert answer(ask("discord", {"type": 5}))["type"] == 4


def test_matrix_is_told_that_no_user_and_no_alias_is_ours() -> None:
    for rest in ("_matrix/app/v1/users/@x:y", "_matrix/app/v1/rooms/%23a:b", ""):
        request = Request(method="GET", headers={"authorization": "Bearer h0me"}, rest=rest)
        received = PLATFORMS["matrix"].receive(request, SECRETS["matrix"], None)
        assert received.reply.status == 404
    ping = Request(headers={"authorization": "Bearer h0me"}, rest="_matrix/app/v1/ping")
    assert PLATFORMS["matrix"].receive(ping, SECRETS["matrix"], None).reply.status == 200


def test_zulip_is_told_not_to_wait_for_a_reply() -> None:
    body = {"token": "TOKEN", "trigger": "mention", "message": {"type": "private"}}
    assert answer(ask("zulip", body)) == {"response_not_required": True}


@pytest.mark.parametrize(
    ("platform", "secrets"),
    [
        ("telegram", {}),
        ("telegram", {"secret_token": ""}),
        ("telegram", {"secret_token": "a\nb"}),
        ("telegram", {"secret_token": "a", "other": "b"}),
        ("discord", {}),
        ("discord", {"public_key": "xyz"}),
        ("discord", {"public_key": "00"}),
        ("dingtalk", {}),
        ("dingtalk", {"token": "a", "aes_key": SECRETS["dingtalk"]["aes_key"]}),
        ("dingtalk", {"token": "a", "aes_key": "short", "app_key": "b"}),
        ("wecom", {"token": "a", "encoding_aes_key": "short"}),
        ("generic", {}),
    ],
)
def test_a_door_without_the_secrets_it_needs_is_refused(
    platform: str, secrets: dict[str, str]
) -> None:
    with pytest.raises(SecretsError):
        check_secrets(PLATFORMS[platform], secrets)
