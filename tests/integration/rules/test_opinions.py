"""Opinions of a language model over real HTTP, kept and counted in a real MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.rules.check import observed
from services.rules.nearness import bands
from services.rules.opinions.endpoint import Endpoint
from services.rules.opinions.opinion import AskOpinion, Opinion
from services.rules.opinions.store import OpinionStore
from services.rules.opinions.witness import Witness
from services.rules.settings import RulesSettings
from services.rules.verdict import Verdict
from shared.mongo import connect
from shared.settings import Settings
from shared.verdicts import Decision
from tests.integration.rules.test_rule_sets import until
from tests.integration.rules.test_rules import publish, running, said
from tests.unit.rules.judging import message

KEY = "sk-model-7f3a91"
SAID = "明天大家一起去公园看看花吧，听说那边的"
PACK = """\
name: open
extends: default
patterns: [{name: odd, matches: 暗香}]
rules: [{name: odd, label: advertising, weight: 0.25, when: pattern.odd, because: odd}]
"""


def completion(**fields: Any) -> dict[str, Any]:
    """Return the body of an answer as the chat completions API documents it."""
    told = {"verdict": "bad", "label": "fraud", "confidence": 90, "reason": "a lure", **fields}
    content = msgspec.json.encode(told).decode()
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "tiny",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 30, "total_tokens": 230},
    }


@dataclass
class Model:
    """A server that speaks the API; `answers` are given in turn, the last one again and again."""

    url: str = ""
    answers: list[Any] = field(default_factory=lambda: [completion()])
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, float):
            await asyncio.sleep(told)
            told = completion()
        if isinstance(told, asyncio.Event):
            await told.wait()
            told = completion()
        return told if isinstance(told, web.Response) else web.json_response(told)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    served = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", served.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield served
    await runner.cleanup()


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[OpinionStore]:
    async with connect(settings) as client:
        yield OpinionStore(client[settings.database])


def witness(model: Model, store: OpinionStore, calls: int = 100, timeout: float = 30) -> Witness:
    return Witness(Endpoint(model.url, SecretStr(KEY), "tiny", timeout), store, calls)


def task(text: str, tenant: str = "acme") -> AskOpinion:
    names = tuple(bands(observed(text).essence))
    verdict = Verdict(0.3, Decision.ALLOW, [], [], [], "test@1")
    return AskOpinion(message(text, tenant=tenant), verdict, text, names)


async def test_an_opinion_is_asked_once_for_texts_nearly_the_same(
    model: Model, store: OpinionStore
) -> None:
    one = witness(model, store)
    first = await one.perform(task(f"{SAID}暗香很好"))
    assert first == Opinion(
        said="bad", confidence=90, model="tiny", label=first and first.label, reason="a lure"
    )
    again = await one.perform(task(f"{SAID}暗香很好 ！！ 123"))
    assert again is not None
    assert (again.said, again.cached) == ("bad", True)
    assert len(model.asked) == 1
    assert await one.perform(task("另一个完全不同的话题，我们下周开会讨论预算")) is not None
    assert await one.perform(task(f"{SAID}暗香很好", tenant="other")) is not None
    assert len(model.asked) == 3, "other texts and other tenants are asked for themselves"
    assert set(model.keys) == {f"Bearer {KEY}"}
    await one.stop()


async def test_a_flood_of_one_text_is_one_question(model: Model, store: OpinionStore) -> None:
    one = witness(model, store)
    model.answers = [0.2]
    opinions = await asyncio.gather(*(one.perform(task(f"{SAID}暗香很好")) for _ in range(12)))
    assert all(opinions)
    assert len(model.asked) == 1
    await one.stop()


async def test_a_tenant_asks_no_more_than_its_budget(model: Model, store: OpinionStore) -> None:
    one, other = witness(model, store, calls=2), witness(model, store, calls=2)
    texts = [
        "今天的会议改到下午三点钟开始了",
        "谁有数学作业的答案借我看看呀",
        "周末去爬山的同学请在这里报名",
    ]
    opinions = [
        await each.perform(task(text)) for each, text in zip((one, other, one), texts, strict=True)
    ]
    assert [opinion is not None for opinion in opinions] == [True, True, False]
    assert len(model.asked) == 2, "replicas share a budget"
    assert await one.perform(task(texts[0])) is not None, "what was said is said for nothing"
    assert await one.perform(task(texts[2], tenant="other")) is not None
    await one.stop()
    await other.stop()


@pytest.mark.parametrize(
    "trouble",
    [
        30.0,
        web.Response(status=429, headers={"retry-after": "60"}),
        web.Response(status=500, text="no"),
        web.Response(status=401),
        web.Response(status=307, headers={"location": "/v1/elsewhere"}),
    ],
    ids=["slow", "throttled", "broken", "unauthorised", "redirect"],
)
async def test_an_endpoint_in_trouble_gives_no_opinion_and_is_left_alone(
    model: Model, store: OpinionStore, trouble: Any
) -> None:
    one = witness(model, store, timeout=0.5)
    model.answers = [trouble]
    with capture_logs() as logs:
        assert await one.perform(task(f"{SAID}暗香很好")) is None
    model.answers = [completion()]
    assert await one.perform(task("周末去爬山的同学请在这里报名")) is None
    assert not any("爬山" in told["messages"][1]["content"] for told in model.asked), "it rests"
    assert logs
    assert KEY not in repr(logs)
    await one.stop()


@pytest.mark.parametrize(
    "nonsense",
    [
        web.Response(text="<html>gateway</html>"),
        {"choices": []},
        completion(confidence="very"),
        completion(label="colour"),
        web.Response(body=b"x" * 100_000),
    ],
    ids=["html", "empty", "confidence", "label", "endless"],
)
async def test_nonsense_is_no_opinion_and_the_next_text_is_asked_about(
    model: Model, store: OpinionStore, nonsense: Any
) -> None:
    one = witness(model, store)
    model.answers = [nonsense, completion(verdict="fine")]
    assert await one.perform(task(f"{SAID}暗香很好")) is None
    opinion = await one.perform(task("周末去爬山的同学请在这里报名"))
    assert opinion is not None
    assert (opinion.said, opinion.label) == ("fine", None)
    await one.stop()


async def test_nobody_there_gives_no_opinion(store: OpinionStore) -> None:
    one = witness(Model(url="http://127.0.0.1:1/v1"), store)
    assert await one.perform(task(f"{SAID}暗香很好")) is None
    await one.stop()


async def test_the_service_asks_beside_folding_and_flags_what_is_condemned(
    settings: Settings, model: Model
) -> None:
    answering = asyncio.Event()
    model.answers = [answering]
    own = RulesSettings(
        **{
            **settings.model_dump(),
            "rules_llm_url": model.url,
            "rules_llm_key": KEY,
            "rules_llm_model": "tiny",
            "rules_llm_timeout_seconds": 60,
        }
    )
    async with running(own) as client:
        version = (await client.post("/v1/rule-sets", json={"source": PACK})).json()["version"]
        await client.post(f"/v1/rule-sets/{version}:activate")
        await until(lambda: _judges(client, version))
        text = f"{SAID}暗香很好 打电话 13800138000"
        await publish(settings, [said(1, text), said(2, "加微信 abcd8899 领红包")])
        await until(lambda: _flagged(client, 1))
        assert not answering.is_set(), "what comes after is not kept waiting"
        answering.set()
        await until(lambda: _flagged(client, 2))
        flags = (await client.get("/v1/flags")).json()["items"]
        (flag,) = [each for each in flags if each["hits"][-1]["rule"] == "opinion"]
        assert flag["labels"][0] == "fraud"
        assert flag["decision"] == "watch"
        assert flag["hits"][-1]["values"]["opinion.reason"] == "a lure"
        told = model.asked[0]["messages"][1]["content"]
        assert "13800138000" not in told
        assert "[phone]" in told
        await until(lambda: _has_a_case(client, flag["id"]))


async def _judges(client: httpx.AsyncClient, version: str) -> bool:
    answer = await client.post("/v1/check", json={"text": "早"})
    return bool(answer.json()["rule_set"] == version)


async def _flagged(client: httpx.AsyncClient, count: int) -> bool:
    return len((await client.get("/v1/flags")).json()["items"]) >= count


async def _has_a_case(client: httpx.AsyncClient, flag: str) -> bool:
    items = (await client.get("/v1/cases")).json()["items"]
    return any(item["flag"] == flag for item in items)
