"""How a status of health is shown: a shape, a colour and a word. Maintenance is a status of its own here: it does not alarm."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from dash import html
from dash.development.base_component import Component

MAINTENANCE = "maintenance"
WORDS: Mapping[str, str] = {
    "unhealthy": "Unhealthy",
    "degraded": "Degraded",
    "unknown": "Unknown",
    "healthy": "Healthy",
    MAINTENANCE: "Maintenance",
}
"""The most alarming first."""
RANK = {status: number for number, status in enumerate(WORDS)}
_PLANNED = ("maintenance", "in_maintenance")


def shown_status(row: Mapping[str, Any]) -> str:
    """The status of a service or instance as it is shown."""
    if row.get("maintenance"):
        return MAINTENANCE
    status = str(row.get("status"))
    return status if status in WORDS else "unknown"


def changed_to(change: Mapping[str, Any]) -> str:
    """The status that a change of the history led to, as it is shown."""
    reasons = change.get("reasons") or [{}]
    planned = isinstance(reasons[0], Mapping) and reasons[0].get("rule") in _PLANNED
    return MAINTENANCE if planned else shown_status({"status": change.get("to")})


def sign(status: str) -> Component:
    """The shape alone; beside it stands the word, or the element has it as its label."""
    return html.Span(className=f"hsign hsign-{status}", **{"aria-hidden": "true"})


def status_words(status: str) -> Component:
    """Shape and word."""
    return html.Span([sign(status), html.Strong(WORDS.get(status, WORDS["unknown"]))], className="health-words")


def page_of(link: str, range_key: str) -> str:
    """The page that shows what a link of a reason, into the API, answers; empty where there is none."""
    parts = urlsplit(link)
    path, query = parts.path.removeprefix("/api/v1/"), dict(parse_qsl(parts.query))
    if path == "traces":
        return "/traces?" + urlencode({"range": range_key, **query})
    if path.startswith("breakers"):
        name = query.get("service") or query.get("target")
        return "/breakers?" + urlencode({"range": range_key, **({"find": name} if name else {})})
    if path == "health/history" and query.get("service"):
        return f"/health/{quote(query['service'], safe='')}?" + urlencode({"range": range_key})
    if path.startswith("services/"):
        return f"/service/{quote(path.split('/')[1], safe='%')}?" + urlencode({"range": range_key})
    return ""
