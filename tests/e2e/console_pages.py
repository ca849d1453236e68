"""Every page of the console by its address, as people look at it, and what axe-core says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Page, ViewportSize

from services.console.pages import PAGES
from tests.e2e.console_stack import Town, case_of_the_gambler
from tests.integration.api.installation import until

PATHS: Final = (
    "/",
    "/review",
    "/review/cases/{case}",
    "/review/bulk?case={case}&step=overturned",
    "/review/campaigns",
    "/review/campaigns/{incident}",
    "/groups",
    "/groups/hiking",
    "/members",
    "/members?sort=churn",
    "/members?group=python&sort=points",
    "/members/{member}",
    "/rules?text=加薇芯 daigou8866",
    "/rules/draft",
    "/rules/versions/{version}",
    "/rules/backtests/{backtest}",
    "/campaigns",
    "/campaigns/calendar",
    "/campaigns/new?day=2031-05-01",
    "/campaigns/{campaign}?group=hiking",
    "/campaigns/{campaign}/edit",
    "/deliveries",
    "/deliveries/log",
    "/deliveries/endpoints/{endpoint}",
    "/deliveries/{delivery}",
    "/sources",
)
"""Every page, for who may see everything."""
NO_PAGES: Final = {
    "/sign-in": "looked at before signing in",
    "/sign-in/oidc": "leads on to the identity provider",
    "/sign-in/oidc/callback": "leads back from it",
    "/members/{member:path}/export": "a file",
}
"""What answers a GET and is no page of who is signed in, and why."""
DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
LOOKS: Final[tuple[tuple[ViewportSize, Literal["light", "dark"]], ...]] = (
    (DESK, "light"),
    (PHONE, "dark"),
)
SERIOUS: Final = {"serious", "critical"}
WEEKLY: Final[dict[str, Any]] = {
    "name": "reading",
    "audience": {"recipients": [{"group": "python"}]},
    "content": {"text": "We read {{ book }}.", "variables": {"book": "Fluent Python"}},
    "schedule": {
        "cron": "0 20 * * 6",
        "reminders": [{"minutes_before": 60, "text": "In an hour: {{ book }}."}],
    },
}


def paths(here: Town) -> list[str]:
    """Return the address of every page, with something on it to be seen."""
    made = dict(_made(here))
    return [path.format(**made) for path in PATHS]


def _made(here: Town) -> Iterator[tuple[str, str]]:
    """Yield what pages are about, some of it made for that."""

    def first(service: str, path: str) -> dict[str, Any]:
        found: dict[str, Any] = here.installation.ask(service, "GET", path).json()["items"][0]
        return found

    def make(service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = here.installation.ask(service, "POST", path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    yield "case", case_of_the_gambler(here)["id"]
    yield "incident", first("rules", "/v1/incidents")["id"]
    yield "member", first("scoring", "/v1/leaderboard?limit=1")["member"]["member"]
    source = "name: looked\nextends: default\n"
    yield "version", make("rules", "/v1/rule-sets", {"source": source})["version"]
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    yield "backtest", make("rules", "/v1/backtests", {"source": source, **span})["id"]
    campaign = make("notify", "/v1/campaigns", WEEKLY)["id"]
    known = f"/v1/campaigns/{campaign}"
    until(lambda: here.installation.ask("notify", "GET", known).status_code == 200)
    yield "campaign", campaign
    yield "endpoint", first("notify", "/v1/endpoints")["id"]
    yield "delivery", first("notify", "/v1/deliveries")["id"]


def unvisited() -> set[str]:
    """Return the routes that show a page to who is signed in and are not in `PATHS`."""
    routes = [each for make in PAGES for each in make().routes if isinstance(each, APIRoute)]
    pages = [each for each in routes if "GET" in each.methods and each.path not in NO_PAGES]
    shown = [path.split("?")[0] for path in PATHS]
    return {each.path for each in pages if not any(each.path_regex.match(at) for at in shown)}


def serious_faults(page: Page) -> list[tuple[str, list[str]]]:
    """Return the serious faults of accessibility that axe-core finds on a page, with where."""
    told = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        (each["id"], [node["html"][:160] for node in each["nodes"][:3]])
        for each in told["violations"]
        if each["impact"] in SERIOUS
    ]
