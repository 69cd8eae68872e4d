"""How the map looks: kind by shape, drawing and colour; state by text, line style and colour."""

from collections.abc import Mapping
from typing import Any

from dashboard import theme
from dashboard.components.icons import data_uri

SHAPES = {
    "service": "round-rectangle",
    "database": "barrel",
    "messaging": "cut-rectangle",
    "external": "ellipse",
}
_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Helvetica, Arial, sans-serif"


def stylesheets() -> dict[str, list[dict[str, Any]]]:
    """A stylesheet per colour scheme."""
    return {scheme: _stylesheet(palette) for scheme, palette in theme.SCHEMES.items()}


def _stylesheet(palette: Mapping[str, str]) -> list[dict[str, Any]]:
    kinds = [_rule(f'node[kind = "{kind}"]', _kind(kind, palette)) for kind in SHAPES]
    return [
        _rule("node", _node(palette)),
        *kinds,
        _rule("node.errors, node.bad", {"border-color": palette["error"], "border-width": 4, "border-style": "double"}),
        _rule("node.bad", {"color": palette["error"], "border-width": 7}),
        _rule("node.rejected", {"border-color": palette["warn"], "border-width": 4, "border-style": "dashed"}),
        _rule("edge", _edge(palette)),
        _rule('edge[kind = "messaging"]', {"line-style": "dashed", "line-dash-pattern": [9, 5]}),
        _rule("edge.rejected", _line(palette["warn"])),
        _rule("edge.errors, edge.bad", _line(palette["error"])),
        _rule("edge.errors", {"line-opacity": 0.75}),
        _rule("node:selected", {"underlay-color": palette["accent"], "underlay-opacity": 0.28, "underlay-padding": 9}),
        _rule(
            "edge:selected",
            {
                "label": "data(selected_label)",
                "z-index": 10,
                "underlay-color": palette["accent"],
                "underlay-opacity": 0.25,
                "underlay-padding": 5,
                "font-weight": "bold",
            },
        ),
        _rule("node:active, edge:active", {"overlay-opacity": 0.08, "overlay-color": palette["accent"]}),
    ]


def _node(palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        "width": 50,
        "height": 44,
        "shape": SHAPES["service"],
        "background-color": palette["service"],
        "background-image": data_uri("service", palette["on-kind"]),
        "background-width": 26,
        "background-height": 26,
        "background-image-containment": "over",
        "border-width": 0,
        "label": "data(label)",
        "font-family": _FONT,
        "font-size": 13,
        "font-weight": 600,
        "line-height": 1.25,
        "color": palette["text"],
        "text-wrap": "wrap",
        "text-max-width": 400,
        "text-valign": "bottom",
        "text-margin-y": 7,
        "text-outline-color": palette["surface"],
        "text-outline-width": 2.5,
        "min-zoomed-font-size": 6,
    }


def _kind(kind: str, palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        "shape": SHAPES[kind],
        "background-color": palette[kind],
        "background-image": data_uri(kind, palette["on-kind"]),
    }


def _edge(palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        "curve-style": "unbundled-bezier",
        "control-point-distances": "data(distances)",
        "control-point-weights": "data(weights)",
        "edge-distances": "node-position",
        "width": "data(width)",
        "target-arrow-shape": "triangle",
        "arrow-scale": 1.1,
        "label": "data(label)",
        "font-family": _FONT,
        "font-size": 11.5,
        "color": palette["text"],
        "text-wrap": "wrap",
        "text-background-color": palette["surface"],
        "text-background-opacity": 0.88,
        "text-background-padding": 2,
        "text-background-shape": "round-rectangle",
        "min-zoomed-font-size": 7,
        **_line(palette["line"]),
    }


def _line(colour: str) -> dict[str, Any]:
    return {"line-color": colour, "target-arrow-color": colour}


def _rule(selector: str, style: dict[str, Any]) -> dict[str, Any]:
    return {"selector": selector, "style": style}
