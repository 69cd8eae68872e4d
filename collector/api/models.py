"""The shapes of answers, for /openapi.json. Answers are built from query rows as they are, not through these classes.

Every plain field has an example; `example` puts them together to that of a whole answer.
"""

from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

Health = Literal["healthy", "degraded", "unhealthy", "unknown"]
BreakerState = Literal["closed", "open", "half_open", "forced_open", "disabled", "metrics_only", "unknown"]
NodeKind = Literal["service", "database", "messaging", "external"]
SpanKind = Literal["server", "client", "producer", "consumer", "internal", "unspecified"]
Status = Literal["ok", "error", "unset"]

MomentNs = Annotated[
    str, Field(description="nanoseconds since 1970, as a decimal string", examples=["1769860800000000000"])
]
DurationNs = Annotated[str, Field(description="nanoseconds, as a decimal string", examples=["12500000"])]
TraceId = Annotated[str, Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])]
SpanId = Annotated[str, Field(examples=["00f067aa0ba902b7"])]
ServiceName = Annotated[str, Field(examples=["orders"])]
NodeId = Annotated[str, Field(description="kind and name", examples=["service:orders"])]
Environments = Annotated[list[str], Field(description="those of its resources", examples=[["production"]])]
LastSeen = Annotated[
    str | None,
    Field(
        description="when a service last sent a span in the range, or before it when it is silent; else null",
        examples=["2026-01-31T12:14:58.120000+00:00"],
    ),
]
Silent = Annotated[bool, Field(description="it sent no span in the range, but before it", examples=[False])]
Milliseconds = Annotated[float | None, Field(description="null where nothing was measured", examples=[12.5])]
Attributes = Annotated[
    dict[str, Any],
    Field(
        description="values with their types; bytes as base64 text, doubles that JSON cannot hold by name",
        examples=[{"http.request.method": "POST", "http.response.status_code": 201}],
    ),
]
Dropped = Annotated[int, Field(description="how many the sender left out", examples=[0])]
SchemaUrl = Annotated[str, Field(examples=["https://opentelemetry.io/schemas/1.44.0"])]


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Bad request"])
    status: int = Field(examples=[400])
    detail: str = Field(
        description="what was wrong and what was expected", examples=['q: column 9: expected a value after "="']
    )


class Red(BaseModel):
    calls: int = Field(examples=[1200])
    errors: int = Field(description="failed calls, without the rejected ones", examples=[12])
    rejected: int = Field(description="calls that a breaker, limiter or bulkhead refused", examples=[3])
    p50_ms: Milliseconds
    p95_ms: Milliseconds
    p99_ms: Milliseconds


class Service(Red):
    name: ServiceName
    namespace: str = Field(examples=["shop"])
    environments: Environments
    versions: list[str] = Field(examples=[["1.4.0"]])
    instances: list[str] = Field(examples=[["orders-1"]])
    last_seen: LastSeen
    silent: Silent
    health: Health = Field(examples=["unknown"])


class Services(BaseModel):
    services: list[Service]


class Operation(Red):
    name: str = Field(examples=["POST /orders"])
    kind: SpanKind


class Operations(BaseModel):
    operations: list[Operation]


class Point(Red):
    start_ns: MomentNs


class TimeSeries(BaseModel):
    step_s: int = Field(examples=[60])
    as_of_ns: MomentNs = Field(description="when this was counted: a step that ends later is not over")
    points: list[Point] = Field(description="a step without calls has no point")


class Node(Red):
    id: NodeId
    name: ServiceName
    kind: NodeKind
    namespace: str = Field(examples=["shop"])
    environments: Environments
    health: Health = Field(examples=["unknown"])
    versions: list[str] = Field(examples=[["1.4.0"]])
    instances: list[str] = Field(examples=[["orders-1"]])
    last_seen: LastSeen
    silent: Silent


class EdgeBreaker(BaseModel):
    id: str = Field(examples=["9f86d081884c7d65"])
    name: str = Field(examples=["payments"])
    state: BreakerState = Field(examples=["open"])
    since: str | None = Field(examples=["2026-01-31T12:00:03.120000+00:00"])


class Edge(Red):
    source: NodeId = Field(examples=["service:gateway"])
    target: NodeId
    kind: Literal["call", "messaging", "database", "external"]
    breakers: list[EdgeBreaker] = Field(description="those of the caller that guard this call")


class Topology(BaseModel):
    start: str = Field(examples=["2026-01-31T12:00:00+00:00"])
    end: str = Field(examples=["2026-01-31T12:15:00+00:00"])
    nodes: list[Node]
    edges: list[Edge]
    unpaired: int = Field(description="client spans that name no peer and have no answering span", examples=[0])
    traces: int | None = Field(
        description="with q, of how many traces the calls are: of the newest; else null", examples=[12]
    )
    more_traces: bool = Field(description="whether more traces match q than are shown", examples=[False])
    behind_s: float = Field(
        description="for how many seconds spans are stored that are not counted yet", examples=[0.4]
    )


class Fallback(BaseModel):
    source: str = Field(examples=["service:gateway"])
    target: str = Field(examples=["service:inventory"])
    failed: int = Field(description="failed or rejected calls in traces with a fallback of the caller", examples=[7])
    trace_id: TraceId = Field(description="the newest of these traces of the caller")


class Fallbacks(BaseModel):
    fallbacks: list[Fallback]


class ServiceCount(BaseModel):
    name: ServiceName
    spans: int = Field(examples=[4])
    errors: int = Field(examples=[0])


class TraceSummary(BaseModel):
    trace_id: TraceId
    root_service: ServiceName = Field(examples=["gateway"])
    root_name: str = Field(examples=["POST /orders"])
    start_ns: MomentNs
    duration_ns: DurationNs
    span_count: int = Field(examples=[12])
    error_count: int = Field(examples=[0])
    services: list[ServiceCount]


class Traces(BaseModel):
    traces: list[TraceSummary]
    next: str | None = Field(
        description="cursor of the next page, null on the last", examples=["MTc2OTg2MDgwMDAwMDAwMDAwMDo0YmY5"]
    )


class Event(BaseModel):
    time_ns: MomentNs
    name: str = Field(examples=["exception"])
    attributes: Attributes = Field(examples=[{"exception.type": "ValueError"}])
    dropped_attributes_count: Dropped


class Link(BaseModel):
    trace_id: TraceId
    span_id: SpanId
    trace_state: str = Field(examples=[""])
    attributes: Attributes = Field(examples=[{}])
    dropped_attributes_count: Dropped
    flags: int = Field(examples=[257])


class Entity(BaseModel):
    schema_url: SchemaUrl
    type: str = Field(examples=["service"])
    id_keys: list[str] = Field(examples=[["service.instance.id"]])
    description_keys: list[str] = Field(examples=[["service.version"]])


class Resource(BaseModel):
    attributes: Attributes = Field(examples=[{"service.name": "orders", "service.version": "1.4.0"}])
    dropped_attributes_count: Dropped
    schema_url: SchemaUrl
    entities: list[Entity]


class Scope(BaseModel):
    name: str = Field(examples=["opentelemetry.instrumentation.fastapi"])
    version: str = Field(examples=["0.66b1"])
    attributes: Attributes = Field(examples=[{}])
    dropped_attributes_count: Dropped
    schema_url: SchemaUrl


class Span(BaseModel):
    trace_id: TraceId
    span_id: SpanId
    parent_span_id: SpanId = Field(description="empty for a root")
    trace_state: str = Field(examples=[""])
    flags: int = Field(examples=[257])
    service: ServiceName
    name: str = Field(examples=["POST /orders"])
    kind: SpanKind
    start_ns: MomentNs
    duration_ns: DurationNs
    status: Status
    status_message: str = Field(examples=[""])
    attributes: Attributes
    dropped_attributes_count: Dropped
    dropped_events_count: Dropped
    dropped_links_count: Dropped
    resource: Resource
    scope: Scope
    events: list[Event]
    links: list[Link]
    rejected: bool = Field(description="a breaker, limiter or bulkhead refused this call", examples=[False])


class Trace(BaseModel):
    trace_id: TraceId
    start_ns: MomentNs
    duration_ns: DurationNs
    services: list[ServiceCount]
    spans: list[Span] = Field(description="earliest first; a span that was sent twice once")
    warnings: list[str] = Field(description="what is odd about the trace, in words", examples=[[]])


class OtlpRequest(BaseModel):
    """An ExportTraceServiceRequest as OTLP/JSON; what it holds is specified by OpenTelemetry."""

    resourceSpans: list[dict[str, Any]] = Field(examples=[[{"resource": {}, "scopeSpans": []}]])


class JaegerTraces(BaseModel):
    """Traces as Jaeger's UI downloads and takes them."""

    data: list[dict[str, Any]] = Field(
        examples=[[{"traceID": "4bf92f3577b34da6a3ce929d0e0e4736", "spans": [], "processes": {}}]]
    )
    total: int = Field(examples=[0])
    limit: int = Field(examples=[0])
    offset: int = Field(examples=[0])
    errors: list[dict[str, Any]] | None = Field(None, examples=[[]])


class LogRecord(BaseModel):
    time_ns: MomentNs
    span_id: SpanId
    service: ServiceName
    severity: str = Field(examples=["ERROR"])
    severity_number: int = Field(examples=[17])
    body: Any = Field(examples=["payment declined"])
    attributes: Attributes = Field(examples=[{"order.id": 7}])
    event_name: str = Field(examples=[""])
    scope: str = Field(examples=["shop.orders"])


class Logs(BaseModel):
    logs: list[LogRecord]


class SystemEvent(BaseModel):
    at: str = Field(examples=["2026-01-31T12:00:03.120000+00:00"])
    kind: Literal["breaker", "health", "fault", "deployment"]
    service: ServiceName
    title: str = Field(examples=["Breaker payments is open (orders-1)"])
    detail: str = Field(description="may be empty", examples=["failure rate 60 % of 10 calls reached 50 %"])
    trace_id: TraceId = Field(description="empty where none is known")


class SystemEvents(BaseModel):
    events: list[SystemEvent]


class CollectorHealth(BaseModel):
    status: Literal["ok", "failing"] = Field(description="failing: the store does not answer")


def example(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: _example_of(field) for name, field in model.model_fields.items()}


def _example_of(field: FieldInfo) -> Any:
    """Raises LookupError for a plain field that has none."""
    if field.examples:
        return field.examples[0]
    kind = field.annotation
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return example(kind)
    if get_origin(kind) is list:
        return [example(get_args(kind)[0])]
    raise LookupError(f"no example for {kind}")
