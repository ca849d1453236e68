"""`steward send FILE`: sends the CloudEvents of a file to a running ingest."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import httpx
import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from shared.signing import InvalidSecretError, signed_headers
from steward.running import service_url

app = typer.Typer(add_completion=False)

BATCH_EVENTS: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024
PATIENCE_SECONDS: Final = 300.0
"""How long one batch is sent again before the command gives up."""
LONGEST_WAIT_SECONDS: Final = 60.0
SHOWN_REASONS: Final = 10
_RETRIED: Final = frozenset({429, 502, 503, 504})


class Line(NamedTuple):
    """An event as it stands in the file, and where."""

    number: int
    event: bytes


@dataclass
class Tally:
    """What became of the events."""

    accepted: int = 0
    rejected: int = 0
    retries: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, lines: list[Line], summary: dict[str, Any]) -> None:
        """Count a batch by ingest's answer to it."""
        self.accepted += summary["accepted"]
        self.rejected += summary["rejected"]
        for result in summary["results"]:
            if result["status"] == "rejected" and len(self.reasons) < SHOWN_REASONS:
                error = result["error"]
                place = error["errors"][0].get("pointer", "").partition("/")[2]
                at = f" at /{place.partition('/')[2]}" if "/" in place else ""
                number = lines[result["index"]].number
                self.reasons.append(f"{number}: {error['title']}{at}: {error.get('detail', '')}")


class RefusedError(Exception):
    """Ingest does not take the request at all, or cannot be reached for too long."""


class Sender:
    """Sends batches one after the other, so that a group's events keep their order."""

    def __init__(self, client: httpx.Client, secret: str | None) -> None:
        self._client = client
        self._secret = secret

    def send(self, lines: list[Line], tally: Tally) -> None:
        """Send a batch until ingest has answered. Raises `RefusedError`."""
        body = b"\n".join(line.event for line in lines)
        deadline = time.monotonic() + PATIENCE_SECONDS
        attempt = 0
        while True:
            answer = self._post(body)
            if answer is not None and answer.status_code not in _RETRIED:
                tally.add(lines, _summary_of(answer))
                return
            wait = pause(None if answer is None else answer.headers.get("retry-after"), attempt)
            if time.monotonic() + wait > deadline:
                raise RefusedError(_reason(answer))
            time.sleep(wait)
            attempt += 1
            tally.retries += 1

    def _post(self, body: bytes) -> httpx.Response | None:
        """Return the answer, or None where there is nobody to give one."""
        headers = {"content-type": "application/x-ndjson"}
        if self._secret is not None:
            now = int(time.time())
            headers |= signed_headers([self._secret], f"msg_{uuid.uuid4().hex}", now, body)
        try:
            return self._client.post("/v1/events:batch", content=body, headers=headers)
        except httpx.TransportError:
            return None


@app.command()
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON or JSON.")],
    key: Annotated[str, typer.Option(envvar="STEWARD_KEY", help="API key.")],
    url: Annotated[str | None, typer.Option(help="Where ingest is; here by default.")] = None,
    secret: Annotated[
        str | None, typer.Option(envvar="STEWARD_SECRET", help="Secret of a source that signs.")
    ] = None,
) -> None:
    """Send the CloudEvents of FILE; status 1 unless all were accepted."""
    tally, console = Tally(), Console()
    headers = {"authorization": f"Bearer {key}"}
    client = httpx.Client(base_url=url or service_url("ingest"), headers=headers, timeout=30)
    refused: str | None = None
    with client, Progress(console=console, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size or None)
        try:
            for batch in batches(read(file)):
                Sender(client, secret).send(batch, tally)
                progress.advance(task, sum(len(line.event) + 1 for line in batch))
        except (RefusedError, InvalidSecretError, msgspec.DecodeError) as error:
            refused = str(error)
    _report(console, tally, refused)
    if refused is not None or tally.rejected:
        raise typer.Exit(1)


def read(file: Path) -> Iterator[Line]:
    """Yield the events of a file: the items of one JSON array, or the lines of NDJSON.

    Raises `msgspec.DecodeError` for an array that is not JSON.
    """
    with file.open("rb") as lines:
        if lines.read(1) == b"[":
            items = msgspec.json.decode(file.read_bytes(), type=list[msgspec.Raw])
            for number, item in enumerate(items, 1):
                yield Line(number, msgspec.json.format(bytes(item), indent=-1))
            return
        lines.seek(0)
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield Line(number, line.strip())


def batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Cut the events into batches that ingest takes."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == BATCH_EVENTS or size + len(line.event) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.event) + 1
    if batch:
        yield batch


def pause(retry_after: str | None, attempt: int, now: float | None = None) -> float:
    """Return how many seconds to wait: what ingest asks for, else longer each time.

    `retry_after` is the header's value, seconds or a date (RFC 9110 §10.2.3).
    """
    wait = min(0.5 * 2.0**attempt, 30.0)
    if retry_after is not None and retry_after.isdecimal():
        wait = float(retry_after)
    elif retry_after is not None:
        try:
            at = parsedate_to_datetime(retry_after).timestamp()
        except ValueError:
            return wait
        wait = at - (time.time() if now is None else now)
    return min(max(wait, 0.0), LONGEST_WAIT_SECONDS)


def _summary_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        raise RefusedError(_reason(answer)) from None
    if "results" not in body:
        raise RefusedError(_reason(answer))
    return body


def _reason(answer: httpx.Response | None) -> str:
    if answer is None:
        return "ingest cannot be reached"
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem['title']}: {problem.get('detail', '')}"
    except (ValueError, LookupError, TypeError):
        return f"ingest answers {answer.status_code}"


def _report(console: Console, tally: Tally, refused: str | None) -> None:
    retries = f", {tally.retries} retries" if tally.retries else ""
    console.print(f"{tally.accepted} accepted, {tally.rejected} rejected{retries}", highlight=False)
    for reason in tally.reasons:
        console.print(f"  event {reason}", highlight=False, markup=False)
    if tally.rejected > len(tally.reasons):
        console.print(f"  … and {tally.rejected - len(tally.reasons)} more", highlight=False)
    if refused is not None:
        console.print(f"Stopped: {refused}", style="red", highlight=False, markup=False)
