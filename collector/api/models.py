"""The shapes of answers, for /openapi.json. Answers are built from query rows as they are, not through these classes."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Health = Literal["healthy", "degraded", "unhealthy", "unknown"]
NodeKind = Literal["service", "database", "messaging", "external"]
NsText = Field(description="nanoseconds as a decimal string", examples=["1767225600000000000"])


class Problem(BaseModel):
    type: str = "about:blank"
    title: str = Field(examples=["Bad request"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=['q: column 16: expected a value after "="'])


class Red(BaseModel):
    calls: int = Field(examples=[1200])
    errors: int = Field(description="failed calls, without the rejected ones", examples=[12])
    rejected: int = Field(description="calls that a breaker, limiter or bulkhead refused", examples=[3])
    p50_ms: float | None = Field(examples=[12.5])
    p95_ms: float | None = Field(examples=[80.1])
    p99_ms: float | None = Field(examples=[210.0])


class Service(Red):
    name: str = Field(examples=["orders"])
    namespace: str = Field(examples=["shop"])
    versions: list[str] = Field(examples=[["1.4.0"]])
    instances: list[str] = Field(examples=[["orders-1"]])
    health: Health


class Services(BaseModel):
    services: list[Service]


class Operation(Red):
    name: str = Field(examples=["POST /orders"])
    kind: Literal["unspecified", "internal", "server", "client", "producer", "consumer"]


class Operations(BaseModel):
    operations: list[Operation]


class Point(Red):
    start_ns: str = NsText


class TimeSeries(BaseModel):
    step_s: int = Field(examples=[60])
    points: list[Point]


class Node(Red):
    id: str = Field(description="kind and name", examples=["service:orders"])
    name: str = Field(examples=["orders"])
    kind: NodeKind
    namespace: str
    health: Health
    versions: list[str]
    instances: list[str]


class Edge(Red):
    source: str = Field(examples=["service:gateway"])
    target: str = Field(examples=["service:orders"])
    kind: Literal["call", "messaging", "database", "external"]
    breakers: list[Any] = []


class Topology(BaseModel):
    start: str = Field(examples=["2026-01-31T12:00:00+00:00"])
    end: str = Field(examples=["2026-01-31T12:15:00+00:00"])
    nodes: list[Node]
    edges: list[Edge]
    unpaired: int = Field(description="client spans that name no peer and have no answering span", examples=[0])


class ServiceCount(BaseModel):
    name: str
    spans: int
    errors: int


class TraceSummary(BaseModel):
    trace_id: str = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
    root_service: str
    root_name: str
    start_ns: str = NsText
    duration_ns: str = NsText
    span_count: int
    error_count: int
    services: list[ServiceCount]


class Traces(BaseModel):
    traces: list[TraceSummary]
    next: str | None = Field(description="cursor of the next page, null on the last")


class Event(BaseModel):
    time_ns: str = NsText
    name: str = Field(examples=["exception"])
    attributes: dict[str, Any]
    dropped_attributes_count: int


class Link(BaseModel):
    trace_id: str
    span_id: str
    trace_state: str
    attributes: dict[str, Any]
    dropped_attributes_count: int
    flags: int


class Entity(BaseModel):
    schema_url: str
    type: str
    id_keys: list[str]
    description_keys: list[str]


class Resource(BaseModel):
    attributes: dict[str, Any]
    dropped_attributes_count: int
    schema_url: str
    entities: list[Entity]


class Scope(BaseModel):
    name: str
    version: str
    attributes: dict[str, Any]
    dropped_attributes_count: int
    schema_url: str


class Span(BaseModel):
    trace_id: str = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
    span_id: str = Field(examples=["00f067aa0ba902b7"])
    parent_span_id: str = Field(description="empty for a root")
    trace_state: str
    flags: int
    service: str
    name: str
    kind: Literal["unspecified", "internal", "server", "client", "producer", "consumer"]
    start_ns: str = NsText
    duration_ns: str = NsText
    status: Literal["unset", "ok", "error"]
    status_message: str
    attributes: dict[str, Any] = Field(examples=[{"http.request.method": "GET", "http.response.status_code": 200}])
    dropped_attributes_count: int
    dropped_events_count: int
    dropped_links_count: int
    resource: Resource
    scope: Scope
    events: list[Event]
    links: list[Link]
    rejected: bool


class Trace(BaseModel):
    trace_id: str
    start_ns: str = NsText
    duration_ns: str = NsText
    services: list[ServiceCount]
    spans: list[Span]
    warnings: list[str]


class LogRecord(BaseModel):
    time_ns: str = NsText
    span_id: str
    service: str
    severity: str
    severity_number: int
    body: Any
    attributes: dict[str, Any]
    event_name: str
    scope: str


class Logs(BaseModel):
    logs: list[LogRecord]
