from __future__ import annotations

from itertools import pairwise
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.alerts import AlertKind
from services.scoring.calendar import DAY
from services.scoring.churn import churn_features, churn_of
from services.scoring.logistic import Sample
from services.scoring.member import Member
from services.scoring.models import CHURN, QUIET, known_by, latest, shipped
from services.scoring.pulse import pulse_of
from services.scoring.quiet import quiet_features, quiet_of
from services.scoring.risk import churn_risk, quiet_risk
from services.scoring.stage import MEMBERS, member_id
from tests.unit.scoring.builders import MONDAY, chatter, folded, group_of, said
from tests.unit.scoring.test_watch import kinds, watched


def amy_on(days: list[int]) -> Member:
    documents = folded(said("amy", MONDAY + day * DAY) for day in days)
    member: Member = documents.by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return member


def risk_of(days: list[int], at: int) -> float:
    judgement = churn_of([amy_on(days)], MONDAY + at * DAY, latest(CHURN))
    assert judgement is not None
    return judgement.probability


def test_a_passer_by_is_likelier_to_leave_than_a_regular() -> None:
    assert risk_of([1], at=10) > 0.5
    assert risk_of(list(range(0, 400, 2)), at=400) < 0.1


def test_risk_grows_with_the_days_of_silence() -> None:
    risks = [risk_of(list(range(0, 100, 4)), at=96 + more) for more in (0, 5, 12, 25)]
    assert risks == sorted(risks)


def test_little_is_known_of_who_came_twice_and_much_of_a_regular() -> None:
    model = latest(CHURN)
    twice = churn_of([amy_on([0, 1])], MONDAY + DAY, model)
    regular = churn_of([amy_on(list(range(0, 600, 2)))], MONDAY + 600 * DAY, model)
    assert twice is not None
    assert regular is not None
    assert abs(twice.probability - model.positives / model.samples) < 0.1, "near the base rate"
    assert twice.high - twice.low > 0.5
    assert regular.high - regular.low < 0.05


@given(st.integers(2, 60), st.integers(2, 10))
def test_an_interval_holds_its_probability_and_is_the_narrower_the_more_is_known(
    days: int, times: int
) -> None:
    model, figures = latest(CHURN), frozenset({"active_days_56", "decayed_days_90"})
    values = churn_features([amy_on([0, 1])], MONDAY + DAY)
    fit = model.judge(values)
    few, many = (model.judge(values, Sample(n, figures)) for n in (days, days * times))
    assert few.low <= many.low <= fit.low <= fit.probability <= fit.high <= many.high <= few.high
    assert few.probability == many.probability == fit.probability


def test_who_has_been_silent_for_a_month_is_not_judged() -> None:
    amy = [amy_on([0])]
    assert churn_of(amy, MONDAY + 29 * DAY, latest(CHURN)) is not None
    assert churn_of(amy, MONDAY + 30 * DAY, latest(CHURN)) is None
    assert churn_of([], MONDAY, latest(CHURN)) is None


@pytest.mark.parametrize("name", [CHURN, QUIET])
def test_shipped_models_go_by_figures_that_the_state_tells(name: str) -> None:
    told = {
        CHURN: churn_features([amy_on([0])], MONDAY),
        QUIET: quiet_features(pulse_of(group_of(chatter(days=60)), MONDAY)),
    }
    for model in shipped(name):
        assert [feature.name for feature in model.features] == list(told[name])
        assert len(model.covariance) == len(model.features) + 1


@given(st.lists(st.floats(0, 5_000), min_size=8, max_size=8))
def test_contributions_add_up_to_the_probability(figures: list[float]) -> None:
    model = latest(CHURN)
    names = [feature.name for feature in model.features]
    judgement = model.judge(dict(zip(names, figures, strict=True)))
    log_odds = judgement.base + sum(part.log_odds for part in judgement.contributions)
    assert judgement.probability == pytest.approx(1 / (1 + exp(-log_odds)), abs=1e-12)
    assert judgement.low <= judgement.probability <= judgement.high


def test_models_are_chosen_by_what_they_have_not_seen() -> None:
    earliest = shipped(CHURN)[0].until
    assert known_by(CHURN, "1999-01-01") is None
    known = known_by(CHURN, earliest)
    assert known is not None
    assert known.until == earliest
    assert known_by(CHURN, "2999-01-01") == latest(CHURN)


def test_explained_risks_name_their_parts() -> None:
    risk = churn_risk([amy_on([0, 1, 5])], MONDAY + 9 * DAY, explain=True)
    assert risk is not None
    assert risk.explain is not None
    assert {part.feature for part in risk.explain.parts} >= {"days_since_active", "active_days_56"}
    plain = churn_risk([amy_on([0])], MONDAY, explain=False)
    assert plain is not None
    assert plain.explain is None


def test_a_lively_group_is_in_no_danger_and_a_young_one_is_not_judged() -> None:
    lively = quiet_risk(pulse_of(group_of(chatter(days=80)), MONDAY + 80 * DAY), explain=True)
    assert lively is not None
    assert lively.probability < 0.05
    young = pulse_of(group_of(chatter(days=50)), MONDAY + 50 * DAY)
    assert quiet_of(young, latest(QUIET)) is None


def test_an_owner_is_warned_of_danger_once_a_month() -> None:
    now_and_then = [
        said(f"m{n % 3}", MONDAY + week * 7 * DAY + n * 60_000)
        for week in (0, 1, 5, 9, 12)
        for n in range(12)
    ]
    end = MONDAY + 110 * DAY
    warnings = [
        action
        for action in watched(folded(now_and_then), end)
        if kinds([action]) == [AlertKind.DANGER.value]
    ]
    assert warnings
    for before, after in pairwise(warnings):
        assert after.time - before.time >= 28 * DAY
    assert all(0.3 <= float(str(each.details["probability"])) <= 1 for each in warnings)
    assert "概率" in str(warnings[0].details["reason_zh"])
