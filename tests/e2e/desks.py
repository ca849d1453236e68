"""The console's desks as somebody in a browser works at them: the rule lab, and campaigns."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import unquote

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Person

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


class RuleLab:
    """Where rule packs are written, tried and put in force."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.page: Page = person.page

    @property
    def pack(self) -> Locator:
        return self.page.get_by_label("Pack (YAML)")

    @property
    def offers(self) -> Locator:
        """What is offered to complete the name that is being written."""
        return self.page.locator("#offers").get_by_role("option")

    def draft(self) -> RuleLab:
        self._person.open("/rules/draft")
        return self

    def check(self, pack: str, message: str = "") -> None:
        """Write a pack, and see what it is worth."""
        self.pack.fill(pack)
        self.page.get_by_label("Message").fill(message)
        self.page.get_by_role("button", name="Check and try").click()

    def publish(self) -> str:
        """Publish the draft as it stands; give its version."""
        self.press("Publish", "Published")
        return unquote(self.page.url.rpartition("/")[2])

    def press(self, button: str, told: str) -> None:
        """Press a button, and wait for what the page says then."""
        self.page.get_by_role("button", name=button).click()
        expect(self.page.get_by_role("status")).to_contain_text(told)

    def roll_back(self) -> None:
        self._person.open("/rules")
        self.press("Roll back", "Rolled back")


class Composer:
    """Where campaigns are written, looked at and approved."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.page: Page = person.page

    def on_today(self) -> Composer:
        """Begin a campaign from today's field of the calendar."""
        self._person.open("/campaigns/calendar")
        self.page.locator("td[aria-current=date]").get_by_role("link", name="Write").click()
        return self

    def blank(self) -> Composer:
        self._person.open("/campaigns/new")
        return self

    def say(self, name: str, text: str, *groups: str) -> None:
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Text", exact=True).fill(text)
        for group in groups:
            self.page.get_by_label(group, exact=True).check()

    def at(self, moment: datetime) -> None:
        """Have it sent once, at a moment in the zone of the form."""
        self.page.get_by_label("Time zone").fill(str(moment.tzinfo))
        self.page.get_by_label("Time", exact=True).fill(f"{moment:%Y-%m-%dT%H:%M:%S}")

    def on(self, variables: str, day: str, time: str) -> None:
        """Have it sent every week, with values of one's own."""
        self.page.get_by_label("Values of your own").fill(variables)
        self.page.get_by_label("every week", exact=True).check()
        self.page.get_by_label(day, exact=True).check()
        self.page.get_by_label("Time of day").fill(time)

    def remind(self, text: str) -> None:
        """Remind of it as long before as the form proposes."""
        self.page.locator("#reminders summary").click()
        self.page.get_by_role("textbox", name="Reminder 1").fill(text)

    def vary(self, whom: str, text: str) -> None:
        """Say it in other words to some."""
        self.page.locator("#variants summary").click()
        self.page.locator("[name=variant_for_0]").select_option(whom)
        self.page.get_by_role("textbox", name="Wording 1").fill(text)

    def save(self) -> None:
        self.page.get_by_role("button", name="Save the draft").click()
        expect(self.page.get_by_role("status")).to_contain_text("The draft is kept")

    def approve(self) -> None:
        self.page.get_by_role("button", name="Approve").click()
        expect(self.page.locator("#campaign-head .chip")).not_to_have_text("draft")

    def preview(self, label: str, choice: str) -> Locator:
        """Look at what is read where a choice is made; give the words."""
        part = self.page.locator("#preview")
        part.get_by_label(re.compile(label)).select_option(choice)
        part.get_by_role("button", name="Show").click()
        return self.page.locator("#read .bubble").first
