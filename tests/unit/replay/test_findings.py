from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import httpx
from rich.console import Console

from steward.replay.activity import stand_in
from steward.replay.findings import Findings, Readings
from steward.replay.report import show

LAST = 1_700_000_000_000
GROUP = {"group": "g", "last_seen": "2023-11-14T22:13:20Z", "messages": 1, "members": 1}


def readings(lags: Iterator[int] | None) -> Readings:
    """Services of which scoring has counted everything, and rules is so many records behind."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/metrics":
            items = [GROUP] if request.url.path == "/v1/groups" else []
            return httpx.Response(200, json={"items": items, "next": None})
        if lags is None:
            return httpx.Response(404)
        line = 'steward_stream_lag_records{partition="0",stage="%s",topic="events"} %s\n'
        return httpx.Response(200, text=line % ("rules", next(lags)) + line % ("other", 9.0))

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://service")
    return Readings(client, client)


def test_the_report_waits_until_no_record_waits_for_rules() -> None:
    lags = iter([900, 900, 500, 500, 500, 500, 20, *[0] * 9])
    assert readings(lags).settle(LAST, sleep=lambda _: None)
    assert next(lags) == 0, "it read on until nothing was behind"


def test_a_service_that_stands_still_is_not_waited_for_for_ever() -> None:
    assert not readings(iter([7] * 100)).settle(LAST, sleep=lambda _: None)


def test_where_metrics_cannot_be_read_the_counts_must_do() -> None:
    assert readings(None).settle(LAST, sleep=lambda _: None)


def test_dead_groups_are_not_in_danger() -> None:
    def group(name: str, stage: str, health: int) -> dict[str, Any]:
        part = {"value": 0.1, "weight": 1.0, "because": "few write"}
        figures = {"members": 5, "messages": 1, "because": "nobody wrote", "explain": [part]}
        return {"group": name, "stage": stage, "health": health, **figures}

    groups = [group("gone", "dead", 0), group("weak", "quiet", 10), group("well", "alive", 80)]
    out = io.StringIO()
    show(Console(file=out, width=120), Findings([], False, [], groups))
    assert "Groups in danger: 1 of 3" in out.getvalue()
    assert "weak" in out.getvalue()
    assert "gone" not in out.getvalue()
    assert "no member writes any more: 1" in out.getvalue()


def test_texts_that_stand_in_for_others_spell_no_word_of_gambling() -> None:
    assert not any("dubo" in stand_in(str(number), 500) for number in range(3_000))
