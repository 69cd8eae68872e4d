"""The topology page around its map: frame, legend, and what each answer changes in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.api_types import Topology
from dashboard.components import graph, states
from dashboard.components.graph_style import stylesheets
from dashboard.components.graph_table import edge_rows, edge_table
from dashboard.components.icons import icon
from dashboard.errors import CollectorError, CollectorUnreachable
from dashboard.time_range import TimeRange

_MAP_LABEL = "Map of calls between services. The table view says the same in text."
_NOUNS = {
    "service": ("service", "services"),
    "database": ("database", "databases"),
    "messaging": ("broker", "brokers"),
    "external": ("external", "external"),
}


@dataclass(frozen=True)
class Change:
    """What a poll changes on the page; `no_update` leaves a part as it is. One field per output, in their order."""

    data: Any = no_update
    elements: Any = no_update
    layout: Any = no_update
    positions: Any = no_update
    table: Any = no_update
    shown: Any = no_update
    state: Any = no_update
    banner: Any = no_update
    summary: Any = no_update


def answered(
    topology: Topology, window: TimeRange, shown: Mapping[str, str], known: Mapping[str, Sequence[float]]
) -> Change | None:
    """What this answer changes; None if the page shows just that already."""
    now_shown = {"state": "data" if topology["nodes"] else "empty", "hash": graph.content_hash(topology, window.key)}
    if now_shown == shown:
        return None
    places = graph.positions(topology, known)
    same_nodes = bool(known) and set(places) == set(known)
    return Change(
        data={"nodes": topology["nodes"], "edges": topology["edges"], "seconds": window.seconds},
        elements=graph.elements(topology, places, window.seconds),
        layout=no_update if same_nodes else graph.layout_for(list(places)),
        positions=places,
        table=edge_rows(topology, window.seconds, window.key),
        shown=now_shown,
        state=None if places else states.no_telemetry(window.label),
        banner=None,
        summary=_summary(topology, window),
    )


def failed(error: CollectorError, shown: Mapping[str, str]) -> Change | None:
    """A graph that is shown stays, under a banner; otherwise the error takes its place."""
    now_shown = {"state": "away", "hash": shown.get("hash", ""), "error": f"{error}"}
    has_graph = shown.get("graph") == "yes" or shown.get("state") == "data"
    now_shown["graph"] = "yes" if has_graph else "no"
    if now_shown == shown:
        return None
    if has_graph and isinstance(error, CollectorUnreachable):
        return Change(shown=now_shown, banner=states.away_banner(error), summary=_not_live())
    return Change(shown=now_shown, state=states.failed(error), banner=None, summary=_not_live())


def frame() -> Component:
    """The page before the first answer."""
    return html.Div(
        [
            dcc.Store(id=ids.TOPOLOGY_DATA),
            dcc.Store(id=ids.TOPOLOGY_SHOWN, data={"state": "loading"}),
            dcc.Store(id=ids.TOPOLOGY_POSITIONS, data={}),
            dcc.Store(id=ids.TOPOLOGY_SELECTION),
            dcc.Store(id=ids.TOPOLOGY_STYLES, data=stylesheets()),
            dcc.Interval(id=ids.TOPOLOGY_POLL, interval=2_000),
            dcc.Interval(id=ids.TOPOLOGY_PANEL_POLL, interval=10_000),
            _toolbar(),
            html.Div(id=ids.TOPOLOGY_BANNER),
            html.Div(
                [
                    html.Div(
                        [graph.graph(ids.TOPOLOGY_GRAPH), _legend()],
                        className="map",
                        **{"aria-label": _MAP_LABEL},
                        role="group",
                    ),
                    html.Div(edge_table(ids.TOPOLOGY_TABLE, ids.TOPOLOGY_TABLE_ROWS), className="table-view"),
                    html.Div(states.loading("the map"), id=ids.TOPOLOGY_STATE, className="cover"),
                    _panel(),
                ],
                id=ids.TOPOLOGY_STAGE,
                className="stage stage-map",
            ),
        ],
        className="page topology",
    )


def _toolbar() -> Component:
    return html.Div(
        [
            html.H1("Topology"),
            html.Div(id=ids.TOPOLOGY_SUMMARY, className="summary"),
            html.Div(
                [
                    dmc.Button(
                        "Arrange",
                        id=ids.TOPOLOGY_ARRANGE,
                        leftSection=icon("arrange"),
                        variant="default",
                        size="xs",
                        **{"aria-label": "Arrange the map anew"},
                    ),
                    dmc.SegmentedControl(
                        id=ids.TOPOLOGY_VIEW,
                        data=[{"value": "map", "label": "Map"}, {"value": "table", "label": "Table"}],
                        value="map",
                        size="xs",
                        **{"aria-label": "Show as"},
                    ),
                ],
                className="tools",
            ),
        ],
        className="toolbar",
    )


def _legend() -> Component:
    kinds = [("service", "service"), ("database", "database"), ("messaging", "broker"), ("external", "external")]
    drawn = [html.Li([icon(kind), name], className=f"kind-{kind}") for kind, name in kinds]
    signs = [
        html.Li([html.Span("⚠", className="bad"), "errors, red from 1 %"]),
        html.Li([html.Span("⊘", className="warned"), "rejected"]),
        html.Li([html.Span(className="dash-sample"), "messages"]),
    ]
    return html.Ul(drawn + signs, className="legend", **{"aria-label": "Legend"})


def _panel() -> Component:
    close = html.Button(
        icon("close"), id=ids.TOPOLOGY_PANEL_CLOSE, className="close", type="button", **{"aria-label": "Close panel"}
    )
    return html.Aside(
        [close, html.Div(id=ids.TOPOLOGY_PANEL_BODY), html.Div(id=ids.TOPOLOGY_PANEL_TRACES)],
        id=ids.TOPOLOGY_PANEL,
        className="panel panel-closed",
        **{"aria-label": "Selection"},
    )


def _summary(topology: Topology, window: TimeRange) -> list[Component]:
    counts = Counter(node["kind"] for node in topology["nodes"])
    parts = [f"{counts[kind]} {_NOUNS[kind][counts[kind] != 1]}" for kind in _NOUNS if counts[kind]]
    text = " · ".join([*parts, f"last {window.label}"])
    return [html.Span("Live", className="live"), html.Span(text, className="muted")]


def _not_live() -> list[Component]:
    return [html.Span("Not live", className="live live-off")]
