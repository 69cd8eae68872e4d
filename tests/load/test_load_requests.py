"""Requests on their way: batches of a steady size, times moved by a constant."""

import load_records as records
import pytest
from load_sink import spans_of
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spanscape.load.batching import in_batches, split
from spanscape.load.report import DistinctCount
from spanscape.load.shift import latest_ns, shift


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([3, 3, 3], [3, 3, 3]),
        ([1, 2, 3], [3, 3]),
        ([10], [4, 4, 2]),
        ([0, 2, 0], [2]),
        ([3, 9, 1], [3, 4, 4, 2]),
        ([], []),
    ],
)
def test_requests_are_joined_and_split_into_batches(sizes: list[int], batches: list[int]) -> None:
    firsts = [1 + sum(sizes[:index]) for index in range(len(sizes))]
    requests = [records.otlp(size, first=first) for size, first in zip(sizes, firsts, strict=True)]
    size = 4 if max(sizes, default=0) > 3 else 3
    made = list(in_batches(requests, size))
    assert [len(spans_of(batch)) for batch in made] == batches
    names = [span.name for batch in made for span in spans_of(batch)]
    assert names == [f"span {number}" for number in range(1, sum(sizes) + 1)]


def test_pieces_keep_the_resource_and_scope_of_their_spans() -> None:
    whole = records.otlp(2, service="a")
    whole.MergeFrom(records.otlp(3, service="b", first=3))
    pieces = list(split(whole, 3))
    assert pieces[0] == merged(records.otlp(2, service="a"), records.otlp(1, service="b", first=3))
    assert [len(spans_of(piece)) for piece in pieces] == [3, 2]
    assert pieces[1].resource_spans[0].resource == whole.resource_spans[1].resource
    assert pieces[1].resource_spans[0].scope_spans[0].scope == whole.resource_spans[1].scope_spans[0].scope


def merged(*requests: ExportTraceServiceRequest) -> ExportTraceServiceRequest:
    whole = ExportTraceServiceRequest()
    for request in requests:
        whole.MergeFrom(request)
    return whole


def test_a_shift_moves_spans_and_events_and_keeps_what_lies_between() -> None:
    request = records.otlp(2, start_ns=1_000_000)
    spans_of(request)[0].events.add(time_unix_nano=1_000_500)
    shift(request, 5)
    first, second = spans_of(request)
    assert (first.start_time_unix_nano, first.end_time_unix_nano) == (1_000_005, 1_001_005)
    assert first.events[0].time_unix_nano == 1_000_505
    assert second.start_time_unix_nano == 1_001_005


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "moved"),
    [(0, 0, (0, 0)), (0, 10, (100, 110)), (10, 0, (110, 0)), (2**64 - 10, 2**64 - 5, (2**64 - 1, 2**64 - 1))],
    ids=["unset", "begins-at-zero", "no-end", "beyond-the-last-time"],
)
def test_a_shift_leaves_unset_times_unset(start_ns: int, end_ns: int, moved: tuple[int, int]) -> None:
    request = records.otlp()
    (span,) = spans_of(request)
    span.start_time_unix_nano, span.end_time_unix_nano = start_ns, end_ns
    shift(request, 100)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == moved


def test_the_latest_time_is_the_last_end_or_a_start_without_end() -> None:
    late = ExportTraceServiceRequest()
    late.resource_spans.add().scope_spans.add().spans.append(Span(start_time_unix_nano=records.START_NS + 9_000))
    assert latest_ns([]) == 0
    assert latest_ns([records.otlp(3)]) == records.START_NS + 3_000
    assert latest_ns([records.otlp(3), late]) == records.START_NS + 9_000


def test_a_distinct_count_stops_growing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanscape.load.report._MAX_DISTINCT", 2)
    count = DistinctCount()
    for value in ("a", "b", "a"):
        count.add(value)
    assert str(count) == "2"
    count.add("c")
    assert str(count) == "2+"
