"""The page of one breaker: numbers, states over its calls, openings with their stories, instances, settings, evidence."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components import breaker_story
from dashboard.components.breaker_timeline import clock, over_time, time_open_ns
from dashboard.components.breaker_words import state_word
from dashboard.components.breakers_view import lamp
from dashboard.components.icons import icon
from dashboard.components.lanes import Axis
from dashboard.components.states import scope_note

_SETTINGS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "failure_rate": ("Opens at a failure rate of", lambda value: theme.percent_text(100 * value)),
    "slow_rate": ("Opens at a rate of slow calls of", lambda value: theme.percent_text(100 * value)),
    "slow_call_duration_s": ("A call counts as slow after", lambda value: theme.format_ms(1000 * value)),
    "open_duration_s": ("Stays open for", lambda value: theme.format_ms(1000 * value)),
    "minimum_calls": ("Needs at least", lambda value: theme.counted(round(value), "call")),
}
_KINDS = {"concurrency_limit": "limit of concurrent calls", "endpoint_ejection": "ejection of endpoints"}
_GUARDS = {"retry": "Retries", "timeout": "Time limits", "bulkhead": "Bulkheads", "rate_limit": "Rate limits"}
_BOUND = {
    "exported": "",
    "correlated": "target found from the calls it refused",
    "configured": "target set in the configuration",
}
_SOURCES = {
    "spanscape": "reported in Spanscape's own form",
    "unrecognised": "reported by an emitter that is not known",
    "configured": "reported by a gauge of the configuration",
}
_EVIDENCE = 20


def unheard() -> list[Component]:
    """There is no such breaker in the range."""
    advice = html.P("Nothing reported it in this time range. Try a longer one.")
    back = html.P(dcc.Link("All breakers", href="/breakers"))
    return [
        html.Div(
            [icon("breakers"), html.H2("No such breaker"), advice, scope_note(), back], className="state", role="status"
        )
    ]


def body(
    breaker: Mapping[str, Any],
    series: Mapping[str, Any],
    transitions: Sequence[Mapping[str, Any]],
    told: Mapping[str, Any] | None,
    guards: Sequence[Mapping[str, Any]],
    axis: Axis,
    range_key: str,
    chosen_ns: int | None,
) -> list[Any]:
    """`told`: the story of the chosen opening, or of the latest; `axis`: the time that is shown."""
    by_breaker = series["counted_by"] == "breaker"
    counted = (
        "Calls as the breaker counts them."
        if by_breaker
        else "It counts no calls: these are the spans of calls to its target."
    )
    return [
        _head(breaker, range_key),
        _numbers(breaker),
        _section(
            "States and calls",
            [
                html.Div(over_time(breaker, series, transitions, axis), className="lanes"),
                html.Small(counted, className="muted"),
            ],
        ),
        _section(
            "Why did it trip?",
            [
                html.Div(
                    [
                        html.Div(breaker_story.openings(transitions, chosen_ns), className="story-list"),
                        html.Div(
                            breaker_story.story(told) if told else html.P(breaker_story.NO_OPENING, className="muted"),
                            className="breaker-story",
                        ),
                    ],
                    className="story",
                )
            ],
        ),
        _section("Instances", [_instances(breaker["instances"], transitions, axis)]),
        html.Div(
            [
                html.Div([_section("Configuration", _settings(breaker))]),
                html.Div([_section("Other guards of its service", _guards(breaker, guards))]),
            ],
            className="service-columns",
        ),
        _section("Evidence", _evidence(breaker)),
    ]


def _head(breaker: Mapping[str, Any], range_key: str) -> Component:
    word = html.Strong(state_word(breaker))
    since = f"since {clock(breaker['since'])} UTC" if breaker["since"] and not breaker["stale"] else ""
    stale = html.Span(f"last seen {clock(breaker['observed_at'])} UTC", className="warned") if breaker["stale"] else ""
    alarms = [
        html.Span(text, className="warned")
        for told, text in (("flapping", "keeps opening"), ("conflict", "conflicting evidence"))
        if breaker[told]
    ]
    target = _service(breaker["target"], range_key) if breaker["target"] else html.Span("unbound", className="muted")
    bound = _BOUND.get(str(breaker["target_confidence"]), "nothing shows whose calls it guards")
    facts = [
        html.Span([_service(breaker["service"], range_key), " → ", target]),
        *([html.Span(bound, className="muted")] if bound else []),
        html.Span(_SOURCES.get(str(breaker["source"]), f"reported by {breaker['source']}"), className="muted"),
        *([html.Span(_KINDS[breaker["kind"]], className="tag")] if breaker["kind"] in _KINDS else []),
    ]
    group = [html.Span(f"{breaker['group']} · ", className="muted")] if breaker["group"] else []
    sign = html.Span(className=f"sign sign-{breaker['state']}", **{"aria-hidden": "true"})
    counted = len(breaker["instances"]) > 1 or "(" in breaker["state_text"]
    text = html.Span(str(breaker["state_text"]) if counted else "")
    states = [sign, word, text, html.Span(since, className="muted"), stale, *alarms]
    return html.Header(
        [
            dcc.Link("Breakers", href="/breakers?" + urlencode({"range": range_key}), className="crumb"),
            html.H1([*group, str(breaker["name"]) or "(no name)"]),
            html.P(states, className=f"breaker-state breaker-{breaker['state']}"),
            html.P(facts, className="facts"),
        ],
        className="breaker-head",
    )


def _service(name: Any, range_key: str) -> Component:
    return dcc.Link(str(name), href=f"/service/{quote(str(name), safe='')}?" + urlencode({"range": range_key}))


def _numbers(breaker: Mapping[str, Any]) -> Component:
    limits = breaker["thresholds"]
    pairs = [
        ("Failure rate", _share(breaker["failure_rate"]), _limit(limits.get("failure_rate"))),
        ("Slow calls", _share(breaker["slow_rate"]), _limit(limits.get("slow_rate"))),
        ("Succeeded", theme.format_count(breaker["calls_ok"]), ""),
        ("Failed", theme.format_count(breaker["calls_failed"]), ""),
        ("Refused", theme.format_count(breaker["rejected"]), ""),
        ("Openings", theme.format_count(breaker["openings"]), f"{breaker['openings_per_hour']:g} an hour"),
    ]
    cells = [html.Div([html.Dt(name), html.Dd([value, html.Small(note)])]) for name, value, note in pairs]
    return html.Dl(cells, className="numbers breaker-numbers")


def _share(rate: float | None) -> str:
    return theme.NONE if rate is None else theme.percent_text(100 * rate)


def _limit(rate: float | None) -> str:
    return "" if rate is None else f"opens at {theme.percent_text(100 * rate)}"


def _section(title: str, parts: list[Any]) -> Component:
    return html.Section([html.H2(title), *parts], className="service-section")


def _instances(
    instances: Sequence[Mapping[str, Any]], transitions: Sequence[Mapping[str, Any]], axis: Axis
) -> Component:
    names = (("Instance", ""), ("State", ""), ("Since", ""), ("Time open", "number"), ("Failure rate", "number"),
             ("Succeeded", "number"), ("Failed", "number"), ("Refused", "number"), ("Last report", ""))  # fmt: skip
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in names])
    rows = [
        html.Tr(
            [
                html.Td(html.Code(str(one["id"]) or "(no id)")),
                html.Td(lamp(str(one["state"]))),
                html.Td(clock(one["since"]) + ("" if one["since_precision"] == "exact" else " or before")),
                html.Td(_time_open(time_open_ns(one, transitions, axis), axis), className="number"),
                html.Td(_share(one["failure_rate"]), className="number"),
                *(
                    html.Td(theme.format_count(one[key]), className="number")
                    for key in ("calls_ok", "calls_failed", "rejected")
                ),
                html.Td(
                    clock(one["observed_at"])[:5] if not one["stale"] else clock(one["observed_at"]),
                    className="warned" if one["stale"] else "muted",
                ),
            ]
        )
        for one in instances
    ]
    return html.Table([html.Caption("Instances"), html.Thead(head), html.Tbody(rows)], className="table mini-table")


def _time_open(open_ns: int, axis: Axis) -> str:
    share = theme.percent_text(100 * open_ns / (axis.end_ns - axis.start_ns))
    return f"{theme.format_duration(open_ns)} ({share})" if open_ns else theme.NONE


def _settings(breaker: Mapping[str, Any]) -> list[Component]:
    known = [
        (words, form(breaker["thresholds"][key]))
        for key, (words, form) in _SETTINGS.items()
        if key in breaker["thresholds"]
    ]
    if not known:
        return [html.P("Its configuration is not reported.", className="muted")]
    return [html.Dl([html.Div([html.Dt(words), html.Dd(value)]) for words, value in known], className="settings")]


def _guards(breaker: Mapping[str, Any], guards: Sequence[Mapping[str, Any]]) -> list[Component]:
    if not guards:
        text = f"{breaker['service']} reports no retries, time limits, bulkheads or rate limits."
        return [html.P(text, className="muted")]
    mine = sorted(guards, key=lambda guard: guard["name"] != breaker["name"])
    rows = [
        html.Li(
            [
                html.Span(_GUARDS.get(str(guard["kind"]), ""), className="muted"),
                html.Strong(str(guard["name"]) or "(no name)"),
                html.Span(", ".join(f"{each['value']:g} {each['name']}" for each in guard["figures"])),
            ]
        )
        for guard in mine
    ]
    return [html.Ul(rows, className="guards")]


def _evidence(breaker: Mapping[str, Any]) -> list[Component]:
    names = ("Kind", "Source", "Instance", "State", "Raw value", "At")
    rows = [
        html.Tr(
            [
                html.Td(str(one["kind"]).replace("_", " ")),
                html.Td(html.Code(str(one["name"]))),
                html.Td(str(one["instance"])),
                html.Td(lamp(str(one["state"]))),
                html.Td(html.Code(theme.shorten(str(one["raw"]), 60))),
                html.Td(clock(one["at"])[:5] + (" (stale)" if one["stale"] else ""), className="muted"),
            ]
        )
        for one in breaker["evidence"][:_EVIDENCE]
    ]
    note = (
        [html.P("The evidence disagrees: compare the states below.", className="warned")] if breaker["conflict"] else []
    )
    head = html.Tr([html.Th(name, scope="col") for name in names])
    return [
        *note,
        html.Table([html.Caption("Evidence"), html.Thead(head), html.Tbody(rows)], className="table mini-table"),
    ]
