"""Shapes of the collector's answers (HTTP API version 1), as far as the dashboard reads them.

Absolute times and durations in nanoseconds (`*_ns`) are decimal strings, milliseconds are floats, ids lower-case hex.
"""

from typing import Any, TypedDict


class Node(TypedDict):
    """A place in the graph; `kind` is `service`, `database`, `messaging` or `external`."""

    id: str
    name: str
    kind: str
    namespace: str | None
    environments: list[str]
    calls: int
    errors: int
    rejected: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    health: str | None
    versions: list[str]
    instances: int | list[str]
    last_seen: str | None
    silent: bool


class Service(TypedDict):
    """A service with its entries: server and consumer spans, and roots."""

    name: str
    namespace: str
    environments: list[str]
    versions: list[str]
    instances: list[str]
    calls: int
    errors: int
    rejected: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    last_seen: str | None
    silent: bool
    health: str


class Version(TypedDict):
    """Entries of one version of a service; `first_seen` and `last_seen` are RFC 3339."""

    version: str
    calls: int
    errors: int
    rejected: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    instances: int
    first_seen: str
    last_seen: str


class LogRecord(TypedDict):
    """A log record; `trace_id` is empty where it has none."""

    time_ns: str
    trace_id: str
    span_id: str
    severity: str
    severity_number: int
    body: Any


class EdgeBreaker(TypedDict):
    """A circuit breaker that guards the calls of an edge; `since` is RFC 3339 or null."""

    id: str
    name: str
    state: str
    since: str | None


class Edge(TypedDict):
    """Calls from one node to another; `kind` is `call`, `messaging`, `database` or `external`."""

    source: str
    target: str
    kind: str
    calls: int
    errors: int
    rejected: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    breakers: list[EdgeBreaker]


class Topology(TypedDict):
    """`start` and `end` are RFC 3339; calls are counted by the whole minutes that the range touches.

    `traces`: of how many traces the calls are, where a filter chose them; `more_traces`: more of them match.
    """

    start: str
    end: str
    nodes: list[Node]
    edges: list[Edge]
    unpaired: int
    traces: int | None
    more_traces: bool
    behind_s: float


class ServiceShare(TypedDict):
    """What one service contributed to a trace."""

    name: str
    spans: int
    errors: int


class TraceSummary(TypedDict):
    """A line in the list of traces. The root is null while it has not arrived."""

    trace_id: str
    root_service: str | None
    root_name: str | None
    start_ns: str
    duration_ns: str
    span_count: int
    error_count: int
    services: list[ServiceShare]


class TracePage(TypedDict):
    """Traces, newest first; `next` is the cursor of the following page."""

    traces: list[TraceSummary]
    next: str | None
