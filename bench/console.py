"""How long people wait for the console, with 1,000 groups and 100,000 members behind it."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import bson
import psutil
from bson.raw_bson import RawBSONDocument
from playwright.async_api import Browser, Page, async_playwright

from bench.desk import furnished, receiver
from bench.end_to_end import TENANT, key_of, services
from bench.notify import cpu_of
from bench.size import sized
from services.scoring.profiles.stage import ProfilesPartition
from services.scoring.segments.store import DefinitionStore
from services.scoring.segments.tenants import KnownTenants
from services.scoring.stage import ScoringPartition
from services.scoring.talk.stage import TalkPartition
from shared.events import GroupId, MemberId, MessageId, MessagePosted, Millis
from shared.mongo import Database, connect
from shared.settings import Settings
from shared.stream.contracts import PartitionStage, Record
from shared.stream.documents import to_bson
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic

GROUPS: Final = sized(1_000)
GROUP_SIZE: Final = 100
KINDS_OF_GROUPS: Final = 8
"""Groups with as many different pasts are copied under other names."""
VISITS: Final = 20
NOBODYS: Final = 9_999
"""The partition of what is copied: it has no owner, so nobody's timers go off."""
DAYS: Final = 28
DAY: Final = 86_400_000
PAGES: Final[Mapping[str, str]] = {
    "today": "/",
    "review": "/review",
    "spam_campaigns": "/review/campaigns",
    "case": "/review/cases/{case}",
    "groups": "/groups",
    "group": "/groups/g0000017",
    "members": "/members",
    "members_by_layer": "/members?sort=layer",
    "members_of_group": "/members?group=g0000017&sort=last_seen",
    "members_searched": "/members?group=g0000017&q=m00000",
    "member": "/members/g0000017m0000003",
    "rules": "/rules",
    "version": "/rules/versions/{version}",
    "campaigns": "/campaigns",
    "campaign": "/campaigns/{campaign}",
    "calendar": "/campaigns/calendar",
    "compose": "/campaigns/new",
    "deliveries": "/deliveries",
    "endpoint": "/deliveries/endpoints/{endpoint}",
    "delivery_log": "/deliveries/log",
    "delivery": "/deliveries/{delivery}",
    "sources": "/sources",
}
_GROUP: Final = "g%07d"
_NAVIGATION: Final = """() => {
  const [seen] = performance.getEntriesByType('navigation');
  return [seen.responseEnd - seen.requestStart, seen.loadEventEnd];
}"""


async def measure(settings: Settings) -> dict[str, float]:
    """Return milliseconds a page: of the server, of the load in Chromium, of all services' CPU."""
    async with connect(settings) as client:
        definitions = DefinitionStore(
            client[settings.database], settings.time_zone, settings.partitions
        )
        await _seed(client[settings.database], KnownTenants(definitions))
    key = await key_of(settings)
    async with receiver() as hook, services(settings) as (urls, watched), _chromium() as browser:
        places = await furnished(urls, key, hook, [_GROUP % number for number in range(GROUPS)])
        page = await _signed_in(browser, urls["console"], key)
        figures: dict[str, float] = {}
        for name, path in PAGES.items():
            url = urls["console"] + path.format(**places)
            figures |= await _visited(page, name, url, [*watched.values()])
    slowest = max(each for name, each in figures.items() if name.endswith("_load_p95_ms"))
    return {"groups": GROUPS, "members": GROUPS * GROUP_SIZE, "slowest_p95_ms": slowest, **figures}


class _chromium:  # noqa: N801 (used as a function)
    """Debian's Chromium, as long as it is measured with."""

    async def __aenter__(self) -> Browser:
        path = shutil.which("chromium")
        if path is None:
            raise RuntimeError("no chromium: run `make tools`")
        self._playwright = await async_playwright().start()
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        self._browser = await self._playwright.chromium.launch(executable_path=path, args=arguments)
        return self._browser

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        await self._playwright.stop()


async def _signed_in(browser: Browser, url: str, key: str) -> Page:
    page = await browser.new_page()
    page.set_default_timeout(60_000)
    await page.goto(f"{url}/sign-in")
    await page.fill("#key", key)
    async with page.expect_navigation():
        await page.click("button.main")
    return page


async def _visited(
    page: Page, name: str, url: str, watched: list[psutil.Process]
) -> dict[str, float]:
    await page.goto(url)
    before = cpu_of(watched)
    times = []
    for _ in range(VISITS):
        answer = await page.goto(url)
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{url} is answered {answer and answer.status}")
        times.append(await page.evaluate(_NAVIGATION))
    cpu = (cpu_of(watched) - before) / VISITS
    served, loaded = ([each[place] for each in times] for place in (0, 1))
    return {
        f"{name}_server_p50_ms": statistics.median(served),
        f"{name}_load_p50_ms": statistics.median(loaded),
        f"{name}_load_p95_ms": statistics.quantiles(loaded, n=20)[18],
        f"{name}_cpu_ms": cpu * 1000,
    }


async def _seed(database: Database, tenants: KnownTenants) -> None:
    """Copy groups with a past, as scoring keeps them, under names of their own."""
    pasts = [list(_past(kind, tenants)) for kind in range(min(KINDS_OF_GROUPS, GROUPS))]
    for number in range(GROUPS):
        by_collection: dict[str, list[RawBSONDocument]] = {}
        for collection, document in pasts[number % len(pasts)]:
            old = _GROUP % (number % len(pasts))
            renamed = document.replace(old.encode(), (_GROUP % number).encode())
            by_collection.setdefault(collection, []).append(RawBSONDocument(renamed))
        for collection, documents in by_collection.items():
            await database[collection].insert_many(documents, ordered=False)


def _past(number: int, tenants: KnownTenants) -> Iterator[tuple[str, bytes]]:
    """Yield what scoring's stages keep of four weeks of a group, by collection."""
    stages: list[Callable[[], PartitionStage]] = [
        ScoringPartition,
        TalkPartition,
        lambda: ProfilesPartition(0, tenants),
    ]
    records = [Record(Topic.EVENTS, 0, n, event) for n, event in enumerate(_said(number))]
    for make in stages:
        documents = MemoryDocuments()
        fold(make(), records, documents)
        for (kind, id), found in documents.by_key.items():
            yield kind.name, bytes(bson.encode(to_bson((kind, id), found, NOBODYS)))


def _said(number: int) -> Iterator[MessagePosted]:
    """Yield a group's messages: the higher its number, the fewer members write, and less often."""
    now = time.time_ns() // 1_000_000
    group = _GROUP % number
    for day in range(DAYS):
        for member in range(GROUP_SIZE):
            if (member + day * 7) % (2 + number + member // 10):
                continue
            id = f"e{day}-{member}"
            yield MessagePosted(
                id=id,
                source="bench",
                tenant=TENANT,
                group=GroupId(group),
                member=MemberId(f"{group}m{member:07}"),
                time=Millis(now - (DAYS - day) * DAY + member * 60_000),
                message=MessageId(id),
                text="大家早上好,今天的打卡在晚上八点截止,别忘了。",
                reply_to_member=MemberId(f"{group}m{(member * 7 + day) % GROUP_SIZE:07}"),
            )
