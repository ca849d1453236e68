"""What the review shows: spans, explanations, and what decisions send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.answers.cases import Hit, InForce, Span
from services.console.catalogue import messages
from services.console.consequences import LEADS_TO, UNDONE_BY, of_confirming, of_overturning
from services.console.explaining import explained
from services.console.highlighting import pieces
from services.console.pages.review import REASONS, STATES
from services.rules import outcome
from services.rules.contacts import ContactKind
from services.rules.lexicon import lexicon
from services.rules.review import case, reversal
from shared.actions import ActionKind
from shared.verdicts import Decision

spans = st.lists(
    st.builds(Span, st.integers(-3, 30), st.integers(-3, 30), st.sampled_from("abc")), max_size=8
)


@given(st.text(max_size=25), spans)
def test_the_pieces_of_a_text_are_the_text(text: str, found: list[Span]) -> None:
    cut = list(pieces(text, found))
    assert "".join(piece.text for piece in cut) == text
    place = 0
    for piece in cut:
        for offset in range(len(piece.text)):
            at = place + offset
            seen = {span.what for span in found if 0 <= span.start <= at < span.end <= len(text)}
            assert set(piece.seen) == seen
        place += len(piece.text)


def test_overlapping_spans_are_told_apart() -> None:
    cut = list(pieces("abcdef", [Span(0, 4, "x"), Span(2, 6, "y")]))
    assert [(piece.text, piece.seen) for piece in cut] == [
        ("ab", ("x",)),
        ("cd", ("x", "y")),
        ("ef", ("y",)),
    ]


def test_an_explanation_has_contributions_the_classifier_s_evidence_and_windows() -> None:
    found = explained(
        [
            Hit("likely", "advertising", 0.1, values={"classifier.spam.evidence": "'#job' +0.80"}),
            Hit("flood", "flood", 0.5, values={"member.messages_1m": 12, "text.length": 3}),
            Hit("sure", "fraud", 0.3, values={"classifier.spam.evidence": "'刷单' +1.31 'ok' -2"}),
        ]
    )
    assert found.contributions == [("flood", 0.5), ("sure", 0.3), ("likely", 0.1)]
    assert found.grams == [("ok", -2.0), ("刷单", 1.31), ("#job", 0.8)]
    assert found.windows == {"member.messages_1m": 12}


def test_what_decisions_lead_to_is_what_rules_do() -> None:
    for decision, kinds in LEADS_TO.items():
        assert outcome._ACTIONS[decision] == kinds
    assert dict(reversal.UNDONE_BY) == UNDONE_BY


def test_the_sets_that_the_page_knows_are_those_of_rules() -> None:
    assert set(REASONS) == set(case.Reason)
    assert set(STATES) - {""} == set(case.CaseState)


@pytest.mark.parametrize("decision", LEADS_TO)
def test_confirming_tells_that_it_was_decided_after_what_it_does(decision: Decision) -> None:
    sent = of_confirming(decision, has_message=True)
    assert sent == [*LEADS_TO[decision], ActionKind.CASE_DECIDED]
    without = of_confirming(decision, has_message=False)
    assert ActionKind.MESSAGE_DELETE not in without


def test_overturning_undoes_the_last_first_and_leaves_out_what_cannot_be_undone() -> None:
    taken = [
        InForce("f1", "delete", ["message.delete", "operator.notice"]),
        InForce("f2", "mute", ["message.delete", "member.mute"]),
    ]
    assert of_overturning(taken) == [
        ActionKind.MEMBER_UNMUTE,
        ActionKind.MESSAGE_RESTORE,
        ActionKind.MESSAGE_RESTORE,
        ActionKind.CASE_DECIDED,
    ]


def test_everything_that_is_seen_in_a_text_has_its_word() -> None:
    seen = {*lexicon().categories, *(kind.value for kind in ContactKind), "link"}
    assert {f"signal.{what}" for what in seen} - messages().keys() == set()
