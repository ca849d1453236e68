"""The closing summary: what happened, what Steward did, what it found and what it missed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from shared.events import MessagePosted
from steward.demo.board import clock, visible
from steward.demo.evasions import EVASIONS
from steward.demo.findings import SceneFinding
from steward.demo.telling import Told

_ALARMS_SHOWN = 5
_LEADERS_SHOWN = 8
_TEXT_CELLS = 56


def show(console: Console, told: Told) -> None:
    """Print the summary."""
    sections = {
        "The day": _figures(told),
        "What was planted, and what Steward found": _scenes(told),
        "One lure, seven disguises": _disguises(told),
        "Innocent people": _innocent(told),
        "The groups, worst first": _groups(told),
        "Who matters": _leaders(told),
        "What Steward had the platform do": _actions(told),
    }
    for title, section in sections.items():
        console.print(Rule(f"[b]{title}[/]", align="left", style="cyan"))
        console.print(section, highlight=False)
        console.print()
    console.print(_verdict(told))


def _figures(told: Told) -> RenderableType:
    figures = told.figures
    lines = [
        (
            f"[b]{figures.events_sent:,}[/] events of {figures.groups} groups and "
            f"{figures.members} members went in through the webhook door, signed, "
            f"in {figures.seconds:.0f} seconds."
        ),
        (
            f"[b]{figures.events_accepted:,}[/] were accepted, [b]{figures.events_processed:,}[/] "
            f"are counted in the groups' state, [b]{figures.lost}[/] got lost."
        ),
        (
            f"{figures.events_repeated:,} were sent twice on purpose; "
            f"{figures.duplicates_dropped:,} repeats were dropped."
        ),
    ]
    if figures.events_refused:
        lines.append(
            f"{figures.events_refused:,} more were never sent: "
            "the platform had muted their author when Steward asked."
        )
    if figures.retries:
        lines.append(f"{figures.retries:,} requests had to be sent again.")
    if figures.restarts:
        lines.append(f"[yellow]Started again after a crash: {', '.join(figures.restarts)}.[/]")
    return Text.from_markup("\n".join(lines))


def _scenes(told: Told) -> RenderableType:
    table = _table("", "planted", "events", "flagged", "as")
    for column in (2, 3):
        table.columns[column].justify = "right"
    for finding in told.findings.scenes:
        table.add_row(
            _mark(finding),
            finding.scene.title,
            str(finding.planted),
            str(finding.flagged),
            ", ".join(f"{label} {count}" for label, count in finding.labels.most_common(3)),
        )
    for found, title, how in _group_scenes(told):
        table.add_row("[green]✓[/]" if found else "[red]✗[/]", title, "", "", how)
    legend = "✓ found   ~ found, but fewer than half of its events flagged   ✗ missed"
    return Group(table, Text(legend, style="dim"))


def _mark(finding: SceneFinding) -> str:
    if not finding.found:
        return "[red]✗[/]"
    return "[green]✓[/]" if 2 * finding.flagged >= finding.planted else "[yellow]~[/]"


def _group_scenes(told: Told) -> Iterator[tuple[bool, str, str]]:
    """Tell of the troubles that are a group's, not an event's."""
    for alert, group, title in (
        ("quiet", "hiking", "a group that goes quiet before noon"),
        ("few_talkers", "coffee", "a group in which four people talk"),
    ):
        warned = alert in told.alerts.get(group, {})
        yield warned, title, "its owner was warned" if warned else "no warning"


def _disguises(told: Told) -> RenderableType:
    table = _table("", "disguise", "group", "what it looked like")
    lures = [event for event in told.day.events if told.day.culprits.get(event.id) == "campaign"]
    for name, lure in zip(EVASIONS, lures, strict=True):
        labels = told.findings.labels_by_event.get(lure.id, frozenset())
        text = lure.text if isinstance(lure, MessagePosted) else ""
        group = told.day.communities[lure.group].plan.name
        mark = "[green]✓[/]" if labels else "[red]✗[/]"
        table.add_row(mark, name, group, Text(_cut(visible(_reveal(text)), _TEXT_CELLS)))
    return table


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1) + "…"


def _reveal(text: str) -> str:
    """Show where characters stand that nobody sees."""
    return text.replace("\u200b", "¦")


def _innocent(told: Told) -> RenderableType:
    findings, day = told.findings, told.day
    innocent = told.figures.events_sent - sum(scene.planted for scene in findings.scenes)
    alarms = findings.false_alarms
    acted = sum(alarm.acted for alarm in alarms)
    lines: list[RenderableType] = [
        Text.from_markup(
            f"Something was done about [b]{acted}[/] of {innocent:,} innocent events; "
            f"{len(alarms) - acted} more were put on watch.\n"
            f"Of {findings.lookalikes} that look guilty, {findings.lookalikes_passed} passed."
        )
    ]
    for alarm in alarms[:_ALARMS_SHOWN]:
        text = visible(getattr(alarm.event, "text", "") or alarm.event.type)
        who = day.people[alarm.event.member].name
        labels = ", ".join(alarm.labels)
        tempting = f" ({alarm.why_tempting})" if alarm.why_tempting else ""
        lines.append(
            Text(f"  {clock(day.clock(alarm.event.time))} {who}: {text}{tempting}", overflow="fold")
        )
        lines.append(Text(f"        ↳ {labels}: {alarm.because}", style="yellow"))
    if len(alarms) > _ALARMS_SHOWN:
        lines.append(Text(f"  … and {len(alarms) - _ALARMS_SHOWN} more"))
    return Group(*lines)


def _groups(told: Told) -> RenderableType:
    table = _table("health", "group", "stage", "what weighs on it")
    table.columns[0].justify = "right"
    ids = {community.plan.name: id for id, community in told.day.communities.items()}
    for group in told.groups:
        why = "\n".join([group.why, *told.alerts.get(ids.get(group.name, ""), {}).values()])
        table.add_row(str(group.health), group.name, group.stage, Text(why.strip()))
    return table


def _leaders(told: Told) -> RenderableType:
    table = _table("score", "member", "group")
    table.columns[0].justify = "right"
    for leader in told.leaders[:_LEADERS_SHOWN]:
        table.add_row(f"{leader.points:,.0f}", Text(leader.who), leader.group)
    return table


def _actions(told: Told) -> RenderableType:
    figures = told.figures
    routine = told.day.routine
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in figures.actions_by_kind.items())
    lines = [
        kinds,
        (
            f"[b]{figures.deliveries_ok:,}[/] webhooks were delivered, "
            f"[b]{figures.deliveries_failed:,}[/] failed; "
            f"{figures.delivery_mean_ms:,.0f} ms on average from the action to the answer. "
            f"{figures.webhooks_refused} had a wrong signature."
        ),
        f"Newcomers: {told.welcomed} of {len(told.day.arrivals)} were welcomed.",
        (
            f"Routine questions: {told.answered} of {len(routine)} were answered by Steward; "
            f"{sum(not asked.answered for asked in routine)} got no other answer."
        ),
    ]
    return Text.from_markup("\n".join(lines))


def _verdict(told: Told) -> RenderableType:
    group_scenes = list(_group_scenes(told))
    missed = [finding.scene.title for finding in told.findings.missed]
    missed += [title for found, title, _ in group_scenes if not found]
    planted = len(told.findings.scenes) + len(group_scenes)
    lines = [f"[b]{planted - len(missed)} of {planted}[/] troubles were found."]
    if missed:
        lines.append(f"Missed: {'; '.join(missed)}.")
    lines += [f"[red]{failure}[/]" for failure in told.failures]
    style = "red" if told.failures else "green"
    return Panel(Text.from_markup("\n".join(lines)), border_style=style)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
