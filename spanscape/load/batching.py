"""Requests of a steady size, from requests of any size."""

from collections.abc import Iterable, Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spanscape.load.spans import count_spans


def in_batches(requests: Iterable[ExportTraceServiceRequest], size: int) -> Iterator[ExportTraceServiceRequest]:
    """Joins and splits, keeping the order, so that no request has more than `size` spans. Empty requests vanish."""
    batch, batch_spans = ExportTraceServiceRequest(), 0
    for request in requests:
        for piece in split(request, size):
            piece_spans = count_spans(piece)
            if batch_spans and batch_spans + piece_spans > size:
                yield batch
                batch, batch_spans = ExportTraceServiceRequest(), 0
            batch.MergeFrom(piece)
            batch_spans += piece_spans
    if batch_spans:
        yield batch


def split(request: ExportTraceServiceRequest, size: int) -> Iterator[ExportTraceServiceRequest]:
    """Pieces of at most `size` spans, each with the resources and scopes that its spans need."""
    if count_spans(request) <= size:
        yield request
        return
    piece, room = ExportTraceServiceRequest(), size
    for resource_spans in request.resource_spans:
        target = None
        for scope_spans in resource_spans.scope_spans:
            start = 0
            while start < len(scope_spans.spans):
                if room == 0:
                    yield piece
                    piece, room, target = ExportTraceServiceRequest(), size, None
                if target is None:
                    target = piece.resource_spans.add(schema_url=resource_spans.schema_url)
                    target.resource.CopyFrom(resource_spans.resource)
                taken = scope_spans.spans[start : start + room]
                scope_target = target.scope_spans.add(schema_url=scope_spans.schema_url, spans=taken)
                scope_target.scope.CopyFrom(scope_spans.scope)
                start += len(taken)
                room -= len(taken)
    yield piece
