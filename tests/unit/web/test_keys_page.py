"""docs/keys.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from shared.web.auth import KNOWN_SECONDS
from shared.web.key_use import WRITE_SECONDS
from shared.web.keys import Limits
from shared.web.scopes import MEANINGS, Scope, allows

PAGE = (Path(__file__).parents[3] / "docs" / "keys.md").read_text()


def test_the_page_has_every_scope_with_its_meaning() -> None:
    table = PAGE.partition("| scope | opens |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", table, re.MULTILINE)
    assert rows == [(scope.value, MEANINGS[scope]) for scope in Scope]


def test_the_page_has_every_limit() -> None:
    table = PAGE.partition("| limit | counts |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ", table, re.MULTILINE)
    assert rows == [field.name for field in msgspec.structs.fields(Limits)]


def test_the_page_has_the_times_in_force() -> None:
    assert f"everywhere within {KNOWN_SECONDS:.0f} seconds" in PAGE
    assert f"within about {WRITE_SECONDS:.0f} seconds" in PAGE


def test_a_scope_opens_itself_and_admin_opens_all() -> None:
    for needed in Scope:
        opening = {scope for scope in Scope if allows(frozenset({scope}), needed)}
        assert opening == {needed, Scope.ADMIN}
        assert allows(None, needed)
        assert not allows(frozenset(), needed)
