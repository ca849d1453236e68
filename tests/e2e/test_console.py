"""The console in a real browser, on real services, with two groups of the sample day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from steward.migrate import migrate
from steward.stack import Addresses
from tests.e2e.console_stack import (
    PATIENCE_MS,
    Person,
    Town,
    case_of_the_gambler,
    chromium,
    http_client,
    town,
)
from tests.integration.api.installation import until
from tests.integration.conftest import remove, settings_for, stack

__all__ = ["stack"]

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.timeout(300)

PAGES = {
    "today": "/",
    "review": "/review",
    "case": "/review/cases/{case}",
    "many cases": "/review/bulk?case={case}&step=overturned",
    "spam campaigns": "/review/campaigns",
    "groups": "/groups",
    "group": "/groups/hiking",
    "sources": "/sources",
}
"""Every page, for who may see everything."""
PHONE = {"width": 390, "height": 844}
SERIOUS = {"serious", "critical"}

Visit = Callable[..., Person]


@pytest.fixture(scope="module")
def here(stack: Addresses) -> Iterator[Town]:
    """Everything, running."""
    settings = settings_for(stack, log_level="ERROR", partitions=2)
    asyncio.run(migrate(settings))
    with town(settings) as found:
        yield found
    asyncio.run(remove(settings))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def visit(here: Town, browser: Browser) -> Iterator[Visit]:
    """Make people with a browser; none of their browsers may complain of anything."""
    people: list[Person] = []

    def make(role: str | None = "admin", **options: Any) -> Person:
        person = Person(browser, here, **options)
        people.append(person)
        return person if role is None else person.sign_in(role)

    yield make
    for person in people:
        person.context.close()
    assert [complaint for person in people for complaint in person.complaints] == []


def paths(here: Town) -> dict[str, str]:
    case = case_of_the_gambler(here)["id"]
    return {name: path.format(case=case) for name, path in PAGES.items()}


def test_a_wrong_key_is_refused_and_a_good_one_signs_in_and_out(here: Town, visit: Visit) -> None:
    person = visit(None)
    page = person.open("/groups")
    page.fill("#key", "sk_wrong")
    page.click("button.main")
    expect(page.get_by_role("alert")).to_contain_text("opens nothing")
    page.fill("#key", here.keys["admin"])
    page.click("button.main")
    expect(page.get_by_role("heading", name="Groups")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert person.context.cookies() == [] or all(
        cookie["name"] != "steward_session" for cookie in person.context.cookies()
    )


def test_a_link_for_this_machine_signs_in_once(here: Town, visit: Visit) -> None:
    with http_client() as program:
        made = program.post(
            f"{here.url}/sign-in/link", headers={"authorization": f"Bearer {here.keys['admin']}"}
        )
        refused = program.post(f"{here.url}/sign-in/link", headers={"authorization": "Bearer sk_x"})
    assert (made.status_code, refused.status_code) == (201, 401)
    page = visit(None).open(made.json()["path"])
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    again = visit(None).open(made.json()["path"])
    expect(again.get_by_label("API key")).to_be_visible()


def test_the_dying_group_stands_among_what_needs_a_person(here: Town, visit: Visit) -> None:
    page = visit().page
    dying = page.locator(".need", has=page.get_by_role("heading", name="hiking"))
    expect(dying).to_contain_text("Silent for")
    dying.get_by_role("link", name="See who could start it").click()
    expect(page.get_by_role("heading", level=1, name="hiking")).to_be_visible()
    expect(page.get_by_role("heading", name="Key people")).to_be_visible()
    expect(page.get_by_role("img", name="Hours of the week")).to_be_visible()
    expect(page.get_by_role("img", name="Who talks to whom")).to_be_visible()


def test_what_comes_in_is_seen_without_reloading(here: Town, visit: Visit) -> None:
    page = visit().open("/sources")
    expect(page.locator("#events")).to_contain_text("live")
    page.evaluate("window.wasHereBefore = true")
    here.say("刚刚说的一句新话")
    expect(page.get_by_text("刚刚说的一句新话")).to_be_visible()
    assert page.evaluate("window.wasHereBefore") is True


def test_a_page_speaks_both_languages(visit: Visit) -> None:
    page = visit().page
    page.get_by_label("Language").select_option("zh")
    expect(page.get_by_role("heading", level=1, name="今天")).to_be_visible()
    expect(page.get_by_role("link", name="群组")).to_be_visible()
    page.get_by_label("语言").select_option("en")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def test_the_browser_s_own_language_is_spoken_first(visit: Visit) -> None:
    page = visit(None, locale="zh-CN").open("/sign-in")
    expect(page.get_by_label("API 密钥")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_fault_of_accessibility(here: Town, visit: Visit, theme: str) -> None:
    person = visit(color_scheme=theme)
    found = {}
    for name, path in paths(here).items():
        told = Axe().run(person.open(path)).response["violations"]
        serious = [
            (each["id"], [node["html"][:160] for node in each["nodes"][:3]])
            for each in told
            if each["impact"] in SERIOUS
        ]
        if serious:
            found[name] = serious
    assert found == {}


def test_every_page_fits_a_phone(here: Town, visit: Visit) -> None:
    person = visit(viewport=PHONE)
    for name, path in paths(here).items():
        page = person.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    menu = person.page.get_by_role("button", name="Menu")
    expect(person.page.get_by_role("link", name="Today")).to_be_hidden()
    menu.click()
    person.page.get_by_role("link", name="Today").click()
    expect(person.page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def test_a_viewer_is_shown_nothing_to_decide_and_refused_if_asking(
    here: Town, visit: Visit
) -> None:
    person = visit("viewer")
    expect(person.page.get_by_role("link", name="Groups", exact=True)).to_be_visible()
    expect(person.page.get_by_role("link", name="Review", exact=True)).to_have_count(0)
    page = person.open("/review")
    expect(page.get_by_role("heading")).to_contain_text("lacks the scope “review”")


def test_an_overturned_case_is_taken_back_on_the_platform(here: Town, visit: Visit) -> None:
    case = case_of_the_gambler(here)
    deleted = until_some(here, "message.delete", case["message"])
    page = visit("moderator").open("/review?label=gambling")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_text("Restore the message")).to_be_visible()
    page.get_by_label("Note").last.fill("a quotation, not an offer")
    page.get_by_role("button", name="Overturn now").click()
    expect(page.get_by_role("status")).to_contain_text("Overturned")
    restored = until_some(here, "message.restore", case["message"])
    assert restored["details"]["reverses"] == deleted["id"]
    audit = here.installation.ask("rules", "GET", f"/v1/audit?subject={case['id']}").json()
    assert "case.overturned" in {entry["what"] for entry in audit["items"]}
    page.goto(f"{here.url}/review/cases/{case['id']}")
    expect(page.get_by_text("that is final")).to_be_visible()


def until_some(here: Town, kind: str, message: str) -> dict[str, Any]:
    """Return the webhook of a kind about a message, once it has come."""
    found: list[dict[str, Any]] = []

    def came() -> bool:
        found[:] = [each for each in here.receiver.of_kind(kind) if each.get("message") == message]
        return bool(found)

    until(came)
    return found[0]
