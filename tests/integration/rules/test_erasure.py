"""An erased member is named in nothing that rules keep, but in evidence that has to stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.events import ReportFiled, encode
from shared.kafka import client_options
from shared.members import MemberErased, pseudonym
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from tests.integration.rules.test_review import listed, post, until
from tests.integration.rules.test_rules import LURE, QUIET, START, flagged, publish, running, said

MEMBER = "erika.m"
GAMBLING = "澳门赌场上线 百家乐 首存送88 加微信 wxyz7766"
WORDS = (MEMBER, "abcd8899", "这是误会")


async def traces(settings: Settings) -> dict[str, list[str]]:
    """Return all documents that name the member or hold their words, by collection."""
    found: dict[str, list[str]] = {}
    async with connect(settings) as mongo:
        database = mongo[settings.database]
        for name in await database.list_collection_names():
            async for raw in database[name].find():
                if any(word in repr(raw) for word in WORDS):
                    found.setdefault(name, []).append(repr(raw))
    return found


async def until_traces(settings: Settings, wanted: Callable[[set[str]], bool]) -> None:
    """Wait until the collections that know the member are as wanted."""
    found: dict[str, list[str]] = {}
    for _ in range(240):
        found = await traces(settings)
        if wanted(set(found)):
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"traces: {found}")


async def erase(settings: Settings, request: MemberErased) -> None:
    producer = AIOKafkaProducer(**client_options(settings), acks="all")
    await producer.start()
    try:
        topic = settings.topic(Topic.MEMBERS)
        await producer.send_and_wait(topic, key=request.key.encode(), value=encode(request))
    finally:
        await producer.stop()


def report(number: int, member: str, message: str) -> ReportFiled:
    fields: Any = {"id": f"r{number}", "source": "test", "tenant": "acme", "group": "g1"}
    time = START + number * 1000
    return ReportFiled(**fields, member=member, time=time, message=message, author="bo")


async def test_an_erased_member_is_named_in_evidence_that_stays_and_nowhere_else(
    settings: Settings,
) -> None:
    copies = [
        said(10 + n, QUIET, group=f"g{n}", member=MEMBER if n == 1 else f"m{n}") for n in range(4)
    ]
    backtest = {
        "_id": "b1",
        "tenant": "acme",
        "report": {
            "changed": [
                {"group": "g1", "member": MEMBER},
                {"group": "g1", "member": "bo"},
                {"group": "g2", "member": "cy"},
            ]
        },
    }
    async with running(settings) as client, connect(settings) as mongo:
        database = mongo[settings.database]
        await database["backtests"].insert_one(backtest)
        await publish(
            settings,
            [
                said(1, LURE, member=MEMBER),
                said(2, "你说什么呢", member="bo"),
                report(3, MEMBER, "msg2"),
                *copies,
                said(30, GAMBLING, member="gambler.g"),
            ],
        )
        (lure,) = await flagged(client, 1, label="contact_lure", member=MEMBER)
        await flagged(client, 4, label="campaign")
        await listed(client, "incidents", 1)
        case = (await post(client, f"flags/{lure['id']}:appeal", note="这是误会"))["case"]
        await until(client, f"cases/{case}", state="appealed")
        stores = {"flags", "cases", "member_records", "incidents", "backtests"}
        await until_traces(settings, lambda names: names >= stores)

        time = copies[-1].time + 60_000
        for member in (MEMBER, "gambler.g"):
            await erase(
                settings,
                MemberErased(id=f"e-{member}", tenant="acme", group="g1", member=member, time=time),
            )
        at_work = {"rule_erasures"}
        await until_traces(settings, lambda names: names <= at_work)
        nobody = pseudonym("acme", MEMBER)
        found = await database["backtests"].find_one({"_id": "b1"})
        assert found is not None
        assert [each["member"] for each in found["report"]["changed"]] == [nobody, "bo", "cy"]
        flag = (await client.get(f"/v1/flags/{lure['id']}")).json()
        assert (flag["event"]["member"], flag["event"]["text"]) == (nobody, "")
        assert flag["risk"] == lure["risk"]
        assert (await until(client, f"cases/{case}", state="appealed"))["text"] == ""
        (kept,) = await flagged(client, 1, label="gambling")
        assert (kept["event"]["member"], kept["event"]["text"]) == ("gambler.g", GAMBLING)
        assert (await client.get("/v1/audit/verification")).json()["holds"]
