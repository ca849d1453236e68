"""Every route: who must not open it does not, and every answer is guarded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.console.csrf import FIELD
from services.console.headers import POLICY
from services.console.pages import PAGES
from services.console.sessions import COOKIE
from shared.web.scopes import Scope
from tests.unit.console.signing_in import HOST, TOKEN, browser, console, session

OPEN = {
    ("GET", "/sign-in"): "asks who it is",
    ("POST", "/sign-in"): "asks who it is",
    ("POST", "/sign-in/link"): "asks for an API key itself, and answers this machine alone",
    ("POST", "/sign-out"): "ends what there may be",
    ("GET", "/sign-in/oidc"): "leads to the identity provider",
    ("GET", "/sign-in/oidc/callback"): "the way back from the identity provider",
    ("POST", "/preferences"): "the language of the form that asks who it is",
}
"""Routes for who is not signed in, and why."""
UNFORMED = {("POST", "/sign-in/link")}
"""Routes that no form leads to."""


def routes() -> Iterator[tuple[str, str]]:
    for make in PAGES:
        for route in make().routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                yield method, route.path


ALL = sorted(routes())
CLOSED = [route for route in ALL if route not in OPEN]
PAGES_SHOWN = [route for route in CLOSED if route[0] == "GET"]
ACTIONS = [route for route in CLOSED if route[0] != "GET"]


def filled(path: str) -> str:
    parts = (part if not part.startswith("{") else "x" for part in path.split("/"))
    return "/".join(parts)


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """A console that keeps nothing from one request to the next, so that all may ask it."""
    return console()


def test_the_table_of_open_routes_is_true() -> None:
    assert set(OPEN) <= set(ALL)
    assert {method for method, _ in ALL} <= {"GET", "POST"}


@pytest.mark.parametrize(("method", "path"), PAGES_SHOWN)
async def test_a_page_asks_who_is_not_signed_in_to_sign_in(
    app: FastAPI, method: str, path: str
) -> None:
    async with browser(app) as visitor:
        answer = await visitor.get(filled(path))
        looked = await visitor.get(filled(path), headers={"x-live": "1"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?to=")
    assert looked.status_code == 401


@pytest.mark.parametrize(("method", "path"), ACTIONS)
async def test_an_action_refuses_who_is_not_signed_in(app: FastAPI, method: str, path: str) -> None:
    async with browser(app) as visitor:
        answer = await visitor.post(filled(path), data={FIELD: TOKEN})
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), ACTIONS)
@pytest.mark.parametrize("token", ["", "another"])
async def test_an_action_refuses_a_form_without_the_session_s_token(
    app: FastAPI, method: str, path: str, token: str
) -> None:
    async with browser(app, set(Scope)) as person:
        answer = await person.post(filled(path), data={FIELD: token})
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), ACTIONS)
async def test_an_action_refuses_a_form_of_another_site(
    app: FastAPI, method: str, path: str
) -> None:
    async with browser(app, set(Scope)) as person:
        answer = await person.post(
            filled(path), data={FIELD: TOKEN}, headers={"origin": "http://evil.test"}
        )
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), ACTIONS)
async def test_a_viewer_is_refused_every_action(app: FastAPI, method: str, path: str) -> None:
    async with browser(app, {Scope.READ}) as viewer:
        answer = await viewer.post(filled(path), data={FIELD: TOKEN})
    assert answer.status_code == 403
    assert "scope" in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/preferences"])
async def test_forms_of_visitors_carry_a_token_too(app: FastAPI, path: str) -> None:
    async with browser(app) as visitor:
        answer = await visitor.post(path, data={FIELD: "made up", "key": "sk_x"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), ALL)
async def test_every_answer_has_the_security_headers(app: FastAPI, method: str, path: str) -> None:
    async with browser(app, {Scope.READ}) as person:
        answer = await person.request(method, filled(path))
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY
    if answer.status_code not in (303, 404):
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), PAGES_SHOWN)
async def test_a_page_says_what_is_away_instead_of_breaking(
    app: FastAPI, method: str, path: str
) -> None:
    async with browser(app, set(Scope)) as person:
        answer = await person.get(filled(path), params={"case": "x"})
    assert answer.status_code in (200, 303, 503)
    if answer.status_code != 303:
        assert "does not answer" in answer.text


async def test_health_and_metrics_are_open_and_static_files_are_kept() -> None:
    app = console()
    async with browser(app) as visitor:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await visitor.get(path)).status_code == 200
        style = await visitor.get(app.state.shell.assets("base.css"))
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]


async def test_a_page_that_is_not_there_says_so_in_html() -> None:
    async with browser(console()) as visitor:
        answer = await visitor.get("/no-such-page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


async def test_a_cookie_that_was_not_made_here_is_nobody() -> None:
    app, other = console(), console()
    async with browser(app) as visitor:
        forged = other.state.shell.sessions.write(session(set(Scope)))
        visitor.cookies.set(COOKIE, forged, domain=HOST)
        assert (await visitor.get("/groups")).status_code == 303


@pytest.mark.parametrize(
    "to", ["//evil.test", "http://evil.test", "/\\evil.test", "javascript:alert(1)", "/sign-in", ""]
)
async def test_signing_in_never_leads_elsewhere(app: FastAPI, to: str) -> None:
    async with browser(app, {Scope.READ}) as person:
        answer = await person.get("/sign-in", params={"to": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(("https", "secure"), [(True, True), (False, False)])
async def test_cookies_are_for_this_site_alone(https: bool, secure: bool) -> None:
    async with browser(console(console_https=https)) as visitor:
        answer = await visitor.get("/sign-in")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert ("Secure" in cookie) is secure
    assert ("strict-transport-security" in answer.headers) is https


async def test_a_key_that_cannot_be_checked_signs_nobody_in() -> None:
    async with browser(console()) as visitor:
        await visitor.get("/sign-in")
        token = visitor.cookies["steward_visit"]
        answer = await visitor.post("/sign-in", data={FIELD: token, "key": "sk_x"})
    assert answer.status_code == 503
    assert COOKIE not in answer.cookies
    assert "sk_x" not in answer.text


@pytest.mark.parametrize("proxied", [{"x-forwarded-for": "203.0.113.9"}, {}])
async def test_a_link_is_made_for_a_program_on_this_machine_with_a_key(
    proxied: dict[str, Any],
) -> None:
    async with browser(console()) as program:
        key = {} if not proxied else {"authorization": "Bearer sk_x"}
        answer = await program.post("/sign-in/link", headers={**proxied, **key})
    assert answer.status_code == 404


async def test_preferences_are_kept_and_seen() -> None:
    async with browser(console(), {Scope.READ}) as person:
        data = {FIELD: TOKEN, "language": "zh", "theme": "dark", "to": "/groups"}
        answer = await person.post("/preferences", data=data)
        assert answer.headers["location"] == "/groups"
        page = await person.get("/groups")
    assert 'lang="zh-CN" data-theme="dark"' in page.text
    assert "没有响应" in page.text
