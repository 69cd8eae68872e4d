"""The shapes of answers about one trace. Times without a zero point of their own are offsets from the trace's start, in ns."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from collector.api.models import LogRecord, MomentNs, ServiceName, Span, SpanId, TraceId

Offset = Annotated[int, Field(description="nanoseconds after the trace's start", examples=[2_000_000])]
Nanoseconds = Annotated[int, Field(examples=[12_500_000])]
Rows = Annotated[list[int], Field(description="places in the columns of `spans`", examples=[[3]])]
Count = Annotated[int, Field(examples=[1])]


def column(description: str, example: int) -> list[int]:
    value: list[int] = Field(description=description, examples=[[example]])
    return value


class ServiceTotals(BaseModel):
    name: ServiceName
    spans: int = Field(examples=[4])
    errors: int = Field(description="failed spans, without refused calls", examples=[0])
    self_ns: Nanoseconds
    critical_ns: int = Field(description="time on the critical path", examples=[9_000_000])


class SpanColumns(BaseModel):
    """A list for each property; row n of all lists is one span. Depth-first preorder, siblings by start."""

    id: list[SpanId] = Field(examples=[["00f067aa0ba902b7"]])
    parent: list[int] = column("row of the parent, -1 for a root", -1)
    end: list[int] = column("row after the last descendant", 1)
    depth: list[int] = column("0 for a root", 0)
    service: list[int] = column("place in `services`", 0)
    name: list[int] = column("place in `names`", 0)
    kind: list[int] = column("0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer", 2)
    start_ns: list[int] = column("after the trace's start", 0)
    duration_ns: list[int] = column("", 312_500_000)
    self_ns: list[int] = column("duration without what children cover", 12_500_000)
    status: list[int] = column("0 unset, 1 ok, 2 error", 0)
    rejected: list[int] = column("1 where a breaker, limiter or bulkhead refused the call", 0)
    events: list[int] = column("how many", 0)
    links: list[int] = column("how many", 0)
    logs: list[int] = column("how many log records", 0)
    moved_ns: list[int] = column("by how much the correction of clocks moved it", 0)


class PathSegment(BaseModel):
    row: int = Field(examples=[0])
    start_ns: Offset = Field(examples=[0])
    end_ns: Offset


class MovedClock(BaseModel):
    service: ServiceName
    instance: str = Field(examples=["orders-1"])
    moved_ns: int = Field(examples=[-1_500_000])
    spans: int = Field(examples=[4])


class CutClocks(BaseModel):
    rows: int = Field(description="further rows of `skew`", examples=[0])
    spans: int = Field(examples=[0])


class TraceWarning(BaseModel):
    kind: Literal["missing_parent", "duplicate", "shared_id", "circle", "skew_not_corrected", "truncated"]
    text: str = Field(examples=["1 span with a parent that is not stored (1 missing)."])
    rows: Rows = Field(description="at most 100 of them", examples=[[3]])
    count: Count


class Outline(BaseModel):
    trace_id: TraceId
    start_ns: MomentNs
    duration_ns: int = Field(examples=[312_500_000])
    span_count: int = Field(examples=[1])
    truncated: bool = Field(description="there are more spans than are shown", examples=[False])
    root: int = Field(description="row of the span that the trace is named by", examples=[0])
    services: list[ServiceTotals]
    names: list[str] = Field(examples=[["POST /orders"]])
    spans: SpanColumns
    critical_path: list[PathSegment] = Field(description="in time order; they do not overlap")
    concurrency: list[list[int]] = Field(
        description="[offset, spans at work from then on], at most 500", examples=[[[0, 1], [312_500_000, 0]]]
    )
    skew: list[MovedClock] = Field(description="the most spans first, at most 100")
    skew_cut: CutClocks
    warnings: list[TraceWarning]


class Evidence(BaseModel):
    kind: Literal[
        "breaker", "rejected", "repeat", "skew", "missing_parent", "duplicate", "shared_id", "circle", "outlives_parent"
    ]
    text: str = Field(examples=["Refused by breaker payments, open since 12:04:10."])
    link: str = Field(description="a call of the API that tells more, or empty", examples=[""])


class LinkingSpan(BaseModel):
    trace_id: TraceId
    span_id: SpanId
    service: ServiceName
    name: str = Field(examples=["process order"])


class SpanDetail(Span):
    row: int | None = Field(description="its row in the outline; null beyond what is shown", examples=[0])
    self_ns: int | None = Field(examples=[12_500_000])
    moved_ns: int = Field(description="by how much the correction of clocks moved it in the outline", examples=[0])
    evidence: list[Evidence]
    linked_by: list[LinkingSpan] = Field(description="spans that link to it, within an hour; at most 100")
    logs: list[LogRecord]
