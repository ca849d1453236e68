"""Days turn at the tenant's own midnight, through changes of the clock and of the zone."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.boards import Measure
from services.scoring.calendar import DAY, HOUR
from services.scoring.clock import TenantClock, ZoneFrom, with_zone
from services.scoring.digest.plan import DigestSettings, next_moment
from services.scoring.member import Member
from services.scoring.segments.definitions import Definitions, InForce
from services.scoring.stage import MEMBERS, ScoringPartition, member_id
from services.scoring.telling import Telling
from shared.events import BaseEvent, CheckinMade, Millis, TenantId
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from tests.unit.scoring.builders import said, spam

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
moments = st.integers(1_500_000_000_000, 1_900_000_000_000)


class Zones:
    """Tenants by the zones that they named."""

    def __init__(self, **zones: list[ZoneFrom]) -> None:
        self._known = {
            TenantId(name): InForce(Definitions(tenant=TenantId(name), zones=each))
            for name, each in zones.items()
        }

    async def refresh(self) -> None:
        """Stay as it is."""

    def of(self, tenant: TenantId) -> InForce:
        return self._known[tenant]


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def checkin(tenant: str, time: int) -> BaseEvent:
    about: dict[str, Any] = {"source": "test", "tenant": tenant, "group": "g", "member": "amy"}
    return CheckinMade(id=f"c{time}", time=Millis(time), **about)


def folded(tenants: Zones, values: list[BaseEvent | Flag]) -> MemoryDocuments:
    documents = MemoryDocuments()
    records = [
        Record(Topic.FLAGS if isinstance(each, Flag) else Topic.EVENTS, 0, n, each)
        for n, each in enumerate(values)
    ]
    fold(ScoringPartition(tenants), records, documents)
    return documents


def member(documents: MemoryDocuments, tenant: str) -> Member:
    found: Member = documents.by_key[MEMBERS, member_id(tenant, "g", "amy")]
    return found


@given(st.sampled_from(ZONES), moments)
def test_a_local_day_is_the_date_that_a_calendar_names(zone: str, time: int) -> None:
    local = datetime.fromtimestamp(time / 1000, tz=ZoneInfo(zone))
    clock = TenantClock((), zone)
    assert clock.day(time) == local.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    begins = clock.at(clock.day(time))
    assert clock.day(begins) == clock.day(time) > clock.day(begins - 1)


@given(moments, moments, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_a_zone_changes_nothing_of_the_days_before_it_was_named(
    time: int, named: int, first: str, second: str
) -> None:
    before = with_zone([], first, 1_400_000_000_000)
    after = with_zone(before, second, named)
    known, changed = TenantClock(before), TenantClock(after)
    if time < after[-1].since:
        assert changed.moment(time) == known.moment(time)
    else:
        assert changed.moment(time) == TenantClock((), second).moment(time)
    assert named < after[-1].since <= named + HOUR // 4


def test_two_tenants_in_different_zones_count_the_same_moments_on_their_own_days() -> None:
    evenings = [ms("2026-03-02T15:30:00") + day * DAY + day % 2 * HOUR for day in range(4)]
    tenants = Zones(berlin=[ZoneFrom(0, "Europe/Berlin")], acme=[ZoneFrom(0, "Asia/Shanghai")])
    values = [checkin(tenant, time) for tenant in ("berlin", "acme") for time in evenings]
    documents = folded(tenants, [*values])
    last = evenings[-1]
    berlin, acme = member(documents, "berlin"), member(documents, "acme")
    assert (berlin.presence.active_days_ever, berlin.presence.streak(berlin.day(last))) == (4, 4)
    assert acme.presence.active_days_ever == 3, "half past midnight is the next day there"


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_a_streak_goes_on_through_a_change_of_the_clock(change: str) -> None:
    middle = datetime.fromisoformat(change).toordinal()
    late = [
        ms(f"{datetime.fromordinal(middle + day):%Y-%m-%d}T{hour}", "Europe/Berlin")
        for day in range(-3, 4)
        for hour in ("00:05:00", "23:55:00")
    ]
    tenants = Zones(berlin=[ZoneFrom(0, "Europe/Berlin")])
    amy = member(folded(tenants, [checkin("berlin", time) for time in late]), "berlin")
    assert amy.presence.streak(amy.day(late[-1])) == 7
    assert amy.presence.active_days_ever == 7
    assert amy.counts["checkins"] == 14


histories = st.lists(
    st.tuples(st.sampled_from(["amy", "bo"]), st.integers(0, 20 * 24), st.booleans()),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(0, 20 * 24), st.sampled_from(ZONES), st.randoms())
def test_in_any_order_and_with_spam_taken_back_a_change_of_zone_leaves_the_same_documents(
    history: list[tuple[str, int, bool]], changed: int, zone: str, chance: Random
) -> None:
    start = ms("2026-10-15T00:00:00")
    tenants = Zones(acme=with_zone([ZoneFrom(0, "Asia/Shanghai")], zone, start + changed * HOUR))
    kept: list[BaseEvent | Flag] = []
    taken: list[BaseEvent | Flag] = []
    for number, (who, hours, is_spam) in enumerate(history):
        other = "bo" if who == "amy" else "amy"
        event = said(who, start + hours * HOUR, id=f"e{number}", group="g", reply_to_member=other)
        flagged = [spam(event)] if is_spam else []
        kept.append(event)
        taken += flagged
    whole = [*kept, *taken]
    in_order = folded(tenants, sorted(whole, key=lambda each: (each.time, each.identity)))
    chance.shuffle(whole)
    shuffled = folded(tenants, whole)
    for key, document in in_order.by_key.items():
        if key[0].name in ("members", "groups"):
            told = {"due_at": None} if key[0] is MEMBERS else {}
            assert {**_fields(document), **told} == {**_fields(shuffled.by_key[key]), **told}


def _fields(document: Any) -> dict[str, Any]:
    return {name: getattr(document, name) for name in document.__struct_fields__}


def test_a_digest_comes_at_the_local_hour_before_and_after_the_clock_changes() -> None:
    clock, wish = TenantClock((), "Europe/Berlin"), DigestSettings(hour=21)
    for date in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        asked = ms(f"{date}T12:00:00", "Europe/Berlin")
        assert next_moment(wish, asked, clock) == ms(f"{date}T21:00:00", "Europe/Berlin")


def test_quiet_hours_are_those_of_the_tenants_zone() -> None:
    for zone in ("Europe/Berlin", "Asia/Shanghai"):
        definitions = Definitions(
            tenant=TenantId("acme"),
            zones=[ZoneFrom(0, zone)],
            telling=Telling(quiet_from=21 * 60, quiet_until=9 * 60),
        )
        night, noon = ms("2026-03-28T23:00:00", zone), ms("2026-03-28T12:00:00", zone)
        frequency = InForce(definitions).frequency(night)
        assert frequency.opening([], night).at == ms("2026-03-29T09:00:00", zone)
        assert frequency.opening([], noon).at == noon


def test_a_member_is_told_by_the_local_day_of_the_moment_asked_for() -> None:
    tenants = Zones(acme=[ZoneFrom(0, "Asia/Shanghai")])
    amy = member(folded(tenants, [checkin("acme", ms("2026-03-02T15:30:00"))]), "acme")
    assert amy.day(ms("2026-03-02T16:30:00")) == amy.anchor_day + 1
    assert Measure.CHECKINS.value_of(amy, amy.day(ms("2026-03-02T16:30:00"))) == 1
