"""The console in a real browser, on real services, with two groups of the sample day."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from services.rules.trials import in_share
from steward.migrate import migrate
from steward.stack import Addresses
from tests.e2e.console_pages import LOOKS, PHONE, paths, serious_faults, unvisited
from tests.e2e.console_stack import LONG_SECONDS, LURE, Town, case_of_the_gambler, http_client, town
from tests.e2e.desks import PACK, WRONG, Composer, RuleLab
from tests.e2e.people import PATIENCE_MS, Visit, browser, visit
from tests.integration.api.installation import OWNER, until
from tests.integration.conftest import remove, settings_for, stack

__all__ = ["browser", "stack", "visit"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def here(stack: Addresses) -> Iterator[Town]:
    """Everything, running."""
    settings = settings_for(stack, log_level="ERROR", partitions=2)
    asyncio.run(migrate(settings))
    with town(settings) as found:
        yield found
    asyncio.run(remove(settings))


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


def test_layer_and_part_of_a_member_are_shown_over_time(here: Town, visit: Visit) -> None:
    here.say("收到", "u-past", "chess", days_ago=80)
    for days_ago in (12, 9, 6, 3, 1):
        here.say("我觉得这一步走得很好，应该先出车再跳马", "u-past", "chess", days_ago)
    asked = ("scoring", "GET", "/v1/members/u-past")
    until(lambda: '"messages":6' in here.installation.ask(*asked).text, LONG_SECONDS)
    page = visit().open("/members/u-past")
    over_time = page.locator("#over-time")
    expect(over_time.get_by_role("img", name="Layers in chess")).to_be_visible()
    parts = over_time.get_by_role("img", name="Parts in chess")
    expect(parts.locator("rect")).to_have_count(3)
    told = [each.text_content() or "" for each in parts.locator("rect title").all()]
    assert [each.partition(":")[0] for each in told] == ["onlooker", "silent", "thinker"]
    expect(over_time).to_contain_text(re.compile(r"Part in the talk: thinker \(\d+% sure\)"))
    page.get_by_label("Language").select_option("zh")
    expect(over_time).to_contain_text(re.compile(r"群内角色：思考者（把握 \d+%）"))


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
    expect(page.get_by_role("link", name="群组", exact=True)).to_be_visible()
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
        assert person.status == 200, path
        for size, theme in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], path
            found[path, theme] = serious_faults(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_no_page_goes_without_being_looked_at() -> None:
    assert unvisited() == set()


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
    deleted = here.webhook("message.delete", case["message"])
    page = visit("moderator").open("/review?label=gambling")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_text("Restore the message")).to_be_visible()
    page.get_by_label("Note").last.fill("a quotation, not an offer")
    page.get_by_role("button", name="Overturn now").click()
    expect(page.get_by_role("status")).to_contain_text("Overturned")
    restored = here.webhook("message.restore", case["message"])
    assert restored["details"]["reverses"] == deleted["id"]
    audit = ("rules", "GET", f"/v1/audit?subject={case['id']}")
    until(lambda: "case.overturned" in here.installation.ask(*audit).text)
    page.goto(f"{here.url}/review/cases/{case['id']}")
    expect(page.get_by_text("that is final")).to_be_visible()


def test_a_rule_goes_through_shadow_into_force_and_back(here: Town, visit: Visit) -> None:
    lab = RuleLab(visit()).draft()
    lab.check(WRONG)
    expect(lab.page.locator("#mistakes")).to_contain_text("is `text.links` meant?")
    lab.page.get_by_role("link", name="Line 7").click()
    expect(lab.pack).to_be_focused()
    lab.check(PACK, "cheap kites here")
    expect(lab.page.locator("#verdict")).to_contain_text("sells kites")
    lab.publish()
    lab.press("Begin shadow", "In shadow")
    assert here.judged("cheap kites here") != "delete"
    lab.press("Put in force", "In force")
    until(lambda: here.judged("cheap kites here") == "delete")
    here.say("cheap kites here", member="u-kites")
    until(lambda: "python" in here.acted_on("sells kites"))
    lab.roll_back()
    until(lambda: here.judged("cheap kites here") != "delete")


def test_a_canary_acts_in_its_share_of_the_groups_alone(here: Town, visit: Visit) -> None:
    lab = RuleLab(visit()).draft()
    lab.check(PACK.replace("kites", "balloons"))
    version = lab.publish()
    groups = {in_share(OWNER, group, version, 50): group for group in map(str, range(100))}
    lab.page.get_by_label("Share of the groups").select_option("50")
    lab.press("Begin canary", "Canary")
    until(lambda: here.heard("cheap balloons here", groups[True], "sells balloons"), LONG_SECONDS)
    here.say("cheap balloons here", member="u-other", group=groups[False])
    here.say(LURE, member="u-later", group=groups[False])
    until(lambda: groups[False] in here.acted_on())
    assert here.acted_on("sells balloons") == {groups[True]}
    expect(lab.page.locator("#comparison .own b")).not_to_have_text("0")
    lab.press("End the trial", "The trial is ended")


def test_names_are_completed_with_what_they_mean(visit: Visit) -> None:
    lab = RuleLab(visit()).draft()
    lab.pack.fill(f"{PACK}  - {{name: balloons, matches: 'cheap balloons'}}\n# when: text.strange")
    expect(lab.offers).to_have_text([re.compile("text.strange_links.*links to domains")])
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type(" > 0 && pattern.ball")
    expect(lab.offers).to_have_text(["pattern.balloons"])
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.type(" && event.role.sta")
    expect(lab.offers).to_have_text([re.compile("event.role.startsWith")])
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type("'o') && windo")
    expect(lab.offers.first).to_contain_text("events in")
    lab.page.keyboard.press("Escape")
    expect(lab.offers.first).to_be_hidden()
    written = lab.pack.input_value().rpartition("# when: ")[2]
    assert written == (
        "text.strange_links > 0 && pattern.balloons && event.role.startsWith('o') && windo"
    )


def test_a_campaign_put_on_the_calendar_is_delivered_when_its_time_comes(
    here: Town, visit: Visit
) -> None:
    person = visit()
    composer = Composer(person).on_today()
    composer.say("lake", "To the lake, {{ group }}!", "hiking", "python")
    due = datetime.now(SHANGHAI).replace(microsecond=0) + timedelta(seconds=30)
    composer.at(due)
    composer.save()
    expect(composer.page.locator("#dry-run")).to_contain_text("To the lake, hiking!")
    composer.approve()
    campaign = composer.page.url
    page = person.open("/campaigns/calendar")
    slot = page.locator("td").get_by_role("link", name="lake")
    expect(slot).to_contain_text(f"{due:%H:%M}")
    wanted = {"To the lake, hiking!", "To the lake, python!"}
    until(lambda: {each["text"] for each in here.receiver.of_kind("message.send")} >= wanted)
    sent = [here.receiver.moments[each["id"]] for each in here.receiver.of_kind("message.send")]
    assert min(sent) >= due.timestamp()
    page.goto(campaign)
    expect(page.locator("#results")).to_contain_text("Deliveries: delivered")
    expect(page.get_by_text("run 1 ended, 2 recipients")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel it")).to_have_count(0)


def test_a_weekly_activity_has_reminders_and_is_previewed_by_persona_and_segment(
    here: Town, visit: Visit
) -> None:
    ask = here.installation.ask
    lan = {"name": "小岚", "signature": "—— 小岚"}
    assert ask("notify", "PUT", "/v1/personas/lan", json=lan).is_success
    talkers = {"name": "Talkers", "condition": "messages > 0"}
    assert ask("scoring", "PUT", "/v1/segments/talkers", json=talkers).is_success
    in_three_days = datetime.now(SHANGHAI) + timedelta(days=3)
    composer = Composer(visit()).blank()
    composer.say("reading", "We read {{ book }}.", "python")
    composer.on("book = Fluent Python", f"{in_three_days:%a}", "20:00")
    composer.remind("Tomorrow: {{ book }}.")
    composer.vary("segment:talkers", "You talk most, {{ member.id }}: {{ book }}.")
    composer.save()
    page = composer.page
    expect(page.locator("#campaign-head")).to_contain_text(f"every {in_three_days:%a} at 20:00")
    expect(page.locator("#dry-run")).to_contain_text("Tomorrow: Fluent Python.")
    preview = f"/v1/campaigns/{page.url.rpartition('/')[2]}/preview?segment=talkers"
    until(lambda: bool(ask("notify", "GET", preview).json()["items"]), LONG_SECONDS)
    expect(composer.preview("Or a segment", "talkers")).to_contain_text("You talk most, u")
    expect(composer.preview("Or a segment", "")).to_have_count(0)
    expect(composer.preview("In whose name", "lan")).to_have_text("We read Fluent Python.\n—— 小岚")
