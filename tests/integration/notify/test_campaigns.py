"""Campaigns and relays over REST, on a real Kafka and mongod, to a real receiver."""

from __future__ import annotations

import json
import time
from typing import Any

from shared.events import Event, GroupId, MemberId, MemberJoined, MessagePosted, Millis
from shared.members import AttributesSet, SegmentChange
from shared.settings import Settings
from shared.topics import Topic
from tests.integration.notify.harness import TENANT, Notify, Receiver, notifying, receiving, until

MORNING: dict[str, Any] = {
    "name": "春游",
    "audience": {"recipients": [{"group": "g1"}, {"group": "g2"}, {"group": "g3"}]},
    "content": {"text": "{{ persona.hello }}，{{ group }}：周六春游", "persona": "lan"},
    "per_minute": 6000,
}
LAN = {"name": "小岚", "signature": "—— 小岚", "voice": {"hello": "嗨嗨"}}


async def in_state(notify: Notify, id: str, state: str) -> dict[str, Any]:
    """Return a campaign once it has come to a state."""
    found: dict[str, Any] = {}

    async def there() -> bool:
        answer = await notify.http.get(f"/campaigns/{id}")
        found.clear()
        found.update(answer.json())
        return bool(found.get("state") == state)

    await until(there, 60)
    return found


async def written(notify: Notify, body: dict[str, Any]) -> str:
    """Write a campaign, and return its id once it is there."""
    answer = await notify.http.post("/campaigns", json=body)
    assert answer.status_code == 202, answer.text
    id: str = answer.json()["id"]
    await in_state(notify, id, "draft")
    return id


async def approved(notify: Notify, id: str) -> None:
    answer = await notify.http.post(f"/campaigns/{id}:approve")
    assert answer.status_code == 202, answer.text


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in receiver.received]


async def test_a_campaign_goes_from_draft_to_delivered_results(settings: Settings) -> None:
    async with receiving() as receiver, notifying(settings) as notify:
        await notify.endpoint(receiver.url, kinds=["message.send"])
        assert (await notify.http.put("/personas/lan", json=LAN)).status_code == 200
        id = await written(notify, MORNING)

        preview = await notify.http.get(f"/campaigns/{id}/preview", params={"group": "g9"})
        assert preview.json()["items"][0]["text"] == "嗨嗨，g9：周六春游\n—— 小岚"
        dry = (await notify.http.get(f"/campaigns/{id}/dry-run")).json()
        assert (dry["recipients"], dry["held_out"], len(dry["first"])) == (3, 0, 3)
        assert receiver.received == []

        await approved(notify, id)
        await receiver.wait(3)
        assert {each["group"]: each["text"] for each in bodies(receiver)} == {
            group: f"嗨嗨，{group}：周六春游\n—— 小岚" for group in ("g1", "g2", "g3")
        }
        assert {each["details"]["persona_name"] for each in bodies(receiver)} == {"小岚"}
        done = await in_state(notify, id, "finished")
        assert (done["runs"], done["asked"]) == (1, 3)

        async def delivered() -> bool:
            results = (await notify.http.get(f"/campaigns/{id}/results")).json()
            return bool(results["deliveries"] == {"succeeded": 3})

        await until(delivered, 60)
        page = (await notify.http.get(f"/campaigns/{id}/messages", params={"limit": 2})).json()
        assert [each["deliveries"] for each in page["items"]] == [{"succeeded": 1}] * 2
        rest = await notify.http.get(f"/campaigns/{id}/messages", params={"cursor": page["next"]})
        assert len(rest.json()["items"]) == 1
        again = await notify.http.post(f"/campaigns/{id}:approve")
        assert (again.status_code, again.json()["state"]) == (409, "finished")


async def test_a_campaign_in_flight_is_paused_resumed_and_cancelled(settings: Settings) -> None:
    async with receiving() as receiver, notifying(settings) as notify:
        await notify.endpoint(receiver.url, kinds=["message.*"])
        groups = [{"group": f"g{number}"} for number in range(60)]
        slow = {**MORNING, "audience": {"recipients": groups}, "content": {"text": "早"}}
        id = await written(notify, {**slow, "per_minute": 120})
        await approved(notify, id)
        await receiver.wait(4)
        assert (await notify.http.post(f"/campaigns/{id}:pause")).status_code == 202
        await in_state(notify, id, "paused")
        await until(lambda: time.monotonic() - receiver.received[-1].at > 4, 60)
        paused = len(receiver.received)
        assert paused < 60, "two a second, and none for four seconds: it is paused"
        assert (await notify.http.post(f"/campaigns/{id}:resume")).status_code == 202
        await receiver.wait(paused + 6)
        assert (await notify.http.post(f"/campaigns/{id}:cancel")).status_code == 202
        await in_state(notify, id, "cancelled")
        texts = [(each["group"], each["id"]) for each in bodies(receiver)]
        assert len(set(texts)) == len(texts) < 60


def event(type_: type[MemberJoined | MessagePosted], member: str, **more: Any) -> Event:
    fields: dict[str, Any] = {
        "id": f"e-{member}-{more.get('message', '')}",
        "source": "test",
        "tenant": TENANT,
        "group": GroupId("g1"),
        "member": MemberId(member),
        "time": Millis(int(time.time() * 1000)),
    }
    return type_(**{**fields, **more})


def entered(member: str, segment: str) -> SegmentChange:
    return SegmentChange(
        id=f"s-{member}-{segment}",
        tenant=TENANT,
        group=GroupId("g1"),
        member=MemberId(member),
        time=Millis(int(time.time() * 1000)),
        segment=segment,
        entered=True,
    )


def lives(member: str, city: str) -> AttributesSet:
    return AttributesSet(
        id=f"a-{member}",
        tenant=TENANT,
        group=GroupId("g1"),
        member=MemberId(member),
        time=Millis(int(time.time() * 1000)),
        attributes={"city": city},
    )


async def test_an_audience_by_attributes_is_read_from_what_was_told(settings: Settings) -> None:
    async with receiving() as receiver, notifying(settings) as notify:
        await notify.endpoint(receiver.url, kinds=["member.message"])
        joined = [event(MemberJoined, f"m{number}", name=f"n{number}") for number in range(30)]
        await notify.publish(Topic.EVENTS, *joined)
        cities = [
            lives(f"m{number}", "杭州" if number % 3 == 0 else "上海") for number in range(30)
        ]
        await notify.publish(Topic.MEMBERS, *cities)
        body = {
            "name": "杭州见",
            "audience": {"attributes": {"city": "杭州"}},
            "content": {"text": "{{ member.name }}，{{ member.city }}见"},
            "per_minute": 240,
            "holdout": 0.2,
        }
        id = await written(notify, body)

        async def the_last_is_known() -> bool:
            asked = {"group": "g1", "member": "m29"}
            answer = await notify.http.get(f"/campaigns/{id}/preview", params=asked)
            return [each["text"] for each in answer.json()["items"]] == ["n29，上海见"]

        await until(the_last_is_known, 90)  # by both topics
        assert (await notify.http.get(f"/campaigns/{id}/dry-run")).json()["recipients"] == 10
        await approved(notify, id)
        await in_state(notify, id, "finished")

        async def settled() -> bool:
            found = (await notify.http.get(f"/campaigns/{id}/results")).json()["messages"]
            return sum(found.values()) == 10 and set(found) <= {"sent", "held_out"}

        await until(settled, 60)
        counts = (await notify.http.get(f"/campaigns/{id}/results")).json()["messages"]
        await receiver.wait(counts["sent"])
        said = {each["member"]: each["text"] for each in bodies(receiver)}
        assert len(said) == counts["sent"]
        assert all(text == f"n{member[1:]}，杭州见" for member, text in said.items())


async def test_a_preview_shows_what_a_segment_reads_and_in_another_s_name(
    settings: Settings,
) -> None:
    async with notifying(settings) as notify:
        for name, persona in (
            ("lan", LAN),
            ("wei", {**LAN, "name": "阿伟", "signature": "—— 阿伟"}),
        ):
            assert (await notify.http.put(f"/personas/{name}", json=persona)).status_code == 200
        joined = [event(MemberJoined, f"m{number}", name=f"n{number}") for number in range(4)]
        await notify.publish(Topic.EVENTS, *joined)
        await notify.publish(Topic.SEGMENTS, entered("m1", "vip"), entered("m3", "vip"))
        vips = {"text": "{{ member.name }}，贵宾厅见", "segments": ["vip"]}
        content = {"text": "周六见", "persona": "lan", "variants": [vips]}
        id = await written(notify, {**MORNING, "content": content})

        async def shown(**asked: str) -> list[str]:
            answer = await notify.http.get(f"/campaigns/{id}/preview", params=asked)
            assert answer.status_code == 200, answer.text
            return [each["text"] for each in answer.json()["items"]]

        async def both_are_known() -> bool:
            texts = ["n1，贵宾厅见\n—— 小岚", "n3，贵宾厅见\n—— 小岚"]
            return await shown(segment="vip") == texts

        await until(both_are_known, 90)  # their names and their segment: two topics
        assert await shown(segment="vip", group="elsewhere") == []
        assert await shown(group="g1", persona="wei") == ["周六见\n—— 阿伟"]
        assert await shown(group="g1", member="m3", persona="wei") == ["n3，贵宾厅见\n—— 阿伟"]
        nobody = await notify.http.get(f"/campaigns/{id}/preview", params={"persona": "nobody"})
        assert nobody.status_code == 404


async def test_a_relay_passes_messages_on_until_it_is_removed(settings: Settings) -> None:
    async with receiving() as receiver, notifying(settings) as notify:
        await notify.endpoint(receiver.url, kinds=["message.send"])
        body = {
            "name": "news",
            "source": "g1",
            "targets": ["g2", "g3"],
            "where": "length > 3",
            "delay_seconds": 1,
        }
        made = await notify.http.post("/relays", json=body)
        assert made.status_code == 202, made.text
        id = made.json()["id"]

        async def there() -> bool:
            return (await notify.http.get(f"/relays/{id}")).status_code == 200

        await until(there, 60)
        said = [
            event(MessagePosted, "m1", message="a", text="本周读书会改到周日"),
            event(MessagePosted, "m1", message="b", text="好"),
        ]
        await notify.publish(Topic.EVENTS, *said)
        await receiver.wait(2)
        assert {(each["group"], each["text"]) for each in bodies(receiver)} == {
            ("g2", "本周读书会改到周日"),
            ("g3", "本周读书会改到周日"),
        }

        async def told() -> bool:
            found = (await notify.http.get(f"/relays/{id}/messages")).json()["items"]
            return [each["state"] for each in found] == ["sent", "sent"]

        await until(told, 60)
        assert (await notify.http.delete(f"/relays/{id}")).status_code == 204

        async def gone() -> bool:
            return (await notify.http.get(f"/relays/{id}")).status_code == 404

        await until(gone, 60)


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"content": {"text": "{% for a in b %}{% endfor %}"}}, "/content/text"),
    ({"content": {"text": "{{ nope }}"}}, "/content/text"),
    ({"content": {"text": "x", "persona": "nobody"}}, "/content/persona"),
    ({"content": {"text": "x", "variables": {"member": "y"}}}, "/content/variables/member"),
    ({"content": {"text": "x", "variants": [{"text": "y"}]}}, "/content/variants/0"),
    ({"audience": {}}, "/audience"),
    ({"audience": {"every_group": True, "segments": ["vip"]}}, "/audience"),
    ({"schedule": {"cron": "* * * * *"}}, "/schedule/cron"),
    ({"schedule": {"zone": "Mars/Olympus"}}, "/schedule/zone"),
    (
        {"frequency": {"quiet": {"start": "22:00", "end": "08:00", "zone": "x"}}},
        "/frequency/quiet/zone",
    ),
    ({"holdout": 2}, "/holdout"),
    ({"schedule": {"at": "2001-01-01T00:00:00Z"}}, "/schedule/at"),
]


async def test_what_is_mistaken_is_refused_at_the_place(settings: Settings) -> None:
    async with notifying(settings) as notify:
        told = []
        for change, _ in MISTAKES:
            body = {**MORNING, "content": {"text": "早"}, **change}
            answer = await notify.http.post("/campaigns", json=body)
            assert answer.status_code == 422
            told.append([error["pointer"] for error in answer.json()["errors"]])
        assert told == [[pointer] for _, pointer in MISTAKES]
        relay = {"name": "x", "source": "g1", "targets": ["g1"], "where": "lenght > 3"}
        answer = await notify.http.post("/relays", json=relay)
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/targets/0", "/where"]
        id = await written(notify, {**MORNING, "content": {"text": "早"}})
        for part in ("messages", "results"):
            answer = await notify.http.get(f"/campaigns/{id}/{part}", params={"run": 10**19})
            assert [each["field"] for each in answer.json()["errors"]] == ["run"]
