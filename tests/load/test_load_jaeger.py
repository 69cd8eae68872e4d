"""Jaeger JSON as OTLP."""

from typing import Any

import pytest
from load_facts import facts_of
from load_sink import spans_of
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.formats import jaeger
from collector.formats.errors import MalformedTelemetry


def record(span_id: str = "B", **fields: object) -> dict[str, Any]:
    return {"traceID": "T", "spanID": span_id, "operationName": "op", "processID": "p1", **fields}


def trace(*spans: dict[str, Any], **processes: Any) -> dict[str, Any]:
    known = {"p1": {"serviceName": "orders"}, **processes}
    return {"data": [{"traceID": "T", "spans": list(spans), "processes": known}]}


def convert(*spans: dict[str, Any], **processes: Any) -> list[Span]:
    return [span for request in jaeger.parse(trace(*spans, **processes)) for span in spans_of(request)]


def attributes(span: Any) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


def tag(key: str, value: object, kind: str = "string") -> dict[str, object]:
    return {"key": key, "type": kind, "value": value}


def reference(kind: str, span_id: str, trace_id: str = "T") -> dict[str, str]:
    return {"refType": kind, "traceID": trace_id, "spanID": span_id}


def test_times_are_microseconds() -> None:
    (span,) = convert(record(startTime=1_700_000_000_000_001, duration=2))
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (
        1_700_000_000_000_001_000,
        1_700_000_000_000_003_000,
    )


def test_hex_ids_keep_their_value_and_others_are_hashed_the_same_way_everywhere() -> None:
    padded, hashed, again = convert(record("1f"), record("G"), record("C", references=[reference("CHILD_OF", "G")]))
    assert padded.span_id.hex() == "000000000000001f"
    assert len(hashed.span_id) == 8
    assert again.parent_span_id == hashed.span_id
    assert {len(span.trace_id) for span in (padded, hashed, again)} == {16}


def test_the_parent_is_the_first_child_of_within_the_trace_and_the_rest_are_links() -> None:
    (span,) = convert(
        record(
            references=[
                reference("FOLLOWS_FROM", "1"),
                reference("CHILD_OF", "2", trace_id="A"),
                reference("CHILD_OF", "3"),
            ]
        )
    )
    assert span.parent_span_id.hex() == "0000000000000003"
    assert [(link.span_id[-1], attributes(link)) for link in span.links] == [
        (1, {"opentracing.ref_type": "follows_from"}),
        (2, {"opentracing.ref_type": "child_of"}),
    ]


def test_a_span_that_only_follows_another_has_it_as_its_parent() -> None:
    (span,) = convert(record(references=[reference("FOLLOWS_FROM", "1")]))
    assert (span.parent_span_id.hex(), len(span.links)) == ("0000000000000001", 0)


def test_a_parent_of_zero_is_no_parent() -> None:
    (span,) = convert(record(parentSpanID="0"))
    assert span.parent_span_id == b""


def test_tags_keep_their_types() -> None:
    (span,) = convert(
        record(
            tags=[
                tag("text", "x"),
                tag("yes", True, "bool"),
                tag("whole", 5, "int64"),
                tag("large", "9007199254740993", "int64"),
                tag("broken", "five", "int64"),
                tag("huge", 2**70, "int64"),
                tag("part", 1, "float64"),
                tag("raw", "AAE=", "binary"),
                tag("untyped", 1.5, ""),
                tag("surrogate", "a\ud800"),
            ]
        )
    )
    assert attributes(span) == {
        "text": "x",
        "yes": True,
        "whole": 5,
        "large": 9007199254740993,
        "broken": "five",
        "huge": str(2**70),
        "part": 1.0,
        "raw": b"\x00\x01",
        "untyped": 1.5,
        "surrogate": "a?",
    }


@pytest.mark.parametrize(
    ("tags", "status", "rest"),
    [
        ([tag("error", True, "bool")], Status(code=Status.STATUS_CODE_ERROR), {}),
        ([tag("error", "true")], Status(code=Status.STATUS_CODE_ERROR), {}),
        ([tag("error", "ClientSideError")], Status(), {"error": "ClientSideError"}),
        (
            [tag("otel.status_code", "ERROR"), tag("otel.status_description", "why")],
            Status(code=Status.STATUS_CODE_ERROR, message="why"),
            {},
        ),
        ([tag("error", True, "bool"), tag("otel.status_code", "OK")], Status(code=Status.STATUS_CODE_OK), {}),
    ],
)
def test_status_comes_from_the_error_and_status_tags(
    tags: list[dict[str, object]], status: Status, rest: dict[str, object]
) -> None:
    (span,) = convert(record(tags=tags))
    assert span.status == status
    assert attributes(span) == rest


def test_kind_scope_and_trace_state_are_taken_out_of_the_tags() -> None:
    tags = [tag("span.kind", "client"), tag("otel.scope.name", "http"), tag("otel.scope.version", "1")]
    (request,) = jaeger.parse(trace(record(tags=[*tags, tag("w3c.tracestate", "a=b")])))
    (scope_spans,) = request.resource_spans[0].scope_spans
    (span,) = scope_spans.spans
    assert (scope_spans.scope.name, scope_spans.scope.version) == ("http", "1")
    assert (span.kind, span.trace_state, attributes(span)) == (Span.SPAN_KIND_CLIENT, "a=b", {})


def test_logs_become_events() -> None:
    logs = [
        {"timestamp": 7, "fields": [tag("event", "retry"), tag("attempt", 2, "int64")]},
        {"timestamp": 8, "fields": [tag("message", "hello")]},
    ]
    (span,) = convert(record(logs=logs))
    assert [(event.time_unix_nano, event.name, attributes(event)) for event in span.events] == [
        (7_000, "retry", {"attempt": 2}),
        (8_000, "log", {"message": "hello"}),
    ]


def test_process_tags_become_resource_attributes() -> None:
    process = {"serviceName": "orders", "tags": [tag("hostname", "h1"), tag("jaeger.version", "Go-2")]}
    (request,) = jaeger.parse(trace(record(), record("C"), p1=process))
    (resource_spans,) = request.resource_spans
    expected = {"service.name": "orders", "host.name": "h1", "jaeger.version": "Go-2"}
    assert attributes(resource_spans.resource) == expected


def test_edges_of_a_trace_survive() -> None:
    child = record("C", processID="p2", references=[reference("CHILD_OF", "B")], tags=[tag("error", True, "bool")])
    facts = facts_of(jaeger.parse(trace(record(), child, p2={"serviceName": "payments"})))
    assert facts.edges == [("orders", "payments", 1, 1)]


def test_a_single_trace_a_list_and_stored_spans_with_their_own_process_are_read() -> None:
    whole = trace(record())["data"][0]
    stored = {"traceID": "T", "spans": [{**record(), "process": {"serviceName": "orders"}}]}
    for variant in (whole, [whole], stored):
        assert facts_of(jaeger.parse(variant)).services == {"orders": 1}


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (record(startTime="noon"), "data[0].spans[0].startTime: expected a whole number, got 'noon'"),
        (record(startTime=-1), "data[0].spans[0].startTime: -1 µs is outside of what OTLP can hold"),
        (record(""), "data[0].spans[0].spanID: missing"),
        (record(processID="p9"), "data[0].spans[0].processID: 'p9' is not among the trace's processes"),
        (record(tags={"a": 1}), "data[0].spans[0].tags: expected a list, got {'a': 1}"),
        (record(logs=[{"timestamp": "x"}]), "data[0].spans[0].logs[0].timestamp: expected a whole number, got 'x'"),
    ],
)
def test_a_fault_is_told_with_its_place(span: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedTelemetry) as caught:
        convert(span)
    assert str(caught.value) == message
