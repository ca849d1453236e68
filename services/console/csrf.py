"""Keeps other sites from acting in somebody's name: a token in every form, and the origin."""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

FIELD: Final = "csrf"
"""The field of every form that carries the token."""
_OWN_SITES: Final = frozenset({"", "same-origin", "none"})


def is_ours(origin: str, site: str, host: str) -> bool:
    """Whether a request that changes something comes from a page of ours.

    Args:
        origin: its header `Origin`; browsers send it with every POST.
        site: its header `Sec-Fetch-Site`.
        host: its header `Host`.
    """
    if site not in _OWN_SITES:
        return False
    return not origin or urlsplit(origin).netloc == host


def matches(given: str, expected: str) -> bool:
    """Whether a form carries the token that it should, compared in constant time."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
