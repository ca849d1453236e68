"""Templates of messages: a part of Jinja2 whose work grows with the template's length only. Pure.

There are no loops, assignments or calls, and no filter that can multiply a
text: a hostile template is refused, or it is as quick as a good one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_CHARACTERS: Final = 4_000
"""The longest message: about what chat platforms take."""
FILTERS: Final = frozenset(
    {"abs", "capitalize", "default", "int", "length", "lower", "round", "title", "trim"}
    | {"truncate", "upper"}
)
"""Filters that a template may use."""
BUILT_IN: Final = frozenset(
    {"campaign", "date", "group", "member", "minutes_left", "persona", "starts_at"}
    | {"time", "weekday"}
)
"""Names that every template of a campaign may use."""
_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr),
    nodes.Getitem,
    *(nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.Concat, nodes.Add, nodes.Sub, nodes.List, nodes.Tuple, nodes.Filter, nodes.Keyword),
    nodes.Test,
)
_TESTS: Final = frozenset({"defined", "undefined", "none", "even", "odd"})

Values = Mapping[str, Any]


class InvalidTemplateError(ValueError):
    """A template cannot be used, or came to nothing that can be sent."""


class _Environment(ImmutableSandboxedEnvironment):
    """Reads fields of mappings and nothing else."""

    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: object, argument: object) -> object:
        return self.getattr(obj, str(argument))


_ENVIRONMENT: Final = _Environment(undefined=StrictUndefined, autoescape=False, cache_size=0)
_ENVIRONMENT.globals.clear()


class Templates:
    """Renders templates, and keeps those compiled that it used last."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._compiled: OrderedDict[str, Template] = OrderedDict()

    def render(self, source: str, values: Values) -> str:
        """Return what a checked template says with these values.

        Raises `InvalidTemplateError` where a value is missing, and for a
        message that is empty or longer than `MOST_CHARACTERS`.
        """
        try:
            text = self._template(source).render(values).strip()
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            raise InvalidTemplateError(_short(error)) from None
        if not text:
            raise InvalidTemplateError("the message is empty")
        if len(text) > MOST_CHARACTERS:
            raise InvalidTemplateError(f"the message is longer than {MOST_CHARACTERS} characters")
        return text

    def _template(self, source: str) -> Template:
        known = self._compiled.get(source)
        if known is None:
            known = self._compiled[source] = _ENVIRONMENT.from_string(source)
            if len(self._compiled) > self._most:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(source)
        return known


def check(source: str, names: Iterable[str]) -> None:
    """Raise `InvalidTemplateError` unless the template is safe and uses these names only."""
    try:
        tree = _ENVIRONMENT.parse(source)
        _refuse(tree)
        unknown = meta.find_undeclared_variables(tree) - set(names)
        _ENVIRONMENT.compile(tree)
    except InvalidTemplateError:
        raise
    except (TemplateError, SyntaxError, ValueError) as error:
        raise InvalidTemplateError(_short(error)) from None
    except (RecursionError, MemoryError):
        raise InvalidTemplateError("is nested too deeply") from None
    if unknown:
        raise InvalidTemplateError(f"there is no `{min(unknown)}`")


def _refuse(tree: nodes.Template) -> None:
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            word = type(node).__name__.lower()
            raise InvalidTemplateError(f"line {node.lineno}: `{word}` is not for messages")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise InvalidTemplateError(f"line {node.lineno}: there is no filter `{node.name}`")
        if isinstance(node, nodes.Test) and node.name not in _TESTS:
            raise InvalidTemplateError(f"line {node.lineno}: there is no test `{node.name}`")


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
