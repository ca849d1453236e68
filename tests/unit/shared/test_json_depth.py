from __future__ import annotations

import json
from time import process_time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.json_depth import MOST_DEPTH, is_too_deep

VALUES = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\a', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"[\\', max_size=3), inner),
    max_leaves=30,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(VALUES)
def test_depth_is_what_the_decoded_value_has(value: Any) -> None:
    text, depth = json.dumps(value).encode(), depth_of(value)
    assert not is_too_deep(text, depth)
    assert depth == 0 or is_too_deep(text, depth - 1)


def test_width_is_not_depth() -> None:
    assert not is_too_deep(b"[" + b",".join([b"[]"] * 1_000) + b"]")


def test_the_bound_itself_is_allowed() -> None:
    assert not is_too_deep(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH)
    assert is_too_deep(b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1))


def test_what_is_no_json_takes_time_linear_in_its_length() -> None:
    started = process_time()
    for hostile in (b'\\"', b'"\\', b"[]", b'"', b"[{"):
        is_too_deep(b"[" * 65 + b"]" * 65 + b'"' + hostile * 200_000)
    assert process_time() - started < 5
