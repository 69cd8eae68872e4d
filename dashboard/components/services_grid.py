"""The table of services."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import dash_ag_grid as dag
from dash.development.base_component import Component

from dashboard.api_types import Edge, Service
from dashboard.components.graph_elements import silent_words
from dashboard.components.graph_reasoning import all_seen_by_callers
from dashboard.components.panel_details import filled, rates

_NO_SERIES: Mapping[str, Any] = {"points": [], "step_s": 60.0, "as_of_ns": "0"}
_NUMBER = {"type": "rightAligned", "width": 98}


def grid(grid_id: str) -> Component:
    """The empty table; formats and small charts are in assets/grid.js."""
    return dag.AgGrid(
        id=grid_id,
        columnDefs=_columns(),
        rowData=None,
        getRowId="params.data.name",
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True},
        dashGridOptions={
            "animateRows": False,
            "rowHeight": 46,
            "headerHeight": 38,
            "domLayout": "autoHeight",
            "enableCellTextSelection": True,
            "suppressColumnVirtualisation": True,
        },
        columnSize="responsiveSizeToFit",
        className="grid",
        style={"height": None},
    )


def rows(
    services: Sequence[Service],
    series: Mapping[str, Mapping[str, Any]],
    edges: Sequence[Edge],
    seconds: float,
    range_key: str,
) -> list[dict[str, Any]]:
    """One per service; `series` holds the answers of time series by service, which may be half a minute old. `edges` are the
    calls between them."""
    seen = all_seen_by_callers(edges)
    nothing = (0, 0)
    return [
        _row(
            service,
            series.get(service["name"], _NO_SERIES),
            seen.get(f"service:{service['name']}", nothing),
            seconds,
            range_key,
        )
        for service in services
    ]


def _row(
    service: Service, series: Mapping[str, Any], seen: tuple[int, int], seconds: float, range_key: str
) -> dict[str, Any]:
    calls = service["calls"]
    own_errors, errors_seen = (_share(*counted) for counted in ((service["errors"], calls), seen))
    points = filled(series, int(seconds))
    trend = rates(points, series)
    return {
        "name": service["name"],
        "href": f"/service/{quote(service['name'], safe='')}?" + urlencode({"range": range_key}),
        "note": silent_words(service["last_seen"]) if service["silent"] else service["namespace"],
        "health": service["health"],
        "rate": round(calls / seconds, 4),
        "trend": [rate and round(rate, 4) for rate in trend],
        "error_share": max(own_errors, errors_seen),
        "own_error_share": own_errors,
        "error_trend": [point["errors"] for point in points],
        "rejected_share": _share(service["rejected"], calls),
        "p50": service["p50_ms"],
        "p95": service["p95_ms"],
        "p99": service["p99_ms"],
        "versions": ", ".join(service["versions"]),
        "instances": len(service["instances"]),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0


def _columns() -> list[dict[str, Any]]:
    trend = {"cellRenderer": "Trend", "cellDataType": False, "sortable": False, "width": 164, "minWidth": 136}
    return [
        {
            "field": "name",
            "headerName": "Service",
            "cellRenderer": "ServiceLink",
            "minWidth": 150,
            "flex": 2,
            "sort": "asc",
        },
        {"field": "health", "headerName": "Health", "cellRenderer": "HealthRing", "width": 118},
        {"field": "rate", "headerName": "Calls", **_NUMBER, "valueFormatter": {"function": "ssRate(params.value)"}},
        {"field": "trend", "headerName": "Calls over time", **trend},
        {"field": "error_share", "headerName": "Errors", **_NUMBER, "cellRenderer": "ErrorShare"},
        {"field": "error_trend", "headerName": "Errors over time", **trend, "cellRendererParams": {"look": "errors"}},
        {
            "field": "rejected_share",
            "headerName": "Rejected",
            **_NUMBER,
            "minWidth": 98,
            "valueFormatter": {"function": "ssShare(params.value)"},
        },
        *(
            {
                "field": name,
                "headerName": name,
                **_NUMBER,
                "width": 92,
                "valueFormatter": {"function": "ssMs(params.value)"},
            }
            for name in ("p50", "p95", "p99")
        ),
        {"field": "versions", "headerName": "Versions", "width": 120, "tooltipField": "versions"},
        {"field": "instances", "headerName": "Inst.", **_NUMBER, "width": 76},
    ]
