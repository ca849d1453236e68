"""Files of labelled texts: JSON lines of `{"text", "label"}`, plain or gzipped."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec

from services.rules.evaluation import Row


class RowsError(ValueError):
    """A file of labelled texts cannot be read: which line, and why."""


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file. Raises `RowsError`, naming the line, or `OSError`."""
    decoder = msgspec.json.Decoder(Row)
    rows = []
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                rows.append(decoder.decode(line))
            except msgspec.DecodeError as error:
                raise RowsError(f"{path}:{number}: {error}") from error
    return rows
