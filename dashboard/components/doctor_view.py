"""Why is it missing? What keeps the map from being complete or right, problems first."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components.icons import icon
from dashboard.components.states import scope_note

_SIGNS = {"problem": ("error", "Problem"), "notice": ("help", "Worth knowing"), "ok": ("check", "Fine")}


def body(checks: Sequence[Mapping[str, Any]], range_key: str) -> list[Component]:
    """A card per finding; what is fine is listed below in short."""
    found = [check for check in checks if check["status"] != "ok"]
    fine = [check for check in checks if check["status"] == "ok"]
    verdict = (
        html.P([icon("error"), f" {len(found)} of {len(checks)} checks found something."], className="doctor-verdict")
        if found
        else html.P([icon("check"), f" All {len(checks)} checks are fine."], className="doctor-verdict verdict-fine")
    )
    rows = [html.Li([icon("check"), html.Strong(check["title"]), html.Span(check["summary"])]) for check in fine]
    cards = [_card(check, range_key) for check in found]
    return [
        verdict,
        scope_note(),
        *cards,
        *([html.H2("Fine", className="page-section"), html.Ul(rows, className="fine-list")] if rows else []),
    ]


def unknown() -> list[Component]:
    """For a collector that has no doctor."""
    return [html.P("This collector does not answer the doctor's questions; update it.", className="note")]


def _card(check: Mapping[str, Any], range_key: str) -> Component:
    drawing, word = _SIGNS.get(str(check["status"]), _SIGNS["notice"])
    examples = [_example(example, range_key) for example in check.get("examples") or []]
    return html.Article(
        [
            html.Div(
                [html.H2([icon(drawing), f" {check['title']}"]), html.Span(word, className="doctor-word")],
                className="card-head",
            ),
            html.P(check["summary"]),
            html.Ul(examples, className="doctor-examples"),
            html.P([html.Strong("What to do: "), check["advice"]], className="doctor-advice"),
        ],
        className=f"doctor-card doctor-{check['status']}",
    )


def _example(example: Mapping[str, Any], range_key: str) -> Component:
    service, trace_id = str(example.get("service") or ""), str(example.get("trace_id") or "")
    links: list[Any] = []
    if service:
        address = f"/service/{quote(service, safe='')}?" + urlencode({"range": range_key})
        links.append(dcc.Link("Service", href=address))
    if trace_id:
        links.append(dcc.Link("Trace", href=f"/trace/{trace_id}"))
    count = html.Span(f"{theme.format_count(int(example.get('count') or 0))} ×", className="muted number")
    return html.Li(
        [count, html.Span(theme.shorten(str(example["text"]), 160)), html.Span(links, className="example-links")]
    )
