"""Wherever a replay is interrupted, the runs together send what one run sends, in its order."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.commands.send import RefusedError, Sender, Tally
from steward.replay.bookmark import Place
from steward.replay.order import in_order
from steward.replay.sending import Pace, send
from tests.unit.scoring.builders import MONDAY, said

EVENTS = [said(f"m{n % 7}", MONDAY + (n * 7919) % 4000 * 1000) for n in range(1700)]


class Door:
    """Takes batches as ingest does, until it has taken so many; then it is refused."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.batches_left = 0
        self.answers_lost = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.batches_left == 0 and not self.answers_lost:
            return httpx.Response(401, json={"title": "Unauthorized"})
        ids = [json.loads(line)["id"] for line in request.content.splitlines()]
        self.taken += ids
        if self.batches_left == 0:
            return httpx.Response(401, json={"title": "The answer was lost"})
        self.batches_left -= 1
        results = [{"index": n, "id": id, "status": "accepted"} for n, id in enumerate(ids)]
        return httpx.Response(202, json={"accepted": len(ids), "rejected": 0, "results": results})


def run(door: Door, directory: Path) -> bool:
    """Run once; return whether it came to the end."""
    place = Place(directory, "an export", "a target")
    bookmark = place.read()
    client = httpx.Client(transport=httpx.MockTransport(door), base_url="http://ingest")
    events = in_order(EVENTS, 100)
    try:
        list(send(events, Sender(client, None), Pace(), place, bookmark, Tally()))
    except RefusedError:
        return False
    return True


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=8))
def test_interrupted_anywhere_and_resumed_the_ids_are_the_same(
    runs: list[tuple[int, bool]],
) -> None:
    whole, cut = Door(), Door()
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        whole.batches_left = 10
        assert run(whole, Path(first))
        repeated = 0
        for batches, answer_lost in runs:
            cut.batches_left, cut.answers_lost = batches, answer_lost
            ended = run(cut, Path(second))
            repeated += answer_lost and not ended
        cut.batches_left = 10
        assert run(cut, Path(second))
    once = list(dict.fromkeys(cut.taken))
    assert once == whole.taken, "the same ids, each first sent in the same order"
    assert len(cut.taken) <= len(once) + 500 * repeated, "only what was under way is repeated"


def test_what_is_done_is_kept_apart_by_export_and_target(tmp_path: Path) -> None:
    parts = {"digest": "d", "url": "u", "key": "k", "told_as": "t"}
    place = Place.under(tmp_path, **parts)
    bookmark = place.read()
    bookmark.sent = 5
    place.write(bookmark)
    assert Place.under(tmp_path, **parts).read().sent == 5
    for name in parts:
        assert Place.under(tmp_path, **{**parts, name: "other"}).read().sent == 0
    assert "k" not in {part for path in tmp_path.rglob("*") for part in path.stem.split("-")}
    place.forget()
    assert place.read().sent == 0


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_speed_tells_events_at_their_distance(speed: float) -> None:
    now = [100.0]
    pace = Pace(speed, lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
    pace.wait(MONDAY)
    assert not pace.is_due(MONDAY + 30_000)
    pace.wait(MONDAY + 30_000)
    assert now[0] == pytest.approx(100 + 30 / speed)


def test_as_fast_as_possible_nothing_waits() -> None:
    assert Pace().is_due(MONDAY)


@given(st.lists(st.integers(0, 50), max_size=80), st.integers(80, 90))
def test_events_come_in_order_within_the_window(times: list[int], window: int) -> None:
    events = [said(f"m{n}", time) for n, time in enumerate(times)]
    ordered = list(in_order(events, window))
    assert ordered == sorted(events, key=lambda event: event.time)


def test_a_small_window_loses_nothing() -> None:
    assert sorted(e.id for e in in_order(EVENTS, 3)) == sorted(e.id for e in EVENTS)
