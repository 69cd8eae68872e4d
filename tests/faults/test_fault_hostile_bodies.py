"""Damaged and hostile requests get their answer, and the good ones that are committed with them never notice."""

import json
import random
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from fault_fuzz import damaged
from fault_load import Load
from fault_wire import (
    START_NS,
    UNKNOWN,
    fixed32,
    fixed64,
    good_body,
    group,
    key_value,
    number,
    padded,
    part,
    span_fields,
    traces,
    varint,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from otlp_requests import Span, request, span_id, trace_id
from running_collector import RunningCollector, running_collector

DAY_NS = 86_400 * 10**9
ANSWER_WITHIN_S = 60


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """A collector that keeps any age. At the end it must be alive and have nothing to tell."""
    with running_collector(tmp_path_factory.mktemp("hostile"), retention_days="0") as collector:
        yield collector
        assert collector.stop() == 0
        assert "Traceback" not in collector.logged()


@pytest.fixture
def good_ones(hostile: RunningCollector) -> Iterator[None]:
    """Good requests that arrive all the time during a test: every one is accepted, soon, and there."""
    load = Load(http=2, grpc=1)
    with load.running(hostile):
        yield
    assert set(load.answers) == {"200", "OK"}
    assert load.slowest_s < ANSWER_WITHIN_S
    assert load.acknowledged == load.sent
    for trace in random.sample(sorted(load.acknowledged), min(5, len(load.acknowledged))):
        assert len(hostile.get(f"/traces/{trace_id(trace).hex()}")["spans"]) == 12


def spans_of(collector: RunningCollector, trace: str) -> list[dict[str, Any]]:
    """The stored spans of a trace, [] when there is none."""
    answer = requests.get(f"{collector.api}/api/v1/traces/{trace_id(trace).hex()}", timeout=60)
    if answer.status_code == 404:
        return []
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["spans"]
    return found


def all_at_once(collector: RunningCollector, bodies: list[bytes]) -> list[int]:
    """The statuses of requests that are sent together, so that they meet in one commit."""
    with ThreadPoolExecutor(8) as pool:
        return [answer.status_code for answer in pool.map(collector.post, bodies)]


# --- what a strict parser understands is understood the same way -----------------------------------------------------

ODD_BUT_VALID: dict[str, Callable[[str], bytes]] = {
    **{f"unknown {name} after": lambda t, u=u: traces(span_fields(t, u), u) for name, u in UNKNOWN.items()},
    **{f"unknown {name} before": lambda t, u=u: u + traces(u + span_fields(t)) for name, u in UNKNOWN.items()},
    **{
        f"unknown {name} in an event, a link, a status and an attribute": lambda t, u=u: traces(
            span_fields(t, part(11, u + fixed64(1, START_NS) + part(2, b"e") + u))
            + part(13, u + part(1, trace_id("t")) + part(2, span_id("s")) + u)
            + part(15, u + number(3, 2) + u)
            + part(9, u + key_value(b"k", part(1, b"v"), u))
        )
        for name, u in UNKNOWN.items()
    },
    "padded lengths": lambda t: part(1, part(2, b"\x12" + padded(len(span_fields(t))) + span_fields(t))),
    "the resource after its spans": lambda t: part(
        1, part(2, part(2, span_fields(t))) + part(1, part(1, key_value(b"service.name", part(1, b"late"))))
    ),
    "ids given twice": lambda t: traces(part(1, b"short") + part(2, b"") + span_fields(t)),
    "a value before its key": lambda t: traces(span_fields(t, part(9, part(2, part(1, b"v")) + part(1, b"k")))),
    "no key, no value, nothing": lambda t: traces(
        span_fields(t, part(9, part(2, part(1, b"v"))) + part(9, part(1, b"k")) + part(9, b""))
    ),
    "a kind of no meaning": lambda t: traces(span_fields(t, number(6, 99))),
    "a negative kind": lambda t: traces(span_fields(t, number(6, -1))),
    "a kind of 64 bits": lambda t: traces(span_fields(t, number(6, 2**32 + 3))),
    "a count of 64 bits": lambda t: traces(span_fields(t, number(10, 2**32 + 5))),
    "a status code of no meaning": lambda t: traces(span_fields(t, part(15, number(3, 77)))),
    "a group for a number": lambda t: traces(span_fields(t, group(10, number(1, 5)))),
    "a time as varint": lambda t: traces(span_fields(t, number(7, 5))),
    "events as numbers": lambda t: traces(span_fields(t, number(11, 5) + fixed32(11, 5))),
    "a status as fixed64": lambda t: traces(span_fields(t, fixed64(15, 5))),
    "a negative int": lambda t: traces(span_fields(t, part(9, key_value(b"k", number(3, -5))))),
    "an int in ten bytes": lambda t: traces(
        span_fields(t, part(9, key_value(b"k", b"\x18\x85" + b"\x80" * 8 + b"\0")))
    ),
    "a tiny double": lambda t: traces(
        span_fields(t, part(9, key_value(b"k", fixed64(4, struct.unpack("<Q", struct.pack("<d", 5e-324))[0]))))
    ),
    "a string of 16,384": lambda t: traces(span_fields(t, part(9, key_value(b"k", part(1, b"x" * 16_384))))),
    "an array": lambda t: traces(span_fields(t, part(9, key_value(b"k", part(5, part(1, part(1, b"x"))))))),
    "a value of a field to come": lambda t: traces(span_fields(t, part(9, key_value(b"k", part(60, b"new"))))),
}


def _canonical(body: bytes) -> bytes:
    """The same request as generated code would have written it."""
    message = ExportTraceServiceRequest.FromString(body)
    message.DiscardUnknownFields()
    return message.SerializeToString()


def test_odd_but_valid_protobuf_is_stored_as_a_strict_parser_reads_it(hostile: RunningCollector) -> None:
    odd = {name: build(f"odd {name}") for name, build in ODD_BUT_VALID.items()}
    plain = {name: _canonical(build(f"plain {name}")) for name, build in ODD_BUT_VALID.items()}
    assert all_at_once(hostile, [*odd.values(), *plain.values()]) == [200] * 2 * len(odd)
    for name in odd:
        as_sent, as_read = spans_of(hostile, f"odd {name}"), spans_of(hostile, f"plain {name}")
        for span in as_sent + as_read:
            del span["trace_id"]
        assert as_sent, name
        assert as_sent == as_read, name


# --- what is refused leaves nothing, what is partly refused leaves exactly the rest ----------------------------------


def test_an_undecodable_body_is_refused_and_leaves_nothing(hostile: RunningCollector, good_ones: None) -> None:
    whole = traces(span_fields("cut"))
    surrogate = traces(span_fields("surrogate", part(5, b"\xed\xa0\x80")))
    noise = random.Random(1)
    bodies = [
        whole[:-3],
        whole[: len(whole) // 2],
        whole + b"\x0a",
        surrogate,
        varint(2**40),
        b"\x0a\xff\xff\xff\xff\x0f",
    ]
    bodies += [noise.randbytes(size) for size in (1, 10, 1000, 100_000)]
    assert all_at_once(hostile, bodies) == [400] * len(bodies)
    assert spans_of(hostile, "cut") == spans_of(hostile, "surrogate") == []


def test_a_lone_surrogate_in_json_is_refused(hostile: RunningCollector) -> None:
    span = {
        "traceId": trace_id("json").hex(),
        "spanId": span_id("json").hex(),
        "startTimeUnixNano": "9",
        "name": "\ud800",
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    answer = requests.post(
        f"{hostile.otlp_http}/v1/traces", data=body, headers={"Content-Type": "application/json"}, timeout=60
    )
    assert answer.status_code == 400
    assert spans_of(hostile, "json") == []


def test_of_a_request_with_flawed_spans_exactly_the_sound_ones_are_stored(
    hostile: RunningCollector, good_ones: None
) -> None:
    for round_number in range(5):
        trace = f"partly {round_number}"
        message = request(
            [Span("partly", str(number), trace=trace, attributes={"list": [1, {"a": None}]}) for number in range(8)]
        )
        flaws = {"trace_id": b"short", "span_id": bytes(8), "start_time_unix_nano": 0, "end_time_unix_nano": 2**64 - 1}
        for group_of, (field, value) in zip(message.resource_spans, flaws.items(), strict=False):
            setattr(group_of.scope_spans[0].spans[0], field, value)
        answer = hostile.post(message.SerializeToString())
        assert answer.status_code == 200
        partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
        assert partial.rejected_spans == 4
        assert partial.error_message.startswith("4 spans refused: ")
        stored = spans_of(hostile, trace)
        assert {span["name"] for span in stored} == {"4", "5", "6", "7"}
        assert all(span["attributes"]["list"] == [1, {"a": None}] for span in stored)


# --- extremes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start_ns", "end_ns"),
    [(1, 2), (1, 2**63 - 1), (2**63 - 1, 2**63 - 1), (4_294_967_295 * 10**9, 4_294_967_296 * 10**9)],
)
def test_extreme_times_come_back_unchanged(
    hostile: RunningCollector, good_ones: None, start_ns: int, end_ns: int
) -> None:
    trace = f"time {start_ns} {end_ns}"
    message = request([Span("time", "one", trace=trace, start_ns=start_ns, duration_ns=end_ns - start_ns)])
    assert hostile.post(message.SerializeToString()).status_code == 200
    (span,) = spans_of(hostile, trace)
    assert (span["start_ns"], span["duration_ns"]) == (str(start_ns), str(end_ns - start_ns))


def _body_of_days(trace: str, days: int) -> bytes:
    start_ns = START_NS - 2000 * DAY_NS
    return request(
        [Span("days", str(day), trace=trace, start_ns=start_ns + day * DAY_NS) for day in range(days)]
    ).SerializeToString()


def test_a_request_of_more_days_than_can_be_stored_at_once_is_refused_whole(
    hostile: RunningCollector, good_ones: None
) -> None:
    for days in (101, 1000):
        answer = hostile.post(_body_of_days(f"{days} days", days))
        assert answer.status_code == 400
        assert b"partitions" in answer.content
        assert spans_of(hostile, f"{days} days") == []


def test_requests_that_are_of_too_many_days_only_together_are_all_stored(
    hostile: RunningCollector, good_ones: None
) -> None:
    other_days = request([Span("days", str(day), trace="far", start_ns=START_NS + day * DAY_NS) for day in range(60)])
    bodies = [_body_of_days("near", 60), other_days.SerializeToString()]
    assert all_at_once(hostile, bodies) == [200, 200]
    assert [len(spans_of(hostile, trace)) for trace in ("near", "far")] == [60, 60]


def test_a_huge_string_and_10_000_attributes_come_back_unchanged(hostile: RunningCollector, good_ones: None) -> None:
    attributes = {"huge": "é" * 2_000_000, **{f"key {number}": number for number in range(10_000)}}
    message = request([Span("huge", "one", trace="huge", attributes=attributes)])
    assert hostile.post(message.SerializeToString()).status_code == 200
    (span,) = spans_of(hostile, "huge")
    assert span["attributes"] == attributes


# --- fuzz ------------------------------------------------------------------------------------------------------------


@given(st.lists(damaged(), min_size=8, max_size=8))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def _send_damaged(collector: RunningCollector, requests_at_once: list[tuple[str, bytes]]) -> None:
    """They meet each other and one good request in a commit."""
    good = f"beside {time.monotonic_ns()}"
    with ThreadPoolExecutor(9) as pool:
        sent = [pool.submit(collector.post, body, signal) for signal, body in requests_at_once]
        assert collector.post(good_body(good)).status_code == 200
        answers = [answer.result(ANSWER_WITHIN_S).status_code for answer in sent]
    assert set(answers) <= {200, 400}
    (span,) = spans_of(collector, good)
    assert span["attributes"] == {"n": 5}


def test_damaged_requests_never_harm_others_nor_make_questions_fail(hostile: RunningCollector, good_ones: None) -> None:
    _send_damaged(hostile)
    for path in ("/services", "/topology", "/traces"):
        hostile.get(path, start=str(START_NS - 10**12), end=str(START_NS + 10**12))
        hostile.get(path)
    for name in ("t1", "t", "other"):
        spans_of(hostile, name)
        hostile.get(f"/traces/{trace_id(name).hex()}/logs")
