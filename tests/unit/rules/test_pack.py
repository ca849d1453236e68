"""Packs are checked when they are loaded; errors point at the place."""

from __future__ import annotations

import pytest

from services.rules.pack import PackError, default_pack, load

PACK = """\
name: test
description: A pack for tests.
thresholds: {watch: 0.3, warn: 0.5, delete: 0.7}
escalation:
  within: 7d
  steps: []
labels: []
windows:
  - {name: posts, span: 10s, by: [member], of: [message]}
rules:
  - name: links
    label: link_drop
    weight: 0.7
    when: text.links > 0 && window.posts > 1
    because: a link
"""


def test_the_shipped_pack_loads_and_names_its_version() -> None:
    pack = default_pack()
    assert len(pack.rules) >= 50
    assert pack.version.startswith("default@")
    assert load(pack.text, "again").version == pack.version
    assert load(pack.text + "\n# changed", "again").version != pack.version


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "message"),
    [
        ("text.links", "text.lnks", 14, 11, "is `text.links` meant"),
        ("window.posts", "window.post", 14, 29, "is `window.posts` meant"),
        ("> 1\n", "> 'one'\n", 14, 29, "a number cannot be compared with a string"),
        ("text.links > 0", "text.links", 14, 11, "true or false is needed"),
        ("text.links > 0", "text.links > 0 > 1", 14, 11, "cannot be compared"),
        ("> 1\n", ">\n", 14, 42, "mismatched input"),
        ("text.links > 0", "text.links / 2 > 0", 14, 22, "division may fail"),
        ("text.links > 0", "open(text.links)", 14, 11, "there is no `open`"),
        ("weight: 0.7", "weight: much", 13, 13, "Expected `float`"),
        ("label: link_drop", "label: linkdrop", 12, 12, "Invalid enum value"),
        ("because:", "reason:", 15, 13, "unknown field `reason`"),
        ("span: 10s", "span: 25h", 9, 25, "10 s to 24 h"),
        ("span: 10s", "span: soon", 9, 25, "no span"),
        ("by: [member]", "by: [nobody]", 9, 35, "Invalid enum value"),
        ("name: links", "name: Links!", 11, 11, "small letters"),
        ("    label: link_drop\n", "    label: link_drop\n    label: porn\n", 13, 5, "given twice"),
        ("labels: []", "labels: [", 9, 3, "expected node content"),
    ],
)
def test_an_error_points_at_line_and_column(
    before: str, after: str, line: int, column: int, message: str
) -> None:
    assert before in PACK
    with pytest.raises(PackError) as raised:
        load(PACK.replace(before, after, 1), "packs/test.yaml")
    error = raised.value
    assert message in error.message
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith(f"packs/test.yaml:{line}:{column}: ")


@pytest.mark.parametrize("style", ["|", ">"])
def test_an_error_in_a_condition_over_several_lines_points_into_it(style: str) -> None:
    folded = f"when: {style}\n      text.links > 0 &&\n      window.nope > 1\n"
    source = PACK.replace("when: text.links > 0 && window.posts > 1\n", folded)
    with pytest.raises(PackError) as raised:
        load(source, "p.yaml")
    assert (raised.value.line, raised.value.column) == (16, 7)


def test_two_rules_of_one_name_are_refused() -> None:
    rule = PACK[PACK.index("  - name: links") :]
    with pytest.raises(PackError, match="two rules of the name `links`"):
        load(PACK + rule, "p.yaml")


def test_an_error_hidden_by_the_truth_of_another_part_is_found() -> None:
    source = PACK.replace("text.links > 0 &&", "false && text.links == 'x' &&")
    with pytest.raises(PackError, match="cannot be compared"):
        load(source, "p.yaml")
