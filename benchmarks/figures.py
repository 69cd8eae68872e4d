"""Figures of several runs, their targets, and the table that shows them."""

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import chdb
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Target:
    """What a figure should be: `at_least`, or at most, `value`."""

    value: float
    at_least: bool = False

    def met_by(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value


@dataclass(frozen=True)
class Figure:
    """One measured thing; `values` holds one value a run."""

    name: str
    unit: str
    values: Sequence[float]
    target: Target | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def cells(self) -> tuple[str, str, str, str]:
        """Name, target, measured as `median (min–max)`, verdict."""
        spread = f" ({_shown(min(self.values))}–{_shown(max(self.values))})" if len(self.values) > 1 else ""
        target = f"{'≥' if self.target.at_least else '≤'} {_shown(self.target.value)}" if self.target else ""
        verdict = ("yes" if self.target.met_by(self.median) else "NO") if self.target else ""
        return self.name, target, f"{_shown(self.median)}{spread} {self.unit}", verdict


@dataclass(frozen=True)
class Report:
    """What one benchmark found."""

    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()


_HEADINGS = ("figure", "target", "measured: median (min–max)", "met")


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: `share` of the values are at most this. `share` in (0, 1]; 0 when there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share - 1e-9) - 1)] if ordered else 0.0


def machine_line() -> str:
    """What the figures depend on: processor, memory, versions."""
    model = _proc("cpuinfo", "model name") or platform.processor()
    memory_kb = int((_proc("meminfo", "MemTotal") or "0").split()[0])
    versions = ", ".join(f"{name} {version(name)}" for name in ("chdb", "clickhouse-connect", "grpcio", "uvicorn"))
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {memory_kb / 2**20:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, engine {chdb.engine_version}, {versions}"
    )


def show(report: Report) -> None:
    table = Table(title=report.title, title_justify="left", title_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    for figure in report.figures:
        table.add_row(*figure.cells())
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    for note in report.notes:
        console.print(f"  {note}", highlight=False)


def markdown(reports: Sequence[Report], command: str, now: datetime | None = None) -> str:
    """The whole table, for benchmarks/RESULTS.md."""
    moment = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    lines = ["# Results", "", f"Made by `{command}`, {moment}, on {machine_line()}.", ""]
    for report in reports:
        lines += [f"## {report.title}", "", f"| {' | '.join(_HEADINGS)} |", "| --- | ---: | ---: | --- |"]
        lines += [f"| {' | '.join(figure.cells())} |" for figure in report.figures]
        lines += ["", *(f"- {note}" for note in report.notes), *([""] if report.notes else [])]
    return "\n".join(lines)


def _shown(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _proc(file: str, name: str) -> str:
    """The value behind `name:` in /proc/`file`, '' where there is none."""
    path = Path("/proc") / file
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
