"""What a stage is written against: what comes in, durable documents, what goes out.

A stage author writes pure code: a fold over inputs. Everything that waits,
fails, retries or reads a clock is the runtime's (the other modules here).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

from msgspec import Struct

from shared.events import Millis
from shared.topics import Topic

D = TypeVar("D", bound=Struct)
NEVER: Final = Millis(0)


class Clock(Enum):
    """What decides that a timed document is due."""

    EVENT = "event"
    """The latest record's time while records flow, the wall clock once the partition
    has been idle: history that is replayed fast sees its timers go off in its own time."""

    WALL = "wall"
    """The wall clock, as for retries of something outside."""


class Keyed(Protocol):
    """A record of a topic: it knows its partitioning key and its identity."""

    @property
    def key(self) -> str:
        """What the record is partitioned by."""

    @property
    def identity(self) -> str:
        """What makes a second record of the topic a repetition of this one."""

    @property
    def time(self) -> Millis:
        """When it happened, in the platform's time."""


@dataclass(frozen=True, eq=False)
class Kind(Generic[D]):
    """A MongoDB collection of durable documents of one frozen struct type.

    A `timed` kind's struct has a field `due_at: Millis | None`. When that
    moment has come, the partition's owner hands the document to its stage as a
    `Due`; the stage answers by putting it again with another `due_at` (or none).

    A kind with `shown` attributes is packed: MongoDB keeps those to query and
    sort by (of a timed kind `due_at` too), and the whole document in one binary
    field. Packing costs a fraction of a document of many numbers as BSON.

    A kind that `borrows` another is the same documents as partitions see them that do
    not own them: read anew for every batch, as their owner last wrote them. They
    cannot be put.
    """

    name: str
    type: type[D]
    timed: bool = False
    shown: tuple[str, ...] = ()
    borrows: Kind[D] | None = None


Key = tuple[Kind[Any], str]
"""Names one durable document: its kind and its `_id`."""


class Record(Struct, frozen=True, gc=False):
    """A decoded record of one of the stage's topics.

    `appended` is the broker's clock when it took the record: part of the log,
    so a replay sees the same. `trace` is the W3C traceparent it came with.
    """

    topic: Topic
    partition: int
    offset: int
    value: Any
    trace: str = ""
    appended: Millis = NEVER


@dataclass(frozen=True, slots=True)
class Due:
    """A timed document whose moment has come; `now` is the partition's clock.

    Which clock `now` is of, the stage chooses: see `Clock`.
    """

    kind: Kind[Any]
    id: str
    document: Any
    now: Millis


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a `Perform`: the performer's result, and the wall clock then."""

    task: Any
    result: Any
    now: Millis


Input = Record | Due | Outcome


@dataclass(frozen=True, slots=True)
class Publish:
    """Output: append `record` to `topic`, with the trace of the input that caused it."""

    topic: Topic
    record: Keyed


@dataclass(frozen=True, slots=True)
class Perform:
    """Output: have the stage's performer do `task`; its result comes back as an `Outcome`.

    The task may be done again after a crash, so put a timed document that
    leases it: whoever owns the partition then will find it due.
    """

    task: Any


Output = Publish | Perform


class Documents(Protocol):
    """The durable documents that the current input named in `keys`.

    Documents are frozen: change one by putting its successor. What an input
    put is kept only if `apply` ends without an error.
    """

    def get(self, kind: Kind[D], id: str) -> D | None:
        """Return the document, or None where there is none.

        Raises `KeyError` for a document that `keys` did not name.
        """

    def put(self, kind: Kind[D], id: str, document: D) -> None:
        """Create or replace a document; it need not have been loaded."""

    def remove(self, kind: Kind[Any], id: str) -> None:
        """Delete a document, if it is there."""


class PartitionStage(Protocol):
    """What a service does with the inputs of one partition number of its topics.

    Made on assignment, dropped on revocation. Deterministic: the same inputs
    give the same changes and the same outputs, ids included.
    """

    def keys(self, item: Input) -> Iterable[Key]:
        """Name the durable documents that applying `item` will read.

        A function of the input alone: it is asked for a whole batch at once.
        """

    def rebuild(self, record: Record) -> None:
        """Fold a record from before the checkpoint into the recent state only."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        """Fold one input; yield what goes out. Never waits, never reads a clock.

        An input that raises goes to the dead letters and leaves no trace in the
        documents; touch recent state last, so that it leaves none there either.
        """


@runtime_checkable
class Concluding(Protocol):
    """A partition's stage that has something to say of many inputs at once."""

    def conclude(self) -> Iterable[Publish]:
        """Return what the inputs since the last call lead to together.

        Called after every batch. How records are cut into batches differs from one
        time to the next: receivers must be able to tell what they had already.
        """


class Performer(Protocol):
    """Does what a stage cannot: work outside Kafka and MongoDB, such as an HTTP request."""

    async def perform(self, task: Any) -> Any:
        """Do the task and return its result. Errors are results: it does not raise."""


class Reference(Protocol):
    """Something read from outside the partition, such as the rule set in force."""

    async def refresh(self) -> None:
        """Bring it up to date if it is stale; called before every batch, so be cheap.

        Also called before recent state is rebuilt.
        """


@dataclass(frozen=True)
class Stage:
    """A stage as the runtime needs it.

    `name` is the consumer group and the prefix of its checkpoints; `topics`
    have the same number of partitions and one owner per partition number;
    `horizon` is how far back in the log the recent state reaches (at most an
    hour); `clock` is what its timers go by. `gathering` is how long records
    may wait so that many are taken at once: for a stage that nobody waits for.
    `leisure` is how many times longer than the settings say changes may wait to
    be written, and timers to be looked for: what changed twice is written once.
    `wants` tells by a record's key whether the stage has any use for it, by what
    its references say now: what it does not want is not even decoded.
    """

    name: str
    topics: tuple[Topic, ...]
    open_partition: Callable[[int], PartitionStage]
    kinds: tuple[Kind[Any], ...] = ()
    horizon: timedelta = timedelta(0)
    clock: Clock = Clock.EVENT
    gathering: timedelta = timedelta(0)
    leisure: int = 1
    performer: Performer | None = None
    references: tuple[Reference, ...] = ()
    wants: Callable[[bytes], bool] | None = None
