"""The trace page around its waterfall: heading, facts, warnings."""

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.api_types import Span, Trace
from dashboard.components import span_panel, states
from dashboard.components.icons import icon
from dashboard.components.waterfall import rows_of, waterfall
from dashboard.errors import CollectorError


def page(trace_id: str) -> Component:
    """The page before the first answer."""
    return html.Div(
        [
            dcc.Store(id=ids.TRACE_ID, data=trace_id),
            dcc.Store(id=ids.TRACE_DRAWN),
            dcc.Interval(id=ids.TRACE_RETRY, interval=3_000, disabled=True),
            html.Div(states.loading("the trace"), id=ids.TRACE_BODY),
        ],
        className="page trace",
    )


def body(trace: Trace) -> list[Component]:
    """Heading, waterfall and the panel for the selected span."""
    rows = rows_of(trace)
    if not rows:
        return [_heading(trace, None), html.P("This trace has no spans.", className="muted")]
    panel = html.Aside(span_panel.hint(), id=ids.TRACE_PANEL, className="span-panel", **{"aria-label": "Selected span"})
    chart = html.Section(
        waterfall(ids.TRACE_WATERFALL, ids.TRACE_ROWS, trace, rows), className="wf-card", **{"aria-label": "Waterfall"}
    )
    warnings = [
        html.P([icon("error"), str(warning)], className="note", role="note") for warning in trace.get("warnings") or []
    ]
    return [_heading(trace, rows[0].span), *warnings, html.Div([chart, panel], className="trace-grid")]


def failed(error: CollectorError) -> list[Component]:
    """An error in place of the trace, with the way back."""
    return [_back(), states.failed(error)]


def _back() -> Component:
    return dcc.Link("← Traces", href="/traces", className="back")


def _heading(trace: Trace, root: Span | None) -> Component:
    start_ns = int(trace["start_ns"])
    failed = sum(span["status"] == "error" for span in trace["spans"])
    services = len({span["service"] for span in trace["spans"]})
    facts = [
        ("Duration", theme.format_duration(int(trace["duration_ns"]))),
        ("Started (UTC)", f"{theme.format_date(start_ns)} {theme.format_clock(start_ns)}"),
        ("Spans", theme.format_count(len(trace["spans"]))),
        ("Services", str(services)),
        ("Errors", html.Span([icon("error"), str(failed)], className="bad") if failed else "none"),
        ("Trace id", html.Code(trace["trace_id"])),
    ]
    listed = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="trace-facts")
    title = [html.Span(root["service"], className="trace-service"), root["name"] or "(no name)"] if root else "Trace"
    return html.Div([_back(), html.H1(title), listed], className="trace-heading")
