"""The shape of the story of an opening. See `models`."""

from pydantic import BaseModel, Field

from collector.api.breaker_models import (
    BreakerId,
    BreakerName,
    Count,
    InstanceId,
    MaybeMoment,
    Moment,
    Precision,
    TraceIdOrNone,
    Transition,
)
from collector.api.models import BreakerState, DurationNs, Milliseconds, MomentNs, ServiceName, SpanId, TraceId


class StoryBreaker(BaseModel):
    id: BreakerId
    service: ServiceName
    namespace: str = Field(examples=["shop"])
    name: BreakerName
    group: str = Field(examples=[""])
    target: str | None = Field(examples=["payments"])
    thresholds: dict[str, float] = Field(examples=[{"failure_rate": 0.5}])


class Opening(BaseModel):
    at: Moment
    from_: BreakerState = Field(alias="from", examples=["closed"])
    to: BreakerState = Field(examples=["open"])
    reason: str = Field(examples=["failure rate 60 % of 10 calls reached 50 %"])
    trace_id: TraceIdOrNone
    instance: InstanceId
    precision: Precision


class StorySpan(BaseModel):
    trace_id: TraceId
    span_id: SpanId
    start_ns: MomentNs
    duration_ns: DurationNs
    name: str = Field(examples=["POST /payments"])
    error_type: str = Field(examples=["ReadTimeout"])
    status_message: str = Field(examples=["no answer in 2 s"])


class StoryGroup(BaseModel):
    error_type: str = Field(description="`slow` for calls that only were slow", examples=["ReadTimeout"])
    instance: InstanceId = Field(description="of the caller")
    target_instance: str = Field(description="that answered; empty where none is known", examples=["payments-2"])
    count: Count
    slow: int = Field(description="of these, calls that were slow and did not fail", examples=[0])
    spans: list[StorySpan] = Field(description="those nearest to the opening")


class Before(BaseModel):
    start: Moment
    end: Moment = Field(description="the opening")
    calls: Count = Field(examples=[40])
    failed: Count
    slow: Count = Field(examples=[0])
    groups: list[StoryGroup]


class Rejected(BaseModel):
    count: Count = Field(description="in the timeline")
    first_at: MaybeMoment
    last_at: MaybeMoment
    traces: list[str] = Field(examples=[["4bf92f3577b34da6a3ce929d0e0e4736"]])


class FeltBy(BaseModel):
    service: ServiceName = Field(examples=["gateway"])
    name: str = Field(examples=["POST /checkout"])
    calls: Count
    traces: list[str] = Field(examples=[["4bf92f3577b34da6a3ce929d0e0e4736"]])


class Entry(BaseModel):
    service: ServiceName = Field(examples=["gateway"])
    name: str = Field(examples=["POST /checkout"])
    requests: Count
    failed: Count
    traces: list[str] = Field(examples=[["4bf92f3577b34da6a3ce929d0e0e4736"]])


class TimelinePoint(BaseModel):
    start_ns: MomentNs
    ok: Count
    failed: Count
    slow: Count
    rejected: Count
    p95_ms: Milliseconds


class Timeline(BaseModel):
    step_s: int = Field(examples=[1])
    points: list[TimelinePoint] = Field(description="a step without calls has no point")


class Story(BaseModel):
    breaker: StoryBreaker
    opening: Opening
    recovered_at: MaybeMoment = Field(description="null while it has not closed")
    transitions: list[Transition] = Field(description="of the instance, earliest first")
    before: Before
    last_drop: StorySpan | None = Field(
        description="the last call that failed or was slow before it opened",
        examples=[
            {
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                "span_id": "00f067aa0ba902b7",
                "start_ns": "1769860800000000000",
                "duration_ns": "2000000000",
                "name": "POST /payments",
                "error_type": "ReadTimeout",
                "status_message": "no answer in 2 s",
            }
        ],
    )
    rejected: Rejected
    felt_by: list[FeltBy] = Field(description="operations of callers that refused calls were made for")
    entries: list[Entry] = Field(description="where their traces begin")
    timeline: Timeline
