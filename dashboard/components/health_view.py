"""The whole system's health: a row for each service with its instances, its last hours and why it is so; what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Topology
from dashboard.components import health_history, health_parts
from dashboard.components.health_parts import health_link
from dashboard.components.health_words import RANK, WORDS, shown_status, sign, status_words
from dashboard.components.icons import icon
from dashboard.components.lanes import Axis
from dashboard.components.panel_details import reason_text
from dashboard.components.states import scope_note
from dashboard.scope import Scope

_FEED = 40
_TILES = 24
_SERVICES = 500


def body(
    services: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
    topology: Topology,
    axis: Axis,
    collector_url: str,
    range_key: str,
    within: Scope,
) -> list[Any]:
    """The worst first. `changes`: of the time on the axis, newest first."""
    if not services:
        return [nothing()]
    ranked = sorted(services, key=lambda service: (RANK[shown_status(service)], str(service["name"])))
    known = {str(service["name"]): service for service in services}
    blamed = health_parts.blamed(topology, known)
    history = health_history.by_instance(changes)
    rows = [
        _row(service, history, blamed.get(str(service["name"]), []), axis, range_key) for service in ranked[:_SERVICES]
    ]
    names = ("Service", "Instances", _span_words(axis), "Why")
    head = html.Div([html.Div(name, role="columnheader") for name in names], className="health-head", role="row")
    grid = html.Div([head, *rows], className="health-grid", role="table", **{"aria-label": "Health of services"})
    more = len(ranked) - _SERVICES
    words = f"and {theme.counted(more, 'more service')}, the healthiest. Choose a namespace to see all."
    note = [html.P(words, className="muted")] if more > 0 else []
    feed = html.Aside(
        [html.H2("Changes"), *health_parts.changes(changes, range_key, _FEED)], className="health-changes"
    )
    return [
        html.Div(
            [html.Div([grid, *note, health_parts.embed(collector_url, "", within)]), feed], className="health-columns"
        ),
    ]


def _row(
    service: Mapping[str, Any],
    history: Mapping[tuple[str, str], list[Mapping[str, Any]]],
    blamed: Sequence[str],
    axis: Axis,
    range_key: str,
) -> Component:
    name, status = str(service["name"]), shown_status(service)
    link = dcc.Link(name or "(no name)", href=health_link(name, range_key), className="card-title")
    namespace = html.Small(str(service.get("namespace") or ""), className="muted")
    told = health_history.strip(f"{name}: {_span_words(axis)}", status, history.get((name, ""), []), axis)
    cells = (
        ([link, status_words(status), namespace], "stacked health-name"),
        (_tiles(service, range_key), "tiles"),
        ([told], "health-strip"),
        (_why(service, blamed, range_key), "health-why"),
    )
    return html.Div(
        [html.Div(parts, className=look, role="cell") for parts, look in cells],
        className=f"health-row health-row-{status}",
        role="row",
        **{"data-service": name, "data-status": status, "data-words": _words(service)},
    )


def _words(service: Mapping[str, Any]) -> str:
    """What the filter looks in."""
    given = [reason_text(reason) for reason in service.get("reasons") or []]
    names = [service["name"], service.get("namespace") or "", *(one["id"] for one in service["instances"])]
    return " ".join(map(str, (*names, *given))).lower()


def _tiles(service: Mapping[str, Any], range_key: str) -> list[Component]:
    """A tile for each instance, the worst first."""
    address = health_link(str(service["name"]), range_key)
    found = sorted(service["instances"], key=lambda instance: RANK[shown_status(instance)])
    tiles: list[Component] = []
    for instance in found[:_TILES]:
        status = shown_status(instance)
        words = f"{instance['id'] or 'no id'}: {WORDS[status].lower()}{', no recent report' if instance.get('stale') else ''}"
        tiles.append(
            html.A(sign(status), href=address, className=f"tile tile-{status}", title=words, **{"aria-label": words})
        )
    if len(found) > _TILES:
        tiles.append(html.Span(f"+{len(found) - _TILES}", className="muted"))
    return tiles


def _why(service: Mapping[str, Any], blamed: Sequence[str], range_key: str) -> list[Any]:
    given = service.get("reasons") or []
    first = [html.Span(reason_text(given[0]))] if given else []
    calm = shown_status(service) in ("healthy", "maintenance")
    causes = [] if calm else [dcc.Link(name, href=health_link(name, range_key)) for name in blamed[:3]]
    explained = (
        [html.Small(["Calls ", *_joined(causes), ", which ", "is" if len(causes) == 1 else "are", " not healthy."])]
        if causes
        else []
    )
    more = [html.Small(f"and {len(given) - 1} more", className="muted")] if len(given) > 1 else []
    return [*first, *([] if calm else _worst(service)), *explained, *more]


def _worst(service: Mapping[str, Any]) -> list[Component]:
    """What an instance that is not well says: that one is does not tell why."""
    ill = [one for one in service["instances"] if shown_status(one) in ("unhealthy", "degraded") and one.get("reasons")]
    found = min(ill, key=lambda one: RANK[shown_status(one)], default=None)
    return [html.Small(f"{found['id'] or 'An instance'}: {reason_text(found['reasons'][0])}")] if found else []


def _joined(parts: Sequence[Any]) -> list[Any]:
    return [each for part in parts for each in (part, ", ")][:-1]


def _span_words(axis: Axis) -> str:
    hours = (axis.end_ns - axis.start_ns) / 3600e9
    return f"Last {hours:g} hours" if hours < 48 else f"Last {hours / 24:g} days"


def nothing() -> Component:
    """There are no services."""
    advice = [
        html.P("No service reported in this time range."),
        html.P(
            [
                "Push what a health endpoint answers to the collector's API: ",
                html.Code("POST /api/v1/health/{service}"),
                ".",
            ]
        ),
    ]
    return html.Div(
        [icon("health"), html.H2("No health reports"), scope_note(), *advice], className="state", role="status"
    )
