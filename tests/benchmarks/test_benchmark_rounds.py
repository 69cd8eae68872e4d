"""The requests that benchmarks send are what they claim to be."""

import random
import re
import time

import numpy as np
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from benchmarks.figures import Figure, Target, percentile
from benchmarks.rounds import Round, Shape, Source, Window, number_words
from benchmarks.shop import SERVICES, SPANS_PER_TRACE

SHAPES = (Shape(1000), Shape(270, small=True), Shape(50))


def fresh(shape: Shape, window: Window) -> tuple[Round, list[ExportTraceServiceRequest]]:
    one, bodies = Source(shape, seed=1).next_round(window)
    return one, [ExportTraceServiceRequest.FromString(body) for body in bodies]


def spans_of(requests: list[ExportTraceServiceRequest]) -> list[Span]:
    return [
        span
        for request in requests
        for group in request.resource_spans
        for scope_group in group.scope_spans
        for span in scope_group.spans
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_round_holds_whole_traces_in_requests_of_the_shape(shape: Shape) -> None:
    window = Window(time.time_ns(), 10**9)
    one, requests = fresh(shape, window)
    spans = spans_of(requests)
    by_id = {span.span_id: span for span in spans}
    assert {len(spans_of([request])) for request in requests} == {shape.spans}
    assert len(by_id) == one.span_count
    assert {span.trace_id.hex() for span in spans} == set(one.hex_trace_ids())
    assert sum(not span.parent_span_id for span in spans) == one.trace_count == one.span_count // SPANS_PER_TRACE
    for span in spans:
        parent = by_id.get(span.parent_span_id, span)
        assert span.trace_id == parent.trace_id
        assert parent.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert window.start_ns <= span.start_time_unix_nano < window.start_ns + 2 * window.length_ns


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_request_has_the_size_in_its_name(shape: Shape) -> None:
    nominal = int(shape.name.partition("x")[2])
    assert Source(shape, seed=1).bytes_per_span == pytest.approx(nominal, rel=0.05)


def test_rounds_differ_in_every_varying_value() -> None:
    source = Source(Shape(1000), seed=1)
    ids: set[str] = set()
    for _ in range(2 * len(source.rounds)):
        one, bodies = source.next_round(Window(10**18, 10**9))
        assert not any(re.search(rb"~[A-Z]~\d{5}", body) for body in bodies)
        assert not ids & set(one.hex_trace_ids())
        ids |= set(one.hex_trace_ids())


def test_twenty_services_take_part() -> None:
    _, requests = fresh(Shape(1000), Window(10**18, 10**9))
    names = {
        group.resource.attributes[0].value.string_value for request in requests for group in request.resource_spans
    }
    assert names == set(SERVICES)
    assert len(SERVICES) == 20


def test_requests_by_trace_hold_one_trace_each() -> None:
    one = Round(Shape(SPANS_PER_TRACE), random.Random(1), by_trace=True)
    bodies = one.fresh(np.random.default_rng(1), Window(10**18, 10**9), number_words(10))
    traces = [
        {span.trace_id.hex() for span in spans_of([ExportTraceServiceRequest.FromString(body)])} for body in bodies
    ]
    assert traces == [{trace_id} for trace_id in one.hex_trace_ids()]


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7
    assert percentile([], 0.5) == 0


def test_a_figure_shows_its_median_its_spread_and_whether_it_meets_its_target() -> None:
    assert Figure("speed", "spans/s", [1000, 3000, 2000], Target(2000, at_least=True)).cells() == (
        "speed",
        "≥ 2,000",
        "2,000 (1,000–3,000) spans/s",
        "yes",
    )
    assert Figure("p99", "ms", [501.0], Target(500)).cells() == ("p99", "≤ 500", "501 ms", "NO")
    assert Figure("p50", "ms", [1.234]).cells() == ("p50", "", "1.23 ms", "")
