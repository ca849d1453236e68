"""The classifier: what it learns from, what it ignores, and how it explains itself."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.classifier import Classifier, Head, Weights, classifier, percent
from services.rules.evaluation import Row
from services.rules.features import characters, marks
from services.rules.signals import read
from steward.training import train
from tests.unit.rules.judging import verdict

HEAD = Head(
    bias=-1.0, slope=2.0, shift=0.5, grams={"刷": 3000, "你好": -2000}, marks={"money": 500}
)
SMALL = Classifier(Weights({"zh": {"spam": HEAD}}))

SOLD = [f"低价出售{name}，加微信 abcd{n}123，量大从优" for n, name in enumerate("茶酒鞋包表灯")]
SAID = [f"今天{name}很好吃，明天我们再去{n}次" for n, name in enumerate("面饭鱼菜饼汤")]
ROWS = [
    Row(f"{text}{chr(0x4E00 + n)}", label)
    for n in range(15)
    for label, texts in (("spam", SOLD), ("ham", SAID))
    for text in texts  # type: ignore[misc]
]


def test_the_shipped_weights_take_at_most_5_megabytes() -> None:
    shipped = files("services.rules.data").joinpath("classifier.json").read_bytes()
    assert 100_000 < len(shipped) <= 5_000_000


def test_a_score_is_the_calibrated_sum_of_weights() -> None:
    reading = read("刷")
    scale = 4 * (16 + 4 * len(characters(reading))) ** -0.5
    assert SMALL.odds(reading)["spam"] == pytest.approx(2 * (-1 + 3 * scale) + 0.5)


def test_a_text_of_a_language_without_heads_has_no_score() -> None:
    assert SMALL.odds(read("hello there")) == {}


def test_evidence_names_what_spoke_for_it_strongest_first() -> None:
    found = SMALL.evidence(read("你好，刷 500元"), "spam")
    assert [each.seen for each in found] == ["刷", "#money"]
    assert found[0].weight > found[1].weight > 0


def test_a_mask_a_number_and_another_number_look_alike() -> None:
    ways = ("现价xxx元起", "现价398元起", "现价1,200元起", "现价***元起")
    assert len({characters(read(text)) for text in ways}) == 1


def test_mentions_markup_and_links_say_nothing() -> None:
    plain = characters(read("你看看这个"))
    decorated = characters(read("@12345678 你看看这个[图片] https://example.com/abc?d=1"))
    assert decorated.split() == plain.split()


def test_length_leaves_no_mark() -> None:
    assert "length" not in marks(read("今天天气不错" * 20))


@given(st.text(max_size=300))
def test_every_text_has_probabilities(text: str) -> None:
    assert all(0 <= percent(odds) <= 100 for odds in classifier().odds(read(text)).values())


def test_training_tells_its_rows_apart_and_gives_the_same_weights_again() -> None:
    weights = train(ROWS)
    scored = Classifier(weights)
    odds = [(scored.odds(read(row.text))["spam"], row.label) for row in ROWS]
    assert min(o for o, label in odds if label == "spam") > max(
        o for o, label in odds if label == "ham"
    )
    assert train(ROWS) == weights


def test_a_flag_names_the_classifiers_evidence() -> None:
    found = verdict("本店新款到货，全场五折优惠，欢迎新老顾客选购")
    values = {name: value for hit in found.hits for name, value in hit.values.items()}
    assert int(values["classifier.spam"]) >= 50
    assert "'#" in str(values["classifier.spam.evidence"])
