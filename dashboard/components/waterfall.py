"""Spans of a trace as rows in call order, each with its bar in the time of the whole trace."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Span, Trace
from dashboard.components.plain import Plain, plain_list

MAX_ROWS = 2_000  # more is more than anybody reads; a way to reach the rest is a later matter
_TICKS = 4
_DEEPEST_INDENT = 24  # levels; deeper rows are numbered by their level instead of moving further right


@dataclass(frozen=True)
class Row:
    """One span in the waterfall. `key` is unique in the trace, `left` and `width` are percent of the trace.

    `adopted` means that the span names a parent that is not in the trace.
    """

    key: str
    span: Span
    depth: int
    left: float
    width: float
    adopted: bool


def rows_of(trace: Trace) -> list[Row]:
    """All spans, parents before children, siblings by start. Spans without a parent here stand at the top level."""
    spans = sorted(trace["spans"], key=lambda span: (int(span["start_ns"]), span["span_id"]))
    keys = _unique_keys(spans)
    first = {span["span_id"]: index for index, span in reversed(list(enumerate(spans)))}
    children: dict[int | None, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        parent = first.get(span["parent_span_id"] or "")
        children[None if parent == index else parent].append(index)

    start_ns, duration_ns = int(trace["start_ns"]), max(int(trace["duration_ns"]), 1)
    rows: list[Row] = []
    for index, depth in _walk(children, len(spans)):
        span = spans[index]
        left = min(max(100 * (int(span["start_ns"]) - start_ns) / duration_ns, 0.0), 100.0)
        width = min(100 * int(span["duration_ns"]) / duration_ns, 100.0 - left)
        adopted = bool(span["parent_span_id"]) and span["parent_span_id"] not in first
        rows.append(Row(keys[index], span, depth, round(left, 3), round(width, 3), adopted))
    return rows


def find_row(trace: Trace, key: str) -> Row | None:
    """The row called `key`, or None."""
    return next((row for row in rows_of(trace) if row.key == key), None)


def waterfall(rows_id: str, store_id: str, trace: Trace, rows: Sequence[Row]) -> Component:
    """Time axis and at most MAX_ROWS rows, drawn into `rows_id`; each links to `#span=<key>`."""
    parts = [_axis(int(trace["duration_ns"])), dcc.Store(id=store_id, data=row_list(rows)), html.Div(id=rows_id)]
    if len(rows) > MAX_ROWS:
        note = f"The first {theme.format_count(MAX_ROWS)} of {theme.format_count(len(rows))} spans, in call order."
        parts.insert(0, html.P(note, className="note", role="note"))
    return html.Div(parts, className="waterfall")


def row_list(rows: Sequence[Row]) -> list[Plain]:
    """The first MAX_ROWS rows as data."""
    colours = theme.service_colours(row.span["service"] for row in rows)
    return plain_list(_row(row, colours[row.span["service"]]) for row in rows[:MAX_ROWS])


def _unique_keys(spans: Sequence[Span]) -> list[str]:
    """Span ids; a repeated id, which broken or merged traces have, gets a number."""
    seen: dict[str, int] = defaultdict(int)
    keys = []
    for span in spans:
        seen[span["span_id"]] += 1
        count = seen[span["span_id"]]
        keys.append(span["span_id"] if count == 1 else f"{span['span_id']}.{count}")
    return keys


def _walk(children: dict[int | None, list[int]], total: int) -> list[tuple[int, int]]:
    """(index, depth) of every span once, even when parents form a circle."""
    order: list[tuple[int, int]] = []
    seen: set[int] = set()
    for start in [*children[None], *range(total)]:
        stack = [(start, 0)]
        while stack:
            index, depth = stack.pop()
            if index not in seen:
                seen.add(index)
                order.append((index, depth))
                stack.extend((child, depth + 1) for child in reversed(children.get(index, [])))
    return order


def _axis(duration_ns: int) -> Component:
    ticks = [
        html.Span(
            theme.format_duration(duration_ns * tick // _TICKS) if tick else "0",
            style={"--left": f"{100 * tick // _TICKS}%"},
        )
        for tick in range(_TICKS + 1)
    ]
    return html.Div(
        [html.Span("Span"), html.Div(ticks, className="wf-ticks")], className="wf-axis", **{"aria-hidden": "true"}
    )


def _row(row: Row, colour: str) -> Component:
    span = row.span
    failed = span["status"] == "error"
    duration = theme.format_duration(int(span["duration_ns"]))
    level = f"{row.depth} ▸ " if row.depth > _DEEPEST_INDENT else ""
    orphan = " (parent missing)" if row.adopted else ""
    name = html.Span(
        [html.B(f"{level}{span['service']}"), f"{span['name'] or '(no name)'}{orphan}"], className="wf-name"
    )
    time = html.Span(f"{duration} failed" if failed else duration, className="wf-time")
    place = {
        "--depth": str(min(row.depth, _DEEPEST_INDENT)),
        "--left": f"{row.left}%",
        "--width": f"{row.width}%",
        "--svc": colour,
    }
    return html.A(
        [name, time],
        href=f"#span={row.key}",
        className="wf-row wf-failed" if failed else "wf-row",
        style=place,
        title=f"{span['service']} · {span['name']}",
    )
