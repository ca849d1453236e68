from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError
from fastapi import APIRouter, Query
from prometheus_client import REGISTRY
from pydantic import BaseModel, SecretStr
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError
from structlog.testing import capture_logs

from shared.mongo import connect
from shared.settings import Settings
from shared.web import Service
from shared.web.auth import Tenanted
from shared.web.problems import NotFound, Problem


class Body(BaseModel):
    numbers: list[int]


class Stated:
    """A component in whatever state it is told."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self.jams: list[str] = []
        self.history: list[str] = []

    async def start(self) -> None:
        self.history.append("start")

    async def stop(self) -> None:
        self.history.append("stop")

    def problems(self) -> list[str]:
        return self.troubles

    def stuck(self) -> list[str]:
        return self.jams


router = APIRouter()
RAISED: dict[str, Exception] = {
    "missing": NotFound("There is no such thing."),
    "bug": RuntimeError("what is inside"),
    "mongo": ServerSelectionTimeoutError("no server at 10.0.0.7"),
    "kafka": KafkaConnectionError("no broker at 10.0.0.8"),
    "query": OperationFailure("a wrong query"),
    "teapot": Problem(
        418, "Short and stout", errors=[{"pointer": "/spout", "detail": "It pours."}]
    ),
}


@router.get("/raise/{name}")
async def raise_it(name: str) -> None:
    raise RAISED[name]


@router.post("/numbers")
async def numbers(body: list[Body], at: Annotated[int, Query()]) -> int:
    return at + sum(sum(item.numbers) for item in body)


@router.get("/mine")
async def mine(tenant: Tenanted) -> str:
    return tenant


@pytest.fixture
def stated() -> Stated:
    return Stated()


@pytest.fixture
async def service(stated: Stated) -> AsyncIterator[Service]:
    nowhere = "mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=50"
    settings = Settings(mongo=SecretStr(nowhere))
    service = Service("toy", settings, connect(settings), title="Toy", description="A toy.")
    service.run(stated)
    service.serve(router)
    async with service.app.router.lifespan_context(service.app):
        yield service


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://toy") as client:
        yield client


def problem_of(answer: httpx.Response) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["status"] == answer.status_code
    assert answer.headers["traceparent"].split("-")[1] == body["trace_id"]
    return body


async def test_a_problem_becomes_a_problem_document(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.get("/v1/raise/teapot"))
    assert body["type"] == "urn:steward:problem:short-and-stout"
    assert body["errors"] == [{"pointer": "/spout", "detail": "It pours."}]


@pytest.mark.parametrize(("name", "status"), [("missing", 404), ("bug", 500), ("query", 500)])
async def test_errors_have_their_status(client: httpx.AsyncClient, name: str, status: int) -> None:
    with capture_logs() as lines:
        body = problem_of(await client.get(f"/v1/raise/{name}"))
    assert body["status"] == status
    assert any(line["event"] == "request_failed" for line in lines) == (status == 500)
    assert "inside" not in str(body)
    assert "wrong query" not in str(body)


@pytest.mark.parametrize("name", ["mongo", "kafka"])
async def test_what_is_away_for_the_moment_is_worth_a_retry(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await client.get(f"/v1/raise/{name}")
    assert problem_of(answer)["status"] == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "10.0.0." not in answer.text


async def test_an_unknown_path_and_a_wrong_method_are_problems(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("/v1/nothing"))["status"] == 404
    answer = await client.delete("/v1/mine")
    assert problem_of(answer)["status"] == 405
    assert answer.headers["allow"] == "GET"


async def test_each_invalid_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/numbers", json=[{"numbers": [1]}, {"numbers": [2, "x"]}])
    errors = problem_of(answer)["errors"]
    assert isinstance(errors, list)
    places = [{name: error[name] for name in error if name != "detail"} for error in errors]
    assert {"pointer": "/1/numbers/1"} in places
    assert {"field": "at", "in": "query"} in places


async def test_malformed_json_is_told_from_an_invalid_field(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/v1/numbers?at=1", content=b"[{", headers=headers)
    assert problem_of(answer)["status"] == 400


async def test_a_request_without_a_key_is_told_how_to_send_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/mine")
    assert problem_of(answer)["status"] == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_ids_of_the_caller_are_kept_and_logged(client: httpx.AsyncClient) -> None:
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with capture_logs() as lines:
        answer = await client.get(
            "/v1/raise/missing", headers={"traceparent": sent, "x-request-id": "order-7"}
        )
    assert answer.headers["x-request-id"] == "order-7"
    assert answer.headers["traceparent"].split("-")[1] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert {"event": "request", "route": "/v1/raise/{name}", "status": 404}.items() <= lines[
        -1
    ].items()


async def test_a_hostile_request_id_is_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/mine", headers={"x-request-id": "a b\tc"})
    assert answer.headers["x-request-id"] != "a b\tc"


async def test_metrics_are_labelled_by_route_not_by_path(client: httpx.AsyncClient) -> None:
    def count(route: str, status: str) -> float | None:
        labels = {"service": "toy", "method": "GET", "route": route, "status": status}
        return REGISTRY.get_sample_value("steward_http_request_seconds_count", labels)

    before = count("/v1/raise/{name}", "404") or 0
    await client.get("/v1/raise/missing")
    await client.get("/v1/no/such/path")
    assert count("/v1/raise/{name}", "404") == before + 1
    assert count("/v1/raise/missing", "404") is None
    assert count("unmatched", "404")
    assert "steward_http_request_seconds" in (await client.get("/metrics")).text


async def test_liveness_follows_the_components_alone(
    client: httpx.AsyncClient, stated: Stated
) -> None:
    stated.troubles = ["Kafka is away"]
    assert (await client.get("/healthz")).status_code == 200
    stated.jams = ["partition 3 stands still"]
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["partition 3 stands still"]


async def test_readiness_says_what_is_away(client: httpx.AsyncClient, stated: Stated) -> None:
    stated.troubles = ["Kafka is away"]
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "Kafka is away" in answer.json()["problems"]
    assert any("MongoDB" in problem for problem in answer.json()["problems"])


async def test_components_start_and_stop_with_the_service() -> None:
    first, second = Stated(), Stated()
    order: list[str] = first.history
    second.history = order
    settings = Settings(mongo=SecretStr("mongodb://127.0.0.1:1/?directConnection=true"))
    service = Service("toy", settings, connect(settings), title="Toy", description="A toy.")
    service.run(first)
    service.run(second)
    async with service.app.router.lifespan_context(service.app):
        assert order == ["start", "start"]
    assert order == ["start", "start", "stop", "stop"]
