"""Runs a service's application as a process: uvicorn on uvloop, until SIGTERM."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from math import ceil
from types import FrameType

import uvicorn
import uvloop
from fastapi import FastAPI

from shared import logs
from shared.invalid_settings import InvalidSettingsError
from shared.settings import DEFAULT_PORTS, Settings
from shared.web.wire import Wire


def serve(name: str, create_app: Callable[[Settings], FastAPI]) -> None:
    """Serve the application until SIGTERM or SIGINT, then drain and return.

    Open requests get `settings.grace_seconds` to end before the components
    are stopped. Settings that do not fit end the process with a line on stderr.
    """
    try:
        settings = Settings()
        logs.configure(settings, name)
        # uvicorn raises the signal again once it has drained: end with status 0 then.
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        uvloop.run(_serve(name, settings, create_app))
    except InvalidSettingsError as error:
        sys.exit(str(error))


async def _serve(name: str, settings: Settings, create_app: Callable[[Settings], FastAPI]) -> None:
    app = create_app(settings)
    # What was made so far stays: looking through it again and again took 12 % of the time.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    await server(app, settings, settings.port or DEFAULT_PORTS[name]).serve()


def server(app: FastAPI, settings: Settings, port: int) -> uvicorn.Server:
    """Return what serves an application as services are served; port 0: any that is free."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        http=Wire,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=ceil(settings.grace_seconds),
    )
    return uvicorn.Server(config)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)
