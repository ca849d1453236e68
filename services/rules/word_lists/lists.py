"""A tenant's own lists of words, found in a text as it is read: past every trick of writing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from services.rules.folding import fold
from services.rules.lexicon import KEEP, Lexicon, Match
from services.rules.signals import MOST_SPANS, Reading
from services.rules.text import normalise
from shared.events import Tenant
from shared.verdicts import Span

MOST_LISTS: Final = 20
"""Lists that one tenant may have."""
MOST_WORDS: Final = 5_000
"""Words of one list, and as many exceptions."""
LONGEST_WORD: Final = 100
SCOPE: Final = "list"
"""What the signals of lists begin with: `list.political`."""

_CHINESE: Final = re.compile("[\u4e00-\u9fff]{3,}")
_SIGN: Final = re.compile(r"[\W_]")


class WordList(Struct, frozen=True, kw_only=True):
    """One list. A word inside one of the `exceptions` does not count."""

    tenant: Tenant
    name: str
    version: str
    """What verdicts name: the list's name and the beginning of a SHA-256 of what it says."""
    words: list[str]
    exceptions: list[str] = []
    note: str = ""
    by: str
    changed_at: datetime


class Ready:
    """A list ready to be looked for."""

    def __init__(
        self, name: str, version: str, words: Sequence[str], exceptions: Sequence[str]
    ) -> None:
        self.name = name
        self.version = version
        self.signal = f"{SCOPE}.{name}"
        kept = tuple(form for word in exceptions for form in _plain_forms(word))
        self._words = Lexicon({self.signal: _forms(words), KEEP: kept}) if words else None

    def find(self, text: str) -> list[Match]:
        """Return its words in a normalised text."""
        return [] if self._words is None else self._words.find(text)


class Listed(Struct, frozen=True):
    """What of a tenant's lists stands in one text."""

    matches: list[Match]
    versions: dict[str, str]
    """By signal: the version of each list that a word was found of."""

    @property
    def signals(self) -> dict[str, int]:
        """The number of words of each list."""
        counts = dict.fromkeys(self.versions, 0)
        for match in self.matches:
            counts[match.category] += 1
        return counts

    def spans(self, reading: Reading, seen: Set[str]) -> list[Span]:
        """Return where in the original the words of the lists among these signals stand."""
        found = [(m.start, m.end, m.category) for m in self.matches if m.category in seen]
        return reading.normal.spans(found[:MOST_SPANS])


class TenantLists:
    """All lists of one tenant. Never changes: a change makes another."""

    def __init__(self, lists: Iterable[Ready] = ()) -> None:
        self._lists = {each.name: each for each in lists}

    @property
    def versions(self) -> dict[str, str]:
        """The version of each list, by its name."""
        return {name: each.version for name, each in self._lists.items()}

    def with_list(self, ready: Ready) -> TenantLists:
        """Return them with one more, or another of that name."""
        return TenantLists([*self.without(ready.name)._lists.values(), ready])

    def without(self, name: str) -> TenantLists:
        """Return them without one."""
        return TenantLists(each for each in self._lists.values() if each.name != name)

    def look(self, text: str) -> Listed | None:
        """Return what of the lists stands in a normalised text; None where nothing does."""
        matches: list[Match] = []
        versions: dict[str, str] = {}
        for each in self._lists.values():
            if found := each.find(text):
                matches += found
                versions[each.signal] = each.version
        return Listed(matches, versions) if matches else None


class WordLists(Protocol):
    """Tells which lists a tenant has."""

    def of(self, tenant: str) -> TenantLists | None:
        """Return a tenant's lists; None where it has none."""


class KnownLists(WordLists):
    """The lists in force in this process, by tenant."""

    def __init__(self, lists: Mapping[str, TenantLists] | None = None) -> None:
        self._lists = dict(lists or {})

    def of(self, tenant: str) -> TenantLists | None:
        return self._lists.get(tenant)

    def version(self, tenant: str, name: str) -> str | None:
        """Return the version of a list that is in force."""
        lists = self._lists.get(tenant)
        return None if lists is None else lists.versions.get(name)

    def put(self, tenant: str, ready: Ready) -> None:
        """Put a list in force."""
        self._lists[tenant] = self._lists.get(tenant, TenantLists()).with_list(ready)

    def remove(self, tenant: str, name: str) -> None:
        """Have a list looked for no more."""
        left = self._lists.get(tenant, TenantLists()).without(name)
        if left.versions:
            self._lists[tenant] = left
        else:
            self._lists.pop(tenant, None)


def version_of(name: str, words: Sequence[str], exceptions: Sequence[str]) -> str:
    """Return the version of a list that says this; the order of words says nothing."""
    said = "\x1e".join("\x1f".join(sorted(some)) for some in (words, exceptions))
    return f"{name}@{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:12]}"


def too_short(word: str) -> bool:
    """Whether a word has less than two letters or digits once it is read: it would be anywhere."""
    return any(len(_SIGN.sub("", form)) < _LEAST for form in _plain_forms(word))


_LEAST: Final = 2


def _plain_forms(word: str) -> tuple[str, ...]:
    """Return a word as it may stand in a normalised text, alone or among others."""
    return tuple({fold(word).strip(), normalise(word).text.strip()})


def _forms(words: Iterable[str]) -> tuple[str, ...]:
    """Return what to look for: each word as it is read, and what reading does not undo of it.

    That is a Chinese word backwards (lines are turned round only where the
    shipped lexicon knows their words) and a phrase whose words are joined.
    """
    forms: list[str] = []
    for word in words:
        plain = _plain_forms(word)
        forms += plain
        forms += [form[::-1] for form in plain if _CHINESE.fullmatch(form)]
        forms += [sign.join(form.split()) for form in plain for sign in ("", "-")]
    return tuple(dict.fromkeys(forms))
