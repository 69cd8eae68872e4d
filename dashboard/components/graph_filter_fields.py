"""The fields that filters of the map may ask about, and how their values compare."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dashboard.api_types import Edge, Node

Facts: TypeAlias = Mapping[str, Any]
"""What is known of a node or edge, by field; `text` holds what a bare word looks in."""

BOTH, NODE, EDGE = frozenset({"node", "edge"}), frozenset({"node"}), frozenset({"edge"})


class Mistake(Exception):
    """What is wrong with a field or value, in words."""


@dataclass(frozen=True)
class GraphField:
    """`kind` is `text`, `number`, `percent` or `duration` (milliseconds); `elements` says who has it."""

    kind: str
    elements: frozenset[str]
    values: tuple[str, ...] = ()


_STATES = ("closed", "open", "half_open", "forced_open", "disabled", "metrics_only", "unknown")
FIELDS: Mapping[str, GraphField] = {
    "name": GraphField("text", NODE),
    "kind": GraphField("text", BOTH, ("service", "database", "messaging", "external", "call")),
    "namespace": GraphField("text", NODE),
    "version": GraphField("text", NODE),
    "health": GraphField("text", NODE, ("healthy", "degraded", "unhealthy", "unknown")),
    "instances": GraphField("number", NODE),
    "source": GraphField("text", EDGE),
    "target": GraphField("text", EDGE),
    "breaker": GraphField("text", EDGE, _STATES),
    "rate": GraphField("number", BOTH),
    "calls": GraphField("number", BOTH),
    "errors": GraphField("number", BOTH),
    "error_rate": GraphField("percent", BOTH),
    "rejected": GraphField("number", BOTH),
    "rejected_rate": GraphField("percent", BOTH),
    "p50": GraphField("duration", BOTH),
    "p95": GraphField("duration", BOTH),
    "p99": GraphField("duration", BOTH),
}
_ALIASES = {"service": "name"}
_UNITS_MS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_MAX_PATTERN, _MAX_REPEATS = 100, 3


def node_facts(node: Node, seconds: float) -> Facts:
    """Fields of a node."""
    instances = node.get("instances") or []
    return {
        "name": node["name"],
        "kind": node["kind"],
        "namespace": node.get("namespace") or "",
        "version": tuple(node.get("versions") or ()),
        "health": node.get("health") or "unknown",
        "instances": len(instances) if isinstance(instances, list) else instances,
        "text": (node["name"], node.get("namespace") or ""),
        **_numbers(node, seconds),
    }


def edge_facts(edge: Edge, names: Mapping[str, str], seconds: float) -> Facts:
    """Fields of an edge; `names` are those of the nodes."""
    return {
        "kind": edge["kind"],
        "source": names.get(edge["source"], ""),
        "target": names.get(edge["target"], ""),
        "breaker": tuple(str(breaker.get("state")) for breaker in edge.get("breakers") or ()),
        "text": (),
        **_numbers(edge, seconds),
    }


def field_of(name: str) -> str:
    """The field that is meant. Raises Mistake with those there are."""
    wanted = name.lower()
    wanted = _ALIASES.get(wanted, wanted)
    if wanted not in FIELDS:
        raise Mistake(f'"{name[:40]}" is not a field of the map; there are {", ".join(FIELDS)}')
    return wanted


def operand(name: str, sign: str, text: str) -> Callable[[Facts], bool]:
    """The test `name sign text`; what an element lacks meets no test. Raises Mistake."""
    field = FIELDS[name]
    if field.kind == "text":
        return _on_text(name, field, sign, text)
    if sign not in _ORDER:
        raise Mistake(f'{name} does not take "{sign}", only {" ".join(_ORDER)}')
    wanted, compare = _number(field, name, text), _ORDER[sign]
    return lambda facts: facts.get(name) is not None and compare(facts[name], wanted)


def _on_text(name: str, field: GraphField, sign: str, text: str) -> Callable[[Facts], bool]:
    if sign in ("~", "!~"):
        pattern, wanted = _pattern(text), sign == "~"
        return lambda facts: any(bool(pattern.search(value[:300])) == wanted for value in _texts(facts, name))
    if sign not in ("=", "!="):
        raise Mistake(f'{name} does not take "{sign}", only = != ~ !~')
    if field.values and text not in field.values:
        raise Mistake(f'"{text[:40]}" is no {name}; expected one of {", ".join(field.values)}')
    return lambda facts: any((value == text) == (sign == "=") for value in _texts(facts, name))


def _texts(facts: Facts, name: str) -> tuple[str, ...]:
    value = facts.get(name)
    return value if isinstance(value, tuple) else (value,) if value else ()


def _pattern(text: str) -> "re.Pattern[str]":
    """Patterns that could take long are refused: a group that repeats, or more than a few repeats."""
    if len(text) > _MAX_PATTERN or len(re.findall(r"[*+{]", text)) > _MAX_REPEATS or re.search(r"\)[*+?{]", text):
        raise Mistake(
            f"a pattern has at most {_MAX_PATTERN} characters and {_MAX_REPEATS} of * + {{, none after a group"
        )
    try:
        return re.compile(text)
    except re.error as error:
        raise Mistake(f"not a regular expression: {error}") from error


def _number(field: GraphField, name: str, text: str) -> float:
    expected = {"number": "a number", "percent": "a share such as 5% or 0.05", "duration": "a duration such as 200ms"}
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%|ns|us|µs|ms|s|m)?", text)
    unit = found[2] or "" if found else ""
    allowed = {"number": ("",), "percent": ("", "%"), "duration": tuple(_UNITS_MS)}[field.kind]
    if not found or unit not in allowed:
        raise Mistake(f'expected {expected[field.kind]} for {name}, got "{text[:40]}"')
    value = float(found[1])
    return value / 100 if unit == "%" else value * _UNITS_MS.get(unit, 1.0)


def _numbers(row: Node | Edge, seconds: float) -> Facts:
    calls = row["calls"]
    shares = {"error_rate": row["errors"] / calls, "rejected_rate": row["rejected"] / calls} if calls else {}
    durations = {name: row[f"{name}_ms"] for name in ("p50", "p95", "p99")}  # type: ignore[literal-required]
    counts = {"calls": calls, "errors": row["errors"], "rejected": row["rejected"], "rate": calls / seconds}
    return {**counts, **shares, **durations}
