"""A flash group's end is told of in time, and after it nothing is."""

from __future__ import annotations

from services.scoring.calendar import DAY, HOUR
from services.scoring.ending import end_stage
from services.scoring.lifecycle import LifeStage
from services.scoring.segments.changes import with_end
from services.scoring.segments.definitions import Definitions, InForce
from services.scoring.stage import WATCHES, ScoringPartition, group_id
from services.scoring.watch import Watch
from shared.actions import Action
from shared.events import TenantId
from shared.stream.contracts import Due, Publish
from shared.stream.memory import MemoryDocuments, fold
from tests.unit.scoring.builders import MONDAY, chatter, folded

GROUP = group_id("acme", "g1")
LAST = MONDAY + 20 * DAY


class Ends:
    """One group's end."""

    def __init__(self, end: int | None) -> None:
        self.end = end

    async def refresh(self) -> None:
        """Stay as it is."""

    def of(self, tenant: TenantId) -> InForce:
        ends = [] if self.end is None else [("g1", self.end)]
        return InForce(Definitions(tenant=tenant, ends=ends))


def told(documents: MemoryDocuments, ends: Ends, until: int) -> list[tuple[str, int]]:
    """Let timers go off until a moment; return what was told when."""
    found: list[tuple[str, int]] = []
    while True:
        watch: Watch = documents.by_key[WATCHES, GROUP]
        if watch.due_at is None or watch.due_at > until:
            return found
        due = Due(WATCHES, GROUP, watch, watch.due_at)
        for output in fold(ScoringPartition(ends), [due], documents):
            assert isinstance(output, Publish)
            action = output.record
            assert isinstance(action, Action)
            found.append((str(action.details["alert"]), action.time))


def test_the_end_is_told_a_day_before_and_when_it_has_come_and_then_nothing() -> None:
    end = LAST + 3 * DAY
    assert told(folded(chatter(20)), Ends(None), LAST + 30 * DAY)[0][0] == "quiet"
    documents = folded(chatter(20))
    found = told(documents, Ends(end), LAST + 60 * DAY)
    assert [each for each in found if each[0] != "quiet"] == [("ending", end - DAY), ("ended", end)]
    assert all(at < end for alert, at in found if alert == "quiet")
    assert documents.by_key[WATCHES, GROUP].due_at is None


def test_a_lively_group_is_told_once_and_again_if_its_end_is_another() -> None:
    documents, ends = folded(chatter(20)), Ends(LAST + 6 * HOUR)
    assert [alert for alert, _ in told(documents, ends, LAST + 3 * HOUR)] == ["ending"]
    ends.end = LAST + 8 * HOUR
    found = told(documents, ends, LAST + 2 * DAY)
    assert [alert for alert, _ in found] == ["ending", "ended"]


def test_stages_and_changes_of_an_end() -> None:
    end = LAST
    assert end_stage(None, LAST) is None
    assert end_stage(end, end - DAY - 1) is None
    assert end_stage(end, end - DAY) is LifeStage.ENDING
    assert end_stage(end, end) is LifeStage.ENDED
    known = with_end("g1", 5)(with_end("g1", 4)(Definitions(tenant=TenantId("acme"))))
    assert known.ends == [("g1", 5)]
    assert with_end("g1", None)(known).ends == []
