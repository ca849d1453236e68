"""IRC logs as irssi, WeeChat, HexChat, mIRC and bouncers write them; a channel a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from shared.events import BaseEvent, MemberJoined, MemberLeft, MessagePosted, Role
from steward.replay.export import Export, base
from steward.replay.recent import Recent
from steward.replay.teller import Teller, keys

_FULL: Final = re.compile(
    r"^\[?(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?\]?\s+(?P<body>.*)$"
)
_CLOCK: Final = re.compile(
    r"^(?P<month_day>[A-Z][a-z]{2} [ \d]\d )?\[?(?P<time>\d\d:\d\d(?::\d\d)?)\]?\s+(?P<body>.*)$"
)
_DAY: Final = re.compile(
    r"(?:Log opened|Day changed|LOGGING AT|Session (?:Start|Time):)\s+[A-Z][a-z]{2}\s+"
    r"(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?:\d\d:\d\d:\d\d\s+)?(?P<year>\d{4})"
)
_NAMED_DAY: Final = re.compile(r"(20\d\d)-?([01]\d)-?([0-3]\d)")
_CHANNEL: Final = re.compile(r"[#&]+[^\s/.,_]+(?:[._][^\s/.,_\d][^\s/.,_]*)*?(?=[._]\d|\.\w+$|$)")
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"

_MARK: Final = r"(?:-!-|\*{1,3}|-->|<--)\s*"
_HOST: Final = r"(?:[\[(][^\])]*[\])]\s+)*"
_SAID: Final = re.compile(r"^<[ ]?(?P<mode>[@+%&~!]?)(?P<nick>[^>\s]+)>\s?(?P<text>.*)$")
_DID: Final = re.compile(r"^\*\s+(?P<mode>[@+%&~]?)(?P<nick>[^\s*]+)\s+(?P<text>.*)$")
_JOINED: Final = re.compile(
    rf"^{_MARK}(?:Joins:\s+(?P<a>\S+)|(?P<b>\S+)\s+{_HOST}(?:has joined|joined))"
)
_PARTED: Final = re.compile(
    rf"^{_MARK}(?:Parts:\s+(?P<a>\S+)|(?P<b>\S+)\s+{_HOST}has left|"
    r"(?P<c>\S+) was kicked|\S+ has kicked (?P<d>\S+))"
)
_CHANGED: Final = re.compile(
    rf"^{_MARK}(?:Quits:\s|\S+\s+{_HOST}"
    r"(?:has quit|is now known as|sets mode|has changed the topic))"
)
_OTHER: Final = re.compile(rf"^(?:{_MARK.strip()}|--\s|===)")
_ADDRESSED: Final = re.compile(r"^@?([^\s:,]{1,40})[:,]\s")


def recognises(names: Sequence[str], head: str) -> bool:
    """Whether most of the first lines have the looks of a log."""
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    logged = sum(_is_logged(line) for line in lines)
    return logged >= 2 and logged * 2 > len(lines)


def read(export: Export, teller: Teller) -> Iterator[BaseEvent]:
    """Yield the events of every log, by name: a log a day is common."""
    logs: dict[str, Log] = {}
    for name in export.names:
        group = channel_of(name)
        log = logs.setdefault(group, Log(group, teller))
        log.start(name)
        with export.open(name) as stream:
            for line in stream:
                yield from log.events(line.decode("utf-8-sig", errors="replace").rstrip("\r\n"))


def channel_of(name: str) -> str:
    """Return the channel that a log's name tells: `#python_20230105.log` is of `#python`."""
    found = _CHANNEL.search(base(name))
    if found:
        return found[0].lower()
    plain = _NAMED_DAY.sub("", base(name).split(".")[0]).strip("-_ .")
    return plain.lower() or PurePosixPath(name).parent.name or "irc"


class Log:
    """A channel's lines; knows which day it is where lines tell only the time."""

    def __init__(self, group: str, teller: Teller) -> None:
        self._group = group
        self._teller = teller
        self._day: date | None = None
        self._nicks = Recent[str, bool]()

    def start(self, name: str) -> None:
        """Begin a file: its name may tell the day."""
        found = _NAMED_DAY.search(base(name))
        if found:
            self._day = date(*map(int, found.groups()))

    def events(self, line: str) -> Iterator[BaseEvent]:
        """Yield what a line says."""
        if found := _DAY.search(line):
            month = _month(found["month"])
            self._day = date(int(found["year"]), month, int(found["day"]))
            return
        stamped = self._moment(line)
        if stamped is None:
            if line.strip():
                self._teller.skip("lines without a time")
            return
        time, body = stamped
        yield from self._line(time, _plain(body))

    def _moment(self, line: str) -> tuple[int, str] | None:
        try:
            if found := _FULL.match(line):
                written = f"{found['day']}T{found['time']}{found['zone'] or ''}"
                return self._teller.iso(written), found["body"]
            found = _CLOCK.match(line)
            if found is None or self._day is None:
                return None
            day = self._day
            if found["month_day"]:
                month, number = found["month_day"].split()
                day = date(day.year, _month(month), int(number))
            moment = datetime.fromisoformat(f"{day}T{found['time']}")
            return self._teller.local(moment), found["body"]
        except ValueError:
            return None

    def _line(self, time: int, body: str) -> Iterator[BaseEvent]:
        if found := _SAID.match(body):
            yield self._posted(time, found, found["text"])
        elif found := _JOINED.match(body):
            nick = (found["a"] or found["b"]).lower()
            yield self._teller.tell(MemberJoined, **self._common(time, nick, "joined"), name=nick)
        elif found := _PARTED.match(body):
            nick = (found["a"] or found["b"] or found["c"] or found["d"]).lower()
            reason = "left" if found["a"] or found["b"] else "kicked"
            common = self._common(time, nick, reason)
            yield self._teller.tell(MemberLeft, **common, reason=reason)
        elif not _CHANGED.match(body) and (body.startswith("* ") or not _OTHER.match(body)):
            found = _DID.match(body)
            if found:
                yield self._posted(time, found, f"* {found['nick']} {found['text']}")
            else:
                self._teller.skip("other lines")
        else:
            self._teller.skip("changes of names, topics and modes, and lost connections")

    def _posted(self, time: int, found: re.Match[str], text: str) -> BaseEvent:
        nick = found["nick"].lower()
        self._nicks.put(nick, True)
        common = self._common(time, nick, text)
        role = Role.OPERATOR if found["mode"] in tuple("@%&~!") else Role.MEMBER
        whom = _ADDRESSED.match(found["text"])
        known = [whom[1].lower()] if whom and whom[1].lower() in self._nicks else []
        return self._teller.tell(
            MessagePosted,
            **common,
            role=role,
            message=common["id"],
            text=text,
            mentions=keys(known),
        )

    def _common(self, time: int, nick: str, what: str) -> dict[str, Any]:
        id = self._teller.name(self._group, time, nick, what)
        return {"id": id, "group": self._group, "member": nick, "time": time}


def _month(name: str) -> int:
    return _MONTHS.index(name) // 3 + 1


def _plain(body: str) -> str:
    """Return a line with spaces where some programs have tabs around the nickname."""
    left, tab, right = body.partition("\t")
    if not tab:
        return body
    left = left.strip()
    if left in ("-->", "<--", "--", "*", "-!-") or left.startswith("<"):
        return f"{left} {right}"
    return f"<{left}> {right}"


def _is_logged(line: str) -> bool:
    if _DAY.search(line):
        return True
    found = _FULL.match(line) or _CLOCK.match(line)
    body = _plain(found["body"]) if found else ""
    return bool(_SAID.match(body) or _OTHER.match(body))
