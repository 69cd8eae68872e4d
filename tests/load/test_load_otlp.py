"""OTLP in its encodings: protobuf, JSON, YAML."""

import json
import sys
from typing import Any

import pytest
from load_sink import spans_of
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.formats import otlp_json, otlp_protobuf, otlp_yaml
from collector.formats.errors import MalformedTelemetry

TRACE_HEX, SPAN_HEX, PARENT_HEX = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"


def expected_span() -> Span:
    span = Span(
        trace_id=bytes.fromhex(TRACE_HEX),
        span_id=bytes.fromhex(SPAN_HEX),
        parent_span_id=bytes.fromhex(PARENT_HEX),
        name="GET /orders",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=1_700_000_000_000_000_001,
        end_time_unix_nano=1_700_000_000_000_000_002,
        status=Status(code=Status.STATUS_CODE_ERROR, message="no"),
    )
    span.attributes.add(key="http.response.status_code").value.int_value = 500
    span.links.add(trace_id=bytes.fromhex(TRACE_HEX), span_id=bytes.fromhex(PARENT_HEX))
    return span


def document(**changes: object) -> dict[str, Any]:
    span = {
        "traceId": TRACE_HEX,
        "spanId": SPAN_HEX,
        "parentSpanId": PARENT_HEX,
        "name": "GET /orders",
        "kind": 2,
        "startTimeUnixNano": "1700000000000000001",
        "endTimeUnixNano": "1700000000000000002",
        "status": {"code": 2, "message": "no"},
        "attributes": [{"key": "http.response.status_code", "value": {"intValue": "500"}}],
        "links": [{"traceId": TRACE_HEX, "spanId": PARENT_HEX}],
    } | changes
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "s"}, "spans": [span]}]}]}


def only_span(requests: list[ExportTraceServiceRequest]) -> Span:
    (span,) = [span for request in requests for span in spans_of(request)]
    return span


def snake_case(value: Any) -> Any:
    if isinstance(value, list):
        return [snake_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): snake_case(v) for key, v in value.items()}


@pytest.mark.parametrize(
    "variant",
    [
        document(),
        [document()],
        {"result": document()},
        snake_case(document()),
        document(kind="SPAN_KIND_SERVER", status={"code": "STATUS_CODE_ERROR", "message": "no"}),
        document(startTimeUnixNano=1_700_000_000_000_000_001, unknownField={"a": 1}, traceId=TRACE_HEX.upper()),
    ],
    ids=["plain", "list", "jaeger-api-v3", "snake-case", "enum-names", "numbers-and-unknown-fields"],
)
def test_otlp_json_is_read_in_all_its_spellings(variant: object) -> None:
    assert only_span(list(otlp_json.parse(variant))) == expected_span()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"traceId": "abc"}, "resourceSpans[0].scopeSpans[0].spans[0].traceId: expected 32 hex digits, got 'abc'"),
        ({"spanId": None}, "resourceSpans[0].scopeSpans[0].spans[0].spanId: expected 16 hex digits, got None"),
        (
            {"links": [{"traceId": TRACE_HEX}]},
            "resourceSpans[0].scopeSpans[0].spans[0].links[0].spanId: expected 16 hex digits, got None",
        ),
        (
            {"endTimeUnixNano": "soon"},
            "resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano: invalid literal for int() with base 10: 'soon'",
        ),
        ({"links": 5}, "resourceSpans[0].scopeSpans[0].spans[0].links: expected a list, got int"),
    ],
)
def test_a_fault_in_otlp_json_is_told_with_its_place(changes: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedTelemetry) as caught:
        list(otlp_json.parse(document(**changes)))
    assert str(caught.value) == message


def test_protobuf_requests_written_one_after_the_other_are_all_read() -> None:
    (request,) = otlp_json.parse(document())
    data = request.SerializeToString()
    assert otlp_protobuf.looks_like(data)
    assert list(otlp_protobuf.parse(data + data)) == [request, request]


def test_protobuf_that_is_cut_off_gives_what_came_before_and_the_offset() -> None:
    (request,) = otlp_json.parse(document())
    data = request.SerializeToString()
    reading = otlp_protobuf.parse(data + data[:-1])
    assert next(reading) == request
    with pytest.raises(MalformedTelemetry, match=rf"^offset {len(data)}: resource_spans\[1\]: cut off"):
        next(reading)


def test_protobuf_of_another_signal_is_not_taken_for_spans() -> None:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"a metric's name")
    with pytest.raises(MalformedTelemetry, match="expected ids of 16 and 8 bytes, got 15 and 0: not trace data"):
        list(otlp_protobuf.parse(request.SerializeToString()))


def test_yaml_is_the_same_document_and_ids_of_digits_only_stay_ids() -> None:
    pytest.importorskip("yaml")
    digits = "00000000000000000000000000000012"
    text = json.dumps(document(traceId=digits)).replace(f'"{digits}"', digits, 1)
    text += "\n---\n" + json.dumps(document())
    first, second = [span for request in otlp_yaml.parse(text) for span in spans_of(request)]
    assert first.trace_id.hex() == digits
    assert second == expected_span()


def test_broken_yaml_is_told_with_line_and_column() -> None:
    pytest.importorskip("yaml")
    with pytest.raises(MalformedTelemetry, match=r"^line 3 column 1: expected the node content"):
        list(otlp_yaml.parse("resourceSpans:\n  - resource: [\n"))


def test_without_pyyaml_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MalformedTelemetry, match="needs PyYAML, which is not installed"):
        list(otlp_yaml.parse("resourceSpans: []"))
