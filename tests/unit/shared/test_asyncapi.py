"""The description of the topics is true."""

from __future__ import annotations

from pathlib import Path

from steward.asyncapi import as_yaml

FILE = Path(__file__).parents[3] / "docs" / "asyncapi.yaml"


def test_the_file_says_what_the_structs_say() -> None:
    assert FILE.read_text(encoding="utf-8") == as_yaml(), (
        "run: python -m steward.asyncapi > docs/asyncapi.yaml"
    )
