"""The graph as a table: the same numbers for keyboards, screen readers and copying."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Node
from dashboard.components.plain import Plain, plain

_COLUMNS = ("From", "To", "Kind", "Rate", "Calls", "Errors", "Rejected", "p50", "p95", "p99")
_NUMBERS_FROM = 3  # columns from here on are numbers, aligned right


def edge_table(body_id: str) -> Component:
    """The table without rows; those of the elements are drawn into the body."""
    parts = [html.Caption("Calls between services"), html.Thead(html.Tr(_head())), html.Tbody(id=body_id)]
    return html.Table(parts, className="table")


def edge_row(edge: Edge, nodes: Mapping[str, Node], seconds: float, range_key: str) -> Plain:
    """The row of an edge. Services are links to their pages."""
    return plain(_edge(edge, nodes, seconds, range_key))


def lone_row(node: Node, range_key: str) -> Plain:
    """The row of a node without edges."""
    return plain(_lone(node, range_key))


def _edge(edge: Edge, nodes: Mapping[str, Node], seconds: float, range_key: str) -> Component:
    cells = [
        html.Td(_name(nodes[edge["source"]], range_key)),
        html.Td(_name(nodes[edge["target"]], range_key)),
        html.Td(edge["kind"]),
        _number(theme.format_rate(edge["calls"], seconds)),
        _number(theme.format_count(edge["calls"])),
        _number(*_part(edge["errors"], edge["calls"], "bad")),
        _number(*_part(edge["rejected"], edge["calls"], "warned")),
        *(_number(theme.format_ms(value)) for value in (edge["p50_ms"], edge["p95_ms"], edge["p99_ms"])),
    ]
    return html.Tr(cells)


def _lone(node: Node, range_key: str) -> Component:
    nobody = html.Td("no calls to or from others", colSpan=str(len(_COLUMNS) - 1), className="muted")
    return html.Tr([html.Td(_name(node, range_key)), nobody])


def _name(node: Node, range_key: str) -> Component:
    text = node["name"] or "(no name)"
    if node["kind"] != "service":
        return html.Span(text)
    address = f"/service/{quote(node['name'], safe='')}?" + urlencode({"range": range_key})
    return dcc.Link(text, href=address)


def _head() -> list[Component]:
    return [
        html.Th(name, scope="col", className="number" if index >= _NUMBERS_FROM else "")
        for index, name in enumerate(_COLUMNS)
    ]


def _number(text: str, look: str = "") -> Component:
    return html.Td(text, className=f"number {look}".strip())


def _part(part: int, whole: int, look: str) -> tuple[str, str]:
    return (f"{theme.format_count(part)} ({theme.format_share(part, whole)})", look) if part else ("0", "")
