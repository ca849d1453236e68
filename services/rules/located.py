"""YAML whose every part knows where in the file it stands, so that errors can point there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import yaml


class PackError(ValueError):
    """A rule pack cannot be used; says where: file, line and column, counted from 1.

    `others` are errors that were found besides this one.
    """

    others: Sequence[PackError] = ()

    def __init__(self, message: str, file: str, line: int, column: int) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}")
        self.message, self.file, self.line, self.column = message, file, line, column


MOST_ERRORS: Final = 20
"""Errors of a pack that are told at once."""


def refuse(wrong: Sequence[PackError]) -> None:
    """Raise the first of these errors with the others beside it; nothing if there are none."""
    if wrong:
        wrong[0].others = wrong[1:MOST_ERRORS]
        raise wrong[0]


class Located:
    """A YAML document as plain values, with the place of each by its path (`$.rules[3].when`).

    Raises `PackError` where the source is no YAML, a key stands twice, it has an
    alias (which could make it endless), or is nested deeper than `DEEPEST`.
    """

    def __init__(self, source: str, file: str) -> None:
        self.source, self.file = source, file
        self._nodes: dict[str, yaml.Node] = {}
        try:
            _refuse_aliases(source, file)
            root = yaml.compose(source, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise PackError(error.problem or "is not YAML", file, line, column) from error
        except yaml.reader.ReaderError as error:
            line, column = place(source, error.position)
            raise PackError(error.reason, file, line, column) from error
        except UnicodeEncodeError as error:
            line, column = place(source, error.start)
            raise PackError("is not text", file, line, column) from error
        if root is None:
            raise PackError("the pack is empty", file, 1, 1)
        self._constructor = yaml.SafeLoader("")
        self.value: object = self._plain(root, "$")

    def error(self, message: str, path: str, offset: int | None = None) -> PackError:
        """Return the error that stands at a path, or `offset` characters into its string."""
        while path not in self._nodes and path != "$":
            path = path[: max(path.rfind("."), path.rfind("["))] or "$"
        mark = self._nodes[path].start_mark
        line, column = mark.line + 1, mark.column + 1
        if offset is not None:
            line, column = self._within(self._nodes[path], offset)
        return PackError(message, self.file, line, column)

    def _plain(self, node: yaml.Node, path: str) -> object:
        self._nodes[path] = node
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, f"{path}[{i}]") for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> object:
        if node.tag.rpartition(":")[2] not in _SCALARS:  # dates and other tags: as written
            return str(node.value)
        try:
            return self._constructor.construct_object(node)
        except ValueError as error:
            mark = node.start_mark
            raise PackError(str(error)[:200], self.file, mark.line + 1, mark.column + 1) from error

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, object]:
        plain: dict[str, object] = {}
        for key, item in node.value:
            name = str(key.value)
            if name in plain:
                mark = key.start_mark
                message = f"`{name}` is given twice"
                raise PackError(message, self.file, mark.line + 1, mark.column + 1)
            plain[name] = self._plain(item, f"{path}.{name}")
        return plain

    def _within(self, node: yaml.Node, offset: int) -> tuple[int, int]:
        """Find a character of a string in the source, however the string is folded there.

        Blanks may differ between the two, all other characters come in order.
        """
        position = node.start_mark.index
        if getattr(node, "style", None) in ("|", ">"):
            position = self.source.find("\n", position) + 1
        for character in str(node.value)[: offset + 1]:
            if not character.isspace():
                found = self.source.find(character, position, node.end_mark.index)
                position = found + 1 if found >= 0 else position
        at = max(position - 1, node.start_mark.index)
        return place(self.source, at)


def place(source: str, position: int) -> tuple[int, int]:
    """Return the line and column of a character, counted from 1."""
    start = source.rfind("\n", 0, position)
    return source.count("\n", 0, position) + 1, position - start


DEEPEST: Final = 20
_SCALARS: Final = frozenset({"str", "int", "float", "bool", "null"})


def _refuse_aliases(source: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        alias = isinstance(event, yaml.AliasEvent)
        if event.start_mark is not None and (alias or depth > DEEPEST):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            message = "aliases are not allowed" if alias else "is nested too deeply"
            raise PackError(message, file, line, column)
