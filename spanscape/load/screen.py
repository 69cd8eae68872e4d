"""What the user sees: a progress bar on stderr while loading, and a table at the end."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from spanscape.load.report import SourceReport

_SHOWN_PROBLEMS = 20
_SHOWN_NOTES = 5
_NUMBERS = ("Files", "Spans", "Traces", "Services", "Refused", "Errors", "Spans/s")
# In a pipe or a log, lines need not fit a screen: a table is as wide as its texts, and no path is broken over lines.
_WIDTH_WITHOUT_TERMINAL = 1000


class LoadProgress:
    """A bar over the bytes read, with the spans sent. Silent when stderr is no terminal."""

    def __init__(self, total_bytes: int) -> None:
        console = Console(stderr=True)
        self._spans = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[spans]:,} spans"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("Loading", total=total_bytes, spans=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def describe(self, text: str) -> None:
        self._progress.update(self._task, description=text)

    def on_bytes(self, count: int) -> None:
        self._progress.advance(self._task, count)

    def on_sent(self, spans: int) -> None:
        self._spans += spans
        self._progress.update(self._task, spans=self._spans)


def print_summary(reports: Sequence[SourceReport]) -> None:
    """The table to stdout, problems and notes to stderr."""
    _print_messages("error", [text for report in reports for text in report.problems], _SHOWN_PROBLEMS)
    _print_messages("note", [text for report in reports for text in report.notes], _SHOWN_NOTES)
    _console(stderr=False).print(_table(reports))


def print_error(message: str) -> None:
    _print_messages("error", [message], 1)


def _table(reports: Sequence[SourceReport]) -> Table:
    table = Table(show_footer=len(reports) > 1)
    total = _total(reports)
    table.add_column("Source", footer="all", overflow="fold")
    table.add_column("Format", footer="")
    for name, footer in zip(_NUMBERS, _numbers(total), strict=True):
        table.add_column(name, footer=footer, justify="right")
    for report in reports:
        table.add_row(escape(report.name), ", ".join(sorted(report.formats)) or "-", *_numbers(report))
    return table


def _numbers(report: SourceReport) -> tuple[str, ...]:
    return (
        f"{report.files:,}",
        f"{report.spans:,}",
        str(report.traces),
        str(report.services),
        f"{report.refused:,}",
        f"{report.errors:,}",
        f"{report.accepted_per_s:,.0f}",
    )


def _total(reports: Sequence[SourceReport]) -> SourceReport:
    """Traces and services that several sources have in common count once."""
    total = SourceReport("all")
    for report in reports:
        total.files += report.files
        total.spans += report.spans
        total.refused += report.refused
        total.errors += report.errors
        total.traces.add_all(report.traces)
        total.services.add_all(report.services)
    begun = [report for report in reports if report.finished_s]
    total.started_s = min((report.started_s for report in begun), default=0.0)
    total.finished_s = max((report.finished_s for report in begun), default=0.0)
    return total


def _print_messages(label: str, messages: Sequence[str], limit: int) -> None:
    console = _console(stderr=True)
    for message in messages[:limit]:
        console.print(f"{label}: {message}", markup=False, highlight=False, soft_wrap=True)
    if len(messages) > limit:
        console.print(f"{label}: … and {len(messages) - limit:,} more", markup=False, highlight=False)


def _console(stderr: bool) -> Console:
    console = Console(stderr=stderr)
    if not console.is_terminal:
        console.width = _WIDTH_WITHOUT_TERMINAL
    return console
