"""An insult that is quoted is no insult, unless it is said to somebody all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.signals import read
from services.rules.verdict import ACTING
from tests.unit.rules.judging import verdict

QUOTED = (
    "她原话是“你这种肥婆也配”，我没回，拉黑了",
    "@管理 刚才有人骂我“没爹没妈的东西”，截图在这",
    "别说「傻逼」这种话，孩子看着呢",
    "歌名就叫《去死吧前任》？谁循环了一上午",
    '"you idiot" he wrote, and then he left the group',
    'somebody called me "a worthless piece of trash" at work today',
)
SAID = (
    "你这个“傻逼”",
    "你就是“废物”",
    "“傻逼”",
    'you "idiot"',
    "“好的”，傻逼",
    "你妈死了“哈哈”",
    f'他昨天说"{"这件事情我们明天再谈好不好" * 6}"你这傻逼"好的"',
    'he wrote "see you\nat noon" you worthless piece of trash "ok"',
    'my 27" you worthless piece of trash 24" monitor',
)


@pytest.mark.parametrize("text", QUOTED)
def test_a_quoted_insult_is_not_acted_on(text: str) -> None:
    assert read(text).signals["quoted_insults"]
    assert verdict(text).decision not in ACTING


@pytest.mark.parametrize("text", SAID)
def test_quotation_marks_do_not_hide_an_insult(text: str) -> None:
    assert "quoted_insults" not in read(text).signals
    assert verdict(text).decision in ACTING


@given(st.sampled_from(QUOTED), st.text("，。 好的啊", max_size=8))
def test_spans_of_what_is_said_lie_within_the_text(text: str, more: str) -> None:
    reading = read(text + more)
    spans = reading.spans({match.category for match in reading.matches})
    assert all(0 <= span.start < span.end <= len(text + more) for span in spans)
