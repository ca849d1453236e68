"""Requests of every shape that a document allows, and of many that it does not."""

from __future__ import annotations

import os
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.api.documents import document
from tests.integration.api.installation import SERVICES, Installation

REQUESTS: Final = int(os.environ.get("STEWARD_TEST_FUZZ_REQUESTS", "1000"))
"""How many in all; `make api-fuzz` asks for 10,000."""
SHORT: Final = REQUESTS <= 1_000
PATIENCE_SECONDS: Final = 60
"""How long an answer may take: this is about what is answered, on a machine that may be busy."""


def schema_conformance(context: Any, answer: Any, case: Any) -> bool | None:
    """Hold the answer against its schema; one with `fields` may lack what the schema requires."""
    if answer.status_code == 200 and (case.query or {}).get("fields"):
        return None
    return response_schema_conformance(context, answer, case)


CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    schema_conformance,
]


schemathesis.serializer.alias("application/x-ndjson", "text/plain")


class Fuzzing:
    """Fuzzes a service's operations in turn until it has sent so many requests."""

    def __init__(self, installation: Installation, service: str, most: int) -> None:
        self._url = installation.urls[service]
        self._ids = installation.ids
        self._session = requests.Session()
        self._headers = {"authorization": f"Bearer {installation.key_of('fuzzed')}"}
        self._owner = {"authorization": f"Bearer {installation.key}"}
        self._most = most
        schema = schemathesis.openapi.from_dict(document(service))
        operations = [found.ok() for found in schema.get_all_operations()]
        self._turns = [(operation, mode) for operation in operations for mode in GenerationMode]
        self.sent = 0

    def run(self) -> None:
        while self.sent < self._most:
            share = max(5, (self._most - self.sent) // len(self._turns))
            for turn in list(self._turns):
                try:
                    self._fuzz(*turn, share)
                except Unsatisfiable:
                    assert turn[1] is GenerationMode.NEGATIVE
                    self._turns.remove(turn)  # nothing of it can be wrong

    def _fuzz(self, operation: Any, mode: GenerationMode, share: int) -> None:
        """Send requests to one operation, half of them to a thing that is there."""
        known = self._ids.get(operation.path.split("/")[2])
        reads = operation.method.upper() == "GET"
        names = [each.name for each in operation.path_parameters]
        strategies = [(operation.as_strategy(mode), self._headers)]
        if known is not None and names and reads:
            there = dict.fromkeys(names, known)
            strategies.append((operation.as_strategy(mode, path_parameters=there), self._owner))
        for strategy, headers in strategies:
            self._send(strategy, headers, share // len(strategies))

    def _send(self, strategy: Any, headers: dict[str, str], count: int) -> None:
        @settings(
            max_examples=max(1, count),
            deadline=None,
            database=None,
            derandomize=SHORT,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def send(case: Any) -> None:
            answer = case.call(
                base_url=self._url, session=self._session, headers=headers, timeout=PATIENCE_SECONDS
            )
            self.sent += 1
            case.validate_response(answer, checks=CHECKS)

        send()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_documented_and_none_is_a_fault(
    installation: Installation, service: str
) -> None:
    operations = {name: len(document(name)["paths"]) for name in SERVICES}
    most = -(-REQUESTS * operations[service] // sum(operations.values()))
    fuzzing = Fuzzing(installation, service, most)
    fuzzing.run()
    assert fuzzing.sent >= most
    ready = requests.get(f"{installation.urls[service]}/readyz", timeout=10)
    assert ready.status_code == 200, ready.text
