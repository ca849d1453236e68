"""Writes the page about metrics from the metrics themselves.

`python -m steward.metrics_page > docs/metrics.md` writes it; a test keeps the file true.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

SHARED: Final = ("shared.stream.metrics", "shared.web.middleware")
"""Where metrics that every service has are declared; each service's own are in `metrics.py`."""

_HEAD: Final = """# Metrics

Every service tells Prometheus at `/metrics`. Labels are closed sets, partition numbers and routes
as they are declared: never a tenant, a group or a member. Alerts and recorded figures:
[deploy/prometheus](../deploy/prometheus); what to do when one fires:
[operations.md](operations.md).

## Questions and their answers

| question | PromQL |
| --- | --- |
| How many events come in a second? | `steward:events_accepted:rate5m` |
| How far behind is each stage? | `steward:lag_records:max` |
| How long does a request to ingest take, 99 in 100? | `histogram_quantile(0.99, sum by (le) \
(rate(steward_http_request_seconds_bucket{service="ingest"}[5m])))` |
| Which share of events is flagged? | `steward:flags_per_event:ratio15m` |
| How long until a webhook is accepted, 99 in 100? | `steward:delivery_seconds:p99_5m` |
| What do receivers answer? | `sum by (result) (rate(steward_notify_attempts_total[5m]))` |
| Does anything go to the dead letters? | `sum by (stage, topic, reason) \
(increase(steward_stream_dead_letters_total[1h]))` |

## All of them
"""
_KINDS: Final = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}
_SERIES: Final = {Counter: ("_total",), Gauge: ("",), Histogram: ("_bucket", "_count", "_sum")}


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *_table()]) + "\n"


def names() -> Iterator[str]:
    """Name every series that the services can have."""
    for metric in _metrics():
        for ending in _SERIES[type(metric)]:
            yield _name(metric) + ending


def _table() -> Iterator[str]:
    yield "| metric | kind | labels | meaning |"
    yield "| --- | --- | --- | --- |"
    for metric in _metrics():
        ending = "_total" if isinstance(metric, Counter) else ""
        labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "–"
        meaning = metric._documentation.replace("|", "\\|")
        kind = _KINDS[type(metric)]
        yield f"| `{_name(metric)}{ending}` | {kind} | {labels} | {meaning} |"


def _metrics() -> list[MetricWrapperBase]:
    for module in (*SHARED, *_modules()):
        import_module(module)
    found = {
        collector
        for collector in list(REGISTRY._collector_to_names)
        if isinstance(collector, MetricWrapperBase) and _name(collector).startswith("steward_")
    }
    return sorted(found, key=_name)


def _modules() -> Iterator[str]:
    root = Path(__file__).parents[1]
    for path in sorted(root.glob("services/**/metrics.py")):
        yield ".".join(path.relative_to(root).with_suffix("").parts)


def _name(metric: MetricWrapperBase) -> str:
    return str(metric._name)


if __name__ == "__main__":
    sys.stdout.write(page())
