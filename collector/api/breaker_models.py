"""The shapes of answers about breakers. See `models`."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from collector.api.models import BreakerState, Milliseconds, MomentNs, ServiceName

Precision = Annotated[
    Literal["exact", "scrape"],
    Field(description="exact: told by an event; scrape: some time since the export before", examples=["exact"]),
]
Moment = Annotated[str, Field(examples=["2026-01-31T12:00:00.000000+00:00"])]
MaybeMoment = Annotated[
    str | None, Field(description="null where it is not known", examples=["2026-01-31T12:00:00.000000+00:00"])
]
BreakerId = Annotated[str, Field(description="the same for all instances of a service", examples=["9f86d081884c7d65"])]
BreakerName = Annotated[str, Field(examples=["payments"])]
InstanceId = Annotated[str, Field(examples=["orders-1"])]
Share = Annotated[float | None, Field(description="0 to 1, null where it is not known", examples=[0.6])]
Count = Annotated[int, Field(examples=[12])]
TraceIdOrNone = Annotated[
    str, Field(description="empty where none is known", examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
]
Source = Annotated[
    str,
    Field(description="the emitter; unrecognised: a number that no table entry explains", examples=["resilience4j"]),
]


class BreakerCalls(BaseModel):
    calls_ok: Count
    calls_failed: Count
    calls_slow: Count
    rejected: Count = Field(description="calls that the breaker refused in the time range")


class BreakerInstance(BreakerCalls):
    id: InstanceId
    state: BreakerState = Field(examples=["open"])
    since: MaybeMoment
    since_precision: Precision
    observed_at: MaybeMoment
    stale: bool = Field(description="not heard of for three export intervals", examples=[False])
    failure_rate: Share
    slow_rate: Share


class BreakerEvidence(BaseModel):
    kind: Literal["state_set", "time_in_state", "state_number", "state_flag", "endpoints", "event", "refusal"] = Field(
        examples=["state_set"]
    )
    name: str = Field(description="what told it", examples=["state_set"])
    instance: InstanceId
    state: BreakerState = Field(examples=["open"])
    raw: str = Field(description="as the emitter wrote it", examples=["OPEN"])
    at: MaybeMoment
    stale: bool = Field(examples=[False])


class BreakerSummary(BreakerCalls):
    id: BreakerId
    service: ServiceName
    namespace: str = Field(examples=["shop"])
    name: BreakerName
    group: str = Field(description="part of its identity; empty where there is none", examples=[""])
    target: str | None = Field(description="the called service; null when nothing tells", examples=["payments"])
    target_confidence: Literal["exported", "correlated", "configured", "none"] = Field(
        description="how the target is known: told by the emitter, found from refused calls, configured",
        examples=["exported"],
    )
    kind: Literal["state_machine", "concurrency_limit", "endpoint_ejection"] = Field(examples=["state_machine"])
    state: BreakerState = Field(description="of the instances that were heard of", examples=["open"])
    state_text: str = Field(description="in words, with counts", examples=["2 of 5 open"])
    since: MaybeMoment
    since_precision: Precision
    failure_rate: Share = Field(description="the worst instance")
    slow_rate: Share = Field(description="the worst instance")
    thresholds: dict[str, float] = Field(
        description="what the emitter exports of failure_rate, slow_rate (0 to 1), slow_call_duration_s, "
        "open_duration_s and minimum_calls",
        examples=[{"failure_rate": 0.5, "open_duration_s": 10.0}],
    )
    openings: int = Field(description="in the time range, over all instances", examples=[2])
    openings_per_hour: float = Field(examples=[8.0])
    flapping: bool = Field(description="an instance opened three times within ten minutes", examples=[False])
    source: Source
    observed_at: MaybeMoment
    stale: bool = Field(description="no instance was heard of for three export intervals", examples=[False])
    conflict: bool = Field(description="its evidence disagrees", examples=[False])


class Breaker(BreakerSummary):
    instances: list[BreakerInstance]
    evidence: list[BreakerEvidence]


class StateOfLate(BaseModel):
    at: MaybeMoment = Field(description="null for the state that the ten minutes began with")
    state: BreakerState | Literal[""] = Field(description="empty while nothing was known of it", examples=["closed"])


class TrafficOfLate(BaseModel):
    start: Moment = Field(description="of the first minute")
    ok: list[int] = Field(description="by minute; the last is not over", examples=[[12, 14, 9, 11, 12, 10, 3, 0, 0, 0]])
    failed: list[int] = Field(examples=[[0, 0, 1, 0, 0, 2, 7, 0, 0, 0]])
    rejected: list[int] = Field(examples=[[0, 0, 0, 0, 0, 0, 4, 13, 12, 5]])


class Lamp(BreakerSummary):
    instance_count: Count = Field(examples=[2])
    states: list[StateOfLate] = Field(description="of the last ten minutes, earliest first")
    traffic: TrafficOfLate = Field(description="calls of the last ten minutes, over all instances")


class Lamps(BaseModel):
    lamps: list[Lamp] = Field(description="those that need attention first")


class Breakers(BaseModel):
    breakers: list[Breaker] = Field(description="those that need attention first")


class BreakerPoint(BaseModel):
    start_ns: MomentNs
    ok: Count
    failed: Count
    slow: Count
    rejected: Count


class BreakerStep(BreakerPoint):
    p50_ms: Milliseconds
    p95_ms: Milliseconds
    p99_ms: Milliseconds


class BreakerInstanceSeries(BaseModel):
    id: InstanceId
    points: list[BreakerPoint]


class BreakerSeries(BaseModel):
    step_s: int = Field(examples=[60])
    counted_by: Literal["breaker", "calls"] = Field(
        description="who counts: the breaker's own counters; or the calls to its target, where it has none",
        examples=["breaker"],
    )
    points: list[BreakerStep] = Field(
        description="durations are those of the calls to its target; a step without calls has no point"
    )
    instances: list[BreakerInstanceSeries]


class GuardFigure(BaseModel):
    name: str = Field(examples=["given up"])
    value: float = Field(description="over all instances", examples=[3.0])
    is_count: bool = Field(description="of the time range; else the last level", examples=[True])


class Guard(BaseModel):
    kind: Literal["retry", "timeout", "bulkhead", "rate_limit"] = Field(examples=["retry"])
    source: Source
    name: str = Field(description="as emitted; empty where there is none", examples=["payments"])
    instance_count: Count = Field(examples=[2])
    figures: list[GuardFigure]


class Guards(BaseModel):
    guards: list[Guard]


class Transition(BaseModel):
    at: Moment
    at_ns: MomentNs
    id: BreakerId
    service: ServiceName
    name: BreakerName
    target: str = Field(description="empty when nothing tells", examples=["payments"])
    instance: InstanceId
    from_: BreakerState = Field(alias="from", examples=["closed"])
    to: BreakerState = Field(examples=["open"])
    reason: str = Field(examples=["failure rate 60 % of 10 calls reached 50 %"])
    trace_id: TraceIdOrNone = Field(description="of the call that caused it; empty where none is known")
    precision: Precision
    source: Source


class Transitions(BaseModel):
    transitions: list[Transition] = Field(description="newest first")
