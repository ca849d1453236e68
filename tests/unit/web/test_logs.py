from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import logging, structlog
from shared.logs import configure
from shared.settings import Settings
configure(Settings(log_format={format!r}, instance="two"), "toy")
structlog.contextvars.bind_contextvars(trace_id="abc")
log = structlog.get_logger("mine")
log.info("told", text="早上好", odd=object)
log.debug("not_told")
logging.getLogger("uvicorn.error").info("from %s", "uvicorn")
logging.getLogger("aiokafka").info("chatter")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("went_wrong")
"""


def lines_of(log_format: str) -> list[str]:
    program = PROGRAM.format(format=log_format)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def test_every_line_is_json_with_service_and_trace_whoever_wrote_it() -> None:
    lines = [json.loads(line) for line in lines_of("json")]
    assert [line["event"] for line in lines] == ["told", "from uvicorn", "went_wrong"]
    assert {line["service"] for line in lines} == {"toy"}
    assert {line["instance"] for line in lines} == {"two"}
    assert {line["trace_id"] for line in lines} == {"abc"}
    assert lines[0]["text"] == "早上好"
    assert "ZeroDivisionError" in lines[2]["exception"]


def test_the_console_shows_the_same_for_people() -> None:
    text = "\n".join(lines_of("console"))
    assert "told" in text
    assert "from uvicorn" in text
    assert "chatter" not in text
