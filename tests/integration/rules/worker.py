"""A process that judges events, with a window over all groups of a tenant, until it is killed."""

from __future__ import annotations

import asyncio

import uvloop

from services.rules.pack import load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime

PACK = """\
name: own
extends: default
windows:
  - {name: posts_24h, span: 24h, of: [message], by: [tenant, member]}
rules:
  - name: prolific
    label: reported
    weight: 0.4
    when: window.posts_24h >= 100000
    because: what is counted must be asked about
"""


async def main() -> None:
    settings = Settings()
    async with connect(settings) as client:
        stage = rules_stage(OneRuleSet(load(PACK, "own.yaml")))
        runtime = Runtime(stage, settings, client)
        await runtime.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
