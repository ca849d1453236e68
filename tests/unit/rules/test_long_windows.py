"""Windows of more than an hour: durable, bounded, and right to a 48th of their span."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.buckets import BUCKETS
from services.rules.long_windows import SERIES, fold, look, series_key
from services.rules.pack import PackError, load
from services.rules.rule_sets.catalog import Catalog, OneRuleSet
from services.rules.rule_sets.versions import Deployment, published
from services.rules.stage import rules_stage
from services.rules.windows import MARKED, Entry, Facet, Window, Windows
from shared.events import Millis, TenantId
from shared.stream.contracts import NEVER
from shared.stream.memory import MemoryDocuments
from shared.stream.memory import fold as folded
from tests.unit.rules.judging import PACK, event_record, flags, message
from tests.unit.rules.test_rule_sets import NOW

DAY = 86_400_000
COUNT = Window("posts", (Facet.MEMBER,), DAY)
UNIQUE = Window("targets", (Facet.MEMBER,), DAY, Facet.TARGET)
RATE = Window("rate", (Facet.MEMBER,), DAY, per=3_600_000)
SHARE = Window("share", (Facet.MEMBER,), DAY, share=True)
ACME = TenantId("acme")
LONG = """\
name: long
extends: default
windows:
  - {name: day, span: 24h, by: [member], of: [message]}
  - {name: linked, span: 2h, by: [group], of: [message], share: text.length > 5}
  - {name: hourly, span: 6h, by: [member], of: [message], per: hour}
rules:
  - {name: third, label: flood, weight: 0.4, when: window.day >= 3, because: third of the day}
  - {name: wordy, label: flood, weight: 0.4, when: window.linked >= 60, because: long ones}
"""


class Kept:
    """One long window's documents."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.documents = MemoryDocuments()

    def entry(self, value: str = "") -> Entry:
        return Entry(self.window, (self.window.name, "g", "m"), value)

    def look(self, time: int, value: str = "") -> int:
        self.documents.name([series_key(self.entry(value))])
        return look(self.entry(value), Millis(time), self.documents)

    def fold(self, time: int, value: str = "") -> None:
        self.documents.name([series_key(self.entry(value))])
        fold([self.entry(value)], ACME, Millis(time), NEVER, self.documents)


def exact(window: Window, events: list[tuple[int, str]], time: int, value: str) -> int:
    """Return what the window would be in memory, if memory were not bounded."""
    within = [each for at, each in events if time - window.span < at <= time]
    values = [*within, value]
    return window.value(len(values), values.count(MARKED), len(set(values)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3 * DAY), st.sampled_from(["", MARKED, "x"])), max_size=60),
    st.sampled_from([COUNT, UNIQUE, SHARE]),
)
def test_a_value_lies_between_the_span_and_a_48th_more(
    events: list[tuple[int, str]], window: Window
) -> None:
    kept = Kept(window)
    for number, (time, value) in enumerate(sorted(events)):
        wider = Window(window.name, window.by, window.span + window.span // BUCKETS, window.unique)
        found = kept.look(time, value)
        seen = sorted(events)[:number]
        if window.share:
            assert 0 <= found <= 100
        else:
            assert exact(window, seen, time, value) <= found <= exact(wider, seen, time, value)
        kept.fold(time, value)


@given(st.lists(st.integers(0, DAY), min_size=1, max_size=40), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_arrival_does_not_matter(times: list[int], random: object) -> None:
    shuffled = list(times)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Kept(COUNT), Kept(COUNT)
    for time in times:
        one.fold(time)
    for time in shuffled:
        other.fold(time)
    assert one.look(DAY) == other.look(DAY)


def test_a_series_is_bounded_and_ends() -> None:
    kept = Kept(UNIQUE)
    for number in range(3_000):
        kept.fold(number * DAY // 1_000, f"target-{number}")
    ((_, series),) = [each for each in kept.documents.by_key.items() if each[0][0] is SERIES]
    assert len(series.buckets) <= BUCKETS + 1
    assert sum(len(bucket.values) for bucket in series.buckets) <= 512
    assert kept.look(3 * DAY, "new") == 256
    assert series.expires_at.timestamp() * 1000 > 3 * DAY + DAY
    assert kept.look(5 * DAY, "new") == 1


def test_rates_and_shares_are_whole_numbers() -> None:
    rate, share = Kept(RATE), Kept(SHARE)
    for hour in range(24):
        for _ in range(2):
            rate.fold(DAY + hour * 3_600_000)
            share.fold(DAY + hour * 3_600_000, MARKED if hour % 4 == 0 else "")
    assert rate.look(DAY + 23 * 3_600_000) == 2
    assert share.look(DAY + 23 * 3_600_000) == 24


@pytest.mark.parametrize(("window", "value"), [(RATE, 0), (SHARE, 66), (COUNT, 3)])
def test_short_windows_have_rates_and_shares_too(window: Window, value: int) -> None:
    windows = Windows()
    entry: Callable[[str], Entry] = lambda value: Entry(window, ("w", "g", "m"), value)  # noqa: E731
    windows.fold([entry(MARKED)], Millis(1))
    windows.fold([entry("")], Millis(2))
    assert windows.look([entry(MARKED)], Millis(3)) == {window.signal: value}


def test_a_day_long_window_outlives_the_partition_s_memory() -> None:
    pack, documents = load(LONG, "p.yaml"), MemoryDocuments()
    found = []
    for number, hour in enumerate((0, 5, 23)):
        stage = rules_stage(OneRuleSet(pack)).open_partition(0)  # a new owner each time
        record = event_record(message("你好", hour * 3_600), number)
        found += flags(folded(stage, [record], documents))
    assert [[hit.rule for hit in flag.hits] for flag in found] == [["third"]]
    assert found[0].hits[0].values == {"window.day": 3}


def test_what_is_named_is_what_is_judged_by_though_the_rule_set_changes_in_between() -> None:
    catalog, documents = Catalog(PACK), MemoryDocuments()
    own = published(load(LONG, "p.yaml"), ACME, "", NOW, "key")
    stage = rules_stage(catalog).open_partition(0)
    record = event_record(message("你好"))
    documents.name(stage.keys(record))
    catalog.adopt(Deployment(tenant=ACME, active=own.version), {own.version: own})
    assert list(stage.apply(record, documents)) == []
    again = event_record(message("你好", 1), 1)
    documents.name(stage.keys(again))
    catalog.adopt(Deployment(tenant=ACME), {})
    assert list(stage.apply(again, documents)) == []
    assert {kind for kind, _ in documents.by_key} == {SERIES}, "the second had its window"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("span: 24h", "span: 25h", "10 s to 24 h"),
        ("per: hour", "per: hour, unique: member", "one of `unique`, `per` and `share`"),
        ("share: text.length > 5", "share: text.length", "true or false is needed"),
    ],
)
def test_a_window_that_cannot_be_is_refused(before: str, after: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        load(LONG.replace(before, after), "p.yaml")


def test_few_long_windows_are_allowed() -> None:
    many = "".join(
        f"  - {{name: w{n}, span: 2h, by: [member], of: [message]}}\n" for n in range(21)
    )
    with pytest.raises(PackError, match="more than 20 windows"):
        load(f"name: x\nextends: default\nwindows:\n{many}", "p.yaml")
