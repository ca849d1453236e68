"""What was planted on the sample day against what Steward flagged: found, missed, false alarms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.events import BaseEvent
from shared.verdicts import Decision, Flag, Label
from steward.demo.script import Scene
from steward.demo.story import Day


@dataclass
class SceneFinding:
    """What became of a scene: how many of its events were flagged, and as what."""

    scene: Scene
    planted: int = 0
    flagged: int = 0
    labels: Counter[Label] = field(default_factory=Counter)

    @property
    def found(self) -> bool:
        """Whether Steward noticed it for what it is."""
        return any(label in self.scene.labels for label in self.labels)


@dataclass(frozen=True)
class FalseAlarm:
    """An innocent event that was flagged.

    `acted` says that something was done about it: else it was only put on
    watch. `why_tempting` tells what made it look guilty.
    """

    event: BaseEvent
    labels: Sequence[Label]
    because: str
    acted: bool
    why_tempting: str


@dataclass(frozen=True)
class Findings:
    """The comparison of a day with its flags; alarms that had consequences come first."""

    scenes: Sequence[SceneFinding]
    false_alarms: Sequence[FalseAlarm]
    lookalikes: int
    lookalikes_passed: int
    labels_by_event: Mapping[str, frozenset[Label]]

    @property
    def missed(self) -> list[SceneFinding]:
        """Scenes of which nothing was noticed."""
        return [finding for finding in self.scenes if not finding.found]


def compare(day: Day, flags: Iterable[Flag], refused: Collection[str] = ()) -> Findings:
    """Compare the truth about a day with the flags that were raised.

    `refused` are the events that the platform kept back because their author
    was muted: they cannot be found, and are not counted.
    """
    by_event: defaultdict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        by_event[flag.event.id].append(flag)
    scenes = {id: SceneFinding(scene) for id, scene in day.scenes.items()}
    for event, scene in day.culprits.items():
        if event not in refused:
            _count(scenes[scene], by_event.get(event, ()))
    innocent = [event for event in by_event if event not in day.culprits]
    alarms = [_alarm(day, by_event[event]) for event in innocent]
    return Findings(
        scenes=tuple(scenes.values()),
        false_alarms=sorted(alarms, key=lambda alarm: not alarm.acted),
        lookalikes=len(day.lookalikes),
        lookalikes_passed=sum(event not in by_event for event in day.lookalikes),
        labels_by_event={event: _labels(found) for event, found in by_event.items()},
    )


def because(flag: Flag) -> str:
    """Say in one line what made a flag be raised: its heaviest hit."""
    if not flag.hits:
        return flag.rule_set
    heaviest = max(flag.hits, key=lambda hit: hit.weight)
    return heaviest.because or heaviest.rule


def _count(finding: SceneFinding, flags: Sequence[Flag]) -> None:
    finding.planted += 1
    finding.flagged += bool(flags)
    finding.labels.update(_labels(flags))


def _labels(flags: Iterable[Flag]) -> frozenset[Label]:
    return frozenset(label for flag in flags for label in flag.labels)


def _alarm(day: Day, flags: Sequence[Flag]) -> FalseAlarm:
    event = flags[0].event
    return FalseAlarm(
        event=event,
        labels=sorted(_labels(flags)),
        because=because(flags[0]),
        acted=any(flag.decision is not Decision.WATCH for flag in flags),
        why_tempting=day.lookalikes.get(event.id, ""),
    )
