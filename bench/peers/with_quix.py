"""The work done with Quix Streams, by a streaming data frame, as its documentation begins.

Its state is in RocksDB with a changelog topic beside it, at least once.
"""

from __future__ import annotations

import tempfile
from typing import Any

from quixstreams import Application, State

from bench.peers.stopwatch import Stopwatch, Task
from bench.peers.work import decayed, judge


def judge_it(event: dict[str, Any]) -> bool:
    return judge(event["text"])


def count_it(event: dict[str, Any], state: State) -> float:
    member, time = event["member"], event["time"]
    score, last = state.get(member, (0.0, 0))
    score = decayed(score, last, time)
    state.set(member, (score, time))
    return score


def main(task: Task) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = Application(
            broker_address=task.servers,
            consumer_group=task.group,
            auto_offset_reset="earliest",
            state_dir=folder,
            loglevel="ERROR",
        )
        topic = app.topic(task.topic, key_deserializer="str", value_deserializer="json")
        frame = app.dataframe(topic)
        if task.work == "no_op":
            frame.update(lambda _: None)
        elif task.work == "judging":
            frame = frame.apply(judge_it)
        else:
            frame = frame.apply(count_it, stateful=True)
        watch = Stopwatch()
        app.run(count=task.events, collect=False)
        watch.stop()
        watch.tell(task.events)


if __name__ == "__main__":
    main(Task.asked())
