"""The formats that can be replayed, and which one a file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from shared.events import BaseEvent
from steward.replay import (
    activity,
    discord,
    irc,
    mattermost,
    own,
    slack,
    telegram,
    wechat,
    zulip,
)
from steward.replay.export import Export
from steward.replay.teller import Teller


class Format(NamedTuple):
    """How an export is recognised and read; `zone` is that of times which name none."""

    name: str
    recognises: Callable[[Sequence[str], str], bool]
    read: Callable[[Export, Teller], Iterator[BaseEvent]]
    zone: str = "UTC"


FORMATS: Final = {
    each.name: each
    for each in (
        Format("zulip", zulip.recognises, zulip.read),
        Format("slack", slack.recognises, slack.read),
        Format("activity-tsv", activity.recognises, activity.read),
        Format("mattermost", mattermost.recognises, mattermost.read),
        Format("steward", own.recognises, own.read),
        Format("discord", discord.recognises, discord.read),
        Format("telegram", telegram.recognises, telegram.read),
        Format("irc", irc.recognises, irc.read),
        Format("wechat", wechat.recognises, wechat.read, "Asia/Shanghai"),
    )
}
"""By name, in the order in which they are tried: the surest signs first."""

_MOST_HEADS: Final = 5


def detect(export: Export) -> Format | None:
    """Return the format of an export by its names and by how its first files begin."""
    names = export.names
    for head in [export.head(name) for name in names[:_MOST_HEADS]] or [""]:
        for each in FORMATS.values():
            if each.recognises(names, head):
                return each
    return None
