"""The audit log tells what was done, and that it was not touched since."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from services.rules.documents import FLAGS
from services.rules.review.audit import BEGINNING, Entry, Head, Verification, hash_of
from services.rules.review.bundle import broken, bundle
from services.rules.review.case import case_id
from shared.reviews import Audited, Reviewer, ReviewStep, TrustChanged
from tests.unit.rules.judging import START, flags, message
from tests.unit.rules.review.reviewing import ANNA, BEN, ReviewedWorld

LURE = "加.薇.信 abcd8899 领红包"
Plain = dict[str, Any]


def world() -> ReviewedWorld:
    reviewed = ReviewedWorld()
    flag = flags(reviewed.see(message(LURE)))[0]
    reviewed.decide(flag, ReviewStep.ASSIGNED, assignee="anna", note="please look")
    reviewed.decide(flag, ReviewStep.CONFIRMED, ANNA)
    reviewed.decide(flag, ReviewStep.APPEALED)
    reviewed.decide(flag, ReviewStep.OVERTURNED, BEN)
    reviewed.review(
        Audited(
            id="a1",
            tenant="acme",
            time=START,
            by=Reviewer("key_2"),
            what="rule_set.published",
            subject="default@1",
        ),
        TrustChanged(id="t1", tenant="acme", time=START, by=ANNA, member="m1", trusted=True),
    )
    return reviewed


def test_every_step_is_an_entry_with_who_and_when() -> None:
    log = world().log
    assert [entry.what for entry in log] == [
        "case.opened",
        "case.assigned",
        "case.confirmed",
        "case.appealed",
        "case.overturned",
        "rule_set.published",
        "trust.given",
    ]
    assert log[1].detail["note"] == "please look"
    assert (log[4].by, log[5].by) == (BEN, Reviewer("key_2"))
    assert [entry.seq for entry in log] == list(range(1, 8))
    assert log[0].before == BEGINNING
    assert len(log[0].detail["evidence"]) == 64


def test_an_untouched_log_holds() -> None:
    verification = world().verified()
    assert (verification.faults, verification.read) == ([], 7)
    assert ReviewedWorld().verified().faults == []


def verified(entries: list[Plain], heads: dict[int, Head]) -> Verification:
    verification = Verification()
    for entry in entries:
        verification.add(entry)
    verification.end(heads)
    return verification


def change(entries: list[Plain]) -> None:
    entries[2]["detail"] = {**entries[2]["detail"], "note": "nothing to see"}


def change_and_hash_anew(entries: list[Plain]) -> None:
    entries[2]["by"] = {"key": "key_9", "name": "somebody"}
    entries[2]["hash"] = hash_of(entries[2])


def remove(entries: list[Plain]) -> None:
    del entries[3]


def cut_off(entries: list[Plain]) -> None:
    del entries[-1]


def swap(entries: list[Plain]) -> None:
    entries[1], entries[2] = entries[2], entries[1]


def renumber(entries: list[Plain]) -> None:
    swap(entries)
    for number, entry in enumerate(entries, start=1):
        entry["seq"] = number


def put_in(entries: list[Plain]) -> None:
    entries.append({**entries[-1], "seq": 8, "before": entries[-1]["hash"]})


@pytest.mark.parametrize(
    "tamper", [change, change_and_hash_anew, remove, cut_off, swap, renumber, put_in]
)
def test_a_log_that_was_tampered_with_does_not_hold(tamper: Callable[[list[Plain]], None]) -> None:
    entries = [to_builtins(entry) for entry in world().log]
    heads = {0: Head(tenant="acme", seq=7, hash=entries[-1]["hash"])}
    assert verified(list(entries), heads).faults == []
    tamper(entries)
    assert verified(entries, heads).faults != []


@cache
def written() -> list[Entry]:
    """The log that is tampered with again and again: making a world takes a while."""
    return world().log


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_field_of_any_entry_can_be_changed(data: st.DataObject) -> None:
    entries = [to_builtins(entry) for entry in written()]
    heads = {0: Head(tenant="acme", seq=7, hash=entries[-1]["hash"])}
    entry = data.draw(st.sampled_from(entries))
    field = data.draw(st.sampled_from(sorted(entry)))
    old = entry[field]
    if isinstance(old, dict):
        entry[field] = {**old, "more": "x"}
    else:
        entry[field] = old + 1 if isinstance(old, int) else f"{old}x"
    assert entry[field] != old
    assert verified(entries, heads).faults != []


def test_a_bundle_can_be_made_of_an_overturned_flag() -> None:
    reviewed = ReviewedWorld()
    flag = flags(reviewed.see(message(LURE)))[0]
    reviewed.decide(flag, ReviewStep.OVERTURNED)
    noted = reviewed.documents.by_key[FLAGS, flag.id]
    items = bundle(noted, reviewed.case(flag), reviewed.log, START, "key_1")
    assert items[5]["content"]["state"] == "overturned"
    assert broken(items) is None


def test_a_bundle_has_everything_known_of_a_flag_and_is_sealed() -> None:
    reviewed = ReviewedWorld()
    flag = flags(reviewed.see(message(LURE)))[0]
    reviewed.decide(flag, ReviewStep.CONFIRMED, ANNA)
    noted = reviewed.documents.by_key[FLAGS, flag.id]
    about = [entry for entry in reviewed.log if entry.subject == case_id(flag.id)]
    items = bundle(noted, reviewed.case(flag), about, START, "key_1")
    kinds = [item["what"] for item in items]
    assert kinds == [
        "bundle", "event", "verdict", "measures", "context", "case", "audit", "audit",
    ]  # fmt: skip
    assert items[1]["content"]["text"] == LURE
    assert items[5]["content"]["evidence"]["digest"] == reviewed.log[0].detail["evidence"]
    assert broken(items) is None


@pytest.mark.parametrize("number", range(7))
def test_a_bundle_that_was_touched_is_broken(number: int) -> None:
    reviewed = ReviewedWorld()
    flag = flags(reviewed.see(message(LURE)))[0]
    reviewed.decide(flag, ReviewStep.OPENED)
    noted = reviewed.documents.by_key[FLAGS, flag.id]
    items = bundle(noted, reviewed.case(flag), reviewed.log, START, "key_1")
    assert broken(items) is None
    if number < len(items) - 1:
        assert broken(items[:number] + items[number + 1 :]) == number
    items[number]["content"] = {"text": "something else"}
    assert broken(items) == number
