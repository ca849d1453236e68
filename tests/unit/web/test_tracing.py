from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.tracing import Trace

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
SENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


def test_a_trace_goes_on_with_a_span_of_its_own_and_the_callers_flags() -> None:
    trace = Trace.follow(SENT)
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.span_id != "00f067aa0ba902b7"
    assert trace.header.endswith("-00")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        SENT + "-more",
        SENT.upper(),
    ],
)
def test_a_new_trace_starts_where_the_header_is_no_traceparent(header: str | None) -> None:
    trace = Trace.follow(header)
    assert trace.trace_id != "4bf92f3577b34da6a3ce929d0e0e4736"
    assert TRACEPARENT.fullmatch(trace.header)


def test_a_later_version_may_have_more_fields() -> None:
    header = "cc" + SENT[2:] + "-what-comes-later"
    assert Trace.follow(header).trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


@given(st.text())
def test_whatever_comes_a_valid_header_goes_out(header: str) -> None:
    assert TRACEPARENT.fullmatch(Trace.follow(header).header)
