"""The blanks in phrases for training: contacts, links and codes, made up."""

from __future__ import annotations

from random import Random


def filled(text: str, choose: Random) -> str:
    """Return a text with something made up for {wechat}, {qq}, {phone}, {name}, {link}, {code}."""
    if "{" not in text:
        return text
    digits = str(choose.randrange(10**8, 10**9))
    name = "".join(choose.choices("abcdeghklmnqwxyz", k=4)) + digits[:4]
    blanks = {"wechat": name, "name": name, "qq": digits, "phone": f"13{digits}"}
    blanks |= {"code": digits[:5], "link": f"https://{name}.top/{digits[:3]}"}
    for blank, value in blanks.items():
        text = text.replace(f"{{{blank}}}", value)
    return text
