"""The shapes of answers about a search."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from collector.api.models import DurationNs, MomentNs, SpanId, TraceId, TraceSummary

Share = Annotated[
    float,
    Field(description="of the traces in the range that were looked at; counts are estimates below 1", examples=[1.0]),
]
Spans = Annotated[int, Field(description="spans that match", examples=[340])]


class FacetValue(BaseModel):
    value: str = Field(examples=["orders"])
    term: str = Field(description="the same in the filter language", examples=["service=orders"])
    traces: int = Field(description="traces that the search finds with `term` added to it", examples=[120])
    spans: Spans


class Facet(BaseModel):
    name: Literal["service", "operation", "kind", "status", "http_status", "version"]
    values: list[FacetValue] = Field(description="those of most traces first")


class Facets(BaseModel):
    share: Share
    spans: Spans
    traces: int = Field(description="traces that match", examples=[200])
    facets: list[Facet]


class SpanPoint(BaseModel):
    trace_id: TraceId
    span_id: SpanId
    start_ns: MomentNs
    duration_ns: DurationNs
    error: bool = Field(description="failed; a refused call did not", examples=[False])


class HeatMap(BaseModel):
    start_ns: MomentNs
    end_ns: MomentNs
    step_ns: DurationNs = Field(examples=["36000000000"])
    columns: int = Field(examples=[100])
    rows_per_decade: int = Field(examples=[8])
    share: Share
    spans: Spans
    cells: list[list[int]] = Field(
        description="[column, row, spans, errors]; a row begins at 10^(row / rows_per_decade) ns",
        examples=[[[3, 57, 4, 1]]],
    )
    points: list[SpanPoint] = Field(
        description="every span where there are at most 500, else one of each emptiest cell"
    )


class NewTraces(BaseModel):
    traces: list[TraceSummary] = Field(description="the newest first")
    matched: int = Field(description="how many arrived, with those that are not among `traces`", examples=[1])
    next: str = Field(description="cursor for the next call", examples=["dGFpbDoxNzY5ODYwODAwMDAwMDAwMDAw"])


class Difference(BaseModel):
    key: str = Field(examples=["http.route"])
    value: str = Field(examples=["/pay/{id}"])
    term: str = Field(description="the same in the filter language", examples=["http.route=/pay/{id}"])
    selected: float = Field(description="share of the selection that has the value", examples=[0.9])
    rest: float = Field(description="share of the other matching spans that has it", examples=[0.1])
    score: float = Field(description="the difference that is certain at 95 %", examples=[0.75])


class Differences(BaseModel):
    share: Share
    selected: int = Field(description="matching spans in the selection", examples=[120])
    rest: int = Field(description="the other matching spans", examples=[2300])
    differences: list[Difference] = Field(description="the greatest first, at most three values of a key")


class Key(BaseModel):
    name: str = Field(examples=["http.route"])
    text: str = Field(description="as the filter language writes it", examples=["http.route"])
    kind: Literal["field", "span", "resource"] = Field(description="where it is", examples=["span"])
    spans: int | None = Field(description="recent spans that have it; null for a field", examples=[1200])
    operators: list[str] = Field(examples=[["=", "!=", "~", "!~"]])


class Keys(BaseModel):
    keys: list[Key]


class Value(BaseModel):
    value: str = Field(examples=["/pay/{id}"])
    text: str = Field(description="as the filter language writes it", examples=["/pay/{id}"])
    spans: int | None = Field(description="recent spans that have it; null where not counted", examples=[340])


class Values(BaseModel):
    values: list[Value] = Field(description="first those that begin with what is typed, then the most frequent")
