"""Keeps the code's layers apart: what may import what, and how long a file may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("ingest", "rules", "scoring", "notify", "console")
MOST_LINES = 300

SHELL = {"app.py", "api.py", "store.py", "__main__.py"}
"""Modules of a service that wire, serve or store: what they are for is I/O."""

SHELL_FOLDERS = ("services/console/pages/",)
"""Folders whose modules all answer requests."""

REST_MODULE = "_api.py"
"""How the names of REST modules end, where `api.py` has grown into several."""

IO_MODULES = {
    "services/ingest/archive/retentions.py": "keeps tenants' settings in force",
    "services/ingest/acknowledging.py": "tells what became of records in time",
    "services/ingest/appender.py": "appends to the log",
    "services/ingest/batch.py": "answers requests",
    "services/ingest/body.py": "reads requests",
    "services/ingest/hooks.py": "answers platforms",
    "services/ingest/door.py": "lets requests in",
    "services/ingest/key_log/telling.py": "tells what is done to keys at its time",
    "services/ingest/line_stream.py": "answers requests",
    "services/ingest/producer.py": "appends to the log",
    "services/ingest/quotas.py": "counts in the time that passes",
    "services/ingest/receive.py": "answers requests",
    "services/rules/review/asking.py": "writes to the log what people do",
    "services/rules/review/teaching.py": "reads what was taught at its time",
    "services/rules/review/standing.py": "keeps trust and pardons in force",
    "services/ingest/whole.py": "answers requests",
    "services/notify/attempts.py": "makes attempts at their time",
    "services/notify/backlog.py": "watches what is overdue",
    "services/notify/campaigns/previews.py": "reads audiences to show what they would get",
    "services/notify/campaigns/requests.py": "hands requests to campaigns' owners",
    "services/notify/client/answers.py": "notes when answers come",
    "services/notify/client/connections.py": "speaks over connections",
    "services/notify/client/pool.py": "keeps connections",
    "services/notify/client/proxied.py": "sends requests through a proxy",
    "services/notify/connecting.py": "connects to receivers",
    "services/notify/directory.py": "keeps the endpoints in force",
    "services/notify/draining.py": "brings back what was held",
    "services/notify/exchange.py": "sends requests",
    "services/notify/guard.py": "resolves receivers' names",
    "services/notify/sender.py": "sends to receivers",
    "services/notify/verifying.py": "asks endpoints",
    "services/console/client.py": "asks the services",
    "services/console/oidc/provider.py": "asks the identity provider",
    "services/console/headers.py": "surrounds answers",
    "services/console/sessions.py": "makes tokens that nobody guesses",
    "services/console/settings.py": "knows where the services are",
    "services/console/shell.py": "holds a process's connections",
    "services/console/view.py": "answers requests",
    "services/rules/opinions/endpoint.py": "asks a language model",
    "services/rules/opinions/witness.py": "asks a language model in time",
    "services/rules/backtests/runner.py": "reads the log beside the stage",
    "services/rules/rule_sets/in_force.py": "keeps the rule sets in force",
    "services/rules/rule_sets/rollback.py": "looks at canaries every ten seconds",
    "services/scoring/digest/wishes.py": "keeps what tenants want of digests in force",
    "services/scoring/points/in_force.py": "keeps what tenants laid down in force",
    "services/scoring/segments/tenants.py": "keeps what tenants defined in force",
}
"""Every other module of a service that does I/O or reads a clock, and what for."""

IMPURE = (
    "aiohttp",
    "aiokafka",
    "fastapi",
    "httpx",
    "motor",
    "pymongo",
    "random",
    "requests",
    "secrets",
    "socket",
    "starlette",
    "time",
)
"""What a domain module may not import: I/O, clocks and chance."""

SHARED_SHELL = ("shared.kafka", "shared.mongo", "shared.web")
"""Shared modules that do I/O: a domain module reaches them no more than the libraries."""

SHARED_NAMES = "imports shared.web.scopes"
"""The one module there that only names things: what keys open."""

CLOCK_CALLS = {"now", "utcnow", "today"}
"""Methods of `datetime` and `date` that read the clock."""


class Import(NamedTuple):
    """An imported module, and the names taken from it."""

    module: str
    names: tuple[str, ...]
    line: int

    def is_of(self, *packages: str) -> bool:
        return any(self.module == name or self.module.startswith(f"{name}.") for name in packages)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[Import]:
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, (), node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            names = tuple(alias.name for alias in node.names)
            yield Import(module, names, node.lineno)
            yield from (Import(f"{module}.{name}", (), node.lineno) for name in names)


def violations(paths: list[Path], *packages: str) -> list[str]:
    return [
        f"{name_of(path)}:{found.line} imports {found.module}"
        for path in paths
        for found in imports(path)
        if found.is_of(*packages)
    ]


def is_domain(path: Path) -> bool:
    inside = path.relative_to(ROOT / "services").parts[1:]
    if not inside or inside[-1] in SHELL or inside[-1].endswith(REST_MODULE):
        return False
    return name_of(path) not in IO_MODULES and not name_of(path).startswith(SHELL_FOLDERS)


def domain_modules() -> list[Path]:
    return [path for path in sources("services") if is_domain(path)]


def test_domain_modules_do_no_io_and_read_no_clock() -> None:
    assert violations(domain_modules(), *IMPURE) == []


def test_domain_modules_do_not_reach_the_shell() -> None:
    shell = tuple(
        f"services.{service}.{Path(module).stem}" for service in SERVICES for module in SHELL
    )
    found = violations(domain_modules(), *SHARED_SHELL, *shell)
    assert [each for each in found if SHARED_NAMES not in each] == []


def test_domain_modules_do_not_ask_datetime_for_the_time() -> None:
    calls = [
        f"{name_of(path)}:{node.lineno}"
        for path in domain_modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_CALLS
    ]
    assert calls == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_no_other_service(service: str) -> None:
    others = [f"services.{other}" for other in SERVICES if other != service]
    assert violations(sources(f"services/{service}"), *others, "steward") == []


def test_shared_code_knows_neither_services_nor_the_command_line() -> None:
    assert violations(sources("shared"), "services", "steward") == []


def test_only_the_stream_runtime_consumes() -> None:
    outside = [
        path
        for path in sources("services", "shared")
        if not name_of(path).startswith("shared/stream/")
    ]
    consumers = [
        f"{name_of(path)}:{found.line}"
        for path in outside
        for found in imports(path)
        if found.module.startswith("aiokafka") and "AIOKafkaConsumer" in found.names
    ]
    assert consumers == []


def test_only_stores_of_services_know_mongodb() -> None:
    others = [path for path in sources("services") if path.name != "store.py"]
    errors = ("pymongo.errors",)  # the shell turns them into answers
    found = [
        f"{name_of(path)}:{found.line} imports {found.module}"
        for path in others
        for found in imports(path)
        if found.is_of("pymongo", "bson", "motor") and not found.is_of(*errors)
    ]
    assert found == []


def test_the_demo_talks_to_services_from_outside_only() -> None:
    assert violations(sources("steward/demo"), "services") == []


@pytest.mark.parametrize("folder", ["services", "shared", "steward", "tests", "bench"])
def test_files_stay_short(folder: str) -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources(folder)}
    assert {path: count for path, count in lengths.items() if count >= MOST_LINES} == {}


def test_tasks_are_cancelled_until_they_heed_it() -> None:
    """A cancellation can get lost, and what awaits the task's end then hangs for ever."""
    once = [
        f"{name_of(path)}:{line}"
        for path in sources("services", "shared", "steward", "bench")
        if name_of(path) != "shared/cancelling.py"
        for line in lone_cancellations(path)
    ]
    assert once == []


def lone_cancellations(path: Path) -> Iterator[int]:
    """Yield the lines where a task is cancelled once; a timer's `cancel` cannot get lost."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Expr(ast.Call(ast.Attribute(cancelled, "cancel"), [], [])):
                if not ast.unparse(cancelled).endswith("timer"):
                    yield node.lineno


@pytest.mark.parametrize("path", IO_MODULES)
def test_every_exception_is_still_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_rules_see_a_violation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "services" / "rules" / "text.py"
    module.parent.mkdir(parents=True)
    module.write_text("from time import time\nfrom ..notify import retry\nimport httpx as web\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert violations([module], *IMPURE) == [
        "services/rules/text.py:1 imports time",
        "services/rules/text.py:1 imports time.time",
        "services/rules/text.py:3 imports httpx",
    ]
    assert violations([module], "services.notify") == [
        "services/rules/text.py:2 imports services.notify",
        "services/rules/text.py:2 imports services.notify.retry",
    ]
