"""The stream runtime: stages are written against `contracts`, and `Runtime` runs them."""

from shared.stream.contracts import (
    Clock,
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    PartitionStage,
    Perform,
    Performer,
    Publish,
    Record,
    Reference,
    Stage,
)
from shared.stream.runtime import Runtime

__all__ = [
    "Clock",
    "Documents",
    "Due",
    "Input",
    "Key",
    "Kind",
    "Outcome",
    "Output",
    "PartitionStage",
    "Perform",
    "Performer",
    "Publish",
    "Record",
    "Reference",
    "Runtime",
    "Stage",
]
