"""Charts of rate, errors and durations for the page of a service, as Plotly figures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dashboard import theme
from dashboard.components.panel_details import filled, rates


class Line(NamedTuple):
    """Of a chart: `colour` is a name of the palette, `dash` one of Plotly's drawings."""

    name: str
    colour: str
    dash: str
    is_filled: bool = False


CHARTS = {
    "Calls a second": (Line("calls", "accent", "solid", is_filled=True),),
    "Failed calls": (Line("errors", "error", "solid", is_filled=True), Line("rejected", "warn", "dash")),
    "Durations": (Line("p50", "database", "dot"), Line("p95", "database", "solid"), Line("p99", "database", "dash")),
}
"""The lines of each chart, by its title."""
_UNITS = ("/s", " %", " ms")


def red_figures(series: Mapping[str, Any], seconds: int, scheme: str) -> list[dict[str, Any]]:
    """A figure for each of the charts: calls a second, error share, and percentiles of durations; none without calls. `series` is
    the answer of a timeseries call about the last `seconds`."""
    points = filled(series, seconds)
    if not points:
        return []
    palette = theme.SCHEMES.get(scheme, theme.LIGHT)
    times = [datetime.fromtimestamp(int(point["start_ns"]) / 1e9, UTC).isoformat() for point in points]
    shares = {key: [100 * p[key] / p["calls"] if p["calls"] else 0 for p in points] for key in ("errors", "rejected")}
    durations = {name: [point.get(f"{name}_ms") for point in points] for name in ("p50", "p95", "p99")}
    values = {"calls": rates(points, series), **shares, **durations}
    return [
        _figure(palette, [_drawn(line, times, values[line.name], palette) for line in lines], unit)
        for lines, unit in zip(CHARTS.values(), _UNITS, strict=True)
    ]


def _drawn(line: Line, times: Sequence[str], values: Sequence[Any], palette: Mapping[str, str]) -> dict[str, Any]:
    colour = palette[line.colour]
    return {
        "type": "scatter",
        "mode": "lines+markers" if sum(value is not None for value in values) < 3 else "lines",
        "name": line.name,
        "x": list(times),
        "y": list(values),
        "line": {"color": colour, "width": 2, "dash": line.dash},
        "fill": "tozeroy" if line.is_filled else "none",
        "fillcolor": f"{colour}22",
        "hovertemplate": f"%{{y:.3~g}}<extra>{line.name}</extra>",
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
