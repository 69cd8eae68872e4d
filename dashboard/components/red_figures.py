"""Charts of rate, errors and durations for the page of a service, as Plotly figures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard import theme
from dashboard.components.panel_details import rates

TITLES = {
    "Calls a second": (),
    "Failed calls": (("errors", "error solid"), ("rejected", "warn dashed")),
    "Durations": (("p50", "database dotted"), ("p95", "database solid"), ("p99", "database dashed")),
}
"""Of each chart its title, and the names of its lines with their colour and drawing; none where there is one line."""


def red_figures(points: Sequence[Mapping[str, Any]], step_s: float, scheme: str) -> list[dict[str, Any]]:
    """Figures for each of the titles: calls a second, error share, and percentiles of durations."""
    palette = theme.SCHEMES.get(scheme, theme.LIGHT)
    times = [datetime.fromtimestamp(int(point["start_ns"]) / 1e9, UTC).isoformat() for point in points]
    rate = rates(points, step_s)
    errors, rejected = (
        [100 * p[key] / p["calls"] if p["calls"] else 0 for p in points] for key in ("errors", "rejected")
    )
    durations = [(name, [point.get(f"{name}_ms") for point in points]) for name in ("p50", "p95", "p99")]
    shares = [
        _line("errors", times, errors, palette["error"], "solid", True),
        _line("rejected", times, rejected, palette["warn"], "dash", False),
    ]
    percentiles = [
        _line(name, times, values, palette["database"], dash, False)
        for (name, values), dash in zip(durations, ("dot", "solid", "dash"), strict=True)
    ]
    return [
        _figure(palette, [_line("calls", times, rate, palette["accent"], "solid", True)], "/s"),
        _figure(palette, shares, " %"),
        _figure(palette, percentiles, " ms"),
    ]


def _line(name: str, times: Sequence[str], values: Sequence[Any], colour: str, dash: str, fill: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if sum(value is not None for value in values) < 3 else "lines",
        "name": name,
        "x": list(times),
        "y": list(values),
        "line": {"color": colour, "width": 2, "dash": dash},
        "fill": "tozeroy" if fill else "none",
        "fillcolor": f"{colour}22",
        "hovertemplate": f"%{{y:.3~g}}<extra>{name}</extra>",
    }


def _figure(palette: Mapping[str, str], lines: list[dict[str, Any]], unit: str) -> dict[str, Any]:
    axis = {"gridcolor": palette["border"], "linecolor": palette["border"], "zeroline": False, "tickfont": {"size": 11}}
    return {
        "data": lines,
        "layout": {
            "height": 190,
            "margin": {"l": 52, "r": 10, "t": 10, "b": 38},  # times and, below, the day
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": palette["muted"], "family": "system-ui, sans-serif"},
            "xaxis": {**axis, "nticks": 5, "tickangle": 0},
            "yaxis": {**axis, "rangemode": "tozero", "ticksuffix": unit, "nticks": 5},
            "hovermode": "x unified",
            "hoverlabel": {"bgcolor": palette["surface"], "font": {"color": palette["text"]}},
            "showlegend": False,
        },
    }
