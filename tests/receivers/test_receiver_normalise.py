"""The rare path, rule by rule."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from receiver_data import (
    REQUEST_TYPES,
    SPAN_ID,
    START_NS,
    TRACE_ID,
    any_value,
    attribute,
    body_of,
    delimited,
    exemplar,
    gauge,
    log_record,
    logs,
    metrics,
    nested_arrays,
    point,
    span,
    traces,
    traces_with_raw_value,
)

from collector.errors import BadRequest
from collector.model import Normalised, Signal
from collector.receivers.normalise import flatten_values, normalise, validate
from collector.receivers.signals import NestedTooDeep

YEAR_2262_NS = 2**63
NOW_NS = START_NS + 77


def _normalise(signal: Signal, request: Any) -> tuple[Normalised, Any]:
    result = normalise(signal, request.SerializeToString(), now_ns=lambda: NOW_NS)
    return result, REQUEST_TYPES[signal].FromString(result.body)


def _normalised_spans(*spans: Span) -> tuple[str, list[Span]]:
    result, request = _normalise(Signal.TRACES, traces(*spans))
    kept = list(request.resource_spans[0].scope_spans[0].spans)
    assert result.refused == len(spans) - len(kept)
    return result.reason, kept


def _stored(text: str) -> bytes:
    return delimited(0x7A, text.encode())


# --- spans -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"trace_id": b""}, "with a trace_id that is not 16 bytes"),
        ({"trace_id": TRACE_ID[:8]}, "with a trace_id that is not 16 bytes"),
        ({"trace_id": bytes(16)}, "with an all-zero trace_id"),
        ({"span_id": b""}, "with a span_id that is not 8 bytes"),
        ({"span_id": TRACE_ID}, "with a span_id that is not 8 bytes"),
        ({"span_id": bytes(8)}, "with an all-zero span_id"),
        ({"start_time_unix_nano": 0}, "without start_time_unix_nano"),
        ({"start_time_unix_nano": YEAR_2262_NS}, "with start_time_unix_nano after the year 2262"),
        ({"end_time_unix_nano": YEAR_2262_NS}, "with end_time_unix_nano after the year 2262"),
    ],
)
def test_a_span_is_refused(flaw: dict[str, Any], reason: str) -> None:
    assert _normalised_spans(span(**flaw), span()) == (f"1 span refused: 1 {reason}", [span()])


def test_the_reason_counts_each_flaw() -> None:
    reason, kept = _normalised_spans(
        span(start_time_unix_nano=0), span(trace_id=b"short"), span(), span(trace_id=b"wrong"), span(name="last")
    )
    assert reason == "3 spans refused: 2 with a trace_id that is not 16 bytes, 1 without start_time_unix_nano"
    assert kept == [span(), span(name="last")]


@pytest.mark.parametrize(
    ("flaw", "repaired"),
    [
        ({"parent_span_id": b"xyz"}, {"parent_span_id": b""}),
        ({"parent_span_id": bytes(8)}, {"parent_span_id": b""}),
        ({"parent_span_id": SPAN_ID}, {"parent_span_id": SPAN_ID}),
        ({"end_time_unix_nano": 0}, {"end_time_unix_nano": START_NS}),
        ({"end_time_unix_nano": START_NS - 1}, {"end_time_unix_nano": START_NS}),
        ({"events": [Span.Event(time_unix_nano=YEAR_2262_NS)]}, {"events": [Span.Event(time_unix_nano=START_NS)]}),
        ({"events": [Span.Event(name="no time")]}, {"events": [Span.Event(name="no time")]}),
    ],
)
def test_a_span_is_repaired(flaw: dict[str, Any], repaired: dict[str, Any]) -> None:
    assert _normalised_spans(span(**flaw)) == ("", [span(**repaired)])


@pytest.mark.parametrize("bad", [{"trace_id": b"x"}, {"trace_id": bytes(16)}, {"span_id": b""}, {"span_id": bytes(8)}])
@pytest.mark.parametrize(("counted", "then"), [(0, 1), (5, 6), (2**32 - 1, 2**32 - 1)])
def test_a_link_with_an_invalid_id_is_dropped_and_counted(bad: dict[str, bytes], counted: int, then: int) -> None:
    good = Span.Link(trace_id=TRACE_ID, span_id=SPAN_ID, attributes=[attribute("a", 1)])
    broken = Span.Link(**({"trace_id": TRACE_ID, "span_id": SPAN_ID} | bad))
    assert _normalised_spans(span(links=[broken, good], dropped_links_count=counted)) == (
        "",
        [span(links=[good], dropped_links_count=then)],
    )


def test_many_refused_spans_are_quickly_gone() -> None:
    request = traces(*[span(), span(trace_id=b"")] * 10_000)
    result, kept = _normalise(Signal.TRACES, request)
    assert (result.refused, len(kept.resource_spans[0].scope_spans[0].spans)) == (10_000, 10_000)


# --- data points and log records -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
def test_a_data_point_of_any_kind_without_time_is_refused(kind: str) -> None:
    metric = Metric(name="m")
    points = getattr(metric, kind).data_points
    points.add(time_unix_nano=START_NS)
    points.add()
    points.add(time_unix_nano=YEAR_2262_NS)
    result, kept = _normalise(Signal.METRICS, metrics(metric))
    del points[1:]
    assert (result.refused, kept) == (2, metrics(metric))
    assert result.reason == (
        "2 data points refused: 1 without time_unix_nano, 1 with time_unix_nano after the year 2262"
    )


@pytest.mark.parametrize(
    ("flaw", "repaired"),
    [
        ({"start_time_unix_nano": YEAR_2262_NS}, {"start_time_unix_nano": 0}),
        (
            {"exemplars": [exemplar(trace_id=b"x", span_id=b"y")]},
            {"exemplars": [exemplar(trace_id=b"", span_id=b"")]},
        ),
        ({"exemplars": [exemplar(time_unix_nano=YEAR_2262_NS)]}, {"exemplars": [exemplar(time_unix_nano=START_NS)]}),
        (
            {"exemplars": [exemplar(filtered_attributes=[attribute("a", 1)])]},
            {"exemplars": [exemplar(filtered_attributes=[attribute("a", 1)])]},
        ),
    ],
)
def test_a_data_point_is_repaired(flaw: dict[str, Any], repaired: dict[str, Any]) -> None:
    result, kept = _normalise(Signal.METRICS, metrics(gauge(point(**flaw))))
    assert (result.refused, kept) == (0, metrics(gauge(point(**repaired))))


def test_a_metric_without_data_is_kept() -> None:
    assert _normalise(Signal.METRICS, metrics(Metric(name="m")))[1] == metrics(Metric(name="m"))


@pytest.mark.parametrize(
    ("flaw", "repaired"),
    [
        ({"trace_id": b"x", "span_id": SPAN_ID}, {"span_id": SPAN_ID}),
        ({"trace_id": TRACE_ID, "span_id": bytes(8)}, {"trace_id": TRACE_ID}),
        ({"time_unix_nano": 0}, {"time_unix_nano": 0, "observed_time_unix_nano": NOW_NS}),
        ({"time_unix_nano": 0, "observed_time_unix_nano": 5}, {"time_unix_nano": 0, "observed_time_unix_nano": 5}),
        ({"observed_time_unix_nano": YEAR_2262_NS}, {"observed_time_unix_nano": NOW_NS}),
        ({}, {}),
    ],
)
def test_a_log_record_is_repaired(flaw: dict[str, Any], repaired: dict[str, Any]) -> None:
    result, kept = _normalise(Signal.LOGS, logs(log_record(**flaw)))
    assert (result.refused, kept) == (0, logs(log_record(**repaired)))


def test_a_log_record_beyond_2262_is_refused() -> None:
    result, kept = _normalise(Signal.LOGS, logs(log_record(time_unix_nano=YEAR_2262_NS)))
    assert (result.refused, kept) == (1, logs())
    assert result.reason == "1 log record refused: 1 with time_unix_nano after the year 2262"


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[]"),
        ({}, "{}"),
        ([1, "a", 2.0, False, None, b"\0\xff"], '[1,"a",2.0,false,null,"AP8="]'),
        ([math.nan, math.inf, -math.inf], '["NaN","Infinity","-Infinity"]'),
        ([2**63 - 1, -(2**63)], "[9223372036854775807,-9223372036854775808]"),
        ({"ключ": ["\U0001f600", {"x": {}}]}, '{"ключ":["\U0001f600",{"x":{}}]}'),
        ({"quote": "\"\\\n\0'"}, '{"quote":"\\"\\\\\\n\\u0000\'"}'),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_arrays_and_maps_become_json_text_in_field_15(value: object, text: str) -> None:
    body = normalise(Signal.TRACES, traces(span(attributes=[attribute("k", value)])).SerializeToString()).body
    assert delimited(0x12, _stored(text)) in body


@pytest.mark.parametrize(
    "value",
    ["", "x", "x" * 127, "x" * 128, "x" * 70_000, 0, -1, 2**63 - 1, 0.0, -0.0, True, False, b"", b"\xff"],
    ids=str,
)
def test_simple_values_stay_what_they_are(value: object) -> None:
    request = traces(span(attributes=[attribute("k", value)]))
    assert normalise(Signal.TRACES, request.SerializeToString()) == Normalised(request.SerializeToString())


def _value_everywhere(value: object) -> dict[Signal, Any]:
    pair = attribute("k", value)
    everywhere = traces(
        span(
            attributes=[pair],
            events=[Span.Event(attributes=[pair])],
            links=[Span.Link(trace_id=TRACE_ID, span_id=SPAN_ID, attributes=[pair])],
        )
    )
    everywhere.resource_spans[0].resource.attributes.append(pair)
    everywhere.resource_spans[0].scope_spans[0].scope.attributes.append(pair)
    measured = metrics(gauge(point(attributes=[pair], exemplars=[exemplar(filtered_attributes=[pair])])))
    measured.resource_metrics[0].scope_metrics[0].metrics[0].metadata.append(pair)
    return {
        Signal.TRACES: everywhere,
        Signal.METRICS: measured,
        Signal.LOGS: logs(log_record(attributes=[pair], body=any_value(value))),
    }


@pytest.mark.parametrize(("signal", "places"), [(Signal.TRACES, 5), (Signal.METRICS, 3), (Signal.LOGS, 2)])
def test_values_are_rewritten_wherever_the_signal_has_them(signal: Signal, places: int) -> None:
    body = _value_everywhere(["deep"])[signal].SerializeToString()
    assert normalise(signal, body).body.count(_stored('["deep"]')) == places
    assert flatten_values(signal, body).count(_stored('["deep"]')) == places


@pytest.mark.parametrize("signal", Signal)
def test_normalising_twice_changes_nothing(signal: Signal) -> None:
    once = normalise(signal, _value_everywhere([1, {"a": "b"}])[signal].SerializeToString())
    assert normalise(signal, once.body) == once


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (b"", b""),
        (b"\x0a\x01a\x10\x01", b"\x10\x01"),  # a string, then a bool: the last counts
        (b"\x0a\x81\x00a", b"\x0a\x01a"),  # a length in two bytes where one is enough
        (b"\x18\x80\x00", b"\x18\x00"),
        (b"\xa2\x06\x01z\x0a\x01a", b"\x0a\x01a"),  # an unknown field 100
        (b"\xa2\x06\x01z", b""),
        (b"\x40\x05", b""),  # string_value_strindex
        (_stored("[1]"), _stored("[1]")),
        (_stored("[1]") + b"\x0a\x01a", b"\x0a\x01a"),
        (b"\x2a\x00\x0a\x01a", b"\x0a\x01a"),
        (b"\x0a\x01a\x2a\x00", _stored("[]")),
    ],
)
def test_each_value_becomes_one_field_or_none(raw: bytes, canonical: bytes) -> None:
    expected = REQUEST_TYPES[Signal.TRACES].FromString(traces_with_raw_value(canonical))
    if not canonical:
        expected.resource_spans[0].scope_spans[0].spans[0].attributes[0].ClearField("value")
    body = normalise(Signal.TRACES, traces_with_raw_value(raw)).body
    assert REQUEST_TYPES[Signal.TRACES].FromString(body) == expected


def test_a_key_from_a_profile_keeps_no_value() -> None:
    pair = KeyValue(key_strindex=3, value=AnyValue(string_value="x"))
    assert _normalised_spans(span(attributes=[pair])) == ("", [span(attributes=[KeyValue()])])


@pytest.mark.parametrize("depth", [1, 46, 50, 100])
def test_values_deeper_than_the_c_parser_goes_are_kept(depth: int) -> None:
    body = flatten_values(Signal.TRACES, traces_with_raw_value(nested_arrays(depth)))
    validate(Signal.TRACES, body)
    assert _stored("[" * depth + '"x"' + "]" * depth) in body


def test_values_deeper_than_100_are_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="more than 100 arrays or maps"):
        flatten_values(Signal.TRACES, traces_with_raw_value(nested_arrays(101)))


def test_large_values_that_deep_are_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="nests deeply and has more than 262144 bytes"):
        flatten_values(Signal.TRACES, traces_with_raw_value(nested_arrays(60, b"x" * 2**18)))


def test_large_values_less_deep_are_kept() -> None:
    body = traces_with_raw_value(nested_arrays(40, b"x" * 2**19))
    assert b"[[" + b'"' + b"x" * 2**19 in normalise(Signal.TRACES, body).body


@pytest.mark.parametrize("last", [b"", b"\x0a\x01a"])
def test_maps_deeper_than_the_c_parser_goes_are_kept(last: bytes) -> None:
    value = b"\x18\x07"
    for _ in range(60):
        value = delimited(0x32, delimited(0x0A, delimited(0x0A, b"k") + delimited(0x12, value)))
    body = flatten_values(Signal.TRACES, traces_with_raw_value(value + last))
    assert (last or _stored('{"k":' * 60 + "7" + "}" * 60)) in body


def test_groups_without_end_are_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        flatten_values(Signal.TRACES, traces_with_raw_value(b"\x0b" * 200))


def test_the_c_parser_tells_depth_from_damage() -> None:
    with pytest.raises(NestedTooDeep):
        validate(Signal.TRACES, traces_with_raw_value(nested_arrays(50)))
    with pytest.raises(BadRequest, match="Wire format was corrupt") as damaged:
        validate(Signal.TRACES, b"\x0a\x05x")
    assert not isinstance(damaged.value, NestedTooDeep)


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("count", [0, 1])
def test_a_sound_request_stays_as_it_is(signal: Signal, count: int) -> None:
    body = body_of(signal) * count
    assert normalise(signal, body) == Normalised(body)


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("body", [b"\x0a\x05x", b"\x0b", b"\xff" * 20, b"\x0c"])
@pytest.mark.parametrize("check", [validate, normalise])
def test_what_is_no_request_is_a_bad_request(check: Any, signal: Signal, body: bytes) -> None:
    with pytest.raises(BadRequest, match="body is not a valid Export"):
        check(signal, body)


def test_text_that_is_not_utf8_is_a_bad_request() -> None:
    for check in (validate, normalise):
        with pytest.raises(BadRequest, match="bad UTF-8"):
            check(Signal.TRACES, traces_with_raw_value(b"\x2a\x05\x0a\x03\x0a\x01\xff"))


any_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=5)
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.tuples(any_values, st.sampled_from([TRACE_ID, b"", bytes(16)])), max_size=4))
@settings(deadline=None)
def test_normalising_is_idempotent_and_its_bodies_join(records: list[tuple[object, bytes]]) -> None:
    spans = [span(trace_id=trace_id, attributes=[attribute("k", value)]) for value, trace_id in records]
    once = normalise(Signal.TRACES, traces(*spans).SerializeToString())
    assert once.refused == sum(trace_id != TRACE_ID for _, trace_id in records)
    assert normalise(Signal.TRACES, once.body).body == once.body
    joined = normalise(Signal.TRACES, once.body + body_of(Signal.TRACES))
    assert (joined.refused, joined.body) == (0, once.body + body_of(Signal.TRACES))
