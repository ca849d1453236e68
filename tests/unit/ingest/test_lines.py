from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.cloudevents import MAX_EVENT_BYTES, split_lines
from services.ingest.lines import Lines


@given(
    st.lists(st.sampled_from([b"{}", b"\n", b" ", b'{"a": 1}', b"\r\n", b"x"])), st.integers(1, 9)
)
def test_however_lines_are_cut_they_are_the_same(parts: list[bytes], cut: int) -> None:
    body = b"".join(parts)
    lines, found = Lines(), []
    for start in range(0, len(body), cut):
        found += lines.feed(body[start : start + cut])
    assert [*found, *lines.finish()] == split_lines(body)


def test_of_an_endless_line_only_the_beginning_is_held() -> None:
    lines = Lines()
    for _ in range(100):
        assert list(lines.feed(b"x" * 10_000)) == []
        assert lines.held <= MAX_EVENT_BYTES + 1
    too_long, next_one = lines.feed(b"y\nz\n")
    assert len(too_long) == MAX_EVENT_BYTES + 1
    assert next_one == b"z"
