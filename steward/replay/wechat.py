"""WeChat chats as text (微信聊天记录), in the layouts that exporters commonly write.

A message begins with its time and its writer, in either order; its text follows
on the same line after a colon, or on the lines below. A file is a group.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.events import BaseEvent, Media, MemberJoined, MemberLeft, MessagePosted
from steward.replay.export import Export, stem
from steward.replay.teller import LONGEST_TEXT, Teller

_DATE: Final = (
    r"(?P<y>20\d\d)[-/.年](?P<mo>\d{1,2})[-/.月](?P<d>\d{1,2})日?\s+"
    r"(?P<h>\d{1,2}):(?P<mi>\d\d)(?::(?P<s>\d\d))?"
)
_TIME_FIRST: Final = re.compile(
    rf"^[\[(（【]?{_DATE}[\])）】]?[\s,，]*(?P<name>[^:：]{{0,80}}?)\s*(?:[:：]\s*(?P<text>.*))?$"
)
_NAME_FIRST: Final = re.compile(
    rf"^(?P<name>\S.{{0,80}}?)\s*[\[(（【]?{_DATE}[\])）】]?\s*[:：]?\s*(?P<text>.*)$"
)
_ID: Final = re.compile(r"^(?P<name>.*?)\s*[(（<](?P<id>[A-Za-z][\w-]{5,})[)）>]$")
_QUOTE: Final = re.compile(
    r"^「(?P<who>[^：:」]{1,80})[：:].*?」\s*\n[-—\s]{5,}\n(?P<text>.*)$", re.DOTALL
)
_SYSTEM: Final = ("", "系统消息", "系统", "system")
_QUOTED: Final = "\"'“”‘’「」"
_INVITED: Final = re.compile(r"^(?P<by>.+?)邀请(?P<who>.+?)加入了?群聊")
_SCANNED: Final = re.compile(r"^(?P<who>.+?)通过扫描(?P<by>.+?)分享的二维码加入了?群聊")
_REMOVED: Final = re.compile(r"^(?P<by>.+?)将(?P<who>.+?)移出了?群聊")
_LEFT: Final = re.compile(r"^(?P<who>.+?)退出了?群聊")
_RECALLED: Final = re.compile(r"撤回了?一条消息")
_TAG: Final = re.compile(r"^\[(?P<tag>[^\]\s]{2,6})\]\s*(?P<rest>.*)$", re.DOTALL)
_MEDIA: Final = {
    **dict.fromkeys(("图片", "照片"), Media.IMAGE),
    **dict.fromkeys(("语音", "语音消息"), Media.VOICE),
    **dict.fromkeys(("视频", "小视频"), Media.VIDEO),
    **dict.fromkeys(("表情", "动画表情", "表情包"), Media.STICKER),
    "文件": Media.FILE,
    "链接": Media.LINK,
    **dict.fromkeys(("红包", "微信红包"), Media.RED_PACKET),
}


@dataclass
class Entry:
    """A message as it stands in the file."""

    time: datetime
    name: str
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, line: str) -> None:
        """Add a line of text, up to what an event may hold."""
        if self.size < LONGEST_TEXT:
            self.lines.append(line)
            self.size += len(line) + 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether two messages at least begin as in such a file."""
    return sum(_begin(line) is not None for line in head.splitlines()) >= 2


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the events of every file."""
    for name in export.names:
        if name.endswith((".txt", ".txt.gz")) or len(export.names) == 1:
            with export.open(name) as stream:
                lines = io.TextIOWrapper(stream, "utf-8-sig", errors="replace")
                for entry in _entries(lines):
                    yield from _events(entry, stem(name), teller)
                lines.detach()


def _entries(lines: Iterator[str]) -> Iterator[Entry]:
    entry: Entry | None = None
    for raw in lines:
        line = raw.rstrip("\r\n")
        begun = _begin(line)
        if begun is not None:
            if entry is not None:
                yield entry
            entry = begun
        elif entry is not None:
            entry.add(line)
    if entry is not None:
        yield entry


def _begin(line: str) -> Entry | None:
    if ":" not in line:
        return None
    found = _TIME_FIRST.match(line) or _NAME_FIRST.match(line)
    if found is None:
        return None
    parts = [int(part or 0) for part in found.group("y", "mo", "d", "h", "mi", "s")]
    try:
        time = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 (the zone is the user's)
    except ValueError:
        return None
    entry = Entry(time, found["name"].strip(_QUOTED + " "))
    if found["text"]:
        entry.add(found["text"])
    return entry


def _events(entry: Entry, group: str, teller: Teller) -> Iterator[BaseEvent]:
    time, text = teller.local(entry.time), entry.text
    if entry.name in _SYSTEM:
        yield from _system(text, group, time, teller)
        return
    if not text or _RECALLED.search(text[:60]):
        teller.skip("empty and recalled messages")
        return
    identified = _ID.match(entry.name)
    member = identified["id"] if identified else entry.name
    id = teller.name(group, time, member, text)
    quote = _QUOTE.match(text)
    media, said = _medium(quote["text"] if quote else text)
    yield teller.tell(
        MessagePosted,
        id=id,
        group=group,
        member=member,
        time=time,
        message=id,
        text=said,
        media=media,
        reply_to_member=quote["who"] if quote else None,
    )


def _system(text: str, group: str, time: int, teller: Teller) -> Iterator[BaseEvent]:
    if found := _INVITED.match(text) or _SCANNED.match(text):
        by = found["by"].strip(_QUOTED)
        for who in found["who"].split("、"):
            name = who.strip(_QUOTED)
            id = teller.name(group, time, "joined", name)
            yield teller.tell(
                MemberJoined, id=id, group=group, member=name, time=time, name=name, invited_by=by
            )
    elif found := _REMOVED.match(text) or _LEFT.match(text):
        reason = "kicked" if "by" in found.groupdict() else "left"
        for who in found["who"].split("、"):
            name = who.strip(_QUOTED)
            id = teller.name(group, time, "left", name)
            yield teller.tell(MemberLeft, id=id, group=group, member=name, time=time, reason=reason)
    else:
        teller.skip("system messages")


def _medium(text: str) -> tuple[Media, str]:
    found = _TAG.match(text)
    if found is None or found["tag"] not in _MEDIA:
        return Media.TEXT, text
    return _MEDIA[found["tag"]], found["rest"]
