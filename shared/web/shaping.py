"""Answers as their reader wants them: only some fields, or as CSV.

A router made with `route_class=ShapedRoute` takes `fields`, `format` and `all` on each GET.
"""

from __future__ import annotations

import csv
import io
import types
import typing
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.web.problems import Problem

_BOM: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MISSING: Final = object()
_TRUE: Final = ("true", "1", "yes", "on")
Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"


def _parameters(
    fields: Annotated[
        str | None,
        Query(
            max_length=500,
            description="Only these fields, parted by commas; dots lead deeper: `counts.messages`. "
            "The others are left out, those that the schema requires as well.",
        ),
    ] = None,
    format: Annotated[
        Format, Query(description="`csv`: a row an item, a column a field.")
    ] = Format.JSON,
    all: Annotated[
        bool,
        Query(description="With `format=csv`: every page from `cursor` on, as it is read."),
    ] = False,
) -> None:
    """Name the parameters for the document; `ShapedRoute` reads them."""


_SHAPING: Final = Depends(_parameters)


_AS_CSV: Final = {"content": {"text/csv": {"schema": {"type": "string"}}}}


class ShapedRoute(APIRoute):
    """A route whose answer to a GET has the fields and the format that the request asks for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **values: Any) -> None:  # noqa: ANN401
        known = list(values.get("dependencies") or ())
        if set(values.get("methods") or ()) == {"GET"} and _SHAPING not in known:
            values["dependencies"] = [*known, _SHAPING]
            values["responses"] = {**(values.get("responses") or {}), 200: _AS_CSV}
        super().__init__(path, endpoint, **values)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def shaped(request: Request) -> Response:
            response = await answer(request)
            asked = request.query_params
            if response.status_code != 200 or not asked.keys() & {"fields", "format"}:
                return response
            if asked.get("format") == Format.CSV and asked.get("all", "").lower() in _TRUE:
                return self._streamed(request, response, answer)
            return self._shaped(request, response)

        return shaped if self.methods == {"GET"} else answer

    def _shaped(self, request: Request, response: Response) -> Response:
        asked = request.query_params
        fields = [field for field in asked.get("fields", "").split(",") if field]
        _check(fields, self.response_model)
        told = msgspec.json.decode(response.body, type=dict[str, object])
        if asked.get("format") == Format.CSV:
            return as_csv(told, fields, request)
        if not fields:
            return response
        return Response(msgspec.json.encode(_only(told, fields)), media_type="application/json")

    def _streamed(self, request: Request, first: Response, answer: Answer) -> Response:
        asked = request.query_params
        fields = [field for field in asked.get("fields", "").split(",") if field]
        _check(fields, self.response_model)
        columns = fields or list(_columns(_item_of(self.response_model)))
        return StreamingResponse(_pages(request, first, answer, columns), media_type="text/csv")


async def _pages(
    request: Request, page: Response, answer: Answer, columns: Sequence[str]
) -> AsyncIterator[str]:
    """Yield all pages as CSV, the one that is there first, each read when the last was sent.

    Raises what reading one raises: then the connection breaks, so nobody takes it for all.
    """
    head: list[Sequence[Any]] = [columns]
    mark = _BOM
    while True:
        told = msgspec.json.decode(bytes(page.body), type=dict[str, object])
        paths = [name.split(".") for name in columns]
        rows = [[_deep(item, path) for path in paths] for item in _items(told)]
        yield mark + csv_text([*head, *rows])
        head, mark = [], ""
        if not told.get("next"):
            return
        url = request.url.include_query_params(cursor=told["next"])
        scope = {**request.scope, "query_string": url.query.encode()}
        page = await answer(Request(scope, request.receive))


def as_csv(told: dict[str, object], fields: Sequence[str], request: Request) -> Response:
    """Return an answer as CSV: its items, or itself as the one row; the next page as a `Link`."""
    items = _items(told)
    flat = [dict(_flat(item)) for item in items]
    columns = list(fields) or list(dict.fromkeys(name for row in flat for name in row))
    rows = [
        [row[name] if name in row else _deep(item, name.split(".")) for name in columns]
        for row, item in zip(flat, items, strict=True)
    ]
    headers = {}
    if told.get("next"):
        following = request.url.include_query_params(cursor=told["next"])
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(_BOM + csv_text([columns, *rows]), media_type="text/csv", headers=headers)


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None or value is _MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return str(value)


def _flat(item: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in item.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _items(told: dict[str, object]) -> list[dict[str, object]]:
    items = told.get("items", [told])
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _only(told: dict[str, object], fields: Sequence[str]) -> dict[str, object]:
    picked = [_picked(item, fields) for item in _items(told)]
    return {**told, "items": picked} if "items" in told else picked[0]


def _picked(item: dict[str, object], fields: Sequence[str]) -> dict[str, object]:
    picked: dict[str, Any] = {}
    for field in fields:
        path = field.split(".")
        value = _deep(item, path)
        if value is _MISSING:
            continue
        within = picked
        for name in path[:-1]:
            within = within.setdefault(name, {})
        within[path[-1]] = value
    return picked


def _deep(item: object, path: Sequence[str]) -> object:
    for name in path:
        if not isinstance(item, dict) or name not in item:
            return _MISSING
        item = item[name]
    return item


def _check(fields: Sequence[str], model: object) -> None:
    """Raise `Problem` (422) where the answer's items have no such field."""
    item = _item_of(model)
    wrong = [field for field in fields if not _is_in(item, field.split("."))]
    if wrong:
        names = ", ".join(sorted(_columns(item)))
        errors = [
            {"field": "fields", "detail": f"there is no `{name}`; there are {names}"}
            for name in wrong
        ]
        raise Problem(422, "Invalid request", errors=errors)


def _is_in(kind: object, path: Sequence[str]) -> bool:
    """Whether a value of a type can have something at `path`; an unknown type can."""
    if not path:
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(path[0])
        return field is not None and _is_in(field.annotation, path[1:])
    origin, arms = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return _is_in(arms[0], path)
    if origin in (typing.Union, types.UnionType):
        return any(_is_in(arm, path) for arm in arms)
    if kind is dict or origin is dict:
        return _is_in(arms[1] if arms else Any, path[1:])
    return kind in (Any, object)


def _item_of(model: object) -> object:
    """Return the model of a list's items, or of the answer itself."""
    if isinstance(model, type) and issubclass(model, BaseModel) and "items" in model.model_fields:
        return next(iter(typing.get_args(model.model_fields["items"].annotation)), None)
    return model


def _columns(model: object, prefix: str = "") -> Iterable[str]:
    """Yield the columns of all of a model's rows: what is nested is parted by dots."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            inner = field.annotation
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _columns(inner, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"
