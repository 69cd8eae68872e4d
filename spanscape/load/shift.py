"""Moving telemetry in time by a constant, so that durations and relative times stay as recorded."""

from collections.abc import Iterable

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spanscape.load.spans import each_span

_MAX_UINT64 = 2**64 - 1


def shift(request: ExportTraceServiceRequest, offset_ns: int) -> None:
    """Moves every span and event of `request`, in place. A time that is not set (zero) stays so.

    A start of zero counts as set when the span has an end: some recordings begin at zero. Times that would leave
    what OTLP can hold stop at its ends.
    """
    if offset_ns == 0:
        return
    for _, span in each_span(request):
        if span.end_time_unix_nano:
            span.start_time_unix_nano = _moved(span.start_time_unix_nano, offset_ns)
            span.end_time_unix_nano = _moved(span.end_time_unix_nano, offset_ns)
        elif span.start_time_unix_nano:
            span.start_time_unix_nano = _moved(span.start_time_unix_nano, offset_ns)
        for event in span.events:
            if event.time_unix_nano:
                event.time_unix_nano = _moved(event.time_unix_nano, offset_ns)


def latest_ns(requests: Iterable[ExportTraceServiceRequest]) -> int:
    """When the last span ends, in epoch nanoseconds; zero when no span has a time. Consumes `requests`."""
    return max(
        (max(span.start_time_unix_nano, span.end_time_unix_nano) for item in requests for _, span in each_span(item)),
        default=0,
    )


def _moved(time_ns: int, offset_ns: int) -> int:
    return min(max(time_ns + offset_ns, 0), _MAX_UINT64)
