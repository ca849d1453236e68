"""The sentences that the classifier is trained on besides corpora."""

from __future__ import annotations

from collections import Counter

from services.rules.data import table
from steward.messages import LABELS, messages
from steward.phrases import OFFERS, sentences


def test_the_same_sentences_are_made_each_time() -> None:
    assert sentences() == sentences()


def test_every_trade_is_offered_and_talked_about() -> None:
    made = sentences()
    labels = Counter(row.label for row in made)
    trades = table("phrases")["trades"]
    assert labels["spam"] >= OFFERS["zh"] * len(trades)
    assert labels["ham"] >= 0.4 * len(made)
    texts = {row.text for row in made if row.label == "ham"}
    for parts in trades.values():
        assert {phrase.strip() for phrase in parts["talk"].split(" / ")} <= texts


def test_no_blank_stays_open() -> None:
    assert not [row.text for row in sentences() if "{" in row.text]


def test_whole_messages_are_offers_and_talk_of_both_languages_and_the_same_each_time() -> None:
    made = messages()
    assert made == messages()
    assert {row.label for row in made} == {"spam", "ham", "abuse", "ok"}
    assert set(table("sentences")) == set(LABELS)
    assert not [row.text for row in made if "{" in row.text]
    assert len({row.text for row in made}) >= 0.95 * len(made)
