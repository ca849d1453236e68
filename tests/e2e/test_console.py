"""The console in a real browser, on real services, with two groups of the sample day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from steward.migrate import migrate
from steward.stack import Addresses
from tests.e2e.console_stack import Town, case_of_the_gambler, http_client, town
from tests.e2e.people import PATIENCE_MS, Person, chromium, serious_faults
from tests.integration.api.installation import until
from tests.integration.conftest import remove, settings_for, stack

__all__ = ["stack"]

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.timeout(600)

PATHS = (
    "/",
    "/review",
    "/review/cases/{case}",
    "/review/bulk?case={case}&step=overturned",
    "/review/campaigns",
    "/groups",
    "/groups/hiking",
    "/members",
    "/members?group=python&sort=last_seen",
    "/members/{member}",
    "/rules?text=加薇芯 daigou8866",
    "/rules/draft",
    "/campaigns",
    "/campaigns/calendar",
    "/campaigns/new",
    "/deliveries",
    "/deliveries/log",
    "/sources",
)
"""Every page, for who may see everything."""
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = (
    (DESK, "light"),
    (PHONE, "dark"),
)
PACK = """name: own
extends: default
rules:
  - name: kites
    label: advertising
    weight: 0.9
    when: 'pattern.kites'
    because: sells kites
patterns:
  - {name: kites, matches: 'cheap kites'}
"""
WRONG = PACK.replace("pattern.kites'", "text.lnks > 0'")

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


def paths(here: Town) -> list[str]:
    board = here.installation.ask("scoring", "GET", "/v1/leaderboard?limit=1").json()
    member = board["items"][0]["member"]["member"]
    return [path.format(case=case_of_the_gambler(here)["id"], member=member) for path in PATHS]


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


def test_the_organisation_s_people_act_with_keys_of_their_own(here: Town, visit: Visit) -> None:
    person = visit(None)
    page = person.open("/review")
    page.get_by_role("link", name="Sign in with your organisation").click()
    expect(page.get_by_role("heading", level=1, name="Review")).to_be_visible()
    expect(page.get_by_text("Mei Lin")).to_be_visible()
    expect(page.get_by_role("link", name="Rule lab")).to_be_visible()
    keys = here.installation.ask("ingest", "GET", "/v1/keys?limit=100").json()["items"]
    (made,) = [each for each in keys if each["name"] == "oidc:u-4711"]
    assert made["scopes"] == ["read", "review"]
    assert made["expires_at"] is not None
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    ended = here.installation.ask("ingest", "GET", f"/v1/keys/{made['id']}").json()
    assert ended["revoked_at"] is not None


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


def test_no_page_has_a_serious_fault_of_accessibility_or_overflows(
    here: Town, visit: Visit
) -> None:
    person = visit(reduced_motion="reduce")  # half-way colours are nobody's to judge
    found = {}
    for path in paths(here):
        page = person.open(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for size, theme in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], path
            found[path, theme] = serious_faults(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_a_phone_s_menu_leads_to_the_pages(visit: Visit) -> None:
    page = visit(viewport=PHONE).open("/groups")
    expect(page.get_by_role("link", name="Today")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


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


def test_a_rule_goes_through_shadow_into_force_and_back(here: Town, visit: Visit) -> None:
    person = visit()
    page = person.open("/rules/draft")
    page.get_by_label("Pack (YAML)").fill(WRONG)
    page.get_by_role("button", name="Check and try").click()
    expect(page.locator("#mistakes")).to_contain_text("is `text.links` meant?")
    page.get_by_role("link", name="Line 7").click()
    expect(page.get_by_label("Pack (YAML)")).to_be_focused()
    page.get_by_label("Pack (YAML)").fill(PACK)
    page.get_by_label("Message").fill("cheap kites here")
    page.get_by_role("button", name="Check and try").click()
    expect(page.locator("#verdict")).to_contain_text("sells kites")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("Published")
    page.get_by_role("button", name="Begin shadow").click()
    expect(page.get_by_role("status")).to_contain_text("In shadow")
    assert judged(here) != "delete"
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("status")).to_contain_text("In force")
    until(lambda: judged(here) == "delete")
    here.say("cheap kites here", member="u-kites")
    until(lambda: any("kites" in each.get("reason", "") for each in here.receiver.taken[:]))
    page = person.open("/rules")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("status")).to_contain_text("Rolled back")
    until(lambda: judged(here) != "delete")


def test_a_campaign_is_written_approved_and_arrives(here: Town, visit: Visit) -> None:
    page = visit().open("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("lake")
    page.get_by_label("Text", exact=True).fill("To the lake, {{ group }}!")
    page.get_by_label("hiking", exact=True).check()
    page.get_by_label("python", exact=True).check()
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("status")).to_contain_text("The draft is kept")
    expect(page.locator("#dry-run")).to_contain_text("To the lake, hiking!")
    page.get_by_role("button", name="Approve").click()
    wanted = {"To the lake, hiking!", "To the lake, python!"}
    until(lambda: {each["text"] for each in here.receiver.of_kind("message.send")} >= wanted)
    expect(page.locator("#results")).to_contain_text("Deliveries: delivered")


def judged(here: Town) -> str:
    """Return what the rule set in force says of a kite-seller."""
    told = here.installation.ask("rules", "POST", "/v1/check", json={"text": "cheap kites here"})
    return str(told.json()["decision"])


def until_some(here: Town, kind: str, message: str) -> dict[str, Any]:
    """Return the webhook of a kind about a message, once it has come."""
    found: list[dict[str, Any]] = []

    def came() -> bool:
        found[:] = [each for each in here.receiver.of_kind(kind) if each.get("message") == message]
        return bool(found)

    until(came)
    return found[0]
