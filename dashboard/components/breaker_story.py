"""Why a breaker tripped, in words and on one timeline: what failed before, what was refused after, who felt it, how it ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components.breaker_timeline import OPEN, SECOND_NS, around_opening, clock, moment_ns
from dashboard.components.breakers_view import lamp
from dashboard.components.plain import Plain

_SHOWN = 8
_OPENINGS = 40
NO_OPENING = "It did not open in the last 24 hours."


def openings(transitions: Sequence[Mapping[str, Any]], chosen_ns: int | None) -> list[Component]:
    """The openings of the range, newest first, to choose from."""
    found = [one for one in transitions if one["to"] in OPEN]
    if not found:
        return [html.P("None in this time range.", className="muted")]
    rows = [
        html.Li(
            html.A(
                [
                    html.Strong(clock(one["at"])),
                    html.Span(str(one["instance"]), className="muted"),
                    html.Span(str(one["reason"]), className="opening-reason"),
                ],
                href=f"#opening={one['at_ns']}",
                **({"aria-current": "true"} if int(one["at_ns"]) == chosen_ns else {}),
            )
        )
        for one in found[:_OPENINGS]
    ]
    more = [html.P(f"and {len(found) - _OPENINGS} more; choose a shorter time range", className="muted")]
    return [html.Ul(rows, className="openings"), *(more if len(found) > _OPENINGS else [])]


def story(told: Mapping[str, Any]) -> list[Component | Plain]:
    """The answer of `GET /breakers/{id}/story`."""
    return [
        html.P(_summary(told), className="story-summary"),
        html.Div(around_opening(told), className="lanes"),
        *_before(told),
        *_after(told),
        *_recovery(told),
    ]


def _summary(told: Mapping[str, Any]) -> list[Any]:
    opening, before, rejected = told["opening"], told["before"], told["rejected"]
    where = f" in {opening['instance']}" if opening["instance"] else ""
    why = f": {opening['reason']}" if opening["reason"] else ""
    seconds = (moment_ns(before["end"]) - moment_ns(before["start"])) // SECOND_NS
    drops = f"{theme.format_count(before['failed'])} of {theme.counted(before['calls'], 'call')} failed"
    slow = f" and {theme.counted(before['slow'], 'was', 'were')} slow" if before["slow"] else ""
    ended = told["recovered_at"]
    lasted = theme.format_duration(moment_ns(ended) - moment_ns(opening["at"])) if ended else ""
    return [
        html.Strong(f"Opened at {clock(opening['at'])}{where}{why}. "),
        f"In the {theme.counted(seconds, 'second')} before, {drops}{slow}. ",
        f"Afterwards, {theme.counted(rejected['count'], 'call was', 'calls were')} refused. ",
        f"It closed after {lasted}." if ended else "It has not closed since.",
    ]


def _before(told: Mapping[str, Any]) -> list[Component]:
    groups = told["before"]["groups"]
    if not groups:
        return [
            html.H3("What failed before"),
            html.P("No failed or slow call to its target is stored.", className="muted"),
        ]
    rows = [
        html.Tr(
            [
                html.Td(html.Strong(str(group["error_type"]))),
                html.Td(f"{group['instance'] or '?'} → {group['target_instance'] or 'unknown instance'}"),
                html.Td(theme.format_count(group["count"]), className="number"),
                html.Td(_example(group["spans"])),
            ]
        )
        for group in groups[:_SHOWN]
    ]
    names = (("Error", ""), ("From → to", ""), ("Calls", "number"), ("Latest example", ""))
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in names])
    drop = told["last_drop"]
    link = (
        dcc.Link(
            "Trace of the last failed or slow call before it opened",
            href=f"/trace/{drop['trace_id']}#span={drop['span_id']}",
            className="more",
        )
        if drop
        else ""
    )
    return [
        html.H3("What failed before"),
        html.Table([html.Thead(head), html.Tbody(rows)], className="table mini-table story-groups"),
        html.P(link),
    ]


def _example(spans: Sequence[Mapping[str, Any]]) -> Any:
    if not spans:
        return ""
    span = spans[0]
    words = f"{span['name']}, {theme.format_duration(int(span['duration_ns']))}"
    message = html.Small(theme.shorten(str(span["status_message"]), 90), className="muted")
    return [dcc.Link(words, href=f"/trace/{span['trace_id']}#span={span['span_id']}"), message]


def _after(told: Mapping[str, Any]) -> list[Component]:
    rejected, felt, entries = told["rejected"], told["felt_by"], told["entries"]
    if not rejected["count"]:
        return [html.H3("What was refused"), html.P("No refused call is stored.", className="muted")]
    traces = [dcc.Link(f"trace {trace_id[:8]}", href=f"/trace/{trace_id}") for trace_id in rejected["traces"][:5]]
    count = html.Strong(theme.counted(rejected["count"], "call"))
    times = f", {clock(rejected['first_at'])} to {clock(rejected['last_at'])}: "
    users = [
        html.Li(
            [
                html.Strong(f"{one['service']} {one['name']}"),
                html.Span(f"{theme.format_count(one['failed'])} of {theme.counted(one['requests'], 'request')} failed"),
                *_traces(one),
            ]
        )
        for one in entries[:_SHOWN]
    ]
    callers = [
        html.Li(
            [
                html.Strong(f"{one['service']} {one['name']}"),
                html.Span(theme.counted(one["calls"], "call")),
                *_traces(one),
            ]
        )
        for one in felt[:_SHOWN]
    ]
    return [
        html.H3("What was refused"),
        html.P([html.Span([count, times]), *traces], className="story-traces"),
        html.Div(
            [
                html.Div(
                    [
                        html.H3("Requests from outside that were affected"),
                        html.Ul(users, className="felt story-entries"),
                    ]
                ),
                *(
                    [html.Div([html.H3("Callers that were affected"), html.Ul(callers, className="felt story-felt")])]
                    if callers
                    else []
                ),
            ],
            className="story-columns",
        ),
    ]


def _traces(one: Mapping[str, Any]) -> list[Component]:
    return [dcc.Link("trace", href=f"/trace/{trace_id}") for trace_id in one["traces"][:1]]


def _recovery(told: Mapping[str, Any]) -> list[Component]:
    rows = [
        html.Li(
            [
                html.Span(clock(one["at"]), className="muted"),
                lamp(str(one["to"])),
                html.Span(str(one["reason"]), className="muted"),
                dcc.Link("Trace", href=f"/trace/{one['trace_id']}") if one["trace_id"] else html.Span(),
            ]
        )
        for one in told["transitions"]
    ]
    return [html.H3("States around that time"), html.Ul(rows, className="story-moves")]
