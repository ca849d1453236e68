"""An erased member is named nowhere in what rules keep, but where evidence has to stay."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from services.rules.documents import FLAGS, MEMBER_RECORDS, member_id
from services.rules.erasure.forgetting import ERASURES, FindTraces, Traces
from services.rules.erasure.nameless import is_kept
from services.rules.review.case import CaseState, case_id
from services.rules.review.kinds import CASES
from services.rules.review.lessons import LESSONS
from services.rules.review.trust import TRUSTED, trust_id
from shared.erasures import LOOKS
from shared.events import ReportFiled
from shared.members import MemberErased, pseudonym
from shared.reviews import IncidentForgets, ReviewStep, Teaches, TrustChanged
from shared.stream.contracts import Due, Outcome, Output, Perform
from shared.stream.memory import fold
from shared.topics import Topic
from tests.unit.rules.judging import START, event, flags, message, records
from tests.unit.rules.review.reviewing import ANNA, ReviewedWorld
from tests.unit.rules.review.test_incidents import copies

ERIKA = "erika.m"
ADVERT = "加.薇.信 abcd8899 领红包"
GAMBLING = "澳门赌场上线 百家乐 首存送88 加微信 abcd8899"
NOW = START + 10_000_000


def erased(group: str = "g1", member: str = ERIKA) -> MemberErased:
    return MemberErased(id=f"e-{group}", tenant="acme", group=group, member=member, time=NOW)


def traces(world: ReviewedWorld, task: FindTraces) -> Traces:
    """Find what the store finds: flags and cases of the group in which the id stands."""
    found: dict[str, list[str]] = {FLAGS.name: [], CASES.name: []}
    for (kind, id), document in sorted(world.documents.by_key.items(), key=lambda one: one[0][1]):
        if kind.name in found and document.group == task.group and task.member in repr(document):
            found[kind.name].append(id)
    fingerprints = [each.fingerprint for each in world.incidents if task.member in repr(each)]
    return Traces(found[FLAGS.name], found[CASES.name], [], fingerprints)


def erase(world: ReviewedWorld, request: MemberErased) -> list[Output]:
    """Have a member forgotten: the record, then as many looks as there are."""
    world.fold(Topic.MEMBERS, request)
    outputs: list[Output] = []
    now = NOW
    for _ in range(LOOKS):
        (id,) = [id for kind, id in world.documents.by_key if kind is ERASURES]
        document = world.documents.by_key[ERASURES, id]
        assert document.due_at <= now
        (asked,) = fold(world.stage, [Due(ERASURES, id, document, now)], world.documents)
        assert isinstance(asked, Perform)
        outcome = Outcome(asked.task, traces(world, asked.task), now)
        outputs += fold(world.stage, [outcome], world.documents)
        now += 3_600_000
    for request_ in records(outputs, IncidentForgets):
        world.fold(Topic.REVIEWS, request_)
    return outputs


def told(world: ReviewedWorld) -> str:
    """Return all that is kept, the audit log left out."""
    return repr(
        [
            (id, to_builtins(document))
            for (kind, id), document in world.documents.by_key.items()
            if kind.name not in ("audit", "audit_heads")
        ]
    )


def test_flags_cases_lessons_and_records_no_longer_name_the_member() -> None:
    world = ReviewedWorld()
    (flag,) = flags(world.see(message(ADVERT, 1, member=ERIKA)))
    world.decide(flag, ReviewStep.APPEALED, note="这是误会")
    world.decide(flag, ReviewStep.CONFIRMED, teaches=Teaches.CONTENT)
    assert (LESSONS, case_id(flag.id)) in world.documents.by_key
    assert (MEMBER_RECORDS, member_id("acme", "g1", ERIKA)) in world.documents.by_key

    erase(world, erased())
    left = told(world)
    for word in (ERIKA, "abcd8899", "红包", "这是误会"):
        assert word not in left
    case = world.documents.by_key[CASES, case_id(flag.id)]
    assert (case.member, case.state) == (pseudonym("acme", ERIKA), CaseState.CONFIRMED)
    assert case.taken == [], "nothing is asked of the platform about somebody forgotten"
    assert world.documents.by_key[FLAGS, flag.id].flag.risk == flag.risk
    assert world.verified().faults == []


def test_what_others_wrote_stays_without_the_member_s_name() -> None:
    world = ReviewedWorld()
    (flag,) = flags(world.see(message(ADVERT, 1, member="bo", mentions=[ERIKA])))
    erase(world, erased())
    noted = world.documents.by_key[FLAGS, flag.id]
    assert noted.flag.event.text == ADVERT
    assert noted.flag.event.mentions == [pseudonym("acme", ERIKA)]


def test_reports_and_the_talk_before_a_case_no_longer_name_the_member() -> None:
    world = ReviewedWorld()
    world.see(
        message("我先说一句徒步", 1, member=ERIKA),
        message("你说什么呢", 2, member="bo"),
        event(ReportFiled, 3, member=ERIKA, message="msg-2", author="bo", reason="骂人"),
        event(ReportFiled, 4, member="cy", message="msg-2", author="bo"),
    )
    (case,) = world.cases
    assert ERIKA in repr(case)
    erase(world, erased())
    (case,) = world.cases
    assert case.reporters == [pseudonym("acme", ERIKA), "cy"]
    assert ERIKA not in told(world)
    assert "徒步" not in told(world)


def test_no_case_opened_after_the_erasure_shows_what_the_member_said() -> None:
    world = ReviewedWorld()
    world.see(message("我先说一句徒步", 1, member=ERIKA), message("你说什么呢", 2, member="bo"))
    world.fold(Topic.MEMBERS, erased())
    world.see(event(ReportFiled, 3, member="cy", message="msg-2", author="bo"))
    assert "徒步" not in repr(world.cases)


def test_regulated_evidence_stays_unless_it_was_overturned() -> None:
    world = ReviewedWorld()
    (flag,) = flags(world.see(message(GAMBLING, 1, member=ERIKA)))
    assert is_kept(flag, world.case(flag))
    erase(world, erased())
    assert world.case(flag).evidence.flag == flag
    world.decide(flag, ReviewStep.OVERTURNED)
    erase(world, erased())
    assert ERIKA not in told(world)


def test_a_campaign_forgets_its_copy_s_writer_and_keeps_the_others() -> None:
    world = ReviewedWorld()
    world.see(*copies(0, 4))  # type: ignore[arg-type]
    (before,) = world.incidents
    erase(world, erased("g0", "m0"))
    (incident,) = world.incidents
    assert [copy.member for copy in incident.copies] == [pseudonym("acme", "m0"), "m1", "m2", "m3"]
    assert (incident.sample, incident.count) == ("", before.count)


def test_trust_in_the_group_is_withdrawn() -> None:
    world = ReviewedWorld()
    trust: dict[str, Any] = {"tenant": "acme", "by": ANNA, "member": ERIKA, "trusted": True}
    world.review(TrustChanged(id="t", time=START, group="g1", **trust))
    world.fold(Topic.MEMBERS, erased())
    assert not world.documents.by_key[TRUSTED, trust_id("acme", "g1", ERIKA)].trusted
    erase(world, erased())
    assert ERIKA not in told(world)


def test_a_search_that_failed_is_done_again_when_its_lease_is_over() -> None:
    world = ReviewedWorld()
    world.fold(Topic.MEMBERS, erased())
    ((_, id),) = [key for key in world.documents.by_key if key[0] is ERASURES]
    due = Due(ERASURES, id, world.documents.by_key[ERASURES, id], NOW)
    (asked,) = fold(world.stage, [due], world.documents)
    assert isinstance(asked, Perform)
    assert fold(world.stage, [Outcome(asked.task, None, NOW)], world.documents) == []
    assert world.documents.by_key[ERASURES, id].due_at == NOW + 60_000
