"""An erased member's events leave the archive, and nobody else's events name them."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from services.ingest.archive.erasing import ERASINGS, SETTLING, Erasing, Found, erasing_id
from services.ingest.archive.event import ARCHIVE, archive_id, event_json
from services.ingest.stage import ArchivePartition
from shared.events import BaseEvent, MemberId, Millis
from shared.members import MemberErased
from shared.stream.contracts import Due, Outcome, Output, Perform, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.ingest.test_archive import NOON, Asked, posted, record

ERASED_AT = Millis(NOON + 60_000)


class Archive:
    """An archive's partition with its documents in memory."""

    def __init__(self, *events: BaseEvent) -> None:
        self.stage, self.documents = ArchivePartition(Asked(acme=30)), MemoryDocuments()
        self.take(*events)

    def take(self, *events: BaseEvent) -> None:
        fold(self.stage, [record(each) for each in events], self.documents)

    def erase(self, member: str = "m1") -> Erasing:
        first = posted()
        asked = MemberErased(
            id="erase",
            tenant=first.tenant,
            group=first.group,
            member=MemberId(member),
            time=ERASED_AT,
        )
        assert fold(self.stage, [Record(Topic.MEMBERS, 0, 0, asked)], self.documents) == []
        return self.searching(asked)

    def searching(self, about: MemberErased | Erasing) -> Erasing:
        found: Erasing = self.documents.by_key[ERASINGS, erasing_id(about)]
        return found

    def due(self, task: Erasing) -> Erasing:
        due = Due(ERASINGS, erasing_id(task), task, task.due_at or ERASED_AT)
        (asked,) = fold(self.stage, [due], self.documents)
        assert isinstance(asked, Perform)
        return msgspec.convert(asked.task, Erasing, from_attributes=True)

    def found(self, task: Erasing, result: Found | None) -> list[Output]:
        return fold(self.stage, [Outcome(task, result, ERASED_AT)], self.documents)

    def told(self) -> dict[str, str]:
        kept = {key[1]: one for key, one in self.documents.by_key.items() if key[0] is ARCHIVE}
        return {id: bytes(event_json(one.body)).decode() for id, one in kept.items()}


def test_own_events_go_and_others_name_a_pseudonym() -> None:
    own, later = posted("1"), posted("2", time=ERASED_AT + 1)
    reply = replace(posted("3"), member=MemberId("bo"), reply_to_member=MemberId("m1"))
    other = replace(posted("4"), member=MemberId("m10"))
    archive = Archive(own, later, reply, other)
    task = archive.due(archive.erase())
    named = [archive_id(each) for each in (own, later, reply)]
    archive.found(task, Found(named, None))
    told = archive.told()
    assert set(told) == {archive_id(later), archive_id(reply), archive_id(other)}
    assert '"m1"' not in told[archive_id(reply)]
    assert msgspec.json.decode(told[archive_id(reply)])["reply_to_member"].startswith("erased:")
    assert msgspec.json.decode(told[archive_id(other)])["member"] == "m10"
    assert msgspec.json.decode(told[archive_id(later)])["member"] == "m1", "somebody new"


def test_pages_are_searched_one_after_the_other_and_all_of_it_once_more() -> None:
    archive = Archive(posted("1"))
    first = archive.due(archive.erase())
    (onward,) = archive.found(first, Found([], "x"))
    assert isinstance(onward, Perform)
    assert onward.task.after == "x"
    assert archive.found(onward.task, Found([archive_id(posted("1"))], None)) == []
    archive.take(posted("5"))
    waiting = archive.searching(first)
    assert (waiting.due_at, waiting.after) == (ERASED_AT + SETTLING, "")
    archive.found(archive.due(waiting), Found([archive_id(posted("5"))], None))
    assert archive.documents.by_key == {}, "what was in flight is gone, and the search with it"


def test_while_mongodb_is_away_the_search_is_asked_for_again() -> None:
    archive = Archive(posted("1"))
    task = archive.due(archive.erase())
    assert archive.found(task, None) == []
    assert archive.searching(task).due_at is not None
    assert len(archive.told()) == 1
