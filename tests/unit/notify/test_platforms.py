"""Each connector makes its platform's call, and reads its answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.connectors.contract import UnsupportedError
from services.notify.connectors.registry import BY_TYPE
from services.notify.connectors.saying import IN_GROUP, TO_OPERATORS, clipped_to_bytes
from services.notify.endpoints import EndpointType
from shared.actions import ActionKind
from shared.events import MemberId, MessageId
from tests.unit.notify.calling import (
    AT,
    CREDENTIALS,
    GROUPS,
    ROBOTS,
    by_platform,
    call,
    endpoint_of,
    request,
)

MEMBER = MemberId("42")
TELEGRAM_BOT = f"/bot{CREDENTIALS[EndpointType.TELEGRAM]}"
CHAT = GROUPS[EndpointType.TELEGRAM]


@pytest.mark.parametrize(
    ("kind", "method", "fields"),
    [
        (ActionKind.MESSAGE_SEND, "sendMessage", {"chat_id": CHAT, "text": "早"}),
        (ActionKind.MEMBER_MESSAGE, "sendMessage", {"chat_id": "42", "text": "早"}),
        (ActionKind.MEMBER_BAN, "banChatMember", {"chat_id": CHAT, "user_id": 42}),
        (ActionKind.MEMBER_KICK, "unbanChatMember", {"chat_id": CHAT, "user_id": 42}),
        (
            ActionKind.MEMBER_UNBAN,
            "unbanChatMember",
            {"chat_id": CHAT, "user_id": 42, "only_if_banned": True},
        ),
    ],
)
def test_telegrams_methods(kind: ActionKind, method: str, fields: dict[str, Any]) -> None:
    made = call(EndpointType.TELEGRAM, kind, member=MEMBER)
    assert made == ("POST", f"{TELEGRAM_BOT}/{method}", fields)


def test_telegram_replies_to_a_message_and_deletes_one() -> None:
    message = MessageId("7")
    _, _, reply = call(EndpointType.TELEGRAM, ActionKind.MESSAGE_REPLY, message=message)
    assert reply is not None
    assert reply["reply_parameters"] == {"message_id": 7, "allow_sending_without_reply": True}
    _, path, fields = call(EndpointType.TELEGRAM, ActionKind.MESSAGE_DELETE, message=message)
    assert (path, fields) == (f"{TELEGRAM_BOT}/deleteMessage", {"chat_id": CHAT, "message_id": 7})


@pytest.mark.parametrize(("seconds", "until"), [(600, AT + 600), (5, AT + 35), (0, 0)])
def test_telegram_mutes_until_a_moment_that_it_takes_for_one(seconds: int, until: int) -> None:
    _, path, fields = call(
        EndpointType.TELEGRAM, ActionKind.MEMBER_MUTE, member=MEMBER, seconds=seconds
    )
    assert fields is not None
    assert path.endswith("/restrictChatMember")
    assert fields["until_date"] == until
    assert fields["permissions"]["can_send_messages"] is False


def test_slacks_methods() -> None:
    channel = GROUPS[EndpointType.SLACK]
    slack = EndpointType.SLACK
    assert call(slack, ActionKind.MESSAGE_SEND, text="a < b & <!channel>") == (
        "POST",
        "/chat.postMessage",
        {"channel": channel, "text": "a &lt; b &amp; &lt;!channel&gt;"},
    )
    ts = MessageId("1401383885.000061")
    _, _, reply = call(slack, ActionKind.MESSAGE_REPLY, message=ts)
    assert reply == {"channel": channel, "text": "早", "thread_ts": ts}
    _, path, fields = call(slack, ActionKind.MESSAGE_DELETE, message=ts)
    assert (path, fields) == ("/chat.delete", {"channel": channel, "ts": ts})
    _, path, fields = call(slack, ActionKind.MEMBER_KICK, member=MemberId("U1"))
    assert (path, fields) == ("/conversations.kick", {"channel": channel, "user": "U1"})
    _, _, warning = call(slack, ActionKind.MEMBER_WARN, member=MemberId("U1"))
    assert warning == {"channel": channel, "text": "<@U1> 早"}
    header = request(slack, ActionKind.MESSAGE_SEND).headers["authorization"]
    assert header == f"Bearer {CREDENTIALS[slack]}"


def test_slack_speaks_in_a_personas_name() -> None:
    details = {"persona_name": "小岚", "persona_avatar": "https://x.example/a.png"}
    _, _, fields = call(EndpointType.SLACK, ActionKind.MESSAGE_SEND, details=details)
    assert fields is not None
    assert (fields["username"], fields["icon_url"]) == ("小岚", "https://x.example/a.png")


GUILD = GROUPS[EndpointType.DISCORD]


@pytest.mark.parametrize(
    ("kind", "method", "path", "fields"),
    [
        (ActionKind.MEMBER_KICK, "DELETE", f"/guilds/{GUILD}/members/42", None),
        (ActionKind.MEMBER_BAN, "PUT", f"/guilds/{GUILD}/bans/42", {"delete_message_seconds": 0}),
        (ActionKind.MEMBER_UNBAN, "DELETE", f"/guilds/{GUILD}/bans/42", None),
        (ActionKind.MESSAGE_DELETE, "DELETE", "/channels/10/messages/20", None),
        (
            ActionKind.MEMBER_MUTE,
            "PATCH",
            f"/guilds/{GUILD}/members/42",
            {"communication_disabled_until": "2023-11-14T22:23:20+00:00"},
        ),
        (
            ActionKind.MEMBER_UNMUTE,
            "PATCH",
            f"/guilds/{GUILD}/members/42",
            {"communication_disabled_until": None},
        ),
    ],
)
def test_discords_calls(
    kind: ActionKind, method: str, path: str, fields: dict[str, Any] | None
) -> None:
    told: dict[str, Any] = {"member": MEMBER, "message": MessageId("10/20"), "seconds": 600}
    assert call(EndpointType.DISCORD, kind, **told) == (method, path, fields)


def test_discord_says_it_once_and_mentions_nobody_by_accident() -> None:
    to = endpoint_of(EndpointType.DISCORD, options={"channel": "10"})
    made = request(EndpointType.DISCORD, ActionKind.MESSAGE_SEND, to, text="@everyone")
    again = request(EndpointType.DISCORD, ActionKind.MESSAGE_SEND, to, text="@everyone")
    fields = json.loads(made.body)
    assert urlsplit(made.url).path == "/channels/10/messages"
    assert fields["allowed_mentions"] == {"parse": []}
    assert fields["enforce_nonce"] is True
    assert 0 < len(fields["nonce"]) <= 25
    assert made.body == again.body


def test_discord_replies_where_the_message_is() -> None:
    _, path, fields = call(
        EndpointType.DISCORD, ActionKind.MESSAGE_REPLY, message=MessageId("10/20")
    )
    assert fields is not None
    assert path == "/channels/10/messages"
    assert fields["message_reference"] == {"message_id": "20", "fail_if_not_exists": False}


def test_feishus_signature_is_the_documented_one() -> None:
    """Computed by OpenSSL: an empty message under the key `timestamp + "\\n" + secret`."""
    fields = json.loads(request(EndpointType.FEISHU, ActionKind.MESSAGE_SEND).body)
    assert fields == {
        "msg_type": "text",
        "content": {"text": "早"},
        "timestamp": str(AT),
        "sign": "OrBzY1Y01Gq+HgJsl+7OfWcMVwc7YocohQm5iiZwjhU=",
    }


def test_dingtalks_signature_is_the_documented_one() -> None:
    """Computed by OpenSSL: `timestamp + "\\n" + secret` under the secret."""
    query = parse_qs(urlsplit(request(EndpointType.DINGTALK, ActionKind.MESSAGE_SEND).url).query)
    assert query == {
        "access_token": ["0123456789abcdef0123456789abcdef"],
        "timestamp": [str(AT * 1000)],
        "sign": ["TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk="],
    }


@pytest.mark.parametrize(
    ("platform", "called"),
    [
        (EndpointType.FEISHU, lambda fields: '<at user_id="42"></at>' in fields["content"]["text"]),
        (EndpointType.WECOM, lambda fields: fields["text"]["mentioned_list"] == ["42"]),
        (EndpointType.DINGTALK, lambda fields: fields["at"]["atUserIds"] == ["42"]),
    ],
)
def test_robots_call_the_member_whom_they_welcome(platform: EndpointType, called: Any) -> None:
    fields = json.loads(request(platform, ActionKind.MEMBER_WELCOME, member=MEMBER).body)
    assert called(fields)


def test_what_members_wrote_does_not_call_everybody_in_feishu() -> None:
    evil = '<at user_id="all">所有人</at>'
    body = request(EndpointType.FEISHU, ActionKind.MESSAGE_SEND, text=evil).body.decode()
    assert "<at" not in body


@by_platform
def test_every_action_that_a_platform_can_express_makes_a_request(platform: EndpointType) -> None:
    for kind in BY_TYPE[platform].kinds:
        options = {"operators": "99", "channel": "10"}
        if platform in ROBOTS:
            options = {"audience": "operators"} if kind in TO_OPERATORS else {}
        to = endpoint_of(platform, options=options)
        made = request(platform, kind, to, member=MEMBER, message=MessageId("10/20"))
        assert made.url.startswith("https://api.example.com/")


@by_platform
def test_alerts_never_go_to_the_group_itself(platform: EndpointType) -> None:
    with pytest.raises(UnsupportedError):
        request(platform, ActionKind.GROUP_ALERT, endpoint_of(platform))


@by_platform
def test_long_texts_are_cut(platform: EndpointType) -> None:
    to = endpoint_of(platform, options={} if platform in ROBOTS else {"channel": "10"})
    if platform in (EndpointType.TELEGRAM, EndpointType.SLACK):
        to = endpoint_of(platform)
    made = request(platform, ActionKind.MESSAGE_SEND, to, text="早" * 19_000)
    assert len(made.body) < 20_000
    assert "…" in made.body.decode()


@given(st.text(max_size=300), st.integers(3, 100))
def test_cutting_to_bytes_leaves_whole_characters(text: str, most: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    cut = clipped_to_bytes(text, most)
    assert len(cut.encode()) <= most
    assert cut == text or text.startswith(cut.removesuffix("…"))


@by_platform
def test_a_good_endpoint_is_taken_and_a_mistaken_one_is_not(platform: EndpointType) -> None:
    connector = BY_TYPE[platform]
    assert connector.check(endpoint_of(platform)) == {}
    assert set(connector.check(endpoint_of(platform, credential="x y"))) == {"credential"}
    assert set(connector.check(endpoint_of(platform, options={"chat": "1"}))) == {"options/chat"}


@pytest.mark.parametrize("platform", ROBOTS)
def test_a_robot_is_for_one_group_or_for_operators(platform: EndpointType) -> None:
    connector = BY_TYPE[platform]
    assert set(connector.check(endpoint_of(platform, groups=[]))) == {"groups"}
    operators = endpoint_of(platform, groups=[], options={"audience": "operators"})
    assert connector.check(operators) == {}
    assert set(connector.check(endpoint_of(platform, options={"audience": "x"}))) == {
        "options/audience"
    }
    with pytest.raises(UnsupportedError):
        request(platform, ActionKind.MESSAGE_SEND, operators)


def test_words_for_the_group_and_for_operators_are_never_the_same() -> None:
    assert not IN_GROUP & TO_OPERATORS
