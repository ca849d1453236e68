"""A process that runs the counting stage until SIGTERM; settings come from the environment."""

from __future__ import annotations

import asyncio
import signal

import uvloop

from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Runtime
from tests.integration.stream.counting import counting_stage


async def main() -> None:
    settings = Settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with connect(settings) as client:
        runtime = Runtime(counting_stage(), settings, client)
        await runtime.start()
        await stop.wait()
        await runtime.stop()


if __name__ == "__main__":
    uvloop.run(main())
