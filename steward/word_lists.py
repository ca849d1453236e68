"""An operator's word lists for commands that judge in their own process: of files or by REST."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import msgspec
import yaml
from msgspec import Meta, Struct

from services.rules.word_lists.lists import (
    LONGEST_WORD,
    MOST_LISTS,
    MOST_WORDS,
    Ready,
    TenantLists,
    WordLists,
    too_short,
    version_of,
)

SUFFIXES: Final = (".json", ".yaml", ".yml", ".txt")
"""What files of lists are called; `.txt` has a word on each line."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_Words = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=LONGEST_WORD)]], Meta(max_length=MOST_WORDS)
]


class _Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A list as REST takes it; what REST adds when it gives one is let pass."""

    words: _Words
    exceptions: _Words = []
    note: str = ""
    name: str = ""
    version: str = ""
    size: int = 0
    changed_at: Any = None
    changed_by: str = ""


class ListError(ValueError):
    """A word list cannot be used: which, where in it, and why."""


class SameLists(WordLists):
    """The same lists for every tenant."""

    def __init__(self, lists: TenantLists) -> None:
        self._lists = lists

    def of(self, tenant: str) -> TenantLists | None:
        return self._lists


def read_lists(place: Path) -> TenantLists:
    """Return the list of a file, or those of a folder's files, by their names.

    Raises `ListError`, or `OSError` for what cannot be read.
    """
    if not place.is_dir():
        return TenantLists([_read(place)])
    files = sorted(file for file in place.iterdir() if file.suffix in SUFFIXES)
    if not files:
        raise ListError(f"{place}: no file ends in {', '.join(SUFFIXES)}")
    if len(files) > MOST_LISTS:
        raise ListError(f"{place}: a tenant may have {MOST_LISTS} lists")
    lists = [_read(file) for file in files]
    if len({each.name for each in lists}) < len(lists):
        raise ListError(f"{place}: two files have the same name")
    return TenantLists(lists)


def fetched_lists(url: str, key: str) -> TenantLists:
    """Return the lists of the key's tenant, asked of the rules service at `url`.

    Raises httpx's errors if it refuses or is away.
    """
    with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        listed = client.get(f"{url}/v1/lists").raise_for_status().json()["items"]
        answers = [client.get(f"{url}/v1/lists/{each['name']}") for each in listed]
    found = [answer.raise_for_status().json() for answer in answers]
    return TenantLists(_ready(each["name"], each["words"], each["exceptions"]) for each in found)


def _read(file: Path) -> Ready:
    if _NAME.fullmatch(file.stem) is None:
        raise ListError(f"{file}: a list's name is small letters, digits and `_`")
    try:
        said = file.read_text(encoding="utf-8")
        plain = file.suffix == ".txt"
        written = msgspec.convert(_lines(said) if plain else yaml.safe_load(said), _Written)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ListError(f"{file}: {error}") from error
    for part, words in (("words", written.words), ("exceptions", written.exceptions)):
        short = next((word for word in words if too_short(word)), None)
        if short is not None:
            raise ListError(f"{file}: {part}: `{short}` has less than two letters or digits")
    return _ready(file.stem, written.words, written.exceptions)


def _lines(said: str) -> dict[str, list[str]]:
    return {"words": [line.strip() for line in said.splitlines() if line.strip()]}


def _ready(name: str, words: Sequence[str], exceptions: Sequence[str]) -> Ready:
    words, exceptions = (list(dict.fromkeys(some)) for some in (words, exceptions))
    return Ready(name, version_of(name, words, exceptions), words, exceptions)
