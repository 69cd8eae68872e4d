"""What a set of OTLP requests says, in the terms of the samples' `expected.json`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from spanscape.load.spans import each_span


@dataclass(frozen=True)
class Facts:
    """`edges` are (from, to, calls, errors): spans of one service whose parent belongs to another."""

    spans: int
    unique_spans: int
    traces: int
    services: dict[str, int]
    edges: list[tuple[str, str, int, int]]
    roots: int
    orphans: int
    error_spans: int
    max_depth: int


def facts_of(requests: Iterable[ExportTraceServiceRequest]) -> Facts:
    spans = [pair for request in requests for pair in each_span(request)]
    by_id = {(span.trace_id, span.span_id): (service, span) for service, span in spans}
    calls: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    for service, span in spans:
        parent = by_id.get((span.trace_id, span.parent_span_id))
        if parent and parent[0] != service:
            calls[parent[0], service] += 1
            failed[parent[0], service] += _is_error(span)
    return Facts(
        spans=len(spans),
        unique_spans=len(by_id),
        traces=len({span.trace_id for _, span in spans}),
        services=dict(Counter(service for service, _ in spans)),
        edges=sorted((*edge, count, failed[edge]) for edge, count in calls.items()),
        roots=sum(not span.parent_span_id for _, span in spans),
        orphans=sum(bool(span.parent_span_id) and _parent(span, by_id) is None for _, span in spans),
        error_spans=sum(_is_error(span) for _, span in spans),
        max_depth=max((_depth(span, by_id) for _, span in spans), default=0),
    )


def _parent(span: Span, by_id: dict[tuple[bytes, bytes], tuple[str, Span]]) -> Span | None:
    found = by_id.get((span.trace_id, span.parent_span_id))
    return found[1] if found else None


def _depth(span: Span, by_id: dict[tuple[bytes, bytes], tuple[str, Span]]) -> int:
    depth, current = 1, span
    while (parent := _parent(current, by_id)) is not None:
        depth, current = depth + 1, parent
        assert depth <= len(by_id), "spans form a circle"
    return depth


def _is_error(span: Span) -> bool:
    return span.status.code == Status.STATUS_CODE_ERROR
