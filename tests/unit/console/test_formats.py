"""Numbers and moments as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from services.console.catalogue import Language, Translator
from services.console.formats import Format, zone_of
from services.console.view import View
from tests.unit.console.signing_in import console

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ENGLISH = Format(Translator(Language.ENGLISH), SHANGHAI, NOW)
CHINESE = Format(Translator(Language.CHINESE), SHANGHAI, NOW)


@pytest.mark.parametrize(
    ("before", "english", "chinese"),
    [
        (timedelta(seconds=5), "just now", "刚刚"),
        (timedelta(minutes=1), "1 minute ago", "1 分钟前"),
        (timedelta(hours=5), "5 hours ago", "5 小时前"),
        (timedelta(days=40), "40 days ago", "40 天前"),
        (-timedelta(hours=3), "in 3 hours", "3 小时后"),
        (-timedelta(seconds=3), "in a moment", "马上"),
    ],
)
def test_how_long_ago(before: timedelta, english: str, chinese: str) -> None:
    assert ENGLISH.ago(NOW - before) == english
    assert CHINESE.ago(NOW - before) == chinese


def test_moments_are_told_in_the_reader_s_time_zone() -> None:
    assert ENGLISH.moment(NOW) == "2026-03-01 20:00"
    assert ENGLISH.clock(NOW) == "20:00:00"
    assert ENGLISH.day(NOW + timedelta(hours=5)) == "2026-03-02"


def test_what_is_not_known_is_a_dash() -> None:
    assert [ENGLISH.number(None), ENGLISH.percent(None), ENGLISH.ago(None)] == ["–", "–", "–"]


def test_numbers() -> None:
    assert ENGLISH.number(1234567) == "1,234,567"
    assert ENGLISH.percent(0.0345, 1) == "3.5%"
    assert [ENGLISH.bytes(12), ENGLISH.bytes(2048)] == ["12 B", "2.0 KB"]


@pytest.mark.parametrize("name", ["No/Where", "../../etc/passwd", "", None])
def test_an_unknown_zone_is_the_setting_s(name: str | None) -> None:
    assert zone_of(name, "Asia/Shanghai") == SHANGHAI
    assert zone_of(name, "") is UTC


def test_the_browser_s_zone_is_read_as_scripts_write_it() -> None:
    scope = {
        "type": "http",
        "app": console(),
        "headers": [(b"cookie", b"steward_zone=Asia%2FShanghai")],
    }
    assert str(View.of(Request(scope)).format.zone) == "Asia/Shanghai"
