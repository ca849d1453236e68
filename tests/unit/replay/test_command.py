"""What `steward replay` says before it sends anything."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from shared.events import MessagePosted
from steward.commands.replay import app
from steward.replay.export import Export
from steward.replay.formats import detect
from steward.replay.teller import LONGEST_TEXT, Teller
from tests.unit.replay.reading import write

RUN = ["--key", "sk_x", "--url", "http://127.0.0.1:1"]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ([], "not recognised"),
        (["--format", "fax"], "there is no format 'fax'"),
        (["--format", "irc", "--timezone", "Moon/Sea"], "there is no zone 'Moon/Sea'"),
    ],
)
def test_what_cannot_be_read_is_said_at_once(
    tmp_path: Path, options: list[str], answer: str
) -> None:
    file = write(tmp_path, {"notes.txt": "just a few words\n" * 3})
    result = CliRunner().invoke(app, [str(file), *RUN, *options])
    assert result.exit_code == 2
    assert answer in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("files", [{"a.json": "{}"}, {"empty.txt": ""}])
def test_nothing_is_taken_for_what_it_is_not(tmp_path: Path, files: dict[str, object]) -> None:
    with Export(write(tmp_path, files)) as export:
        assert detect(export) is None


def test_events_that_are_to_be_acted_on_carry_no_mark() -> None:
    teller = Teller("test", ZoneInfo("UTC"), backfill=False)
    fields = {"id": "1", "group": "g", "member": "m", "time": 5}
    assert not teller.tell(MessagePosted, **fields, message="1").backfill


def test_what_ingest_would_refuse_is_made_to_fit() -> None:
    teller = Teller("test", ZoneInfo("UTC"))
    event = teller.tell(
        MessagePosted,
        id="a\nb",
        group="g" * 300,
        member="",
        time=5,
        message="1",
        text="😀" * 30_000,
    )
    assert "\n" not in event.id
    assert 0 < len(event.group) <= 200
    assert event.member
    assert len(event.text) <= LONGEST_TEXT
    assert len(event.text.encode()) < 60_000
    again = teller.tell(MessagePosted, id="a\nb", group="g" * 300, member="", time=5, message="1")
    assert (again.id, again.group, again.member) == (event.id, event.group, event.member)


def test_a_digest_tells_directories_apart_by_names_and_contents(tmp_path: Path) -> None:
    digests = set()
    for number, files in enumerate(
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}, {"a": "12", "c": ""})
    ):
        with Export(write(tmp_path / str(number), dict(files))) as export:
            digests.add(export.digest())
    assert len(digests) == 3
