"""The files that pages load: each under an address that changes with its content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).with_name("static")
_HASH_DIGITS: Final = 12


class Assets:
    """The static files' addresses, with a fingerprint of everything that is static.

    One fingerprint for all: modules import one another by relative names, and
    a new one has to bring its new neighbours.
    """

    def __init__(self) -> None:
        digest = hashlib.sha256()
        for path in sorted(STATIC.iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
        self.version = digest.hexdigest()[:_HASH_DIGITS]
        self._names = {path.name for path in STATIC.iterdir()}

    @property
    def prefix(self) -> str:
        """Under which path the files are served."""
        return f"/static/{self.version}"

    def __call__(self, name: str) -> str:
        """Return the address of a file. Raises `KeyError` where there is none."""
        if name not in self._names:
            raise KeyError(name)
        return f"{self.prefix}/{name}"
