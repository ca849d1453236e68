from __future__ import annotations

import re
from random import Random

import pytest

from steward.demo.groups import GROUPS, GroupPlan
from steward.demo.phrases import Voice, common, topic


@pytest.mark.parametrize("plan", GROUPS, ids=lambda plan: plan.id)
def test_every_slot_that_a_phrase_names_has_values(plan: GroupPlan) -> None:
    phrases = topic(plan.id)
    said = [text for thread in phrases.threads for text in (*thread.start, *thread.more)]
    named = {
        name for text in (*said, *phrases.shares) for name in re.findall(r"\{(\w+?)2?\}", text)
    }
    assert named <= set(phrases.slots)


def test_a_conversation_keeps_to_what_it_is_about() -> None:
    voice = Voice(topic("python"), common("zh"), Random(3))
    for _ in range(50):
        text, conversation = voice.open()
        for _ in range(4):
            voice.reply(conversation)
        for value in conversation.bindings.values():
            assert "{" not in value
        assert "{" not in text


def test_a_second_value_of_a_slot_differs_from_the_first() -> None:
    voice = Voice(topic("photo"), common("zh"), Random(5))
    for _ in range(200):
        _, conversation = voice.open()
        bound = conversation.bindings
        if "lens2" in bound:
            assert bound["lens"] != bound["lens2"]


def test_one_reply_is_not_given_twice_in_a_conversation() -> None:
    voice = Voice(topic("cats"), common("zh"), Random(7))
    _, conversation = voice.open()
    replies = [voice.reply(conversation) for _ in range(12)]
    long = [reply for reply in replies if len(reply) > 8]
    assert len(set(long)) == len(long) >= 4
