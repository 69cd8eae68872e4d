"""OTLP/JSON becomes the same request that protobuf would have brought."""

import base64
import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from receiver_data import (
    REQUEST_TYPES,
    SPAN_ID,
    START_NS,
    TRACE_ID,
    any_value,
    attribute,
    exemplar,
    gauge,
    log_record,
    logs,
    metrics,
    point,
    span,
    traces,
)

from collector.errors import BadRequest
from collector.model import Signal
from collector.receivers.json_otlp import read_json
from collector.receivers.normalise import normalise


def _read_span(**fields: object) -> Span:
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}
    request: Any = read_json(Signal.TRACES, json.dumps(document).encode())
    found: Span = request.resource_spans[0].scope_spans[0].spans[0]
    return found


def _read_value(value: object) -> AnyValue:
    found: AnyValue = _read_span(attributes=[{"key": "k", "value": value}]).attributes[0].value
    return found


def _as_otlp_json(request: Any, snake_case: bool = False, upper_ids: bool = False, names: bool = False) -> bytes:
    """Protobuf's own JSON with the ids in hex."""
    document = json_format.MessageToDict(
        request, preserving_proto_field_name=snake_case, use_integers_for_enums=not names
    )

    def rewrite(node: Any) -> Any:
        if isinstance(node, list):
            return [rewrite(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {k: hexed(v) if k.lower().replace("_", "") in ids else rewrite(v) for k, v in node.items()}

    def hexed(text: str) -> str:
        digits = base64.b64decode(text).hex()
        return digits.upper() if upper_ids else digits

    ids = {"traceid", "spanid", "parentspanid"}
    return json.dumps(rewrite(document)).encode()


def _rich_histogram() -> Metric:
    metric = Metric(name="latency", unit="ms", metadata=[attribute("m", 1)])
    metric.histogram.aggregation_temporality = 2
    metric.histogram.data_points.add(
        time_unix_nano=START_NS,
        count=6,
        sum=1.5,
        bucket_counts=[1, 2, 3],
        explicit_bounds=[0.5, math.inf],
        min=-0.5,
        exemplars=[exemplar(as_double=2.5, filtered_attributes=[attribute("u", "a")])],
    )
    return metric


def _rich_exponential_histogram() -> Metric:
    metric = Metric(name="sizes")
    added = metric.exponential_histogram.data_points.add(time_unix_nano=START_NS, count=2**63, scale=-3, zero_count=1)
    added.negative.offset = -7
    added.negative.bucket_counts.extend([1, 2**64 - 1])
    return metric


RICH_REQUESTS = {
    Signal.TRACES: traces(
        span(
            parent_span_id=SPAN_ID,
            kind=3,
            flags=0x101,
            trace_state="a=b",
            attributes=[
                attribute("s", "grüße \U0001f600"),
                attribute("i", -(2**63)),
                attribute("d", math.nan),
                attribute("b", True),
                attribute("y", b"\0\xff"),
                attribute("none", None),
            ],
            events=[Span.Event(name="retry", time_unix_nano=START_NS)],
            links=[Span.Link(trace_id=TRACE_ID, span_id=SPAN_ID, trace_state="c=d")],
            status={"code": 2, "message": "boom"},
        )
    ),
    Signal.METRICS: metrics(
        gauge(point(as_double=math.inf, exemplars=[exemplar(as_int=3)])),
        _rich_histogram(),
        _rich_exponential_histogram(),
    ),
    Signal.LOGS: logs(log_record(trace_id=TRACE_ID, span_id=SPAN_ID, severity_number=17, body=any_value(7), flags=1)),
}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize(
    "style",
    [{}, {"snake_case": True}, {"upper_ids": True}, {"names": True}],
    ids=lambda style: next(iter(style), "otlp"),
)
def test_every_spelling_reads_as_the_protobuf_request(signal: Signal, style: dict[str, bool]) -> None:
    expected = RICH_REQUESTS[signal]
    assert str(read_json(signal, _as_otlp_json(expected, **style))) == str(expected)


@pytest.mark.parametrize("signal", Signal)
def test_unknown_fields_are_passed_over(signal: Signal) -> None:
    document = json.loads(_as_otlp_json(RICH_REQUESTS[signal]))

    def sprinkle(node: Any) -> None:
        for child in node.values() if isinstance(node, dict) else node:
            if isinstance(child, dict | list):
                sprinkle(child)
        if isinstance(node, dict):
            node["fromTheFuture"] = {"deep": [1, None]}

    sprinkle(document)
    assert str(read_json(signal, json.dumps(document).encode())) == str(RICH_REQUESTS[signal])


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("text", [b"{}", b" {} ", b"\xef\xbb\xbf{}", b'{"resourceSpans":null,"resource_logs":[]}'])
def test_an_empty_object_is_an_empty_request(signal: Signal, text: bytes) -> None:
    assert read_json(signal, text) == REQUEST_TYPES[signal]()


@pytest.mark.parametrize("value", [123, "123", 123.0])
def test_integers_may_be_strings_or_numbers(value: object) -> None:
    assert _read_span(startTimeUnixNano=value).start_time_unix_nano == 123


@pytest.mark.parametrize("kind", [2, "2", "SPAN_KIND_SERVER"])
def test_enums_may_be_numbers_or_names(kind: object) -> None:
    assert _read_span(kind=kind).kind == 2


def test_an_enum_number_from_the_future_is_kept() -> None:
    assert _read_span(kind=77).kind == 77


@pytest.mark.parametrize(
    ("text", "expected"), [("Infinity", math.inf), ("-Infinity", -math.inf), ("1.5", 1.5), (2, 2.0), (1e300, 1e300)]
)
def test_doubles_may_be_words_strings_or_numbers(text: object, expected: float) -> None:
    assert _read_value({"doubleValue": text}).double_value == expected


def test_nan_is_a_word() -> None:
    assert math.isnan(_read_value({"doubleValue": "NaN"}).double_value)


@pytest.mark.parametrize("text", ["+/8=", "+/8", "-_8=", "-_8"])
def test_bytes_are_base64_of_either_alphabet_with_or_without_padding(text: str) -> None:
    assert _read_value({"bytesValue": text}).bytes_value == b"\xfb\xff"


def test_a_field_named_like_an_id_inside_attribute_values_is_left_alone() -> None:
    value = _read_value(
        {"kvlistValue": {"values": [{"key": "traceId", "value": {"stringValue": "zz", "traceId": "q"}}]}}
    )
    assert value.SerializeToString() == b'\x7a\x10{"traceId":"zz"}'


@pytest.mark.parametrize("bad_id", ["xyz", "0102", "abc", "", "AAECAwQFBgcICQoLDA0ODw=="])
def test_an_id_that_is_none_costs_only_its_span(bad_id: str) -> None:
    good = json.loads(_as_otlp_json(traces(span())))
    spans = good["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans.append(dict(spans[0], traceId=bad_id))
    result = normalise(Signal.TRACES, read_json(Signal.TRACES, json.dumps(good).encode()).SerializeToString())
    assert (result.refused, result.reason) == (1, "1 span refused: 1 with a trace_id that is not 16 bytes")


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [1, "two", 3.0, True, b"\0\1", None, math.nan, -math.inf],
        {"a": {"b": [{"c": []}]}, "ü": "\U0001f600\n\"'"},
        [2**63 - 1, -(2**63)],
    ],
    ids=str,
)
def test_nested_values_become_what_the_protobuf_path_makes_of_them(value: object) -> None:
    request = traces(span(attributes=[attribute("k", value)]))
    from_json = read_json(Signal.TRACES, _as_otlp_json(request)).SerializeToString()
    assert from_json == normalise(Signal.TRACES, request.SerializeToString()).body


@pytest.mark.parametrize("depth", [1, 50, 100])
@pytest.mark.parametrize("container", ["array", "map"])
def test_values_nest_to_depth_100(depth: int, container: str) -> None:
    value: object = {"stringValue": "x"}
    for _ in range(depth):
        if container == "array":
            value = {"arrayValue": {"values": [value]}}
        else:
            value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
    opening, closing = ("[", "]") if container == "array" else ('{"k":', "}")
    text = opening * depth + '"x"' + closing * depth
    assert _read_value(value).SerializeToString().endswith(text.encode())


def test_values_that_nest_deeper_are_a_bad_request() -> None:
    value: object = {"stringValue": "x"}
    for _ in range(101):
        value = {"arrayValue": {"values": [value]}}
    with pytest.raises(BadRequest, match="more than 100 arrays or maps"):
        _read_value(value)


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"a":' * 100_000, b'{"resourceSpans":' + b"[" * 5000 + b"]" * 5000 + b"}"]
)
def test_json_nested_without_end_is_a_bad_request(text: bytes) -> None:
    with pytest.raises(BadRequest, match=r"nests JSON too deeply|expected an object"):
        read_json(Signal.TRACES, text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"startTimeUnixNano": "soon"}, 'startTimeUnixNano: expected an integer, got "soon"'),
        ({"startTimeUnixNano": -1}, "startTimeUnixNano: "),
        ({"startTimeUnixNano": 10**30}, "startTimeUnixNano: "),
        ({"startTimeUnixNano": True}, "startTimeUnixNano: expected an integer, got true"),
        ({"kind": "SPAN_KIND_CAT"}, 'kind: expected an integer, got "SPAN_KIND_CAT"'),
        ({"kind": 2**40}, "kind: "),
        ({"name": 5}, "name: expected a string, got 5"),
        ({"name": "\ud800"}, "name: "),
        ({"traceId": 5}, "traceId: expected a string, got 5"),
        ({"attributes": {}}, "attributes: expected an array, got an object"),
        ({"attributes": [None]}, r"attributes\[0\]: expected an object, got null"),
        ({"attributes": [{"value": "bare"}]}, r'attributes\[0\]\.value: expected an object, got "bare"'),
        ({"attributes": [{"value": {"boolValue": 1}}]}, r"attributes\[0\]\.value: expected true or false, got 1"),
        ({"attributes": [{"value": {"bytesValue": "*"}}]}, r"attributes\[0\]\.value: expected base64"),
        ({"attributes": [{"value": {"doubleValue": "x"}}]}, r"attributes\[0\]\.value: expected a number"),
        ({"attributes": [{"value": {"arrayValue": []}}]}, r"attributes\[0\]\.value: expected an object, got an array"),
        (
            {"attributes": [{"value": {"arrayValue": {"values": [{"stringValue": "\ud800"}]}}}]},
            r"attributes\[0\]\.value: ",
        ),
        ({"attributes": [{"value": {"arrayValue": {"values": [{"intValue": 2**63}]}}}]}, "expected a 64-bit integer"),
        ({"status": []}, "status: expected an object, got an array"),
    ],
)
def test_errors_say_where(fields: dict[str, object], message: str) -> None:
    with pytest.raises(BadRequest, match=r"^resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\." + ".*" + message):
        _read_span(**fields)


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"5", b'"x"', b"{", b"\xff\xfe\x00", b"{" + b"1" * 5000 + b"}"])
def test_what_is_no_json_object_is_a_bad_request(text: bytes) -> None:
    with pytest.raises(BadRequest):
        read_json(Signal.LOGS, text)


def test_numbers_in_packed_lists_are_checked_one_by_one() -> None:
    document = {
        "resourceMetrics": [
            {"scopeMetrics": [{"metrics": [{"histogram": {"dataPoints": [{"bucketCounts": [1, -1]}]}}]}]}
        ]
    }
    with pytest.raises(BadRequest, match=r"dataPoints\[0\]\.bucketCounts\[1\]: "):
        read_json(Signal.METRICS, json.dumps(document).encode())
