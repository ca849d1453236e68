"""An erased member has no account, and the books name them by a pseudonym."""

from __future__ import annotations

from typing import Any

from services.scoring.calendar import DAY
from services.scoring.points.documents import POINT_FORGETTINGS, document_id
from shared.events import CheckinMade, InviteAccepted, Millis
from shared.members import MemberErased
from shared.stream.contracts import Due, Outcome, Perform
from tests.unit.scoring.builders import MONDAY
from tests.unit.scoring.points.test_account import Books, asked, make


def erased(day: float) -> MemberErased:
    where: Any = {"tenant": "acme", "group": "g1", "member": "amy"}
    return MemberErased(id="erase", time=Millis(MONDAY + int(day * DAY)), **where)


def test_the_books_name_an_erased_member_by_a_pseudonym_and_what_comes_late_earns_nothing() -> None:
    books = Books().after(
        make(CheckinMade),
        asked("mug", 1),
        make(InviteAccepted, invitee="bo"),
        make(InviteAccepted, 1, member="bo", invitee="amy"),
        erased(2),
        make(CheckinMade, 1.5),
        make(InviteAccepted, 1.6, invitee="cy"),
    )
    documents = books.documents.by_key
    ((key, task),) = [each for each in documents.items() if each[0][0] is POINT_FORGETTINGS]
    (perform,) = books.outputs(Due(*key, task, Millis(MONDAY + 2 * DAY)))
    assert isinstance(perform, Perform)
    assert books.outputs(Outcome(perform.task, None, Millis(MONDAY))) == []
    assert key in documents, "MongoDB was away: it is asked for again"
    found = [document_id("acme", "g1", "mug")], [document_id("acme", "g1", "bo")]
    assert books.outputs(Outcome(perform.task, found, Millis(MONDAY))) == []
    assert "amy" not in repr(documents)
    (entry,) = books.entries().values()
    assert (entry.amount, entry.reason, entry.member[:7]) == (1, "", "erased:")
    books.after(make(CheckinMade, 3))
    assert books.of().total == 5, "who comes back is somebody new"
