"""Lower part of the panel beside the map: rate, errors and durations over time, operations, health, traces."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import TracePage
from dashboard.components.graph_panel import trace_links
from dashboard.components.plain import Plain
from dashboard.components.small_chart import area_chart

_OPERATIONS = 6
_ENTRIES = ("server", "consumer")
_TELLING_S = 30.0  # of a step that is not over; what comes late, a second or two, is a small part of that


def red_charts(series: Mapping[str, Any], seconds: int) -> list[Any]:
    """Three small charts: calls a second, share of errors, p95. `series` is the answer of a timeseries call."""
    points = filled(series, seconds)
    if not points:
        return []
    step_s = series["step_s"]
    clock = [theme.format_clock(int(point["start_ns"]))[:5] for point in points]
    calls = rates(points, series)
    shares = [100 * point["errors"] / point["calls"] if point["calls"] else 0.0 for point in points]
    p95s = [point.get("p95_ms") for point in points]
    peak_ms = max((value for value in p95s if value is not None), default=None)
    rows = [
        ("Calls", f"peak {theme.format_rate(max(p['calls'] for p in points), step_s)}", calls, "calls",
         [theme.format_rate(p["calls"], step_s) if rate is not None else f"{theme.counted(p['calls'], 'call')} so far"
          for p, rate in zip(points, calls, strict=True)]),
        ("Errors", f"peak {theme.percent_text(max(shares))}", shares, "errors", [theme.percent_text(s) for s in shares]),
        ("p95", f"peak {theme.format_ms(peak_ms)}", p95s, "duration", [theme.format_ms(value) for value in p95s]),
    ]  # fmt: skip
    return [
        html.Div(
            [
                html.Div([html.Span(name), html.Span(peak, className="muted")], className="chart-title"),
                area_chart(
                    values,
                    look,
                    f"{name} over time, {peak}",
                    [f"{t} UTC: {v}" for t, v in zip(clock, told, strict=True)],
                ),
            ],
            className="chart-row",
        )
        for name, peak, values, look, told in rows
    ]


def filled(series: Mapping[str, Any], seconds: int) -> list[dict[str, Any]]:
    """The points of the last `seconds` with those that had no calls, which the answer leaves out; none without any."""
    known = {int(point["start_ns"]): point for point in series["points"]}
    if not known:
        return []
    step_ns = int(series["step_s"] * 10**9)
    nothing = {"calls": 0, "errors": 0, "rejected": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    last = max(known)
    before = (last - max(min(known), last - seconds * 10**9 * 2)) // step_ns
    steps = max(seconds * 10**9 // step_ns - 1, before)
    starts = range(last - steps * step_ns, last + 1, step_ns)
    return [known.get(start, {"start_ns": str(start), **nothing}) for start in starts]


def rates(points: Sequence[Mapping[str, Any]], series: Mapping[str, Any]) -> list[float | None]:
    """Calls a second in each step of `series`, the answer that `points` are of. A step that was not over as it was counted
    goes by what had passed of it, and by nothing in its first moments: it would look as if calls ceased."""
    passed = (min((int(series["as_of_ns"]) - int(point["start_ns"])) / 1e9, series["step_s"]) for point in points)
    return [
        point["calls"] / passed_s if passed_s >= min(series["step_s"], _TELLING_S) else None
        for point, passed_s in zip(points, passed, strict=True)
    ]


def operations(found: Sequence[Mapping[str, Any]]) -> list[Component]:
    """The busiest operations: what the service is asked to do before what it does for that."""
    found = sorted(found, key=lambda row: row["kind"] not in _ENTRIES)
    rows = [
        html.Tr(
            [
                html.Td(theme.shorten(row["name"], 60) or "(no name)"),
                html.Td(theme.format_count(row["calls"]), className="number"),
                html.Td(
                    theme.format_share(row["errors"], row["calls"]) if row["errors"] else "0",
                    className="number bad" if row["errors"] else "number",
                ),
                html.Td(theme.format_ms(row["p95_ms"]), className="number"),
            ]
        )
        for row in found[:_OPERATIONS]
    ]
    if not rows:
        return []
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in
                    (("Operation", ""), ("Calls", "number"), ("Errors", "number"), ("p95", "number"))])  # fmt: skip
    return [html.H3("Top operations"), html.Table([html.Thead(head), html.Tbody(rows)], className="table mini-table")]


def health(service: Mapping[str, Any] | None) -> list[Component]:
    """Checks that say why a service is not healthy; nothing if nothing is known."""
    if not service or service.get("status") in (None, "unknown"):
        return []
    reasons = [html.Li(reason_text(reason)) for reason in service.get("reasons") or []]
    words = [html.Span(className=f"ring ring-{service['status']}"), html.Strong(str(service["status"]))]
    return [html.H3("Health"), html.P(words, className="health-words"), html.Ul(reasons, className="reasons")]


def reason_text(reason: Any) -> str:
    """A reason is its text, with or without the rule behind it."""
    return str(reason.get("text") or "") if isinstance(reason, Mapping) else str(reason)


def traces(failing: TracePage, slowest: TracePage, service: str, range_key: str) -> list[Component]:
    """The newest failing traces and the slowest ones."""
    slow = sorted(slowest["traces"], key=lambda trace: -int(trace["duration_ns"]))[:4]
    shared = {"service": service, "range": range_key}
    return [
        *trace_links(
            "Latest failing traces", failing["traces"][:4], "/traces?" + urlencode({**shared, "status": "error"})
        ),
        *trace_links("Slowest recent traces", slow, "/traces?" + urlencode(shared)),
    ]


def through(page: TracePage, service: str) -> TracePage:
    """Those of the traces that the service has spans in."""
    return {
        **page,
        "traces": [trace for trace in page["traces"] if service in (each["name"] for each in trace["services"])],
    }


def chart_box(charts: Sequence[Any]) -> list[Plain | Component]:
    """Charts under their heading."""
    return [html.H3("Over time"), html.Div(list(charts), className="charts")] if charts else []
