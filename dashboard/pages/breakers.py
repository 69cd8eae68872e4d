"""Breakers: a lamp for each circuit breaker, those that need attention first. assets/breakers/*.js keep it live."""

import json

import dash
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components import breakers_view, states
from dashboard.components.breaker_words import KIND_WORDS, WORDS

dash.register_page(__name__, path="/breakers", name="Breakers", title="Breakers · Spanscape", order=4)

_KINDS = (
    ("", "All", "Breakers, limits and ejections"),
    ("state_machine", "Breakers", "Circuit breakers proper"),
    ("concurrency_limit", "Limits", "Limits of concurrent calls in a proxy"),
    ("endpoint_ejection", "Ejections", "Endpoints that a proxy takes out of use"),
)
_COLUMNS = ("State", "Breaker", "Calls, 10 min", "Failure rate", "Rejected", "10 min", "Instances")


def layout(find: str = "", **_query: str) -> Component:
    """`find` is the filter in the address."""
    listed = html.Div(
        [
            html.Div([html.Div(name, role="columnheader") for name in _COLUMNS], className="lamp-head", role="row"),
            html.Div(
                id=ids.BREAKERS_LIST,
                className="lamps",
                role="rowgroup",
                **{"data-words": json.dumps({**WORDS, **KIND_WORDS})},
            ),
            html.P("No breaker matches.", id=ids.BREAKERS_NONE, className="muted hidden lamps-none", role="status"),
        ],
        className="lamp-table",
        role="table",
        **{"aria-label": "Circuit breakers"},
    )
    changes = html.Aside([html.H2("Latest changes"), html.Ul(id=ids.BREAKERS_CHANGES)], className="lamp-changes")
    return html.Div(
        [
            _toolbar(find),
            html.Div(id=ids.BREAKERS_STATE),
            html.Div(states.loading("breakers"), className="when-loading"),
            html.Div(breakers_view.nothing(), className="when-none"),
            html.Div([listed, changes], className="body when-some"),
        ],
        className="page breakers",
    )


def _toolbar(find: str) -> Component:
    search = dcc.Input(
        id=ids.BREAKERS_FIND,
        type="search",
        placeholder="Filter by name or service",
        className="search-field",
        value=find,
    )
    kinds = [
        html.Button(word, className="choice", title=title, **{"data-kind": kind, "aria-pressed": "false"})
        for kind, word, title in _KINDS
    ]
    chips = [_chip(state, WORDS[state]) for state in WORDS] + [_chip("unbound", "Unbound")]
    group = html.Button("By service", className="choice", **{"data-group": "service", "aria-pressed": "false"})
    return html.Div(
        [
            html.H1("Breakers"),
            search,
            html.Div(kinds, className="choices", role="group", **{"aria-label": "Kind"}),
            html.Div(group, className="choices"),
            html.Div(chips, className="chips", role="group", **{"aria-label": "State"}),
            html.Span(id=ids.BREAKERS_SHOWN, className="muted shown", role="status"),
        ],
        className="toolbar lamp-toolbar",
    )


def _chip(state: str, word: str) -> Component:
    sign = html.Span(className=f"sign sign-{state}", **{"aria-hidden": "true"})
    return html.Button(
        [sign, word, html.Span(className="count")],
        className="chip hidden",
        **{"data-state": state, "aria-pressed": "false"},
    )


clientside_callback(
    ClientsideFunction("spanscape", "mountBreakers"),
    Output(ids.BREAKERS_LIST, "title"),
    Input(ids.BREAKERS_LIST, "id"),
)
