"""The tables that text is read with: plain YAML files, one for each kind of knowledge."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def table(name: str) -> dict[str, Any]:
    """Return the table `name`.yaml of this folder. Raises `FileNotFoundError`."""
    text = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    tables: dict[str, Any] = yaml.safe_load(text)
    return tables


def words(listed: str) -> tuple[str, ...]:
    """Split a table's list into its words; `_` in a word stands for a space.

    `words("a b_c")` is `("a", "b c")`.
    """
    return tuple(word.replace("_", " ") for word in listed.split())
