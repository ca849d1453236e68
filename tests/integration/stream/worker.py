"""A process that runs a stage until SIGTERM: `counting` or `scoring`; settings as ever."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop

from services.scoring.stage import scoring_stage
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from tests.integration.stream.counting import counting_stage

STAGES = {"counting": counting_stage, "scoring": scoring_stage}


async def main() -> None:
    settings = Settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with connect(settings) as client:
        runtime = Runtime(STAGES[sys.argv[1]](), settings, client)
        await runtime.start()
        await stop.wait()
        await runtime.stop()


if __name__ == "__main__":
    uvloop.run(main())
