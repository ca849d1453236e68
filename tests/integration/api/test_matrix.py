"""Every route against every kind of key that must not open it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route as PlainRoute

from shared.settings import Settings
from shared.web.scopes import MEANINGS, Scope
from tests.integration.api.documents import METHODS, Route, document, routes
from tests.integration.api.installation import SERVICES, Installation

OPEN: Final[dict[str, str]] = {
    "/v1/hooks/{platform}/{source}": "the platform's own signature says who it is",
}
"""Routes that ask for no key, and why."""
UNDOCUMENTED: Final = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/docs/oauth2-redirect",
    "/openapi.json",
    "/redoc",
}
READ_BY_POST: Final = {"/v1/check", "/v1/check:batch"}
"""Routes that change nothing although their method may."""
NEVER_EMPTY: Final = {
    "/v1/keys": "has the key that asks",
    "/v1/key-changes": "has the line of that key",
    "/v1/schemas": "the same for everybody",
    "/v1/funnel": "counts nobody on each step",
    "/v1/cohorts": "counts nobody in each period",
    "/v1/revenue": "counts nobody in each month",
    "/v1/signals": "what every tenant's conditions may ask",
}
"""Lists that are not empty for a new tenant, and why."""

ALL: Final = list(routes())
KEYED: Final = [route for route in ALL if route.path not in OPEN]
by_route = pytest.mark.parametrize("route", KEYED, ids=str)


def asked(installation: Installation, route: Route, key: str) -> httpx.Response:
    path = route.filled(installation.ids)
    return installation.ask(route.service, route.method, path, key, **route.body)


@by_route
def test_a_route_names_the_scope_it_needs(route: Route) -> None:
    assert route.scope in set(Scope)
    if route.method != "GET" and route.path not in READ_BY_POST:
        assert route.scope != Scope.READ, "what changes something needs more than `read`"


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_in_the_document(service: str) -> None:
    app = SERVICES[service](Settings())
    told = set(document(service)["paths"])
    served = {
        route.path.replace(":path}", "}")
        for route in _flat(app.routes)
        if isinstance(route, APIRoute | PlainRoute)
    }
    assert served - told - UNDOCUMENTED == set()


def _flat(found: list[Any]) -> list[Any]:
    return [
        each
        for route in found
        for each in (
            _flat(route.effective_candidates())
            if hasattr(route, "effective_candidates")
            else [route]
        )
    ]


@by_route
def test_without_a_key(installation: Installation, route: Route) -> None:
    url = installation.urls[route.service] + route.filled(installation.ids)
    answer = installation.http.request(route.method, url, **route.body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="steward"'
    assert answer.headers["content-type"] == "application/problem+json"


@by_route
@pytest.mark.parametrize("wrong", ["sk_wrong", "sk_" + "x" * 5_000], ids=["short", "long"])
def test_with_a_wrong_key(installation: Installation, route: Route, wrong: str) -> None:
    assert asked(installation, route, wrong).status_code == 401


@pytest.fixture(scope="module")
def expired(installation: Installation) -> str:
    return installation.key_of("owner", expires_at=datetime.now(UTC) - timedelta(seconds=1))


@by_route
def test_with_an_expired_key(installation: Installation, route: Route, expired: str) -> None:
    assert asked(installation, route, expired).status_code == 401


@pytest.fixture(scope="module")
def lacking(installation: Installation) -> dict[str, str]:
    """Keys of the owner that have every scope but one (and `admin`, which is all of them)."""
    return {
        scope: installation.key_of("owner", set(Scope) - {scope, Scope.ADMIN}) for scope in Scope
    }


@by_route
def test_with_a_key_without_the_scope(
    installation: Installation, route: Route, lacking: dict[str, str]
) -> None:
    assert route.scope is not None
    answer = asked(installation, route, lacking[route.scope])
    assert answer.status_code == 403
    assert answer.json()["scope"] == route.scope


@by_route
def test_with_another_tenant_s_key(installation: Installation, route: Route) -> None:
    stranger = installation.key_of(f"stranger-{ALL.index(route)}")
    before = _the_owner_s(installation, route)
    answer = asked(installation, route, stranger)
    if route.leads_to_one_thing and route.method != "PUT":
        assert answer.status_code == 404, answer.text
    else:
        assert answer.status_code in (200, 201, 202, 204), answer.text
    told = answer.json() if answer.content else {}
    if "items" in told and route.path not in NEVER_EMPTY:
        assert told["items"] == []
    if answer.status_code != 404 and route.method == "GET":
        leaked = [id for id in installation.ids.values() if id in answer.text]
        assert leaked == []
    assert _the_owner_s(installation, route) == before


def _the_owner_s(installation: Installation, route: Route) -> Any:
    """Return what the owner sees at the path, if a request there could change it."""
    if route.method == "GET" or "get" not in document(route.service)["paths"][route.path]:
        return None
    path = route.filled(installation.ids)
    return installation.ask(route.service, "GET", path).json()


@pytest.mark.parametrize("route", [route for route in ALL if route.path in OPEN], ids=str)
def test_an_open_route_lets_nobody_in_by_itself(installation: Installation, route: Route) -> None:
    path = installation.urls[route.service] + route.filled(installation.ids)
    answer = installation.http.request(route.method, path, json={})
    assert answer.status_code in (401, 403, 404, 405)


def test_every_scope_opens_something() -> None:
    used = {route.scope for route in KEYED}
    assert used >= set(Scope)
    assert set(MEANINGS) == set(Scope)
    assert METHODS
