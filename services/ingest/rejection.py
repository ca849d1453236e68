"""Why an event is not taken, as its sender is told."""

from __future__ import annotations

import re
from typing import Final

_PATH: Final = re.compile(r" - at `(?P<key>key` in `)?\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_MISSING: Final = re.compile(r"missing required field `([^`]+)`")


class RejectedEvent(Exception):
    """One event is not taken.

    `status` is the HTTP status it has when it comes alone, `title` the kind of
    problem, `pointer` the JSON pointer to the field within the event (or
    `header`, the HTTP header), and `detail` what is wrong with it.
    """

    def __init__(
        self, status: int, title: str, detail: str, *, pointer: str = "", header: str | None = None
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.pointer = pointer
        self.header = header


class MalformedBody(Exception):
    """The body is not what its content type says; `detail` tells where it stops being."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def from_validation(message: str) -> RejectedEvent:
    """Translate what msgspec says of JSON that does not fit a struct."""
    detail, pointer = explain(message)
    if pointer == "/type" and detail.startswith("Invalid value"):
        return RejectedEvent(422, "Unknown event type", detail, pointer=pointer)
    return RejectedEvent(422, "Invalid event", detail, pointer=pointer)


def explain(message: str) -> tuple[str, str]:
    """Split msgspec's message into what is wrong and a JSON pointer (RFC 6901) to it.

    An entry of an object is shown as its object: its name is the sender's.
    """
    found = _PATH.search(message)
    detail = message if found is None else message[: found.start()]
    steps = [] if found is None else _STEP.findall(found["path"])
    pointer = "".join(f"/{name or index}" for name, index in steps if index != "...")
    missing = _MISSING.search(detail)
    if missing is not None:
        pointer += f"/{missing[1]}"
    return detail, pointer
