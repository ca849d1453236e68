"""Actions reach chat platforms by their own calls, through the whole service."""

from __future__ import annotations

from typing import Any

import pytest

from shared.actions import ActionKind
from shared.events import GroupId, MemberId, MessageId
from shared.settings import Settings
from tests.integration.notify.harness import Notify, notifying, until
from tests.integration.notify.platforms import (
    DINGTALK,
    DISCORD_TOKEN,
    FEISHU,
    SLACK_TOKEN,
    TELEGRAM_TOKEN,
    WECOM_KEY,
    Platforms,
    platforms,
)

CHAT = GroupId("-100200300")
SECRETS = (TELEGRAM_TOKEN, SLACK_TOKEN, DISCORD_TOKEN, *FEISHU, WECOM_KEY, *DINGTALK)
ENDPOINTS: dict[str, dict[str, Any]] = {
    "telegram": {"path": "/telegram", "credential": TELEGRAM_TOKEN, "groups": [CHAT]},
    "slack": {"path": "/slack/api", "credential": SLACK_TOKEN, "groups": ["C024BE91L"]},
    "discord": {
        "path": "/discord",
        "credential": DISCORD_TOKEN,
        "groups": ["81384788765712384"],
        "options": {"channel": "10"},
    },
    "feishu": {"path": "/feishu", "credential": ":".join(FEISHU), "groups": ["oc_1"]},
    "wecom": {"path": "/wecom", "credential": WECOM_KEY, "groups": ["wr_1"]},
    "dingtalk": {"path": "/dingtalk/", "credential": ":".join(DINGTALK), "groups": ["cid_1"]},
}


async def create(notify: Notify, running: Platforms, *names: str) -> dict[str, dict[str, Any]]:
    """Create the endpoints of these platforms."""
    made = {}
    for name in names:
        fields = dict(ENDPOINTS[name])
        url = running.url + fields.pop("path")
        made[name] = await notify.endpoint(url, type=name, **fields)
    return made


def acting(platform: str, kind: ActionKind, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "group": GroupId(ENDPOINTS[platform]["groups"][0]), **more}


async def test_every_platform_says_what_it_is_asked_to(settings: Settings) -> None:
    async with platforms() as running, notifying(settings) as notify:
        made = await create(notify, running, *ENDPOINTS)
        for number, name in enumerate(ENDPOINTS):
            await notify.act(number, **acting(name, ActionKind.MESSAGE_SEND, text=f"早安 {name}"))
        await until(lambda: len(running.done) >= len(ENDPOINTS), 60)
        assert running.of("telegram") == [
            ("sendMessage", {"chat_id": CHAT, "text": "早安 telegram"})
        ]
        assert running.of("slack")[0][1]["text"] == "早安 slack"
        [(call, fields)] = running.of("discord")
        assert (call, fields["content"]) == ("POST /channels/10/messages", "早安 discord")
        assert running.of("feishu") == [("text", "早安 feishu")]
        assert running.of("wecom") == [("text", {"content": "早安 wecom"})]
        assert running.of("dingtalk") == [("text", "早安 dingtalk")]
        ended = await notify.ended(len(ENDPOINTS))
        assert {each["state"] for each in ended} == {"succeeded"}

        shown = [str(each) for each in made.values()]
        shown.append((await notify.http.get("/endpoints")).text)
        shown += [(await notify.http.get(f"/deliveries/{each['id']}")).text for each in ended]
        assert [secret for secret in SECRETS for text in shown if secret in text] == []


async def test_moderation_is_done_by_the_platforms_own_calls(settings: Settings) -> None:
    async with platforms() as running, notifying(settings) as notify:
        await create(notify, running, "telegram", "discord", "slack")
        asked = [
            acting("telegram", ActionKind.MESSAGE_DELETE, message=MessageId("7")),
            acting("telegram", ActionKind.MEMBER_MUTE, member=MemberId("42"), seconds=600),
            acting("telegram", ActionKind.MEMBER_KICK, member=MemberId("42")),
            acting("telegram", ActionKind.MESSAGE_DELETE, message=MessageId("404")),
            acting("telegram", ActionKind.MEMBER_BAN, member=MemberId("403")),
            acting("discord", ActionKind.MESSAGE_DELETE, message=MessageId("10/20")),
            acting("discord", ActionKind.MESSAGE_DELETE, message=MessageId("10/404")),
            acting("discord", ActionKind.MEMBER_MUTE, member=MemberId("42"), seconds=600),
            acting("slack", ActionKind.MESSAGE_DELETE, message=MessageId("1401.0")),
            acting("slack", ActionKind.MESSAGE_DELETE, message=MessageId("403.0")),
            acting("slack", ActionKind.MEMBER_BAN, member=MemberId("U1")),
        ]
        for number, fields in enumerate(asked):
            await notify.act(number, **fields)
        ended = await notify.ended(len(asked) - 1)
        assert {call for call, _ in running.of("telegram")} == {
            "deleteMessage",
            "restrictChatMember",
            "unbanChatMember",
        }
        assert {call for call, _ in running.of("discord")} == {
            "DELETE /channels/10/messages/20",
            "PATCH /guilds/81384788765712384/members/42",
        }
        assert [call for call, _ in running.of("slack")] == ["chat.delete"]
        dead = [(each["kind"], each["reason"]) for each in ended if each["state"] == "dead"]
        assert sorted(dead) == [("member.ban", "refused"), ("message.delete", "refused")]
        assert all(each["attempts_made"] == 1 for each in ended), "a refusal is not tried again"


async def test_a_platforms_wait_is_kept(settings: Settings) -> None:
    async with platforms() as running, notifying(settings) as notify:
        names = ("telegram", "slack", "discord")
        running.limited = dict.fromkeys(names, 1)
        await create(notify, running, *names)
        for number, name in enumerate(names):
            await notify.act(number, **acting(name, ActionKind.MESSAGE_SEND, text="早"))
        await until(lambda: set(running.done_at) == set(names), 60)
        waited = {name: running.done_at[name] - running.limited_at[name] for name in names}
        assert all(seconds >= 1.9 for seconds in waited.values()), waited


@pytest.mark.parametrize("name", ["telegram", "feishu"])
async def test_a_revoked_credential_disables_the_endpoint(settings: Settings, name: str) -> None:
    async with platforms() as running, notifying(settings) as notify:
        fields = dict(ENDPOINTS[name])
        url = running.url + fields.pop("path")
        fields["credential"] = fields["credential"].replace("1", "9")
        made = await notify.endpoint(url, type=name, **fields)
        await notify.act(1, **acting(name, ActionKind.MESSAGE_SEND, text="早"))

        async def disabled() -> bool:
            told = (await notify.http.get(f"/endpoints/{made['id']}")).json()
            return bool(told["disabled_by_steward"])

        await until(disabled, 60)
        assert running.done == []


async def test_a_mistaken_endpoint_is_refused_at_the_place(settings: Settings) -> None:
    async with notifying(settings) as notify:
        body = {"url": "https://api.telegram.org", "type": "telegram", "options": {"chat": "1"}}
        answer = await notify.http.post("/endpoints", json=body)
        assert answer.status_code == 422
        assert {each["pointer"] for each in answer.json()["errors"]} == {
            "/credential",
            "/options/chat",
        }
