"""Builds Grafana's dashboards: `python deploy/grafana/build.py` writes `dashboards/*.json`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef

FOLDER: Final = Path(__file__).parent / "dashboards"
_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
_WIDTH, _HEIGHT = 8, 8
"""Three panels a row of Grafana's 24 columns."""


@dataclass(frozen=True)
class Panel:
    """One question, the expression that answers it, and how its lines are called."""

    title: str
    expr: str
    unit: str = "short"
    legend: str = "__auto"
    number: bool = False


def _p99(metric: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile(0.99, sum by ({labels}) (rate({metric}_bucket[5m])))"


def _none_is_zero(expr: str) -> str:
    """Say 0 where no series exists yet: a counter begins with its first event."""
    return f"({expr}) or vector(0)"


DASHBOARDS: Final[dict[str, tuple[str, list[Panel]]]] = {
    "overview": (
        "Steward: overview",
        [
            Panel("Replicas up", "sum by (job) (up)", legend="{{job}}", number=True),
            Panel("Events a second", "sum(rate(steward_ingest_accepted_total[5m]))", number=True),
            Panel(
                "Records behind, worst stage",
                "max(steward_stream_lag_records)",
                number=True,
            ),
            Panel(
                "Events by type",
                "sum by (type) (rate(steward_ingest_accepted_total[5m]))",
                "reqps",
                "{{type}}",
            ),
            Panel(
                "Actions asked for, by stage",
                'sum by (stage) (rate(steward_stream_outputs_total{topic="actions"}[5m]))',
                "reqps",
                "{{stage}}",
            ),
            Panel(
                "Webhooks accepted",
                'sum(rate(steward_notify_deliveries_total{state="succeeded"}[5m]))',
                "reqps",
                "accepted",
            ),
            Panel(
                "Requests answered with 5xx",
                _none_is_zero(
                    'sum by (service) (rate(steward_http_request_seconds_count{status=~"5.."}[5m]))'
                ),
                "reqps",
                "{{service}}",
            ),
            Panel(
                "Request time, 99 in 100",
                _p99("steward_http_request_seconds", "service"),
                "s",
                "{{service}}",
            ),
            Panel("Memory", "process_resident_memory_bytes", "bytes", "{{job}} {{instance}}"),
            Panel(
                "CPU", "rate(process_cpu_seconds_total[5m])", "percentunit", "{{job}} {{instance}}"
            ),
            Panel("Open files", "process_open_fds", legend="{{job}} {{instance}}"),
        ],
    ),
    "moderation": (
        "Steward: moderation",
        [
            Panel(
                "Share of events flagged",
                'sum(rate(steward_stream_outputs_total{stage="rules", topic="flags"}[5m])) / '
                'sum(rate(steward_stream_records_total{stage="rules", topic=~".*events"}[5m]))',
                "percentunit",
                "flagged",
            ),
            Panel(
                "Flags",
                'sum(rate(steward_stream_outputs_total{stage="rules", topic="flags"}[5m]))',
                "reqps",
                "flags",
            ),
            Panel(
                "Sightings shared between groups",
                'sum(rate(steward_stream_outputs_total{stage="rules", topic="sightings"}[5m]))',
                "reqps",
                "sightings",
            ),
            Panel(
                "Actions of the rules",
                'sum(rate(steward_stream_outputs_total{stage="rules", topic="actions"}[5m]))',
                "reqps",
                "actions",
            ),
            Panel(
                "Reports by members",
                'sum(rate(steward_ingest_accepted_total{type="report.filed"}[5m]))',
                "reqps",
                "reports",
            ),
            Panel(
                "Texts checked by request",
                _none_is_zero("sum by (decision) (rate(steward_rules_checks_total[5m]))"),
                "reqps",
                "{{decision}}",
            ),
        ],
    ),
    "engagement": (
        "Steward: engagement",
        [
            Panel(
                title,
                f'sum(rate(steward_ingest_accepted_total{{type="{type}"}}[5m]))',
                "reqps",
                type,
            )
            for title, type in (
                ("Messages", "message.posted"),
                ("Reactions", "reaction.added"),
                ("Joins", "member.joined"),
                ("Check-ins", "checkin.made"),
                ("Purchases", "purchase.made"),
            )
        ]
        + [
            Panel(
                "Leaves",
                _none_is_zero('sum(rate(steward_ingest_accepted_total{type="member.left"}[5m]))'),
                "reqps",
                "member.left",
            ),
            Panel(
                "Warnings and transitions",
                'sum(rate(steward_stream_outputs_total{stage="scoring", topic="actions"}[5m]))',
                "reqps",
                "actions",
            ),
            Panel(
                "Members and groups written",
                'sum(rate(steward_stream_flushed_documents_total{stage="scoring"}[5m]))',
                "wps",
                "documents",
            ),
        ],
    ),
    "delivery": (
        "Steward: delivery",
        [
            Panel(
                "Deliveries ended",
                "sum by (state) (rate(steward_notify_deliveries_total[5m]))",
                "reqps",
                "{{state}}",
            ),
            Panel(
                "Time to acceptance, 99 in 100",
                _p99("steward_notify_delivery_seconds"),
                "s",
                "p99",
            ),
            Panel(
                "Attempts by result",
                "sum by (result) (rate(steward_notify_attempts_total[5m]))",
                "reqps",
                "{{result}}",
            ),
            Panel("Attempt time, 99 in 100", _p99("steward_notify_attempt_seconds"), "s", "p99"),
            Panel("Under way", "sum(steward_notify_in_flight)", legend="attempts"),
            Panel("Due and waiting", "max(steward_notify_backlog_due)", legend="deliveries"),
            Panel(
                "Put off for want of a slot",
                "sum(rate(steward_notify_deferred_total[5m]))",
                "reqps",
                "deferred",
            ),
            Panel(
                "Endpoints disabled",
                _none_is_zero(
                    "sum by (reason) (increase(steward_notify_endpoints_disabled_total[1h]))"
                ),
                legend="{{reason}}",
            ),
        ],
    ),
    "runtime": (
        "Steward: stream runtime",
        [
            Panel(
                "Records folded",
                "sum by (stage) (rate(steward_stream_records_total[5m]))",
                "reqps",
                "{{stage}}",
            ),
            Panel(
                "Records behind",
                "max by (stage, topic) (steward_stream_lag_records)",
                legend="{{stage}} {{topic}}",
            ),
            Panel(
                "Flush time, 99 in 100",
                _p99("steward_stream_flush_seconds", "stage"),
                "s",
                "{{stage}}",
            ),
            Panel(
                "Time to take over a partition, 99 in 100",
                "histogram_quantile(0.99, "
                "sum by (le, stage) (steward_stream_restore_seconds_bucket))",
                "s",
                "{{stage}}",
            ),
            Panel(
                "Partitions owned",
                "sum by (stage) (steward_stream_owned_partitions)",
                legend="{{stage}}",
            ),
            Panel(
                "Fetched, not yet folded",
                "sum by (stage) (steward_stream_buffered_records)",
                legend="{{stage}}",
            ),
            Panel(
                "Repeats dropped",
                _none_is_zero("sum by (stage) (rate(steward_stream_duplicates_total[5m]))"),
                "reqps",
                "{{stage}}",
            ),
            Panel(
                "Dead letters",
                _none_is_zero("sum by (stage) (increase(steward_stream_dead_letters_total[1h]))"),
                legend="{{stage}}",
            ),
            Panel(
                "Flushes fenced",
                _none_is_zero("sum by (stage) (increase(steward_stream_fenced_total[1h]))"),
                legend="{{stage}}",
            ),
        ],
    ),
}
"""Each dashboard's file, its title and its panels."""


def built(name: str) -> str:
    """Return a dashboard as the JSON that Grafana reads."""
    title, panels = DASHBOARDS[name]
    dashboard = (
        Dashboard(title)
        .uid(f"steward-{name}")
        .tags(["steward"])
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
        .readonly()
    )
    for panel in _panels(panels):
        dashboard = dashboard.with_panel(panel)
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard.build()) + "\n"


def _panels(panels: Iterable[Panel]) -> Iterable[stat.Panel | timeseries.Panel]:
    legend = (
        VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    for panel in panels:
        query = Dataquery().expr(panel.expr).legend_format(panel.legend).ref_id("A")
        drawn = (
            stat.Panel().graph_mode(BigValueGraphMode.AREA)
            if panel.number
            else timeseries.Panel().legend(legend)
        )
        yield (
            drawn.title(panel.title)
            .unit(panel.unit)
            .datasource(_SOURCE)
            .span(_WIDTH)
            .height(_HEIGHT)
            .with_target(query)
        )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in DASHBOARDS:
        (FOLDER / f"{name}.json").write_text(built(name), encoding="utf-8")
