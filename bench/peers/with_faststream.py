"""The work done with FastStream, one handler call an event, as its documentation begins.

Its annotations are not validated (`apply_types=False`, its quicker mode). It
keeps no state of its own: the scores are in memory and gone with the process.
"""

from __future__ import annotations

from typing import Any

import uvloop
from faststream import FastStream
from faststream.kafka import KafkaBroker

from bench.peers.stopwatch import Stopwatch, Task
from bench.peers.work import Finish, decayed, judge


def main(task: Task) -> None:
    broker = KafkaBroker(task.servers, apply_types=False, logger=None)
    app = FastStream(broker, logger=None)
    watch = Stopwatch()
    scores: dict[str, tuple[float, int]] = {}

    def end() -> None:
        watch.stop()
        app.exit()

    finish = Finish(task.events, end)
    subscribe = broker.subscriber(task.topic, group_id=task.group, auto_offset_reset="earliest")

    if task.work == "no_op":

        @subscribe
        async def take(event: dict[str, Any]) -> None:
            finish.one_more()

    elif task.work == "judging":

        @subscribe
        async def judge_it(event: dict[str, Any]) -> None:
            judge(event["text"])
            finish.one_more()

    else:

        @subscribe
        async def count_it(event: dict[str, Any]) -> None:
            member, time = f"{event['group']}/{event['member']}", event["time"]
            score, last = scores.get(member, (0.0, 0))
            scores[member] = (decayed(score, last, time), time)
            finish.one_more()

    uvloop.run(app.run())
    watch.tell(task.events)


if __name__ == "__main__":
    main(Task.asked())
