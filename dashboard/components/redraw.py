"""A part of a page that is drawn from data, and sent again only when it differs."""

import hashlib
import json
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import states


def fingerprint(rows: Any) -> str:
    """Equal for what looks the same on the page."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]


def drawn_part(body_id: str, rows_id: str, seen_id: str, what: str) -> list[Component]:
    """The place that rows are drawn into, with the stores behind it; `what` is loading until the first answer."""
    return [
        dcc.Store(id=rows_id),
        dcc.Store(id=seen_id, data=""),
        html.Div(states.loading(what), id=body_id, className="drawn"),
    ]
