"""Answers have the fields and the format that their reader asks for."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.web import problems
from shared.web.shaping import ShapedRoute, csv_text


class Item(BaseModel):
    member: str
    score: float
    counts: dict[str, int] = {}
    groups: list[str] = []


class Page(BaseModel):
    items: list[Item]
    next: str | None


ITEMS = [
    Item(member="阿明", score=1.5, counts={"messages": 3}, groups=["g1", "g2"]),
    Item(member='=HYPERLINK("x")', score=-2, counts={"replies": 1}),
]


def application() -> FastAPI:
    app = FastAPI()
    router = APIRouter(route_class=ShapedRoute)

    @router.get("/items")
    async def items() -> Page:
        return Page(items=ITEMS, next="c1")

    @router.get("/item")
    async def item() -> Item:
        return ITEMS[0]

    @router.put("/item")
    async def put(wanted: Item) -> Item:
        return wanted

    app.include_router(router, prefix="/v1")
    problems.install(app)
    return app


class Place(BaseModel):
    group: str
    size: int | None = None


class Row(BaseModel):
    number: int
    place: Place
    counts: dict[str, int]


class Rows(BaseModel):
    items: list[Row]
    next: str | None


def paged(count: int, broken_after: int | None = None) -> FastAPI:
    """An application with a list of so many items, of which one page may fail."""
    app = FastAPI()
    router = APIRouter(route_class=ShapedRoute)

    @router.get("/rows")
    async def rows(cursor: int = 0, limit: int = 2) -> Rows:
        if cursor == broken_after:
            raise problems.Unavailable("The database is away.")
        end = min(count, cursor + limit)
        items = [
            Row(number=n, place=Place(group=f"g{n}"), counts={f"kind-{n}": n})
            for n in range(cursor, end)
        ]
        return Rows(items=items, next=str(end) if end < count else None)

    app.include_router(router, prefix="/v1")
    problems.install(app)
    return app


async def streamed(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


@pytest.mark.parametrize(("count", "limit"), [(0, 2), (1, 2), (4, 2), (5, 2), (7, 3)])
async def test_csv_of_all_pages_is_that_of_one_page_that_holds_all(count: int, limit: int) -> None:
    app = paged(count)
    read = table(await streamed(app, f"/v1/rows?format=csv&all=true&limit={limit}"))
    whole = table(await streamed(app, "/v1/rows?format=csv&all=true&limit=100"))
    assert read == whole
    assert read[0] == ["number", "place.group", "place.size", "counts"]
    kinds = [[str(n), f"g{n}", "", f'{{"kind-{n}":{n}}}'] for n in range(count)]
    assert read[1:] == kinds, "what each row has of its own does not change the columns"
    chosen = await streamed(app, "/v1/rows?format=csv&all=1&fields=counts.kind-1,number&cursor=1")
    assert table(chosen)[1:] == [["1" if n == 1 else "", str(n)] for n in range(1, count)]


async def test_pages_that_cannot_be_read_end_the_answer_without_its_end() -> None:
    with pytest.raises(RuntimeError):
        await streamed(paged(5, broken_after=4), "/v1/rows?format=csv&all=true")
    first = await streamed(paged(5, broken_after=0), "/v1/rows?format=csv&all=true")
    assert first.status_code == 503


async def ask(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_only_the_fields_that_are_asked_for() -> None:
    answer = (await ask("/v1/items?fields=member,counts.messages")).json()
    assert answer["items"] == [
        {"member": "阿明", "counts": {"messages": 3}},
        {"member": '=HYPERLINK("x")'},
    ]
    assert answer["next"] == "c1"
    assert (await ask("/v1/item?fields=score")).json() == {"score": 1.5}
    assert (await ask("/v1/item")).json()["groups"] == ["g1", "g2"]


def table(response: httpx.Response) -> list[list[str]]:
    assert response.headers["content-type"].startswith("text/csv")
    assert response.content.startswith(b"\xef\xbb\xbf"), "spreadsheets read it as UTF-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_csv_has_a_row_an_item_and_no_formulas() -> None:
    response = await ask("/v1/items?format=csv&limit=2")
    assert table(response) == [
        ["member", "score", "counts.messages", "groups", "counts.replies"],
        ["阿明", "1.5", "3", "g1; g2", ""],
        ['\'=HYPERLINK("x")', "-2.0", "", "", "1"],
    ]
    assert response.headers["link"] == '</v1/items?format=csv&limit=2&cursor=c1>; rel="next"'
    chosen = await ask("/v1/items?format=csv&fields=score,counts.replies")
    assert table(chosen) == [["score", "counts.replies"], ["1.5", ""], ["-2.0", "1"]]


@pytest.mark.parametrize(
    "path",
    ["/v1/items?fields=scor", "/v1/item?fields=member,scor.x", "/v1/item?fields=member.scor"],
)
async def test_unknown_fields_are_named(path: str) -> None:
    answer = await ask(path)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "fields"
    assert "scor" in error["detail"]
    assert "member" in error["detail"]


async def test_an_unknown_format_is_refused() -> None:
    assert (await ask("/v1/items?format=xml")).status_code == 422


def test_the_parameters_are_documented_where_they_work() -> None:
    paths = application().openapi()["paths"]

    def names(operation: dict[str, Any]) -> set[str]:
        return {each["name"] for each in operation.get("parameters", [])}

    assert names(paths["/v1/items"]["get"]) == {"fields", "format", "all"}
    assert names(paths["/v1/item"]["put"]) == set()


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_csv_reads_as_it_was_written_but_for_formulas(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    for given_row, row in zip(rows, read, strict=True):
        for value, cell in zip(given_row, row, strict=True):
            assert cell in (value, f"'{value}")
            assert not cell.startswith(("=", "+", "-", "@"))
