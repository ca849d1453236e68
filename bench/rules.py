"""What the rules stage costs: CPU per event by part, and events a second on one core."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import msgspec

from bench import checking
from services.rules.classifier import classifier
from services.rules.observation import observe
from services.rules.pack import default_pack
from services.rules.rules import RuleSet
from services.rules.signals import read
from services.rules.stage import rules_stage
from services.rules.text import normalise
from services.rules.windows import Windows
from shared.events import Event, GroupId, MemberId, MessageId, MessagePosted, Millis, TenantId
from shared.stream.contracts import Output, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic

LINES = (
    "今天下午的会议改到三点开始，大家记得带上自己的电脑和笔记本",
    "哈哈哈 太好笑了",
    "请问这个软件在哪里下载",
    "I'll be there at five, see you then!",
    "昨天跑了五公里，感觉不错👍",
    "有人一起去看电影吗，周末的票",
    "这个方案我再想想，明天给你答复",
    "好的，收到",
    "孩子的作业写完了没有",
    "周末天气怎么样，要不要去爬山",
)
LURE = "加.薇.信：abcd8899 领红包，日赚500元"
EVENTS = 6_000
REPEATS = 5
MICROSECONDS = 1e6


def traffic(first: int = 0) -> list[MessagePosted]:
    """Return messages of 600 members in 12 groups; one in a hundred is a lure."""
    return [
        MessagePosted(
            id=str(n),
            source="bench",
            tenant=TenantId("bench"),
            group=GroupId(f"g{n % 12}"),
            member=MemberId(f"m{n % 601}"),
            time=Millis(1_700_000_000_000 + n * 500),
            message=MessageId(f"msg{n}"),
            text=LURE if n % 100 == 50 else f"{LINES[n % len(LINES)]}{chr(0x4E00 + n % 5000)}",
        )
        for n in range(first, first + EVENTS)
    ]


def cost(work: Callable[[], object], each: int = EVENTS) -> float:
    """Return the least CPU time of several runs, in microseconds for each event."""
    times = []
    for _ in range(REPEATS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times) / each * MICROSECONDS


def stage_work() -> tuple[float, list[Output]]:
    """Return what the stage costs for an event, µs, once its windows are full; and its outputs."""
    stage, documents = rules_stage().open_partition(0), MemoryDocuments()
    fold(stage, _records(0), documents)
    later = [_records(EVENTS * n) for n in range(1, REPEATS + 1)]
    outputs: list[Output] = []
    return cost(lambda: outputs.extend(fold(stage, later.pop(0), documents))), outputs


def _records(first: int) -> list[Record]:
    events = enumerate(traffic(first), start=first)
    return [Record(Topic.EVENTS, 0, offset, event) for offset, event in events]


def measure() -> dict[str, float]:
    """Return µs per event by part, and events a second of the whole stage on one core."""
    events = traffic()
    wire = [msgspec.json.encode(event) for event in events]
    decoder = msgspec.json.Decoder(Event)
    pack = default_pack()
    rules = RuleSet(pack)
    seen = [observe(event) for event in events]
    readings = [each.reading for each in seen if each.reading is not None]
    entries = [rules.window_entries(each) for each in seen]
    windows = Windows()

    def window_work() -> None:
        for each, found in zip(seen, entries, strict=True):
            windows.look(found.short, each.event.time)
            windows.fold(found.short, each.event.time)

    stage_cost, outputs = stage_work()
    published = [output.record for output in outputs if isinstance(output, Publish)]
    per_run = len(published) // REPEATS
    return {
        "decode_us": cost(lambda: [decoder.decode(line) for line in wire]),
        "normalise_us": cost(lambda: [normalise(event.text) for event in events]),
        "text_us": cost(lambda: [read(event.text) for event in events]),
        "classifier_us": cost(lambda: [classifier().odds(each) for each in readings]),
        "window_conditions_us": cost(lambda: [rules.window_entries(each) for each in seen]),
        "windows_us": cost(window_work),
        "cel_us": cost(lambda: [rules.judge(each, {}) for each in seen]),
        "outputs_us": cost(lambda: [msgspec.json.encode(each) for each in published[:per_run]]),
        "outputs_per_event": per_run / EVENTS,
        "rules": float(len(pack.rules)),
        "stage_us": stage_cost,
        "events_per_s_core": MICROSECONDS / stage_cost,
        **checking.measure([event.text for event in events]),
    }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:28}{value:12.2f}")
