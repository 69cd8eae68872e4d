"""The page of one service."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Service, Topology, TracePage
from dashboard.components import breakers_view, graph_panel, panel_details, service_details
from dashboard.components.graph_reasoning import seen_by_callers
from dashboard.components.icons import icon
from dashboard.components.red_figures import CHARTS, Line
from dashboard.components.states import scope_note
from dashboard.components.topology_view import complete_edges, covered_seconds

_FACTS = (
    *("Health", "Namespace", "Calls", "Errors", "Fail for callers", "Rejected"),
    *("p50", "p95", "p99", "Versions", "Instances"),
)


def waiting(name: str, range_key: str) -> list[Component]:
    """The heading as long as no number is known, as large as with them."""
    return [_title(name, range_key), _facts([theme.NONE] * len(_FACTS))]


def heading(service: Service | None, name: str, topology: Topology, range_key: str) -> list[Component]:
    """Name and numbers; says so if the service was not seen in the time range."""
    if service is None:
        missing = html.P("It was not seen in this time range: choose a longer one.", className="note")
        return [_title(name, range_key), missing, scope_note()]
    if service["silent"]:
        seen = theme.format_moment(service["last_seen"] or "")
        return [
            _title(name, range_key),
            html.P(f"It sent nothing in this time range, the last at {seen}.", className="note"),
        ]
    ring = html.Span(className=f"ring ring-{service['health']}")
    facts = [
        html.Span([ring, service["health"]], className="health-words"),
        service["namespace"] or theme.NONE,
        theme.format_count(service["calls"]),
        _share(service["errors"], service["calls"]),
        _share(*seen_by_callers(f"service:{name}", topology["edges"])),
        _share(service["rejected"], service["calls"], "⊘ ", "warned"),
        theme.format_ms(service["p50_ms"]),
        theme.format_ms(service["p95_ms"]),
        theme.format_ms(service["p99_ms"]),
        service_details.version_links(name, service["versions"], range_key) or theme.NONE,
        str(len(service["instances"])),
    ]
    return [_title(name, range_key), _facts(facts)]


def _facts(values: Sequence[Any]) -> Component:
    pairs = zip(_FACTS, values, strict=True)
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="trace-facts")


def charts(figures: Sequence[Mapping[str, Any]] | None) -> list[Component]:
    """The charts under their titles; None for empty places of their size."""
    places = [html.Div(className="chart-place")] * len(CHARTS) if figures is None else [_chart(one) for one in figures]
    captions = [html.Figcaption([title, *_legend(lines)]) for title, lines in CHARTS.items()]
    return [html.Figure([caption, place]) for caption, place in zip(captions, places, strict=True)]


def _legend(lines: Sequence[Line]) -> list[Component]:
    """None where there is one line: the title names it."""
    samples = [html.I(className=f"line-sample {line.colour} {line.dash}") for line in lines]
    return [html.Span([sample, line.name]) for sample, line in zip(samples, lines, strict=True)] if samples[1:] else []


def _chart(figure: Mapping[str, Any]) -> Component:
    """Until Plotly is there, a graph is nothing: its place is not."""
    graph = dcc.Graph(figure=figure, config={"displayModeBar": False}, responsive=True, style={"height": "100%"})
    return html.Div(graph, className="chart-place")


def body(
    name: str,
    service: Service | None,
    topology: Topology,
    operations: Sequence[Mapping[str, Any]],
    traces: tuple[TracePage, TracePage],
    more: Mapping[str, Any],
    range_key: str,
) -> list[Component]:
    """Everything below the charts. `more` holds the answers of `health` and `breakers`, the `versions`, the `logs` and
    the `severity` that they were chosen by."""
    id_ = f"service:{name}"
    edges = complete_edges(topology)
    health = next((each for each in more["health"].get("services", []) if each.get("name") == name), None)
    breakers = [each for each in more["breakers"].get("breakers", []) if name in (each["service"], each.get("target"))]
    columns = [
        [
            *_section("Operations", panel_details.operations(operations)[1:]),
            *_section(
                "Called by", _neighbours(topology, [e for e in edges if e["target"] == id_], "source", range_key)
            ),
            *_section("Calls", _neighbours(topology, [e for e in edges if e["source"] == id_], "target", range_key)),
            *_section("Versions", service_details.versions(more["versions"], name, range_key)[1:]),
            *_section("Instances", _instances(service)),
        ],
        [
            *_section("Breakers", [breakers_view.table(breakers, range_key)] if breakers else []),
            *_section("Health", panel_details.health(health)[1:]),
            *_section("Traces", panel_details.traces(*traces, name, range_key)),
        ],
    ]
    log_rows = service_details.logs(more["logs"], name, more["severity"], range_key)
    return [
        html.Div([html.Div(column) for column in columns], className="service-columns"),
        *_section("Logs", log_rows),
    ]


def _title(name: str, range_key: str) -> Component:
    on_map = "/?" + urlencode({"range": range_key, "focus": f"service:{name}", "sel": f"service:{name}"})
    traces = "/traces?" + urlencode({"range": range_key, "service": name})
    links = [
        dcc.Link("On the map", href=on_map, className="more"),
        dcc.Link("Its traces", href=traces, className="more"),
    ]
    back = dcc.Link("← Services", href="/services?" + urlencode({"range": range_key}), className="back")
    return html.Div([back, html.H1([icon("service"), f" {name}"]), html.Div(links, className="panel-actions")])


def _section(title: str, content: Sequence[Any]) -> list[Component]:
    return [html.Section([html.H2(title), *content], className="service-section")] if content else []


def _neighbours(topology: Topology, edges: Sequence[Edge], end: str, range_key: str) -> list[Component]:
    names = {node["id"]: node for node in topology["nodes"]}
    seconds = covered_seconds(topology)
    rows = []
    for edge in sorted(edges, key=lambda edge: -edge["calls"]):
        node = names[edge[end]]  # type: ignore[literal-required]
        label = node["name"] or "(no name)"
        address = f"/service/{quote(node['name'], safe='')}?" + urlencode({"range": range_key})
        link = (
            dcc.Link(label, href=address) if node["kind"] == "service" else html.Span([icon(node["kind"]), f" {label}"])
        )
        rows.append(html.Li([html.Div(link, className="neighbour-name"), graph_panel.edge_facts(edge, seconds)]))
    return [html.Ul(rows, className="neighbours")] if rows else []


def _instances(service: Service | None) -> list[Component]:
    if not service or not service["instances"]:
        return []
    return [html.Ul([html.Li(html.Code(instance)) for instance in service["instances"][:30]], className="plain-list")]


def _share(part: int, whole: int, sign: Any = None, look: str = "bad") -> Any:
    return html.Span([sign or icon("error"), theme.format_share(part, whole)], className=look) if part else "0"
