"""The models that are shipped: their weights, fitted by `steward train`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from services.scoring.logistic import Model

CHURN: Final = "churn"
QUIET: Final = "quiet"


@cache
def shipped(name: str) -> tuple[Model, ...]:
    """Return the model of a name as fitted on ever more years, the earliest first."""
    raw = files("services.scoring").joinpath("data", f"{name}.json").read_bytes()
    return tuple(msgspec.json.decode(raw, type=list[Model]))


def latest(name: str) -> Model:
    """Return the model fitted on the most years."""
    return shipped(name)[-1]


def known_by(name: str, date: str) -> Model | None:
    """Return the latest model that has seen nothing of `date` (ISO 8601) or later."""
    known = [model for model in shipped(name) if model.until <= date]
    return known[-1] if known else None
