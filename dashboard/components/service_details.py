"""Versions of a service side by side, and its log records."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import LogRecord, Version

SEVERITIES = (("", "All"), ("info", "Info"), ("warn", "Warnings"), ("error", "Errors"))
_LOOKS = ((17, "bad"), (13, "warned"))
_BODY_LENGTH = 400
_BARE = re.compile(r"[\w.:+/-]+")
_RESERVED = ("and", "or", "not", "in")


def version_links(service: str, versions: Sequence[str], range_key: str) -> list[Any]:
    """Each leads to its traces; with commas between them."""
    links = [_version_link(service, version, range_key) for version in versions]
    return [each for link in links for each in (", ", link)][1:]


def _version_link(service: str, version: str, range_key: str) -> Component:
    """In the filter language of trace search. Values are bare where that cannot mean anything else, as its facets write them."""
    q = f"service={_quoted(service)} service.version={_quoted(version)}"
    address = "/traces?" + urlencode({"range": range_key, "q": q})
    return dcc.Link(theme.shorten(version, 40), href=address, title=f"Traces of {theme.shorten(version, 200)}")


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def versions(found: Sequence[Version], service: str = "", range_key: str = "") -> list[Component]:
    """A table with the newest version first; nothing where no version is known. They lead to their traces where the service
    is named."""
    if not any(row["version"] for row in found):
        return []
    names = (("Version", ""), ("Calls", "number"), ("Errors", "number"), ("p50", "number"), ("p95", "number"),
             ("Inst.", "number"), ("Since", "number"))  # fmt: skip
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in names])
    rows = [_version(row, service, range_key) for row in found]
    return [
        html.H3("Versions"),
        html.Table([html.Thead(head), html.Tbody(rows)], className="table mini-table versions-table"),
    ]


def _version(row: Version, service: str, range_key: str) -> Component:
    errors, version = row["errors"], row["version"]
    has_traces = version and service
    return html.Tr(
        [
            html.Td(
                _version_link(service, version, range_key) if has_traces else theme.shorten(version, 40) or "(none)"
            ),
            html.Td(theme.format_count(row["calls"]), className="number"),
            html.Td(
                theme.format_share(errors, row["calls"]) if errors else "0",
                className="number bad" if errors else "number",
            ),
            html.Td(theme.format_ms(row["p50_ms"]), className="number"),
            html.Td(theme.format_ms(row["p95_ms"]), className="number"),
            html.Td(str(row["instances"]), className="number"),
            html.Td(theme.format_moment(row["first_seen"]), className="number"),
        ]
    )


def logs(found: Sequence[LogRecord], name: str, severity: str, range_key: str) -> list[Component]:
    """The newest records, each with a link to its trace, and the choice of severities."""
    choices = [_choice(key, word, name, severity, range_key) for key, word in SEVERITIES]
    listed = (
        html.Ul([_record(record) for record in found], className="log-list")
        if found
        else html.P("No such record in this time range.", className="muted")
    )
    return [html.Div(choices, className="choices", role="group", **{"aria-label": "Severity"}), listed]


def _choice(key: str, word: str, name: str, chosen: str, range_key: str) -> Component:
    wanted = {"range": range_key, **({"logs": key} if key else {})}
    address = f"/service/{quote(name, safe='')}?" + urlencode(wanted)
    current = {"aria-current": "true"} if key == chosen else {}
    return html.A(word, href=address, className="choice", **current)


def _record(record: LogRecord) -> Component:
    number = record["severity_number"]
    look = next((look for least, look in _LOOKS if number >= least), "muted")
    body = theme.shorten(str(record["body"]), _BODY_LENGTH) or "(empty)"
    trace = (
        dcc.Link("Trace", href=f"/trace/{quote(record['trace_id'], safe='')}") if record["trace_id"] else html.Span()
    )
    return html.Li(
        [
            html.Span(theme.format_clock(int(record["time_ns"])), className="muted"),
            html.Span(record["severity"] or "—", className=look),
            html.Span(body),
            trace,
        ]
    )
