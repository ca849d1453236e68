"""The routes of every service, as its OpenAPI document tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from shared.settings import Settings
from tests.integration.api.installation import SERVICES

METHODS: Final = ("get", "put", "post", "delete", "patch")
PARAMETER: Final = re.compile(r"\{[^}]+\}")


@dataclass(frozen=True)
class Route:
    """One method of one path of a service."""

    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def operation(self) -> dict[str, Any]:
        found: dict[str, Any] = document(self.service)["paths"][self.path][self.method.lower()]
        return found

    @property
    def scope(self) -> str | None:
        """The scope that a key needs; None where no key is asked for."""
        needed = self.operation.get("security")
        return needed[0]["ApiKey"][0] if needed else None

    @property
    def leads_to_one_thing(self) -> bool:
        return "{" in self.path

    def filled(self, ids: dict[str, str]) -> str:
        """Return the path to the owner's thing."""
        return PARAMETER.sub(ids.get(self.path.split("/")[2], "x"), self.path)

    @property
    def body(self) -> dict[str, Any]:
        """A body that fits, as the document shows one, as httpx takes it; nothing without one."""
        asked = self.operation.get("requestBody")
        if asked is None:
            return {}
        kind = "application/json"
        if kind not in asked["content"]:
            kind = next(iter(asked["content"]))
        shown = self._example(asked["content"][kind])
        content = shown if isinstance(shown, str) else json.dumps(shown)
        return {"content": content, "headers": {"content-type": kind}}

    def _example(self, content: dict[str, Any]) -> Any:
        schema = content["schema"]
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = document(self.service)["components"]["schemas"][name]
        nothing = "" if schema.get("type") == "string" else {}
        return schema.get("examples", [content.get("example", nothing)])[0]


@cache
def document(service: str) -> dict[str, Any]:
    """Return a service's OpenAPI document."""
    return SERVICES[service](Settings()).openapi()


def routes() -> Iterator[Route]:
    """Yield every route of every service."""
    for service in SERVICES:
        for path, operations in document(service)["paths"].items():
            for method in METHODS:
                if method in operations:
                    yield Route(service, method.upper(), path)
