from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.settings import Settings
from steward.stack.checks import Finding, State, busy_ports, findings
from steward.stack.libraries import ProgramUnusableError, install_command, missing_library
from steward.stack.ports import LOOPBACK, free_ports


def about(found: list[Finding], words: str) -> Finding:
    [finding] = [finding for finding in found if finding.says.startswith(words)]
    return finding


def test_this_machine_can_run_the_stack(tmp_path: Path) -> None:
    found = findings(tmp_path / "not" / "yet" / "there", Settings())
    assert [finding for finding in found if finding.blocks] == []
    assert str(tmp_path) in about(found, "Disk").says


def test_servers_of_the_users_that_do_not_answer_are_named(tmp_path: Path) -> None:
    kafka, mongo = free_ports(2)
    settings = Settings(
        kafka=f"{LOOPBACK}:{kafka}",
        mongo=SecretStr(f"mongodb://someone:hidden@{LOOPBACK}:{mongo}/"),
    )
    found = findings(tmp_path, settings)
    assert about(found, f"Kafka: {LOOPBACK}:{kafka} does not answer").blocks
    assert about(found, "MongoDB: no replica set answers").blocks
    assert "hidden" not in "".join(finding.says + finding.fix for finding in found)


def test_a_full_disk_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("steward.stack.checks.LEAST_DISK", 2**62)
    disk = about(findings(tmp_path, Settings()), "Disk")
    assert disk.blocks
    assert "STEWARD_DATA" in disk.fix


def test_a_busy_port_is_only_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr("steward.stack.checks.DEFAULT_PORTS", {"ingest": port})
        [finding] = busy_ports()
    assert finding.state is State.NOTICE
    assert str(port) in finding.says


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_missing_library_is_found_with_the_command_that_installs_it(tmp_path: Path) -> None:
    loader = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    program = script(tmp_path / "mongod", f'echo "mongod: {loader}" >&2; exit 127')
    assert missing_library(program) == "libcurl.so.4"
    sudo = "" if os.geteuid() == 0 else "sudo "
    assert install_command("libcurl.so.4") == f"{sudo}apt-get install -y libcurl4"


def test_a_program_that_runs_misses_nothing(tmp_path: Path) -> None:
    assert missing_library(script(tmp_path / "mongod", "echo v6")) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [("kill -ILL $$", "AVX"), ("echo 'bad luck' >&2; exit 1", "bad luck")],
)
def test_a_program_that_cannot_run_says_why(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ProgramUnusableError, match=reason):
        missing_library(script(tmp_path / "mongod", text))


def test_a_program_that_is_not_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(ProgramUnusableError, match="cannot run here"):
        missing_library(tmp_path / "mongod")
