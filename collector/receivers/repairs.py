"""What makes a span, data point or log record unfit for the store, and which flaws can be mended.

| signal  | flaw                                                        | what becomes of it                      |
| ------- | ----------------------------------------------------------- | --------------------------------------- |
| all     | an array or map as attribute value or log body              | kept, as JSON text: see `values.py`     |
| all     | a key or value that points into a profile's string table    | kept without the value                  |
| traces  | trace_id not 16 bytes or span_id not 8 bytes, or all zero   | span refused                            |
| traces  | start_time_unix_nano missing, start or end beyond year 2262 | span refused                            |
| traces  | end_time_unix_nano missing or before the start              | end = start                             |
| traces  | parent_span_id not 8 bytes, or all zero                     | cleared: the span is a root             |
| traces  | link with an invalid id                                     | dropped, counted in dropped_links_count |
| traces  | event beyond year 2262                                      | event time = span start                 |
| metrics | time_unix_nano missing or beyond year 2262                  | data point refused                      |
| metrics | start_time_unix_nano beyond year 2262                       | cleared                                 |
| metrics | exemplar beyond year 2262                                   | exemplar time = data point time         |
| metrics | exemplar with an invalid id                                 | id cleared                              |
| logs    | time_unix_nano beyond year 2262                             | log record refused                      |
| logs    | both times missing, or the observed one beyond year 2262    | observed time = now                     |
| logs    | an invalid id                                               | id cleared                              |
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from collector.model import Signal

MAX_TIME_NS = 2**63 - 1  # 2262-04-11: the store keeps nanoseconds since 1970 in an Int64
_MAX_UINT32 = 2**32 - 1

# Takes a record and the time of its receipt in ns; mends the record in place, or says why it is refused.
Repair = Callable[[Any, int], str | None]


def _repair_span(span: Any, received_ns: int) -> str | None:
    """Repair it in place, or say why it is refused."""
    flaw = _id_flaw("trace_id", span.trace_id, 16) or _id_flaw("span_id", span.span_id, 8) or _time_flaw(span, "start_")
    if flaw:
        return flaw
    if span.end_time_unix_nano > MAX_TIME_NS:
        return _beyond("end_time_unix_nano")
    span.end_time_unix_nano = max(span.end_time_unix_nano, span.start_time_unix_nano)
    if _id_flaw("parent_span_id", span.parent_span_id, 8):
        span.parent_span_id = b""
    for event in span.events:
        if event.time_unix_nano > MAX_TIME_NS:
            event.time_unix_nano = span.start_time_unix_nano
    _drop_invalid_links(span)
    return None


def _drop_invalid_links(span: Any) -> None:
    links = span.links
    kept = [link for link in links if not _id_flaw("", link.trace_id, 16) and not _id_flaw("", link.span_id, 8)]
    span.dropped_links_count = min(span.dropped_links_count + len(links) - len(kept), _MAX_UINT32)
    replace(links, kept)


def _repair_data_point(point: Any, received_ns: int) -> str | None:
    if flaw := _time_flaw(point):
        return flaw
    if point.start_time_unix_nano > MAX_TIME_NS:
        point.start_time_unix_nano = 0
    for exemplar in exemplars(point):
        if exemplar.time_unix_nano > MAX_TIME_NS:
            exemplar.time_unix_nano = point.time_unix_nano
        _clear_invalid_ids(exemplar)
    return None


def _repair_log_record(record: Any, received_ns: int) -> str | None:
    if record.time_unix_nano > MAX_TIME_NS:
        return _beyond("time_unix_nano")
    observed_ns = record.observed_time_unix_nano
    if observed_ns > MAX_TIME_NS or not (observed_ns or record.time_unix_nano):
        record.observed_time_unix_nano = received_ns
    _clear_invalid_ids(record)
    return None


REPAIRS: Mapping[Signal, Repair] = MappingProxyType(
    {
        Signal.TRACES: _repair_span,
        Signal.METRICS: _repair_data_point,
        Signal.LOGS: _repair_log_record,
    }
)


def _id_flaw(name: str, value: bytes, size: int) -> str | None:
    if len(value) != size:
        return f"with a {name} that is not {size} bytes"
    return None if any(value) else f"with an all-zero {name}"


def _clear_invalid_ids(record: Any) -> None:
    if record.trace_id and _id_flaw("trace_id", record.trace_id, 16):
        record.trace_id = b""
    if record.span_id and _id_flaw("span_id", record.span_id, 8):
        record.span_id = b""


def _time_flaw(record: Any, prefix: str = "") -> str | None:
    name = f"{prefix}time_unix_nano"
    time_ns = getattr(record, name)
    if time_ns == 0:
        return f"without {name}"
    return _beyond(name) if time_ns > MAX_TIME_NS else None


def _beyond(name: str) -> str:
    return f"with {name} after the year 2262"


def exemplars(point: Any) -> Any:
    return getattr(point, "exemplars", ())  # a summary point has none


def replace(repeated: Any, kept: list[Any]) -> None:
    """Make `kept`, a part of the messages in `repeated`, all of it. Deleting one by one would be quadratic."""
    if len(kept) < len(repeated):
        del repeated[:]
        repeated.extend(kept)
