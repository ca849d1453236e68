"""Folds one partition's records: decode, drop repetitions, apply, collect what goes out.

Nothing here waits: the partition loads documents before and publishes after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog

from shared.events import SCHEMA_VERSION, Millis, derive_id, encode, trace_id_of
from shared.mongo import Document
from shared.settings import Settings
from shared.stream import dead_letters, metrics
from shared.stream.contracts import (
    Concluding,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    Perform,
    Publish,
    Record,
    Stage,
)
from shared.stream.dead_letters import REPLAY, TRACEPARENT, header
from shared.stream.documents import DocumentCache
from shared.stream.publisher import Outgoing
from shared.stream.raw import RawRecord, RawRecords
from shared.stream.seen import SeenIds
from shared.topics import RECORDS, Topic

log = structlog.get_logger(__name__)

POSTPONE_MS: Final = 3_600_000
MOST_BYTES: Final = 1_000_000
"""How large a record may be; Kafka refuses 1 MiB with key and headers, however often it is sent."""
_SCHEMA: Final = ("schema", str(SCHEMA_VERSION).encode())
_DECODERS: Final = {topic: msgspec.json.Decoder(type_) for topic, type_ in RECORDS.items()}


class Step(msgspec.Struct, gc=False):
    """An input to apply, with the documents that it reads and the record it came as."""

    item: Input
    keys: tuple[Key, ...]
    raw: RawRecord | None = None


@dataclass(slots=True)
class Effects:
    """What applying a batch leads to."""

    outgoing: list[Outgoing] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)


class Folder:
    """The state of one partition number: its stage, its documents, and where it stands."""

    def __init__(self, stage: Stage, settings: Settings, number: int) -> None:
        self.documents = DocumentCache(settings.cache_documents)
        self.offsets: dict[str, int] = {}
        self.appended: dict[str, int] = {}
        self.clock = Millis(0)
        self.careful = False
        """Whether every input is tried for whether MongoDB can store what it leads to."""
        self._stage = stage
        self._number = number
        self._span = settings.seen_records
        self._names = {topic: settings.topic(topic) for topic in Topic}
        self.reopen()

    def reopen(self) -> None:
        """Start over with an empty recent state."""
        self._part = self._stage.open_partition(self._number)
        self._concluding = self._part if isinstance(self._part, Concluding) else None
        self._seen = {topic: SeenIds(self._span) for topic in self._stage.topics}

    def rebuild(self, topic: Topic, records: RawRecords) -> None:
        """Fold records from before the checkpoint into the recent state, without effects."""
        for raw in records:
            try:
                record = _decode(topic, raw)
                if self._is_new(record, raw):
                    self._part.rebuild(record)
                self.clock = max(self.clock, record.value.time)
            except Exception:  # noqa: S112 # nosec B112
                # It went to the dead letters when it was live.
                continue

    def admit(self, topic: Topic, records: RawRecords, effects: Effects) -> list[Step]:
        """Decode records and drop repetitions; what does not decode is a dead letter."""
        steps: list[Step] = []
        duplicates = 0
        for raw in self._wanted(records):
            try:
                record = _decode(topic, raw)
                if not self._is_new(record, raw):
                    duplicates += 1
                    continue
                steps.append(Step(record, tuple(self._part.keys(record)), raw))
            except Exception as error:  # whatever a record does must not stop the partition
                self._bury(raw, error, "decode", effects)
        if duplicates:
            metrics.DUPLICATES.labels(self._stage.name, topic).inc(duplicates)
        self.offsets[topic] = records[-1].offset + 1
        self.appended[topic] = records[-1].timestamp
        metrics.RECORDS.labels(self._stage.name, topic).inc(len(steps))
        return steps

    def _wanted(self, records: RawRecords) -> RawRecords:
        wants = self._stage.wants
        if wants is None:
            return records
        return [raw for raw in records if raw.key is None or wants(raw.key)]

    def steps(self, items: Iterable[Due | Outcome], effects: Effects) -> list[Step]:
        """Return the steps of inputs that are not records."""
        steps: list[Step] = []
        for item in items:
            own = ((item.kind, item.id),) if isinstance(item, Due) else ()
            try:
                steps.append(Step(item, (*own, *self._part.keys(item))))
            except Exception as error:
                self._bury_input(item, error, effects)
        return steps

    def due(self, kind: Kind[Any], found: Mapping[str, Document], now: Millis) -> list[Due]:
        """Return the inputs for timed documents that MongoDB found, if they still are due."""
        documents = self.documents.current(kind, found).items()
        return [Due(kind, id, one, now) for id, one in documents if 0 < (one.due_at or 0) <= now]

    def apply(self, step: Step, effects: Effects) -> None:
        """Apply one input. If it fails, it is a dead letter and its changes are forgotten."""
        self.documents.begin(step.keys)
        try:
            outputs = list(self._part.apply(step.item, self.documents))
            outgoing = self._encode(outputs, _trace_of(step.item)) if outputs else []
            if self.careful:
                self.documents.check(self._number)
        except Exception as error:
            self.documents.discard()
            if isinstance(step.item, Record):
                assert step.raw is not None
                self._bury(step.raw, error, "apply", effects)
            else:
                self._bury_input(step.item, error, effects)
            return
        self.documents.keep()
        if isinstance(step.item, Record):
            self.clock = max(self.clock, step.item.value.time)
        if outputs:
            effects.outgoing.extend(outgoing)
            effects.tasks.extend(one.task for one in outputs if isinstance(one, Perform))

    def conclude(self, effects: Effects) -> None:
        """Take up what the inputs of a batch lead to together."""
        if self._concluding is not None:
            effects.outgoing.extend(self._encode(list(self._concluding.conclude()), ""))

    def _encode(self, outputs: Sequence[Output], trace: str) -> list[Outgoing]:
        published = [one for one in outputs if isinstance(one, Publish)]
        if not published:
            return []
        headers = (_SCHEMA, (TRACEPARENT, trace.encode()))
        for one in published:
            metrics.OUTPUTS.labels(self._stage.name, one.topic).inc()
        return [
            Outgoing(self._names[one.topic], one.record.key.encode(), _encoded(one), headers)
            for one in published
        ]

    def _is_new(self, record: Record, raw: RawRecord) -> bool:
        identity: str = record.value.identity
        if raw.headers and (replayed := header(raw.headers, REPLAY)):
            identity = f"{identity}\x1f{replayed}"
        return self._seen[record.topic].add(raw.offset, identity)

    def _bury(self, raw: RawRecord, error: Exception, reason: str, effects: Effects) -> None:
        metrics.DEAD_LETTERS.labels(self._stage.name, raw.topic, reason).inc()
        log.warning(
            "dead_letter",
            stage=self._stage.name,
            topic=raw.topic,
            partition=raw.partition,
            offset=raw.offset,
            error=type(error).__name__,
            trace_id=trace_id_of(header(raw.headers, TRACEPARENT)),
        )
        letter = dead_letters.of_record(self._names[Topic.DLQ], self._stage.name, raw, error)
        effects.outgoing.append(letter)

    def _bury_input(self, item: Due | Outcome, error: Exception, effects: Effects) -> None:
        """Keep a failing timer or outcome as a dead letter; a timer gets another try later."""
        source = "timer" if isinstance(item, Due) else "outcome"
        metrics.DEAD_LETTERS.labels(self._stage.name, source, "apply").inc()
        letter = dead_letters.of_input(self._names[Topic.DLQ], self._stage.name, item, error)
        effects.outgoing.append(letter)
        if isinstance(item, Due):
            later = msgspec.structs.replace(item.document, due_at=item.now + POSTPONE_MS)
            self.documents.begin(())
            self.documents.put(item.kind, item.id, later)
            self.documents.keep()


def _encoded(output: Publish) -> bytes:
    """Return a record's bytes. Raises `ValueError` for one that Kafka would never take."""
    value = encode(output.record)
    if len(value) > MOST_BYTES:
        raise ValueError(f"a record for {output.topic} would have {len(value)} bytes")
    return value


def _decode(topic: Topic, raw: RawRecord) -> Record:
    value = _DECODERS[topic].decode(raw.value or b"")
    trace = header(raw.headers, TRACEPARENT) if raw.headers else ""
    return Record(topic, raw.partition, raw.offset, value, trace, Millis(raw.timestamp))


def _trace_of(item: Input) -> str:
    """Return the trace that an input's outputs carry; a timer starts one of its own."""
    if isinstance(item, Record):
        return item.trace
    if isinstance(item, Due):
        seed = derive_id(item.kind.name, item.id, str(item.now)).replace("-", "")
        return f"00-{seed}-{seed[:16]}-01"
    return getattr(item.task, "trace", "")
