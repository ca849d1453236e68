"""Windows over all groups of a tenant: counted once each, whatever the partitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.backtests.replay import Backtest
from services.rules.pack import PackError, load
from services.rules.tenant_windows.pending import Pending
from services.rules.tenant_windows.series import TENANT_SERIES
from shared.events import BaseEvent, Millis, encode
from shared.tallies import Counted
from shared.verdicts import Flag
from tests.unit.rules.judging import PACK, START, message
from tests.unit.rules.replicas import PACK_OVER_GROUPS, PARTITIONS, Replicas


def post(number: int, group: int, **more: Any) -> BaseEvent:
    return message("看看这个", number, group=f"g{group}", **more)


def values(flag: Flag) -> dict[str, Any]:
    return {name: value for hit in flag.hits for name, value in hit.values.items()}


def test_one_message_in_each_of_twenty_groups_trips_a_count_over_the_tenant() -> None:
    replicas, found = Replicas(PACK_OVER_GROUPS), []
    for number in range(20):
        found += replicas.see(post(number * 2, number))
        replicas.deliver()
    assert [flag.decision for flag in found[:-1]] == ["watch"] * 19
    assert found[-1].spam
    assert values(found[-1])["window.groups_1m"] == 20
    assert values(found[-1])["window.groups_1m.staleness"] == "up to 2 s"


def test_events_of_the_same_partition_are_known_at_once_and_others_when_they_are_told() -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    replicas.see(post(0, 0), post(1, 1), post(2, 3))
    (flag,) = replicas.see(post(3, 6))
    assert values(flag)["window.posts_1h"] == 3, "of groups 0, 3 and 6"
    replicas.deliver()
    (flag,) = replicas.see(post(4, 1))
    assert values(flag)["window.posts_1h"] == 5


def test_rates_and_shares_over_a_tenant() -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    for number in range(47):
        text = "这是一句比较长的话" if number % 4 == 0 else "短"
        replicas.see(message(text, number, group=f"g{number}", member=f"m{number}"))
        replicas.deliver()
    (flag,) = replicas.see(message("短", 47, group="g5"))
    assert values(flag)["window.all_24h"] == 2
    assert values(flag)["window.long_1h"] == 25


def test_a_tenant_counts_nothing_of_another() -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    for number in range(30):
        replicas.see(post(number, number, tenant="other"))
    replicas.deliver()
    (flag,) = replicas.see(post(30, 0))
    assert values(flag)["window.posts_1h"] == 1
    assert "window.all_24h" not in values(flag), "nothing an hour"
    tenants = {d.tenant for (k, _), d in replicas.documents.by_key.items() if k is TENANT_SERIES}
    assert tenants == {"other"}


def test_what_is_told_and_kept_names_nobody() -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    replicas.see(post(0, 7, member="somebody"))
    told = b"".join(encode(tally) for tally in replicas.waiting)
    replicas.deliver()
    kept = msgspec.json.encode(
        {id: d for (kind, id), d in replicas.documents.by_key.items() if kind is TENANT_SERIES}
    )
    assert b"somebody" not in told + kept
    assert b'"g7"' not in told + kept


def test_a_pack_without_such_windows_tells_nothing_and_reads_nothing() -> None:
    over_groups = "requests_over_groups, reach_over_groups, reach_over_many_groups, shares_a_link"
    off = f"disable: [{over_groups}]"
    replicas = Replicas(load(f"name: own\nextends: default\n{off}\n", "own.yaml"))
    replicas.see(*(post(number, number) for number in range(9)))
    replicas.see(*(message("http://a-b.top", n, group="g1") for n in range(9, 19)))
    assert (replicas.waiting, replicas.counted) == ([], 0)


def test_a_batch_of_a_busy_tenant_is_few_records() -> None:
    replicas = Replicas(PACK_OVER_GROUPS, 1)
    batch = [replicas.log(post(number, number, member=f"m{number}")) for number in range(500)]
    replicas.batch(batch)
    assert len(replicas.waiting) <= 16
    replicas.deliver()
    assert replicas.counted == 4 * 500


posts = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 300)), min_size=1, max_size=40
)
"""Group, member, second."""


def events_of(written: Iterable[tuple[int, int, int]]) -> list[BaseEvent]:
    return [
        message("看看", n, group=f"g{group}", member=f"m{member}", time=START + second * 1000)
        for n, (group, member, second) in enumerate(written)
    ]


@settings(max_examples=30, deadline=None)
@given(posts, st.data())
def test_repeats_crashes_and_any_order_of_arrival_count_each_event_once(
    written: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    events = events_of(written)
    calm, rough = Replicas(PACK_OVER_GROUPS), Replicas(PACK_OVER_GROUPS)
    for event in events:
        calm.see(event)
        calm.deliver()
        rough.log(event)
    for number, log in enumerate(rough.logs):
        done = 0
        while done < len(log):
            cut = data.draw(st.integers(done + 1, len(log)))
            rough.batch(log[done:cut])
            done = cut
            if data.draw(st.booleans()):  # it dies before its checkpoint, and begins again
                done = data.draw(st.integers(0, done))
                rough.forget(number)
    sources = {n: [t for t in rough.waiting if t.partition == n] for n in range(PARTITIONS)}
    while left := [tallies for tallies in sources.values() if tallies]:
        rough.count(data.draw(st.sampled_from(left)).pop(0))
    assert series(rough) == series(calm)


def series(replicas: Replicas) -> dict[str, Any]:
    return {
        id: (document.buckets, document.counted)
        for (kind, id), document in replicas.documents.by_key.items()
        if kind is TENANT_SERIES
    }


@settings(max_examples=40, deadline=None)
@given(posts, st.data())
def test_no_value_is_ever_too_high_nor_below_what_the_partition_saw(
    written: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    before: list[BaseEvent] = []
    for event in sorted(events_of(written), key=lambda event: event.time):
        (flag,) = replicas.see(event)
        before.append(event)
        own = [each for each in before if each.member == event.member]
        near = [each for each in own if replicas.home(each) == replicas.home(event)]
        assert len(near) <= values(flag)["window.posts_1h"] <= len(own)
        if data.draw(st.booleans()):
            replicas.deliver()
        if data.draw(st.integers(0, 9)) == 0:
            replicas.restart(data.draw(st.integers(0, PARTITIONS - 1)))


@settings(max_examples=8, deadline=None)
@given(posts)
def test_a_backtest_says_what_was_said_live_of_events_further_apart_than_the_staleness(
    written: list[tuple[int, int, int]],
) -> None:
    events = sorted(events_of(written), key=lambda event: event.time)
    live, backtest = Replicas(PACK_OVER_GROUPS), Backtest(PACK, PACK_OVER_GROUPS, Millis(0))
    said: dict[str, Flag] = {}
    for event in events:
        said.update({flag.event.id: flag for flag in live.see(event)})
        live.deliver()
        backtest.see(event)
    told = {each.event: each.candidate for each in backtest.report().changed}
    assert {id: (flag.risk, flag.decision) for id, flag in said.items()} == {
        id: (each.risk, each.decision) for id, each in told.items()
    }
    assert len(said) == len(events)


def test_a_restarted_partition_goes_on_where_it_was() -> None:
    replicas = Replicas(PACK_OVER_GROUPS)
    replicas.see(post(0, 0), post(1, 3))
    replicas.restart(0)
    (flag,) = replicas.see(post(2, 6))
    assert values(flag)["window.posts_1h"] == 3, "what its owner has not counted yet is in the log"
    replicas.deliver()
    replicas.restart(0)
    (flag,) = replicas.see(post(3, 0))
    assert values(flag)["window.posts_1h"] == 4


def test_what_waits_to_be_counted_is_bounded() -> None:
    pending = Pending(most=100)
    for number in range(1_000):
        pending.add(f"s{number % 7}", 60_000, Counted(number, Millis(number)))
    assert len(pending) <= 100
    for number in range(1_000, 2_000):
        pending.add("one", 60_000, Counted(number, Millis(number), f"v{number}"))
    assert len(pending) <= 100
    assert sum(bucket.count for bucket in pending.buckets("one")) <= 100
    pending.counted("one", 2_000)
    assert list(pending.buckets("one")) == []


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("by: [tenant, group]", "a group is of one group"),
        ("by: [tenant, message]", "a message is of one group"),
        ("by: [member], unique: group", "add `tenant` to `by`"),
        ("by: [tenant], unique: tenant", "there is one tenant"),
        ("by: [member], scope: tenant", "`tenant` is among what it is kept `by`"),
        ("by: [member], across: tenant", "`tenant` is among what it is kept `by`"),
    ],
)
def test_a_window_that_means_nothing_is_refused_where_it_is_written(window: str, told: str) -> None:
    written = f"{{name: everywhere, span: 10m, of: [message], {window}}}"
    with pytest.raises(PackError, match=told) as raised:
        load(f"name: own\nextends: default\nwindows:\n  - {written}\n", "own")
    assert raised.value.line == 4


def test_few_windows_over_a_tenant_are_allowed() -> None:
    one = "  - {{name: w{n}, span: 10m, by: [tenant, contact], of: [message]}}\n"
    source = "name: x\nextends: default\nwindows:\n"
    assert load(source + "".join(one.format(n=n) for n in range(8)), "p.yaml").windows
    with pytest.raises(PackError, match="more than 8 windows count over the whole tenant"):
        load(source + "".join(one.format(n=n) for n in range(9)), "p.yaml")
