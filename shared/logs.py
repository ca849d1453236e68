"""Logs: one JSON object a line (or coloured text), from our code and from libraries alike."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.settings import Settings

_QUIET: Final = ("aiokafka", "pymongo", "httpx", "asyncio")
"""Libraries whose INFO lines say nothing to an operator."""


def configure(settings: Settings, service: str) -> None:
    """Send everything that is logged in this process to stdout, in the format of the settings.

    Every line carries the service's name and instance, and the ids that were
    bound in structlog's context (`trace_id`, `request_id`).
    """
    level = logging.getLevelNamesMapping()[settings.log_level]
    common = _common(service, settings.instance or socket.gethostname())
    as_json = settings.log_format == "json"
    structlog.configure(
        processors=[*common, *(_json(msgspec.json.encode) if as_json else _console())],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=(
            structlog.BytesLoggerFactory() if as_json else structlog.PrintLoggerFactory()
        ),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(level, common, _json(_encode_text) if as_json else _console())


def _common(service: str, instance: str) -> list[Processor]:
    def name_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        event["instance"] = instance
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
    ]


def _json(serialize: Callable[..., str | bytes]) -> list[Processor]:
    def render(_: WrappedLogger, __: str, event: EventDict) -> str | bytes:
        return serialize(event, enc_hook=repr)

    return [structlog.processors.format_exc_info, render]


def _encode_text(event: EventDict, enc_hook: Callable[[object], str]) -> str:
    return msgspec.json.encode(event, enc_hook=enc_hook).decode()


def _console() -> list[Processor]:
    # The default formatter prints local variables: texts, keys and secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)]


def _configure_libraries(level: int, common: list[Processor], rendering: list[Processor]) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*common, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        uvicorn = logging.getLogger(name)
        uvicorn.handlers = []
        uvicorn.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
