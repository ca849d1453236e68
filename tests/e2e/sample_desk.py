"""What people have done on the sample day, so that no page of the console is empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from steward.running import Running
from tests.integration.api.installation import until

SETTLED_SECONDS: Final = 600
PACK: Final = """\
name: demo
extends: default

thresholds: {watch: 0.25, warn: 0.4, delete: 0.6}

windows:
  - {name: offers_1h, span: 1h, of: [message], by: [member], when: text.pitch > 1}

rules:
  - name: second_hand
    label: advertising
    weight: 0.35
    when: text.resale > 0 && text.money > 0 && window.offers_1h > 1
    because: offers second-hand goods again and again
  - name: code_review
    label: advertising
    weight: -0.2
    when: pattern.pull_request
    because: asks for a review of code, which is what the group is for

patterns:
  - {name: pull_request, matches: 'pull request|代码评审'}
"""
PERSONAS: Final = {
    "lan": {"name": "小岚", "signature": "—— 小岚", "voice": {"hello": "嗨嗨"}},
    "wei": {"name": "阿伟", "signature": "—— 阿伟", "voice": {"hello": "各位好"}},
}
SEGMENTS: Final = {
    "talkers": {"name": "Talkers", "condition": "messages > 20"},
    "newcomers": {"name": "Newcomers", "condition": "days_since_arrival < 7"},
}
READING: Final[dict[str, Any]] = {
    "name": "Reading circle",
    "audience": {"recipients": [{"group": "reading"}, {"group": "python"}]},
    "content": {
        "text": "{{ persona.hello }}, tonight at {{ starts_at }} we read {{ book }}.",
        "variables": {"book": "A Pattern Language"},
        "persona": "lan",
    },
    "schedule": {
        "cron": "0 20 * * 3,6",
        "zone": "Asia/Shanghai",
        "reminders": [
            {"minutes_before": 1_440, "text": "Tomorrow at {{ starts_at }}: {{ book }}."},
            {"minutes_before": 60, "text": "In an hour: {{ book }}."},
        ],
    },
    "frequency": {"quiet": {"start": "22:30", "end": "08:00", "zone": "Asia/Shanghai"}},
}
MORNING: Final[dict[str, Any]] = {
    "name": "Good morning",
    "audience": {"every_group": True},
    "content": {"text": "{{ persona.hello }}，今天是 {{ date }}。", "persona": "wei"},
    "schedule": {"cron": "30 7 * * 1-5", "zone": "Asia/Shanghai"},
}
WALK: Final[dict[str, Any]] = {
    "name": "To the lake",
    "audience": {"segments": ["talkers"], "groups": ["hiking", "photography", "python", "fruit"]},
    "content": {
        "text": "{{ member.name | default('Hello') }}, on Saturday we walk to the lake.",
        "variants": [
            {"text": "Your first walk with us? Saturday, to the lake.", "segments": ["newcomers"]}
        ],
        "persona": "lan",
    },
    "per_minute": 6_000,
    "holdout": 0.2,
}


def furnished(http: httpx.Client, running: Running) -> dict[str, str]:
    """Do what people would have done; give the ids that pages are about."""
    desk = Desk(http, running)
    for name, persona in PERSONAS.items():
        desk.ask("notify", "PUT", f"/v1/personas/{name}", persona)
    for name, segment in SEGMENTS.items():
        desk.ask("scoring", "PUT", f"/v1/segments/{name}", segment)
    places = {"case": desk.decided(), **desk.tried()}
    places["incident"] = desk.first("rules", "/v1/incidents")["id"]
    places["group"] = "python"
    members = desk.ask("scoring", "GET", "/v1/leaderboard?group=python&limit=3")["items"]
    places["member"] = members[0]["member"]["member"]
    places["endpoint"] = desk.first("notify", "/v1/endpoints")["id"]
    places["delivery"] = desk.first("notify", "/v1/deliveries")["id"]
    return {**places, **desk.campaigns()}


class Desk:
    """The services, as the person asks them who did all this."""

    def __init__(self, http: httpx.Client, running: Running) -> None:
        self._http = http
        self._running = running

    def ask(self, service: str, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self._http.request(method, self._running.url(service) + path, json=body)
        assert answer.is_success, (method, path, answer.text)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def first(self, service: str, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(service, "GET", path)["items"][0]
        return found

    def decided(self) -> str:
        """Decide on some cases; give one that waits, with something to be seen in its text."""
        cases = self.ask("rules", "GET", "/v1/cases?state=open&limit=50")["items"]
        for case in cases[-6:-1]:
            self.ask("rules", "POST", f"/v1/cases/{case['id']}:confirm", {"moderator": "Mei Lin"})
        overturned = {"moderator": "Mei Lin", "note": "a quotation, not an offer"}
        self.ask("rules", "POST", f"/v1/cases/{cases[-1]['id']}:overturn", overturned)
        return str(max(cases[:-6], key=lambda case: len(case.get("labels", ())))["id"])

    def tried(self) -> dict[str, str]:
        """Put a version on trial and backtest it; give both."""
        version = str(self.ask("rules", "POST", "/v1/rule-sets", {"source": PACK})["version"])
        self.ask("rules", "POST", f"/v1/rule-sets/{version}:try", {"mode": "canary", "share": 25})
        now = datetime.now(UTC)
        span = {"from": (now - timedelta(hours=24)).isoformat(), "to": now.isoformat()}
        begun = self.ask("rules", "POST", "/v1/backtests", {"version": version, **span})
        path = f"/v1/backtests/{begun['id']}"
        until(lambda: self.ask("rules", "GET", path)["report"] is not None, SETTLED_SECONDS)
        return {"version": version, "backtest": str(begun["id"])}

    def campaigns(self) -> dict[str, str]:
        """Send one campaign, plan two and leave one a draft."""
        weekly = self.written(READING)
        self.ask("notify", "POST", f"/v1/campaigns/{weekly}:approve")
        self.ask("notify", "POST", f"/v1/campaigns/{self.written(MORNING)}:approve")
        self.written({**WALK, "name": "To the hills"})
        sent = self.written(WALK)
        self.ask("notify", "POST", f"/v1/campaigns/{sent}:approve")
        results = f"/v1/campaigns/{sent}/results"
        until(
            lambda: "succeeded" in self.ask("notify", "GET", results)["deliveries"],
            SETTLED_SECONDS,
        )
        return {"weekly": weekly, "campaign": sent}

    def written(self, campaign: dict[str, Any]) -> str:
        """Write a campaign; give its id once its owner knows it, and whom it goes to."""
        id = str(self.ask("notify", "POST", "/v1/campaigns", campaign)["id"])
        url = f"{self._running.url('notify')}/v1/campaigns/{id}"
        until(lambda: self._http.get(url).status_code == 200, SETTLED_SECONDS)
        dry_run = f"/v1/campaigns/{id}/dry-run"
        until(
            lambda: self.ask("notify", "GET", dry_run)["recipients"] > 0,
            SETTLED_SECONDS,
        )
        return id
