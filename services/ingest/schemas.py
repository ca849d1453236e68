"""The JSON Schema of each event type, made from the structs that events are decoded to."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from services.ingest.envelopes import ENVELOPES

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(name: str) -> dict[str, Any]:
    """Return the schema of a whole CloudEvent of the type `name`, in structured mode.

    Raises `KeyError` if there is no such type.
    """
    envelope = ENVELOPES[name]
    _, definitions = msgspec.json.schema_components([envelope], ref_template="#/$defs/{name}")
    own = definitions.pop(envelope.__name__)
    return {"$schema": DIALECT, "$id": path_of(name), **own, "title": name, "$defs": definitions}


def path_of(name: str) -> str:
    """Return where the schema of an event type is served."""
    return f"/v1/schemas/{name}"


SCHEMAS: Final = {name: schema_of(name) for name in ENVELOPES}
"""The schema of every event type."""
