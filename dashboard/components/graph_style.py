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
        *_healths(palette),
        _rule("node.idle", {"background-opacity": 0.55}),
        _rule(
            "node.errors, node.bad",
            {"underlay-color": palette["error"], "underlay-opacity": 0.0, "underlay-padding": 11},
        ),
        _rule("node.bad", {"color": palette["error"], "underlay-opacity": 0.26}),
        _rule("node.suspect", {"underlay-color": palette["error"], "underlay-opacity": 0.4, "underlay-padding": 14}),
        _rule("node[kind = 'box']", _box(palette)),
        _rule("edge", _edge(palette)),
        _rule('edge[kind = "messaging"]', {"line-style": "dashed", "line-dash-pattern": [9, 5]}),
        _rule("edge.routed", _routed(palette)),
        _rule("edge.short", {"label": "data(short)"}),
        _rule("edge.unsaid", {"label": ""}),
        _rule("edge.idle", {"line-opacity": 0.5}),
        _rule("edge.rejected", _line(palette["warn"])),
        _rule("edge.errors, edge.bad", _line(palette["error"])),
        _rule("edge.bad", {"target-arrow-shape": "triangle-tee"}),
        _rule("edge[guard]", _guard(palette)),
        _rule("edge.breaker-open, edge.breaker-forced_open", _alarm(palette, "error")),
        _rule("edge.breaker-half_open", _alarm(palette, "warn")),
        *_marks(palette),
        _rule("node:selected", {"underlay-color": palette["accent"], "underlay-opacity": 0.35, "underlay-padding": 10}),
        _rule(
            "edge:selected",
            {
                "z-index": 10,
                "underlay-color": palette["accent"],
                "underlay-opacity": 0.25,
                "underlay-padding": 5,
            },
        ),
        _rule("edge.routed:selected", {"label": "data(more)", "font-weight": "bold"}),
        _rule("node:active, edge:active", {"overlay-opacity": 0.08, "overlay-color": palette["accent"]}),
    ]


def _healths(palette: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rings: a thin line for healthy, dashes for degraded, a thick double line for unhealthy."""
    rings = {
        "healthy": ("ok", 2.5, "solid"),
        "degraded": ("warn", 4, "dashed"),
        "unhealthy": ("error", 7, "double"),
    }
    return [
        _rule(
            f"node.health-{health}",
            {"border-color": palette[colour], "border-width": width, "border-style": style},
        )
        for health, (colour, width, style) in rings.items()
    ]


def _marks(palette: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a search, a suspect's reach or a comparison points out."""
    return [
        _rule(
            "edge.new",
            {**_line(palette["ok"]), "line-style": "solid", "underlay-color": palette["ok"], "underlay-opacity": 0.3},
        ),
        _rule("node.new", {"underlay-color": palette["ok"], "underlay-opacity": 0.4}),
        _rule("edge.lost", {**_line(palette["line"]), "line-style": "dotted", "line-opacity": 0.8}),
        _rule("node.lost", {"background-opacity": 0.3, "color": palette["muted"]}),
        _rule(".dim, .blast-other", {"opacity": 0.18}),
        _rule("node.found", {"underlay-color": palette["accent"], "underlay-opacity": 0.3}),
        _rule("edge.found", {"underlay-color": palette["accent"], "underlay-opacity": 0.3, "underlay-padding": 4}),
        _rule("node.blast", {"underlay-color": palette["error"], "underlay-opacity": 0.3}),
        _rule("edge.blast", {**_line(palette["error"]), "z-index": 9}),
        _rule("edge.blast-guarded", {**_line(palette["warn"]), "line-style": "dashed", "z-index": 9}),
        _rule(
            "node.blast-guarded",
            {"underlay-color": palette["warn"], "underlay-opacity": 0.25, "underlay-shape": "ellipse"},
        ),
    ]


def _box(palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        "shape": "round-rectangle",
        "background-color": palette["raised"],
        "background-image": "none",
        "background-opacity": 0.5,
        "border-width": 1.5,
        "border-color": palette["control"],
        "border-style": "dashed",
        "padding": 34,
        "text-valign": "top",
        "text-margin-y": -4,
        "font-size": 14,
        "color": palette["muted"],
    }


def _guard(palette: Mapping[str, str]) -> dict[str, Any]:
    """The breaker's symbol near the caller."""
    return {
        **_edge_text(palette),
        "source-label": "data(guard)",
        "source-text-offset": 40,
        "source-text-margin-y": 0,
        "text-background-opacity": 0.92,
    }


def _alarm(palette: Mapping[str, str], colour: str) -> dict[str, Any]:
    return {**_line(palette[colour]), "line-style": "dashed", "line-dash-pattern": [3, 6], "color": palette[colour]}


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
    """What every edge has, and those of large maps nothing else: each property costs cytoscape time for each edge."""
    return {
        "curve-style": "straight",
        "width": "data(width)",
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        **_line(palette["line"]),
    }


def _routed(palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_edge_text(palette),
        "curve-style": "unbundled-bezier",
        "control-point-distances": "data(distances)",
        "control-point-weights": "data(weights)",
        "edge-distances": "node-position",
        "arrow-scale": 1.1,
        "label": "data(label)",
    }


def _edge_text(palette: Mapping[str, str]) -> dict[str, Any]:
    return {
        "font-family": _FONT,
        "font-size": 11.5,
        "line-height": 1.25,
        "color": palette["text"],
        "text-wrap": "wrap",
        "text-background-color": palette["surface"],
        "text-background-opacity": 0.88,
        "text-background-padding": 2,
        "text-background-shape": "round-rectangle",
        "min-zoomed-font-size": 7,
    }


def _line(colour: str) -> dict[str, Any]:
    return {"line-color": colour, "target-arrow-color": colour}


def _rule(selector: str, style: dict[str, Any]) -> dict[str, Any]:
    return {"selector": selector, "style": style}
