"""Errors as RFC 9457 problem details: one format for whatever goes wrong in a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiokafka.errors import KafkaError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pymongo.errors import ConnectionFailure, ExecutionTimeout
from starlette.exceptions import HTTPException
from structlog import get_logger

log = get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
"""What a client is told to wait while Kafka or MongoDB is away."""

_AWAY: Final[tuple[type[Exception], ...]] = (ConnectionFailure, ExecutionTimeout, KafkaError)
"""What says that Kafka or MongoDB is away."""

FieldErrors = Sequence[Mapping[str, str | int]]


class Problem(Exception):
    """What is wrong with a request, as its sender is told.

    `title` names the kind of problem and never varies with the request;
    `detail` is about this one. Each of `errors` names a place (`pointer`, a
    JSON pointer into the body, or `field`) and says in `detail` what is wrong.
    `members` are put beside them in the document (RFC 9457 §3.2).
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        detail: str | None = None,
        errors: FieldErrors = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title if detail is None else f"{title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    @property
    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        body: dict[str, Any] = {
            "type": f"urn:steward:problem:{slug}",
            "title": self.title,
            "status": self.status,
        }
        if self.detail is not None:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        return body | self.members


class NotFound(Problem):
    """There is no such thing, or it is another tenant's."""

    def __init__(self, detail: str) -> None:
        super().__init__(404, "Not found", detail=detail)


class Unavailable(Problem):
    """Something that the request needs is away for the moment; nothing was done."""

    def __init__(self, detail: str, retry_after: int = RETRY_AFTER_SECONDS) -> None:
        headers = {"Retry-After": str(retry_after)}
        super().__init__(503, "Temporarily unavailable", detail=detail, headers=headers)


class InternalError(Problem):
    """The fault is ours; what it is stands in the log under the trace id."""

    def __init__(self) -> None:
        super().__init__(500, "Internal error", detail="The fault is logged with this trace id.")


def install(app: FastAPI) -> None:
    """Have every error of the application answered as problem details."""
    requested: tuple[type[Exception], ...] = (Problem, HTTPException, RequestValidationError)
    for error in requested:
        app.add_exception_handler(error, _answer)
    for error in _AWAY:
        app.add_exception_handler(error, _answer_unavailable)


def render(problem: Problem, trace_id: str | None) -> Response:
    """Return the HTTP response that says `problem`."""
    return Response(
        msgspec.json.encode(as_document(problem, trace_id)),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def as_document(problem: Problem, trace_id: str | None) -> dict[str, Any]:
    """Return the problem document of one request."""
    return problem.body if trace_id is None else {**problem.body, "trace_id": trace_id}


def as_problem(error: Exception) -> Problem:
    """Translate an error of the web framework."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        title = HTTPStatus(error.status_code).phrase
        detail = None if error.detail == title else str(error.detail)
        return Problem(error.status_code, title, detail=detail, headers=error.headers)
    return InternalError()


def pointer(*path: str | int) -> str:
    """Return the JSON pointer (RFC 6901) to the value at `path`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _invalid(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return Problem(400, "Malformed JSON", detail="The body is not a JSON document.")
    errors = [{**_place(item["loc"]), "detail": str(item["msg"])} for item in found]
    return Problem(422, "Invalid request", errors=errors)


def _place(location: Sequence[str | int]) -> dict[str, str]:
    part, *path = location
    if part == "body":
        return {"pointer": pointer(*path)}
    return {"field": ".".join(map(str, path)), "in": str(part)}


async def _answer(request: Request, error: Exception) -> Response:
    return render(as_problem(error), request.scope.get("trace_id"))


async def _answer_unavailable(request: Request, error: Exception) -> Response:
    return render(_unavailable(error), request.scope.get("trace_id"))


def known(error: Exception) -> Problem | None:
    """Return what the sender is told of an error, or None for one that nobody foresaw."""
    if isinstance(error, Problem):
        return error
    return _unavailable(error) if isinstance(error, _AWAY) else None


def _unavailable(error: Exception) -> Problem:
    what = "Kafka" if isinstance(error, KafkaError) else "MongoDB"
    log.warning("dependency_away", dependency=what, error=repr(error))
    return Unavailable(f"{what} cannot be reached; try again.")
