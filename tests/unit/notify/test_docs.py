"""docs/webhooks.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from services.notify.attempts import BY_FAILURE, Failure, Result
from services.notify.filters import DEFAULTS
from services.notify.health import HealthPolicy
from services.notify.schemas import NewEndpoint
from services.notify.settings import NotifySettings
from services.notify.slots import Limits
from shared.signing import sign
from shared.signing_keys import shown

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()


def test_its_test_vectors_hold() -> None:
    [block] = re.findall(r"```json\n(\[.*?\])\n```", PAGE, re.DOTALL)
    vectors = json.loads(block)
    assert len(vectors) == 4
    for each in vectors:
        body = each["body"].encode()
        assert sign(each["secret"], each["id"], each["timestamp"], body) == each["signature"]
        assert shown(each["secret"]) == each.get("public", each["secret"])


def test_its_table_of_results_is_the_codes() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|$", PAGE, re.MULTILINE))
    for failure in Failure:
        assert told.pop(failure.value) == BY_FAILURE[failure].value
    assert told.pop("2xx") == Result(milliseconds=0, status=204).verdict
    assert told.pop("410") == Result(milliseconds=0, status=410).verdict
    assert told == {}
    assert "| any other status | `retry` |" in PAGE
    others = set(range(300, 600)) - {410}
    assert {Result(milliseconds=0, status=each).verdict.value for each in others} == {"retry"}


def test_every_setting_is_told_with_its_default() -> None:
    for name in NotifySettings.model_fields:
        if name.startswith("notify_"):
            assert f"`STEWARD_{name.upper()}`" in PAGE
    assert f"`STEWARD_NOTIFY_SLOTS` | attempts at a time to one endpoint | {Limits().per_endpoint}"
    assert f"At most {Limits().per_endpoint} attempts" in PAGE
    assert f"After {HealthPolicy().failures} failures in a row" in PAGE
    assert f"delivered at {NotifySettings().notify_drain_per_second:.0f} a second" in PAGE


def test_every_field_of_an_endpoint_and_of_a_condition_is_told() -> None:
    table = PAGE.partition("## What arrives")[0]
    for field in NewEndpoint.model_fields:
        assert f"`{field}`" in table
    for signal in DEFAULTS:
        assert f"`{signal}`" in table


def test_lists_in_settings_are_written_with_commas() -> None:
    own = NotifySettings(
        notify_allow_cidrs="127.0.0.0/8, ::1/128",
        notify_ports="443,8443",
        notify_schedule_seconds="1,2.5",
    )
    assert [str(each) for each in own.notify_allow_cidrs] == ["127.0.0.0/8", "::1/128"]
    assert own.notify_ports == (443, 8443)
    assert own.retry_policy.delays_seconds == (1, 2.5)
