"""Takes the pictures in docs/console/: every page, on the sample day. `make screenshots`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from steward.running import find
from tests.e2e.people import chromium
from tests.e2e.sample_desk import places
from tests.integration.api.installation import until
from tests.unit.console.identity_provider import identity_provider, settings_of

PICTURES: Final = Path(__file__).parents[2] / "docs" / "console"
STEWARD: Final = Path(sys.executable).with_name("steward")
TOLD_SECONDS: Final = 600
DESK: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 860}}
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
}
CHINESE: Final = {"locale": "zh-CN"}
DARK: Final = {"color_scheme": "dark"}
TALLEST: Final = 1_800
COLOURS: Final = 256
PAGES: Final = {
    "today": "/",
    "review": "/review",
    "case": "/review/cases/{case}",
    "overturning": "/review/bulk?case={case}&step=overturned",
    "spam-campaigns": "/review/campaigns",
    "spam-campaign": "/review/campaigns/{incident}",
    "groups": "/groups",
    "group": "/groups/{group}",
    "members": "/members",
    "member": "/members/{member}",
    "rules": "/rules?text=加薇芯 daigou8866 领福利",
    "draft": "/rules/draft?from={version}",
    "version": "/rules/versions/{version}",
    "backtest": "/rules/backtests/{backtest}",
    "campaigns": "/campaigns",
    "calendar": "/campaigns/calendar",
    "compose": "/campaigns/{weekly}/edit",
    "campaign": "/campaigns/{campaign}",
    "deliveries": "/deliveries",
    "endpoint": "/deliveries/endpoints/{endpoint}",
    "delivery-log": "/deliveries/log",
    "delivery": "/deliveries/{delivery}",
    "sources": "/sources",
}
"""Every page, as it is pictured in English at a desk."""
OTHERWISE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("today-chinese", "today", DESK | CHINESE),
    ("case-chinese", "case", DESK | CHINESE),
    ("campaign-chinese", "campaign", DESK | CHINESE),
    ("group-dark", "group", DESK | DARK),
    ("rules-dark", "rules", DESK | DARK),
    ("member-chinese-dark", "member", DESK | CHINESE | DARK),
    ("today-phone", "today", PHONE),
    ("case-phone", "case", PHONE),
    ("group-phone-dark", "group", PHONE | DARK),
    ("review-phone-chinese", "review", PHONE | CHINESE),
)
"""Some pages in the other language, in the dark, on a phone: picture, page, how."""


def main() -> None:
    """Run the sample day, and picture every page of it."""
    with identity_provider() as provider, tempfile.TemporaryDirectory() as data:
        oidc = settings_of(provider, "sk_unused", "http://127.0.0.1:8084")
        env = {f"STEWARD_{name.upper()}": str(value) for name, value in oidc.items()}
        with demo(Path(data), env) as key, chromium() as browser:
            running = find(Path(data))
            assert running is not None
            with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=60) as http:
                about = places(http, running)
            console = running.url("console")
            shoot(signing_in(browser, console), "sign-in", f"{console}/sign-in")
            for name, page, look in (*((each, each, DESK) for each in PAGES), *OTHERWISE):
                context = signed_in(browser, console, key, look)
                shoot(context, name, console + PAGES[page].format(**about))


@contextmanager
def demo(data: Path, env: dict[str, str]) -> Iterator[str]:
    """Tell the sample day, and stay; give the key that opens it."""
    out = data / "out"
    with out.open("w") as written:
        process = subprocess.Popen(
            [STEWARD, "demo", "--seconds", "45"],
            env={**os.environ, **env, "STEWARD_DATA": str(data)},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        found: list[str] = []

        def told() -> bool:
            assert process.poll() is None, out.read_text()[-6_000:]
            found[:] = re.findall(r"KEY=(sk_\S+)", out.read_text())
            return bool(found)

        until(told, TOLD_SECONDS)
        yield found[0]
    finally:
        process.terminate()
        process.wait(60)


def signing_in(browser: Browser, url: str) -> BrowserContext:
    context = browser.new_context(**DESK, locale="en-GB", timezone_id="Asia/Shanghai")
    context.new_page().goto(url)
    return context


def signed_in(browser: Browser, url: str, key: str, look: dict[str, Any]) -> BrowserContext:
    """Return a browser that is signed in and knows its time zone."""
    context = browser.new_context(
        **{"locale": "en-GB", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce", **look}
    )
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#key", key)
    with page.expect_navigation():
        page.click("button.main")
    return context


def shoot(context: BrowserContext, name: str, url: str) -> None:
    """Picture a page, at most `TALLEST` high."""
    page = context.pages[0]
    answer = page.goto(url)
    assert answer is not None
    assert answer.ok, (name, answer.status)
    page.wait_for_load_state("networkidle")
    time.sleep(0.5)  # charts and fonts settle
    size = page.viewport_size
    assert size is not None
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size(
        {"width": size["width"], "height": min(max(whole, size["height"]), TALLEST)}
    )
    path = PICTURES / f"{name}.png"
    save(page.screenshot(), path)
    context.close()
    print(path.relative_to(PICTURES.parents[1]))


def save(picture: bytes, path: Path) -> None:
    """Write a picture with as few colours as a page shows, which makes it a third as large."""
    with Image.open(BytesIO(picture)) as whole:
        few = whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
