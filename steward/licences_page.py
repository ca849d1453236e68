"""Writes the page about the licences of what the services are built on.

`python -m steward.licences_page > docs/licences.md` writes it; a test keeps the file true.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

LOCKED: Final = Path(__file__).parents[1] / "requirements" / "run.txt"

_HEAD: Final = """# Licences

What the services need at run time (`requirements/run.txt`), and under which licence its authors
give it. Steward itself: [Apache-2.0](../LICENSE). A bill of materials in CycloneDX's format, with
versions and hashes: `make sbom`.

| package | licence |
| --- | --- |
"""
_LONGEST: Final = 60
"""Licence fields that are longer hold the licence's text; then the classifiers tell its name."""


def page() -> str:
    """Return the page as Markdown."""
    return _HEAD + "".join(f"| {name} | {told} |\n" for name, told in licences())


def licences() -> Iterator[tuple[str, str]]:
    """Name each locked package that is installed here, and its licence."""
    for line in LOCKED.read_text(encoding="utf-8").splitlines():
        found = re.match(r"([a-z0-9._-]+)==", line)
        if found is None:
            continue
        try:
            yield found[1], _licence(found[1])
        except PackageNotFoundError:
            continue  # locked for another platform


def _licence(name: str) -> str:
    about = metadata(name).json
    for field in ("license_expression", "license"):
        told = about.get(field)
        if told and len(told) <= _LONGEST:
            return str(told)
    classified = [
        classifier.rsplit(" :: ", 1)[1]
        for classifier in about.get("classifier", ())
        if classifier.startswith("License ::")
    ]
    return ", ".join(sorted(set(classified))) or "not told"


if __name__ == "__main__":
    sys.stdout.write(page())
