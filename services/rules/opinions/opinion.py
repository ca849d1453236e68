"""What is asked of a language model, what it says, and what that comes to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from services.rules.documents import FlagDocument, document
from services.rules.nearness import bands
from services.rules.observation import Observation
from services.rules.opinions.masking import masked
from services.rules.outcome import flag_of
from services.rules.review.opening import SUSPECTED, reason_for
from services.rules.verdict import Verdict
from shared.events import (
    BaseEvent,
    Event,
    MessageEdited,
    MessagePosted,
    Millis,
    RelayPosted,
    Role,
    derive_id,
)
from shared.verdicts import Decision, Flag, Label, RuleHit

RULE: Final = "opinion"
"""What hits call the witness."""
SURE: Final = 70
"""Percent of confidence from which an opinion counts."""
LEAST_RISK: Final = 0.2
_MESSAGES: Final = frozenset({MessagePosted, MessageEdited, RelayPosted})
Said = Literal["bad", "fine", "unsure"]


class Came(StrEnum):
    """What came of a question."""

    ASKED = "asked"
    CACHED = "cached"
    SPENT = "spent"
    BUSY = "busy"
    RESTING = "resting"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    REFUSED = "refused"
    BROKEN = "broken"
    NONSENSE = "nonsense"
    UNKNOWN = "unknown"


class Opinion(Struct, frozen=True, kw_only=True):
    """What a model said of a text; `label` is what is wrong with it if it is bad."""

    said: Said
    confidence: int
    model: str
    label: Label | None = None
    reason: str = ""
    cached: bool = False
    """Whether it was said of a text nearly the same."""


@dataclass(frozen=True, slots=True)
class AskOpinion:
    """A task: have a model say what it thinks of a masked text.

    `names` are those of texts nearly the same; `verdict` is what rules said, of
    an event of which no person is asked; `flag` the id of the flag it led to.
    """

    event: Event
    verdict: Verdict
    text: str
    names: tuple[str, ...]
    flag: str | None = None


class Ambiguity:
    """Which verdicts leave open what an event is: neither plainly fine nor one that a person sees.

    They are of a member's messages, live, long enough to be compared, of a risk
    from `least_risk` on. No action may have come of it.
    """

    def __init__(
        self, least_risk: float = LEAST_RISK, tenants: frozenset[str] = frozenset()
    ) -> None:
        """Ask for these tenants; for all of them if there are none."""
        self._least = least_risk
        self._tenants = tenants

    def leaves_open(self, event: BaseEvent, verdict: Verdict) -> bool:
        """Whether it is open; most verdicts are not, and this is cheap to tell."""
        return (
            self._least <= verdict.risk < SUSPECTED
            and verdict.decision in (Decision.ALLOW, Decision.WATCH)
            and type(event) in _MESSAGES
            and event.role is Role.MEMBER
            and not event.backfill
            and (not self._tenants or event.tenant in self._tenants)
        )

    def question(self, seen: Observation, verdict: Verdict) -> AskOpinion | None:
        """Return what to ask about an open verdict; None where the text is too short to tell."""
        names = tuple(bands(seen.essence))
        if seen.reading is None or not names:
            return None
        flag = flag_of(seen.event, verdict)  # type: ignore[arg-type]
        if verdict.noteworthy and reason_for(flag, spared=False) is not None:
            return None
        flagged = flag.id if verdict.noteworthy else None
        return AskOpinion(flag.event, verdict, masked(seen.reading), names, flagged)


def condemned(task: AskOpinion, opinion: Opinion, now: Millis) -> FlagDocument | None:
    """Return the flag by which an event comes before a person, if the model is sure it is bad."""
    if opinion.said != "bad" or opinion.confidence < SURE or opinion.label is None:
        return None
    hit = _hit(opinion, opinion.label, round(SUSPECTED - task.verdict.risk, 4))
    flag = replace(
        flag_of(task.event, task.verdict),
        id=derive_id(task.event.identity, RULE),
        labels=list(dict.fromkeys([opinion.label, *task.verdict.labels])),
        risk=SUSPECTED,
        decision=Decision.WATCH,
        hits=[*task.verdict.hits, hit],
    )
    return replace(document(flag, now), alone=flag.risk, charged=True)


def cleared(noted: FlagDocument, opinion: Opinion) -> FlagDocument | None:
    """Return what is noted of a watched event that the model is sure is fine."""
    flag = noted.flag
    if opinion.said != "fine" or opinion.confidence < SURE or flag.decision is not Decision.WATCH:
        return None
    hit = _hit(opinion, (flag.labels or [Label.REPORTED])[0], round(-flag.risk, 4))
    return replace(noted, flag=_allowed(flag, hit))


def _allowed(flag: Flag, hit: RuleHit) -> Flag:
    return replace(flag, risk=0.0, decision=Decision.ALLOW, hits=[*flag.hits, hit])


def _hit(opinion: Opinion, label: Label, weight: float) -> RuleHit:
    values: dict[str, str | float | int | bool] = {
        "opinion.said": opinion.said,
        "opinion.confidence": opinion.confidence,
        "opinion.model": opinion.model,
        "opinion.reason": opinion.reason,
    }
    if opinion.cached:
        values["opinion.cached"] = True
    return RuleHit(RULE, label, weight, "a language model was asked", values)
