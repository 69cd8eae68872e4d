"""The list of traces as a table."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import ServiceShare, TraceSummary
from dashboard.components.icons import icon
from dashboard.components.plain import Plain, plain_list

_COLUMNS = (
    ("Started (UTC)", ""),
    ("Trace", ""),
    ("Duration", "number"),
    ("Spans", "number"),
    ("Errors", ""),
    ("Services", ""),
)
_SERVICES_SHOWN = 3


def traces_table(body_id: str, store_id: str, traces: Sequence[TraceSummary]) -> list[Component]:
    """The table; its rows are in the store `store_id`, where more can be added, and are drawn into `body_id`."""
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in _COLUMNS])
    parts = [html.Caption("Traces, newest first"), html.Thead(head), html.Tbody(id=body_id)]
    return [dcc.Store(id=store_id, data=trace_rows(traces)), html.Table(parts, className="table traces")]


def trace_rows(traces: Sequence[TraceSummary]) -> list[Plain]:
    """One row per trace, linked to the trace."""
    return plain_list(_row(trace) for trace in traces)


def _row(trace: TraceSummary) -> Component:
    start_ns = int(trace["start_ns"])
    return html.Tr(
        [
            html.Td(
                [html.Span(theme.format_clock(start_ns)), html.Small(theme.format_date(start_ns), className="muted")],
                className="when",
            ),
            html.Td(_name(trace)),
            html.Td(theme.format_duration(int(trace["duration_ns"])), className="number"),
            html.Td(theme.format_count(trace["span_count"]), className="number"),
            html.Td(_errors(trace["error_count"])),
            html.Td(_services(trace["services"])),
        ]
    )


def _name(trace: TraceSummary) -> Component:
    name = html.Span(trace["root_name"] or "(root not seen)", className="trace-name")
    service = html.Span(trace["root_service"] or "unknown service", className="trace-service")
    return dcc.Link([name, service], href=f"/trace/{trace['trace_id']}", className="trace-open")


def _errors(count: int) -> Component:
    if not count:
        return html.Span("none", className="muted")
    return html.Span([icon("error"), theme.format_count(count)], className="bad")


def _services(shares: Sequence[ServiceShare]) -> Component:
    """The busiest services with their span counts; the rest as a number."""
    ranked = sorted(shares, key=lambda share: (-share["spans"], share["name"]))
    chips = [
        html.Span(
            [theme.shorten(share["name"], 24), html.Small(str(share["spans"]))],
            className="chip chip-bad" if share["errors"] else "chip",
            title=f"{share['name']}: {share['spans']} spans, {share['errors']} failed",
        )
        for share in ranked[:_SERVICES_SHOWN]
    ]
    if len(ranked) > _SERVICES_SHOWN:
        others = ", ".join(share["name"] for share in ranked[_SERVICES_SHOWN:])
        chips.append(html.Span(f"+{len(ranked) - _SERVICES_SHOWN}", className="chip", title=others))
    return html.Div(chips, className="chips")
