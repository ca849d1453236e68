"""The blanks in texts for training: contacts, links and codes, made up."""

from __future__ import annotations

from random import Random
from typing import Final

from services.rules.data import table

UNFAMILIAR: Final = {True: 0.85, False: 0.4}
"""How many links lead to a place that nobody knows: of offers, and of ordinary talk."""

_ENDINGS: Final = ("com", "com", "cn", "net", "top", "xyz", "org", "io")


def filled(text: str, choose: Random, offer: bool = True) -> str:
    """Return a text with something made up for {wechat}, {qq}, {phone}, {name}, {link}, {code}."""
    if "{" not in text:
        return text
    digits = str(choose.randrange(10**8, 10**9))
    name = "".join(choose.choices("abcdeghklmnqwxyz", k=4)) + digits[:4]
    blanks = {"wechat": name, "name": name, "qq": digits, "phone": f"13{digits}"}
    blanks |= {"code": digits[:5], "link": _link(name, digits, choose, offer)}
    for blank, value in blanks.items():
        text = text.replace(f"{{{blank}}}", value)
    return text


def _link(name: str, digits: str, choose: Random, offer: bool) -> str:
    if choose.random() < UNFAMILIAR[offer]:
        return f"https://{name}.{choose.choice(_ENDINGS)}/{digits[:3]}"
    return f"https://{choose.choice(table('domains')['known'].split())}/{digits[:6]}"
