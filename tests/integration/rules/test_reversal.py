"""From the event to the overturned case: the platform is asked to undo, the score is as it was."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest

from services.scoring.member import Member
from services.scoring.stage import MEMBERS, ScoringPartition, member_id
from shared.events import Event
from shared.mongo import connect
from shared.stream.contracts import Record
from shared.stream.documents import Unreadable, from_bson
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from steward.migrate import migrate
from steward.stack import Addresses
from tests.integration.api.installation import LURE, OWNER, SOURCE, Installation, installed
from tests.integration.conftest import remove, settings_for

GROUP = "reversal-group"
MEMBER = "reversal-member"


@pytest.fixture
def installation(stack: Addresses) -> Iterator[Installation]:
    settings = settings_for(stack, log_level="ERROR")
    asyncio.run(migrate(settings))
    with installed(settings) as running:
        yield running
    asyncio.run(remove(settings))


@pytest.fixture
def webhooks() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A receiver's address, and the actions that came to it."""
    came: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(msgspec.json.decode(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", came
    server.shutdown()
    server.server_close()


def until(there: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.1)
    return found


def stored(installation: Installation) -> Member | None:
    """Return the member as scoring has them."""

    async def find() -> Member | None:
        async with connect(installation.settings) as client:
            members = client[installation.settings.database][MEMBERS.name]
            raw = await members.find_one({"_id": member_id(OWNER, GROUP, MEMBER)})
            found = None if raw is None else from_bson(MEMBERS, raw)
            assert not isinstance(found, Unreadable)
            return found

    return installation.wait_for(find())


def test_an_overturned_case_reaches_the_platform_and_restores_the_score_exactly(
    installation: Installation, webhooks: tuple[str, list[dict[str, Any]]]
) -> None:
    url, came = webhooks
    ask = installation.ask
    assert ask("notify", "POST", "/v1/endpoints", json={"url": url}).status_code == 201
    time.sleep(1.5)  # until the endpoint is in force
    event = {
        "specversion": "1.0",
        "id": "reversal-1",
        "source": SOURCE,
        "type": "message.posted",
        "data": {"group": GROUP, "member": MEMBER, "message": "x9", "text": f"{LURE} 九"},
    }
    assert ask("ingest", "POST", "/v1/events", json=event).status_code == 202
    flags = "/v1/flags?member=" + MEMBER
    (flag,) = until(lambda: ask("rules", "GET", flags).json()["items"])
    until(lambda: (found := stored(installation)) and found.flags)
    until(lambda: not stored(installation).counts)  # type: ignore[union-attr]

    opened = ask("rules", "POST", f"/v1/flags/{flag['id']}:appeal", json={"note": "误会"})
    case = f"/v1/cases/{opened.json()['case']}"
    until(lambda: ask("rules", "GET", case).status_code == 200)
    answer = ask("rules", "POST", f"{case}:overturn", json={"moderator": "anna"})
    assert answer.status_code == 202, answer.text

    deleted = until(lambda: [each for each in came if each["type"] == "message.delete"])[0]
    restored = until(lambda: [each for each in came if each["type"] == "message.restore"])[0]
    assert (restored["message"], restored["member"]) == ("x9", MEMBER)
    assert restored["details"]["reverses"] == deleted["id"]
    explained = {"hits": flag["hits"], "spans": flag["spans"], "campaign": flag["campaign"]}
    assert {"campaign": None, **{k: deleted[k] for k in explained if k in deleted}} == explained
    assert deleted["details"]["rule_set"] == flag["rule_set"]
    until(lambda: [each for each in came if each["type"] == "case.decided"])

    until(lambda: stored(installation).counts)  # type: ignore[union-attr]
    documents = MemoryDocuments()
    happened: Any = msgspec.convert(flag["event"], Event)
    fold(ScoringPartition(), [Record(Topic.EVENTS, 0, 0, happened)], documents)
    expected = documents.by_key[MEMBERS, member_id(OWNER, GROUP, MEMBER)]
    assert stored(installation) == expected
