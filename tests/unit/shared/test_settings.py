"""A wrong variable is named in one line, with what it should be; a secret is not shown."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from services.notify.settings import NotifySettings
from shared.invalid_settings import InvalidSettingsError
from shared.settings import DEFAULT_PORTS, Settings

WRONG = {
    "STEWARD_PARTITIONS": ("many", "should be a valid integer"),
    "STEWARD_PORT": ("99999", "should be less than or equal to 65535"),
    "STEWARD_FLUSH_SECONDS": ("0", "should be greater than 0"),
    "STEWARD_LOG_LEVEL": ("LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    "STEWARD_KAFKA": ("kafka", "a server is host:port"),
    "STEWARD_NOTIFY_SLOTS": ("0", "should be greater than or equal to 1"),
    "STEWARD_NOTIFY_ALLOW_CIDRS": ("10.0.0.0/8,here", "not a valid IPv4 network"),
}


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_variable_is_named_with_its_value_and_what_it_should_be(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, expectation = WRONG[variable]
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError) as raised:
        NotifySettings()
    [line] = str(raised.value).splitlines()
    assert line.startswith(f"{variable}='{value.split(',')[-1]}' does not fit: ")
    assert expectation in line
    assert raised.value.found[0].meaning in line


def test_every_wrong_variable_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_PORT", "x")
    monkeypatch.setenv("STEWARD_PARTITIONS", "0")
    with pytest.raises(InvalidSettingsError) as raised:
        Settings()
    lines = str(raised.value).splitlines()
    assert sorted(line.partition("=")[0] for line in lines) == [
        "STEWARD_PARTITIONS",
        "STEWARD_PORT",
    ]


def test_a_secret_that_does_not_fit_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_MONGO", "mongo://steward:hush@db")
    with pytest.raises(InvalidSettingsError) as raised:
        Settings()
    assert str(raised.value).startswith("STEWARD_MONGO does not fit: a URI begins with mongodb://")
    assert "hush" not in str(raised.value)


COMMANDS = [
    *(["-m", f"services.{name}"] for name in DEFAULT_PORTS),
    ["-m", "steward", "migrate"],
    ["-m", "steward", "serve", "ingest"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[1:]))
def test_a_process_ends_with_the_line_and_no_traceback(command: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "STEWARD_PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode != 0
    [line] = run.stderr.splitlines()
    assert line.startswith("STEWARD_PORT='eighty' does not fit: ")
