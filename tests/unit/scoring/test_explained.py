"""What every number of the REST API is made of is written down, route by route."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from services.scoring.app import create_app
from shared.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "scoring.md").read_text(encoding="utf-8")
ROWS = {
    row[0].strip("` "): row[-1].strip()
    for line in PAGE.splitlines()
    if line.startswith("| `/v1/")
    for row in [line.strip("| ").split(" | ")]
}


def reads() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = create_app(Settings()).openapi()["paths"]
    return {
        path: methods["get"]
        for path, methods in paths.items()
        if path.startswith("/v1/") and "get" in methods
    }


def test_every_route_that_is_read_is_in_the_table_or_among_those_without_numbers() -> None:
    named = set(re.findall(r"`(/v1/[^`?]*)`", PAGE))
    assert reads().keys() - named == set()


def test_a_route_takes_explain_where_the_table_says_so() -> None:
    assert ROWS
    takes = {
        path
        for path, read in reads().items()
        if any(each["name"] == "explain" for each in read["parameters"])
    }
    assert takes == {path for path, when in ROWS.items() if "explain" in when}
