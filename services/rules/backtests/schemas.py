"""What the REST routes of backtests take and give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.rules.backtests.job import Job, State
from services.rules.pack import MOST_BYTES


class NewBacktest(BaseModel):
    """A rule set to try on past events: one that is published, or a pack as it is written."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "source": "name: acme\nextends: default\n",
                    "from": "2026-01-01T00:00:00Z",
                    "to": "2026-01-02T00:00:00Z",
                }
            ]
        },
    )

    version: Annotated[str | None, Field(max_length=200, description="A published version.")] = None
    source: Annotated[
        str | None, Field(max_length=MOST_BYTES, description="A pack in YAML, unpublished.")
    ] = None
    start: Annotated[AwareDatetime, Field(alias="from", description="From this moment on.")]
    end: Annotated[AwareDatetime, Field(alias="to", description="Before this moment.")]
    groups: Annotated[
        list[str], Field(max_length=1_000, description="Only these groups; empty: all.")
    ] = []


class BacktestAnswer(BaseModel):
    """A backtest, how far it is, and once it is done what would have changed."""

    id: str
    version: str
    state: State
    progress: Annotated[float, Field(ge=0, le=1)]
    events: Annotated[int, Field(description="Events compared so far.")]
    error: str
    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]
    groups: list[str]
    created_at: datetime
    created_by: str
    report: Annotated[
        dict[str, Any] | None,
        Field(
            description="`comparison` as of a trial, `changes` by decision before and after, "
            "`rules`: in how many flags each fired, and the first 200 events that `changed`."
        ),
    ]

    @classmethod
    def of(cls, job: Job) -> BacktestAnswer:
        """Return a backtest as REST gives it."""
        plain = msgspec.to_builtins(job, builtin_types=(datetime,))
        for name in ("start", "end"):
            plain[name] = datetime.fromtimestamp(plain[name] / 1000, UTC)
        return cls(**{name: plain[name] for name in cls.model_fields})


class BacktestPage(BaseModel):
    """Some backtests without their reports, latest first, and the cursor of the next ones."""

    items: list[BacktestAnswer]
    next: str | None
