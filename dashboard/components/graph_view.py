"""The topology page: filters, and the scene below them with what is wrong, the map, its tools, table, panel and line of time.

The scene is drawn by assets/map_scene.js, once for as long as the tab is open: the map is there before Dash's own scripts
have run, and again at once when the viewer comes back from another page.
"""

from typing import Any

import dash_cytoscape as cyto
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components import states
from dashboard.components.graph_style import stylesheets
from dashboard.components.graph_table import edge_table
from dashboard.components.icons import icon
from dashboard.components.plain import plain_list

_MAP_LABEL = "Map of calls between services. The table view says the same in text."
_LAYOUTS = (("layered", "Left to right"), ("radial", "Radial"), ("force", "Force"), ("grouped", "By namespace"))
_LABELS = (("room", "Where there is room"), ("problems", "Problems"), ("all", "All"))
PRESETS = (
    ("Failing or slow", "error_rate>5% or p95>1s"),
    ("Any error", "errors>0"),
    ("Rejected calls", "rejected>0"),
    ("Open breakers", "breaker in (open, forced_open, half_open)"),
    ("Not healthy", "health in (degraded, unhealthy)"),
    ("Databases", "kind=database"),
    ("Busy", "rate>10"),
)


def frame() -> Component:
    """The page, with a place for its scene."""
    return html.Div(
        [
            dcc.Store(id=ids.TOPOLOGY_SELECTION),
            dcc.Store(id=ids.TOPOLOGY_CHANGES),
            dcc.Store(id=ids.TOPOLOGY_PANEL_BODY_ROWS),
            dcc.Store(id=ids.TOPOLOGY_PANEL_DETAILS_ROWS),
            dcc.Interval(id=ids.TOPOLOGY_PANEL_POLL, interval=15_000),
            html.H1("Topology", className="visually-hidden"),
            _filters(),
            html.Div(id=ids.TOPOLOGY_PLACE, className="topology-scene"),
        ],
        className="page topology",
    )


def for_browser() -> dict[str, Any]:
    """What assets/map_scene.js draws: the scene before the first answer, the graph in it, a stylesheet per colour scheme."""
    return {"scene": plain_list(_scene()), "graph": _graph().to_plotly_json()["props"], "styles": stylesheets()}


def _scene() -> list[Component]:
    return [
        html.Div(id=ids.TOPOLOGY_BANNER, className="hidden"),
        html.Section(id=ids.TOPOLOGY_SUSPECTS, className="suspects", **{"aria-label": "What is wrong"}),
        html.Div(
            [
                html.Div(
                    [
                        html.Div(className="graph-box"),
                        html.Canvas(className="map-dots", **{"aria-hidden": "true"}),
                        html.Canvas(className="map-mini hidden", **{"aria-hidden": "true"}),
                        _map_tools(),
                        _legend(),
                        html.Div(id=ids.TOPOLOGY_CARD, className="card hidden", role="tooltip"),
                    ],
                    className="map",
                    role="group",
                    **{"aria-label": _MAP_LABEL},
                ),
                html.Div(edge_table(ids.TOPOLOGY_TABLE), className="table-view"),
                html.Div(states.loading("the map"), id=ids.TOPOLOGY_STATE, className="cover"),
                html.Div(states.no_telemetry(), id="topology-empty", className="cover hidden"),
                _panel(),
            ],
            id=ids.TOPOLOGY_STAGE,
            className="stage stage-map",
        ),
        html.Section(id=ids.TIMELINE, className="timeline", **{"aria-label": "Time travel"}),
    ]


def _graph() -> Component:
    """The empty map. assets/map*.js fill it: Dash itself would send and compare the whole graph at every change."""
    return cyto.Cytoscape(
        id=ids.TOPOLOGY_GRAPH,
        elements=[],
        layout={"name": "preset", "fit": False},
        autoRefreshLayout=False,
        boxSelectionEnabled=False,
        responsive=True,
        minZoom=0.05,
        maxZoom=2.5,
        className="graph",
        style={"width": "100%", "height": "100%"},
    )


def _filters() -> Component:
    return html.Div(
        [
            _filter(ids.TOPOLOGY_FIND, "Find", "error_rate>5% or p95>1s", "find-history"),
            _filter(ids.TOPOLOGY_HIDE, "Hide", "kind=database", "hide-history"),
            dmc.Select(
                id=ids.TOPOLOGY_PRESETS,
                placeholder="Presets",
                data=[{"value": value, "label": label} for label, value in PRESETS],
                size="xs",
                w=135,
                value=None,
                **{"aria-label": "Filters ready made"},
            ),
            html.Span(id=ids.TOPOLOGY_FILTER_STATE, className="filter-state", role="status"),
            html.Button(id=ids.TOPOLOGY_FOCUS, className="focus-chip hidden"),
            html.Button(id=ids.TOPOLOGY_TRACES, className="focus-chip hidden"),
            html.Div(id=ids.TOPOLOGY_SUMMARY, className="summary muted"),
            html.Div(_page_tools(), className="tools"),
        ],
        className="toolbar map-toolbar",
        role="search",
    )


def _filter(field: str, label: str, example: str, history: str) -> Component:
    return html.Label(
        [
            html.Span(label),
            dcc.Input(
                id=field,
                type="text",
                placeholder=example,
                debounce=True,
                autoComplete="off",
                spellCheck=False,
                list=history,
                maxLength=1000,
            ),
            html.Datalist(id=history),
        ],
        className="map-filter",
    )


def _page_tools() -> list[Component]:
    return [
        dmc.Select(
            id=ids.TOPOLOGY_LAYOUT,
            data=[{"value": value, "label": label} for value, label in _LAYOUTS],
            value="layered",
            allowDeselect=False,
            size="xs",
            w=130,
            **{"aria-label": "Arrangement of the map"},
        ),
        dmc.SegmentedControl(
            id=ids.TOPOLOGY_VIEW,
            data=[{"value": "map", "label": "Map"}, {"value": "table", "label": "Table"}],
            value="map",
            size="xs",
            **{"aria-label": "Show as"},
        ),
    ]


def _map_tools() -> Component:
    """Buttons that assets/map_tools.js acts on."""
    buttons = [
        ("zoom-in", "plus", "Nearer (+)"),
        ("zoom-out", "minus", "Further (−)"),
        ("fit", "fit", "Show everything (f)"),
        ("arrange", "arrange", "Arrange anew: forget places given by hand"),
        ("dots", "dots", "Moving dots on calls"),
        ("full", "full", "Full screen"),
    ]
    exports = [("png", "PNG"), ("svg", "SVG"), ("mermaid", "Mermaid")]
    export = html.Details(
        [
            html.Summary(
                icon("export"), className="icon-button", title="Export the map", **{"aria-label": "Export the map"}
            ),
            html.Div([_tool(f"export-{key}", name, f"Save the map as {name}") for key, name in exports]),
        ],
        className="export",
    )
    return html.Div(
        [*(_tool(key, icon(drawing), title) for key, drawing, title in buttons), export],
        className="map-tools",
        role="toolbar",
        **{"aria-label": "Map"},
    )


def _tool(key: str, content: Any, title: str) -> Component:
    return html.Button(content, className="icon-button", title=title, **{"data-tool": key, "aria-label": title})


def _legend() -> Component:
    kinds = [("service", "service"), ("database", "database"), ("messaging", "broker"), ("external", "external")]
    drawn = [html.Li([icon(kind), name], className=f"kind-{kind}") for kind, name in kinds]
    signs = [
        html.Li([html.Span("⚠", className="bad"), "errors: red from 1 %, halo from 5 % and at suspect ①"]),
        html.Li([html.Span("⊘", className="warned"), "rejected"]),
        html.Li(["◉ ✖ ◐", " breaker closed, open, half-open"]),
        html.Li(
            [
                html.Span(className="ring ring-healthy"),
                html.Span(className="ring ring-degraded"),
                html.Span(className="ring ring-unhealthy"),
                "healthy, degraded, unhealthy",
            ]
        ),
        html.Li([html.Span(className="dash-sample"), "messages"]),
        html.Li(["calls a second · p95"]),
    ]
    options = [html.Option(label, value=value) for value, label in _LABELS]
    choice = html.Li(html.Label(["Numbers on calls ", html.Select(options, id=ids.TOPOLOGY_LABELS)]))
    return html.Details(
        [html.Summary("Legend"), html.Ul([*drawn, *signs, choice])],
        className="legend",
        open=True,
        **{"aria-label": "Legend"},
    )


def _panel() -> Component:
    close = html.Button(
        icon("close"),
        id=ids.TOPOLOGY_PANEL_CLOSE,
        className="close",
        title="Close (Esc)",
        **{"aria-label": "Close panel"},
    )
    return html.Aside(
        [close, html.Div(id=ids.TOPOLOGY_PANEL_BODY), html.Div(id=ids.TOPOLOGY_PANEL_DETAILS)],
        id=ids.TOPOLOGY_PANEL,
        className="panel panel-closed",
        **{"aria-label": "Selection"},
    )
