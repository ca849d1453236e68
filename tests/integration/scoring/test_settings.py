"""A tenant's time zone, set by REST, is what its days turn by; another's stay as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from services.scoring.app import create_app
from services.scoring.calendar import DAY, HOUR
from services.scoring.clock import TenantClock
from shared.settings import Settings
from tests.integration.scoring.test_scores import NOW, answer, key_of, publish, running, said

BERLIN = "Europe/Berlin"


async def test_two_tenants_days_turn_by_their_own_zones(settings: Settings) -> None:
    other = {"authorization": f"Bearer {await key_of(settings, 'other')}"}
    await before_the_stages_run(settings)
    midnight = TenantClock((), BERLIN).at((NOW + 2 * DAY) // DAY)
    async with running(settings) as client:
        around = (midnight - HOUR // 2, midnight + HOUR // 2)
        await publish(
            settings,
            [
                said(n, "amy", group="g", tenant=tenant, time=time, id=f"{tenant}-{n}")
                for n, time in enumerate(around)
                for tenant in ("acme", "other")
            ],
        )
        at = datetime.fromtimestamp(around[1] / 1000, tz=UTC)
        group = await answer(client, f"/v1/groups/g?at={at:%Y-%m-%dT%H:%M:%SZ}", messages=2)
        assert (group["active_today"], group["active_7_days"]) == (1, 1)
        amy = (await client.get("/v1/members/amy")).json()
        assert amy["groups"][0]["active_days"] == 2, "midnight in Berlin lies between"
        client.headers.update(other)
        await answer(client, "/v1/groups/g", messages=2)
        amy = (await client.get("/v1/members/amy")).json()
        assert amy["groups"][0]["active_days"] == 1, "in Shanghai it is one morning"


async def before_the_stages_run(settings: Settings) -> None:
    """Set a zone by REST, after what is none was refused."""
    headers = {"authorization": f"Bearer {await key_of(settings, 'acme')}"}
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=headers
    ) as client:
        for wrong, pointer in (
            ({"time_zone": "Mars/Olympus"}, "/time_zone"),
            ({"time_zone": "../etc/passwd"}, "/time_zone"),
            ({"time_zone": "UTC", "most_told": 0}, "/most_told"),
        ):
            refused = await client.put("/v1/settings", json=wrong)
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
        before: dict[str, Any] = (await client.get("/v1/settings")).json()
        assert (before["time_zone"], before["time_zones"][0]["since"]) == ("Asia/Shanghai", None)
        wish = {"time_zone": BERLIN, "quiet_hours": {"start": "21:00", "end": "09:00"}}
        assert (await client.put("/v1/settings", json=wish)).status_code == 200
        after = (await client.get("/v1/settings")).json()
        assert [each["time_zone"] for each in after["time_zones"]] == ["Asia/Shanghai", BERLIN]
        assert after["quiet_hours"] == {"start": "21:00:00", "end": "09:00:00"}
