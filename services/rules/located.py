"""YAML whose every part knows where in the file it stands, so that errors can point there."""

from __future__ import annotations

import yaml


class PackError(ValueError):
    """A rule pack cannot be used; says where: file, line and column, counted from 1."""

    def __init__(self, message: str, file: str, line: int, column: int) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}")
        self.message, self.file, self.line, self.column = message, file, line, column


class Located:
    """A YAML document as plain values, with the place of each by its path (`$.rules[3].when`).

    Raises `PackError` where the source is no YAML, or a key stands twice.
    """

    def __init__(self, source: str, file: str) -> None:
        self.source, self.file = source, file
        self._nodes: dict[str, yaml.Node] = {}
        try:
            root = yaml.compose(source, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise PackError(error.problem or "is not YAML", file, line, column) from error
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
        return self._constructor.construct_object(node)

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
        return self.source.count("\n", 0, at) + 1, at - self.source.rfind("\n", 0, at)
