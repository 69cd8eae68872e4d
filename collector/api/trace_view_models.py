"""The shapes of answers that look at one trace in other ways than its outline. Rows are those of the outline."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from collector.api.models import NodeId, NodeKind, ServiceName, SpanId, TraceId
from collector.api.trace_models import Nanoseconds, column

Spans = Annotated[int, Field(description="how many", examples=[4])]
Errors = Annotated[int, Field(description="failed ones, without refused calls", examples=[1])]
Rejected = Annotated[int, Field(description="calls that a breaker, limiter or bulkhead refused", examples=[0])]
LongestRow = Annotated[int, Field(description="row of the longest span", examples=[3])]


class Found(BaseModel):
    count: Spans
    rows: list[int] = Field(description="of the spans that were found, ascending; at most `limit`", examples=[[1, 3]])
    ids: list[SpanId] = Field(description="the same spans' ids", examples=[["00f067aa0ba902b8", "00f067aa0ba902b9"]])


class SpanEvents(BaseModel):
    """A list for each property; place n of `row`, `at_ns` and `name` is one event."""

    count: Spans
    row: list[int] = column("of the event's span", 1)
    at_ns: list[int] = column("after the trace's start, moved as the span is", 2_000_000)
    name: list[int] = column("place in `names`", 0)
    names: list[str] = Field(examples=[["exception"]])


class CutRows(BaseModel):
    """What is not in the answer, because it was the least."""

    rows: int = Field(examples=[0])
    spans: int = Field(examples=[0])
    self_ns: int = Field(examples=[0])


class Statistic(BaseModel):
    service: str | None = Field(examples=["orders"])
    operation: str | None = Field(description="null unless by operation", examples=["POST /pay"])
    value: str | None = Field(
        description="of the attribute, the first 500 characters; null for spans that do not have it", examples=["/pay"]
    )
    count: Spans
    errors: Errors
    rejected: Rejected
    total_ns: int = Field(description="sum of the durations", examples=[50_000_000])
    self_ns: int = Field(description="sum of the self times", examples=[40_000_000])
    critical_ns: int = Field(description="time on the critical path", examples=[30_000_000])
    p50_ns: Nanoseconds
    p95_ns: Nanoseconds
    max_ns: Nanoseconds
    row: LongestRow


class Statistics(BaseModel):
    by: str = Field(examples=["operation"])
    rows: list[Statistic] = Field(description="the most self time first")
    cut: CutRows


class FlameColumns(BaseModel):
    """A list for each property; place n of all lists is one node. Depth-first preorder, siblings by `work_ns`."""

    parent: list[int] = column("place of the parent, -1 for a root", -1)
    end: list[int] = column("place after the last descendant", 1)
    depth: list[int] = column("0 for a root", 0)
    service: list[int] = column("place in `services`", 0)
    name: list[int] = column("place in `names`", 0)
    count: list[int] = column("spans", 4)
    errors: list[int] = column("failed spans, without refused calls", 1)
    rejected: list[int] = column("refused calls", 0)
    total_ns: list[int] = column("sum of the durations", 50_000_000)
    self_ns: list[int] = column("sum of the self times", 40_000_000)
    work_ns: list[int] = column("self time of the node and of all beneath it", 50_000_000)
    critical_ns: list[int] = column("time on the critical path, without what is beneath", 30_000_000)
    row: list[int] = column("row of the longest span in the outline", 0)


class CutNodes(BaseModel):
    """What is not in the answer, because it was the least work."""

    nodes: int = Field(examples=[0])
    spans: int = Field(examples=[0])
    self_ns: int = Field(examples=[0])


class Flame(BaseModel):
    span_count: int = Field(examples=[4])
    services: list[str] = Field(examples=[["orders"]])
    names: list[str] = Field(examples=[["POST /orders"]])
    nodes: FlameColumns
    cut: CutNodes


class GraphNode(BaseModel):
    id: NodeId
    name: ServiceName
    kind: NodeKind
    spans: int = Field(description="0 for what sends none", examples=[4])
    errors: Errors
    rejected: Rejected
    total_ns: int = Field(description="sum of the durations of the spans that it was entered by", examples=[50_000_000])
    self_ns: int = Field(description="sum of the self times of its spans", examples=[40_000_000])
    critical_ns: int = Field(description="time on the critical path", examples=[30_000_000])
    row: int | None = Field(description="row of the longest span that it was entered by", examples=[0])


class GraphEdge(BaseModel):
    source: NodeId = Field(examples=["service:gateway"])
    target: NodeId
    kind: Literal["call", "messaging", "database", "external"]
    calls: int = Field(examples=[2])
    errors: Errors
    rejected: Rejected
    total_ns: int = Field(description="sum of the durations of the calls", examples=[50_000_000])
    row: int = Field(description="row of the longest call", examples=[3])


class CutEdges(BaseModel):
    """What is not in the answer, because it was the least time."""

    edges: int = Field(examples=[0])


class Graph(BaseModel):
    nodes: list[GraphNode]
    edges: list[GraphEdge] = Field(description="the most time first")
    cut: CutEdges


class Other(BaseModel):
    """What the trace is compared with."""

    kind: Literal["trace", "typical"]
    trace_id: TraceId | None = Field(
        description="null for what is typical", examples=["5bf92f3577b34da6a3ce929d0e0e4737"]
    )
    traces: int = Field(description="of how many traces it is the median", examples=[1])
    service: ServiceName = Field(description="of the trace's root", examples=["gateway"])
    operation: str = Field(examples=["POST /orders"])


class Paths(BaseModel):
    """How many paths, also of those that are left out."""

    same: int = Field(examples=[1])
    added: int = Field(description="only in this trace", examples=[0])
    missing: int = Field(description="only in the other", examples=[0])
    slower: int = Field(examples=[1])
    faster: int = Field(examples=[0])


class DifferenceColumns(BaseModel):
    """A list for each property; place n of all lists is one path of services and operations. Depth-first preorder."""

    parent: list[int] = column("place of the parent, -1 for a root", -1)
    end: list[int] = column("place after the last descendant", 1)
    depth: list[int] = column("0 for a root", 0)
    service: list[int] = column("place in `services`", 0)
    name: list[int] = column("place in `names`", 0)
    status: list[int] = column("0 same, 1 added, 2 missing, 3 slower, 4 faster", 3)
    count: list[int] = column("spans in this trace", 2)
    errors: list[int] = column("failed ones, without refused calls", 1)
    total_ns: list[int] = column("sum of the durations", 50_000_000)
    self_ns: list[int] = column("sum of the self times", 40_000_000)
    other_count: list[int] = column("spans in the other trace", 1)
    other_errors: list[int] = column("failed ones", 0)
    other_total_ns: list[int] = column("sum of the durations", 25_000_000)
    other_self_ns: list[int] = column("sum of the self times", 20_000_000)
    other_traces: list[int] = column("how many of the other traces have the path", 1)
    row: list[int] = column("row of the longest span in this trace's outline, -1 for none", 0)
    other_row: list[int] = column("the same in the other's; -1 for what is typical of several", 0)


class CutPaths(BaseModel):
    """What is not in the answer, because it differs least."""

    nodes: int = Field(examples=[0])


class NothingToCompare(BaseModel):
    """There is no other trace of the operation whose typical one was asked for."""

    other: None
    reason: str


class Comparison(BaseModel):
    other: Other
    duration_ns: Nanoseconds
    other_duration_ns: Nanoseconds
    span_count: int = Field(examples=[2])
    other_span_count: int = Field(examples=[2])
    paths: Paths
    services: list[str] = Field(examples=[["gateway", "orders"]])
    names: list[str] = Field(examples=[["POST /orders"]])
    nodes: DifferenceColumns
    cut: CutPaths
