from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from steward.stack.jars import Jar, JarUnavailableError, fetch, locked_jars

CONTENT = b"not really a jar"
JAR = Jar("org.example", "thing", "1.0", hashlib.sha256(CONTENT).hexdigest())


def put(cache: Path, content: bytes) -> None:
    path = JAR.path(cache)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_every_locked_jar_has_a_version_and_a_hash() -> None:
    jars = locked_jars()
    assert {"kafka_2.13", "kafka-clients", "scala-library"} <= {jar.artifact for jar in jars}
    assert all(len(jar.sha256) == 64 and jar.version for jar in jars)
    assert len({(jar.group, jar.artifact) for jar in jars}) == len(jars)


def test_cached_jars_are_not_fetched_again(tmp_path: Path) -> None:
    put(tmp_path, CONTENT)
    heard: list[tuple[int, int]] = []
    class_path = fetch(tmp_path, [JAR], lambda have, wanted: heard.append((have, wanted)))
    assert class_path == str(tmp_path / "org/example/thing/1.0/thing-1.0.jar")
    assert heard == [(1, 1)]


def test_a_damaged_jar_is_not_intact(tmp_path: Path) -> None:
    put(tmp_path, CONTENT[:-1])
    assert not JAR.is_intact(tmp_path)


def test_a_damaged_jar_that_cannot_be_fetched_again_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, CONTENT[:-1])
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nothing listens there
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(JarUnavailableError, match=r"cannot fetch thing 1\.0"):
        fetch(tmp_path, [JAR])
    assert not JAR.path(tmp_path).exists()
