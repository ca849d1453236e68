"""Which machines the local stack can run on."""

from __future__ import annotations

import platform
import sys


class UnsupportedPlatformError(Exception):
    """The local stack has no program for this system; says what to do instead."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not bundled for {platform.system()} {platform.machine()}: run"
            " `docker compose up`, or name servers of your own in STEWARD_KAFKA and STEWARD_MONGO."
        )


def is_supported() -> bool:
    """Whether Kafka and mongod are bundled for this machine (Linux on x86-64)."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
