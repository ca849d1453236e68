"""Each promise that the README makes names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[(\w+)\]\(([\w/]+\.py)\)")


def promises() -> dict[str, list[tuple[str, str]]]:
    """Return, by promise, the tests that it names, each with its file."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| promise | test |\n| --- | --- |\n")[2].partition("\n\n")[0]
    rows = [line.strip("| ").rpartition(" | ") for line in table.splitlines()]
    return {promise: LINK.findall(tests) for promise, _, tests in rows}


def functions_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_there_are_promises() -> None:
    assert len(promises()) > 15


@pytest.mark.parametrize("promise", promises())
def test_a_promise_is_kept_by_tests_that_are_there(promise: str) -> None:
    named = promises()[promise]
    assert named, "no test is named"
    missing = [name for name, file in named if name not in functions_of(ROOT / file)]
    assert missing == []
