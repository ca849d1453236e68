"""Reads the small, flat XML of callbacks; whatever could make it grow is refused."""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from services.ingest.platforms.contract import UnreadableError

DEEPEST: Final = 8

Tree = dict[str, "Tree | list[Tree | str] | str"]
"""An element: its children by name; a name that stands twice has a list."""


def read_xml(text: bytes | str) -> Tree:
    """Return the children of the document's root. Raises `UnreadableError`.

    A document type is refused, and with it every entity: nothing is expanded or fetched.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        raise UnreadableError(f"The body is not XML: {error}") from None
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Tree = {}
        self._open: list[tuple[str, Tree, list[str]]] = []

    def refuse(self, *_: object) -> None:
        raise UnreadableError("XML with a document type is not read.")

    def start(self, name: str, _: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise UnreadableError("The XML is nested too deeply.")
        self._open.append((name, {}, []))

    def characters(self, text: str) -> None:
        self._open[-1][2].append(text)

    def end(self, _: str) -> None:
        name, children, texts = self._open.pop()
        if not self._open:
            self.root = children
            return
        value: Tree | str = children or "".join(texts).strip()
        siblings = self._open[-1][1]
        known = siblings.get(name)
        if known is None:
            siblings[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            siblings[name] = [known, value]
