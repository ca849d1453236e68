"""What an erased member was sent, and what was done about them, names them no more."""

from __future__ import annotations

import time
from typing import Any

from shared.actions import ActionKind
from shared.events import GroupId, MemberId, Millis
from shared.members import MemberErased
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from tests.integration.notify.harness import TENANT, notifying, receiving, until
from tests.integration.notify.test_campaigns import approved, in_state, written

MEMBER = MemberId("member-to-forget")
AFTER = MemberId("written-to-after")


async def test_an_erased_member_is_named_in_no_message_and_no_delivery(settings: Settings) -> None:
    body: dict[str, Any] = {
        "name": "生日",
        "audience": {"recipients": [{"group": "g1", "member": MEMBER}]},
        "content": {"text": "生日快乐 {{ member.id }}"},
    }
    async with (
        receiving() as receiver,
        notifying(settings) as notify,
        connect(settings) as client,
    ):
        database = client[settings.database]

        async def followed() -> bool:
            return await database["outreach_members"].find_one({"member": AFTER}) is not None

        await notify.endpoint(receiver.url)
        kind = ActionKind.MEMBER_WARN
        await notify.act(1, kind=kind, group=GroupId("g1"), member=MEMBER, reason=f"{MEMBER} 刷屏")
        id = await written(notify, body)
        await approved(notify, id)
        await in_state(notify, id, "finished")
        await receiver.wait(2)
        await notify.act(3, kind=ActionKind.MEMBER_MESSAGE, group=GroupId("g1"), member=AFTER)
        await notify.ended(3)
        await until(followed, 60)  # so that campaigns have read what they said, too
        request = MemberErased(
            id="r1",
            tenant=TENANT,
            group=GroupId("g1"),
            member=MEMBER,
            time=Millis(int(time.time() * 1000)),
        )
        await notify.publish(Topic.MEMBERS, request)

        async def named() -> list[Any]:
            kinds = ("deliveries", "campaign_sends", "outreach_members")
            found = [each for kind in kinds async for each in database[kind].find()]
            return [each for each in found if MEMBER in str(each)]

        async def forgotten() -> bool:
            return await named() == []

        await until(forgotten, 60)
        kept = await notify.deliveries()
        assert [each["state"] for each in kept] == ["succeeded"] * 3
        page = (await notify.http.get(f"/campaigns/{id}/messages")).json()["items"]
        assert [(each["state"], each["member"]) for each in page] == [("sent", "erased")]
