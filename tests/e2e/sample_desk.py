"""What the pages of the console are about on the sample day: found as an operator left it."""

from __future__ import annotations

from typing import Any, Final

import httpx

from steward.demo.plans import READING, WALK
from steward.running import Running
from tests.integration.api.installation import until

SETTLED_SECONDS: Final = 600
_GROUP: Final = "python"


def places(http: httpx.Client, running: Running) -> dict[str, str]:
    """Return the ids that pages are about, once the backtest and the campaign are done."""

    def items(service: str, path: str) -> list[dict[str, Any]]:
        answer = http.get(running.url(service) + path)
        assert answer.is_success, (path, answer.text)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def ended(service: str, path: str, field: str) -> bool:
        return bool(http.get(running.url(service) + path).json()[field])

    campaigns = {
        each["definition"]["name"]: each["id"] for each in items("notify", "/v1/campaigns")
    }
    backtest = items("rules", "/v1/backtests")[0]
    until(lambda: ended("rules", f"/v1/backtests/{backtest['id']}", "report"), SETTLED_SECONDS)
    sent = campaigns[WALK["name"]]
    until(lambda: ended("notify", f"/v1/campaigns/{sent}/results", "deliveries"), SETTLED_SECONDS)
    cases = items("rules", "/v1/cases?state=open&limit=50")
    best = items("scoring", f"/v1/leaderboard?group={_GROUP}&limit=1")[0]
    return {
        "case": max(cases, key=lambda case: len(case.get("labels", ())))["id"],
        "incident": items("rules", "/v1/incidents")[0]["id"],
        "group": _GROUP,
        "member": best["member"]["member"],
        "version": backtest["version"],
        "backtest": backtest["id"],
        "weekly": campaigns[READING["name"]],
        "campaign": sent,
        "endpoint": items("notify", "/v1/endpoints")[0]["id"],
        "delivery": items("notify", "/v1/deliveries")[0]["id"],
    }
