"""Writes the page about settings from the classes that read them.

`python -m steward.settings_page > docs/settings.md` writes it; a test keeps the file true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.console.settings import ConsoleSettings
from services.notify.settings import NotifySettings
from services.rules.settings import RulesSettings
from shared.settings import DEFAULT_PORTS, Settings

_HEAD: Final = """# Settings

Every service reads its settings from the environment, or from a file `.env` in the directory that
it is started in. A value that does not fit stops the service at its start, with one line that names
the variable and what it should be.

Ports, where `STEWARD_PORT` is not set: {ports}.
"""
_OWN: Final = {
    "rules": RulesSettings.model_fields,
    "notify": NotifySettings.model_fields,
    "console": ConsoleSettings.model_fields,
}


def page() -> str:
    """Return the page as Markdown."""
    ports = ", ".join(f"{name} {port}" for name, port in DEFAULT_PORTS.items())
    parts = [_HEAD.format(ports=ports), "## Every service\n", *_table(Settings.model_fields)]
    for name, fields in _OWN.items():
        parts += [f"\n## {name}\n", *_table(_own(name, fields))]
    return "\n".join(parts) + "\n"


def _own(name: str, fields: dict[str, FieldInfo]) -> dict[str, FieldInfo]:
    """Return the fields that are one service's alone."""
    return {field: one for field, one in fields.items() if field.startswith(f"{name}_")}


def _table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield "| variable | default | meaning |"
    yield "| --- | --- | --- |"
    for name, field in fields.items():
        yield f"| `STEWARD_{name.upper()}` | {_default(field)} | {_meaning(field)} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    return f"`{value}`" if value not in (None, "") else "–"


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    said = (field.description or "").rstrip(".")
    told = f"One of {', '.join(f'`{choice}`' for choice in choices)}" if choices else ""
    return ". ".join(part for part in (said, told) if part) + "."


if __name__ == "__main__":
    sys.stdout.write(page())
