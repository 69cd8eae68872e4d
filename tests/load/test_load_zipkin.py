"""Zipkin v2 JSON as OTLP: above all, the two halves of a call that share one span id."""

from typing import Any

import pytest
from load_facts import facts_of
from load_sink import spans_of
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.formats import zipkin
from collector.formats.errors import MalformedTelemetry


def record(span_id: str, service: str = "", kind: str = "", **fields: object) -> dict[str, Any]:
    made: dict[str, Any] = {"traceId": "c0ffee", "id": span_id, "timestamp": 1_000, "duration": 10, **fields}
    if service:
        made["localEndpoint"] = {"serviceName": service}
    return made | ({"kind": kind} if kind else {})


def convert(*records: dict[str, Any]) -> list[Span]:
    return [span for request in zipkin.parse(list(records)) for span in spans_of(request)]


def attributes(span: Span) -> dict[str, object]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


SHOP_CALL = record("1", "shop", "CLIENT")
ORDERS_HALF = record("1", "orders", "SERVER", shared=True)


@pytest.mark.parametrize("halves", [(SHOP_CALL, ORDERS_HALF), (ORDERS_HALF, SHOP_CALL)])
def test_a_server_half_is_the_child_of_the_client_half_in_any_order(halves: tuple[dict[str, Any], ...]) -> None:
    spans = {span.kind: span for span in convert(*halves)}
    client, server = spans[Span.SPAN_KIND_CLIENT], spans[Span.SPAN_KIND_SERVER]
    assert client.span_id.hex() == "0000000000000001"
    assert server.span_id not in (client.span_id, b"")
    assert (client.parent_span_id, server.parent_span_id) == (b"", client.span_id)


def test_halves_are_found_without_the_shared_flag_and_ids_are_the_same_each_time() -> None:
    unflagged = record("1", "orders", "SERVER")
    assert facts_of(zipkin.parse([SHOP_CALL, unflagged])).edges == [("shop", "orders", 1, 0)]
    assert convert(SHOP_CALL, unflagged) == convert(SHOP_CALL, ORDERS_HALF)


def test_the_children_of_a_shared_id_go_to_the_half_of_their_service_else_to_the_server() -> None:
    in_server = record("2", "orders", parentId="1")
    in_client = record("3", "shop", parentId="1")
    elsewhere = record("4", "stock", "SERVER", parentId="1")
    facts = facts_of(zipkin.parse([SHOP_CALL, ORDERS_HALF, in_server, in_client, elsewhere]))
    assert facts.edges == [("orders", "stock", 1, 0), ("shop", "orders", 1, 0)]
    assert (facts.roots, facts.orphans) == (1, 0)


def test_two_servers_that_answer_one_call_are_two_spans() -> None:
    second = record("1", "orders-canary", "SERVER", shared=True)
    facts = facts_of(zipkin.parse([SHOP_CALL, ORDERS_HALF, second]))
    assert facts.edges == [("shop", "orders", 1, 0), ("shop", "orders-canary", 1, 0)]
    assert facts.unique_spans == 3


def test_a_server_half_without_its_client_keeps_its_id_and_parent() -> None:
    (span,) = convert(record("1", "orders", "SERVER", shared=True, parentId="7"))
    assert (span.span_id[-1], span.parent_span_id[-1]) == (1, 7)


def test_a_span_reported_twice_stays_one_id() -> None:
    assert facts_of(zipkin.parse([SHOP_CALL, SHOP_CALL])).unique_spans == 1


def test_equal_ids_in_two_traces_have_nothing_to_do_with_each_other() -> None:
    facts = facts_of(zipkin.parse([[SHOP_CALL], [{**ORDERS_HALF, "traceId": "beef"}]]))
    assert (facts.edges, facts.traces, facts.roots) == ([], 2, 2)


def test_fields_become_what_the_current_conventions_call_them() -> None:
    (span,) = convert(
        record(
            "1",
            kind="CLIENT",
            name="get",
            localEndpoint={"serviceName": "shop", "ipv4": "10.0.0.1"},
            remoteEndpoint={"serviceName": "orders", "ipv6": "::1", "port": 80},
            annotations=[{"timestamp": 1_003, "value": "retry"}],
            tags={"http.method": "GET"},
        )
    )
    assert (span.start_time_unix_nano, span.end_time_unix_nano, span.name) == (1_000_000, 1_010_000, "get")
    assert [(event.time_unix_nano, event.name) for event in span.events] == [(1_003_000, "retry")]
    assert attributes(span) == {
        "network.local.address": "10.0.0.1",
        "service.peer.name": "orders",
        "server.address": "::1",
        "server.port": 80,
        "network.peer.address": "::1",
        "network.peer.port": 80,
        "http.method": "GET",
    }


def test_the_peer_of_a_server_is_its_client() -> None:
    (span,) = convert(record("1", "orders", "SERVER", remoteEndpoint={"ipv4": "10.0.0.9"}))
    assert attributes(span) == {"client.address": "10.0.0.9", "network.peer.address": "10.0.0.9"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("true", Status(code=Status.STATUS_CODE_ERROR)),
        ("", Status(code=Status.STATUS_CODE_ERROR)),
        ("timed out", Status(code=Status.STATUS_CODE_ERROR, message="timed out")),
        ("false", Status()),
    ],
)
def test_an_error_tag_is_an_error_whatever_it_says_except_false(error: str, status: Status) -> None:
    (span,) = convert(record("1", "shop", tags={"error": error}))
    assert span.status == status


@pytest.mark.parametrize("kind", ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"])
def test_kinds_keep_their_names(kind: str) -> None:
    (span,) = convert(record("1", "shop", kind))
    assert Span.SpanKind.Name(span.kind) == f"SPAN_KIND_{kind}"


def test_without_a_service_name_the_resource_has_none() -> None:
    (request,) = zipkin.parse([record("1")])
    assert len(request.resource_spans[0].resource.attributes) == 0


def test_without_a_timestamp_the_first_annotation_tells_the_start() -> None:
    (span,) = convert(record("1", timestamp=None, duration=None, annotations=[{"timestamp": 5, "value": "a"}]))
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (5_000, 5_000)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (record("1", timestamp="soon"), "[0].timestamp: expected a whole number, got 'soon'"),
        (record("1", annotations=[{"timestamp": []}]), "[0].annotations[0].timestamp: expected a whole number, got []"),
        (record(""), "[0].id: missing"),
        (record("1", binaryAnnotations=[]), "[0].binaryAnnotations: this is Zipkin v1; only v2 is read"),
    ],
)
def test_a_fault_is_told_with_its_place(broken: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedTelemetry) as caught:
        convert(broken)
    assert str(caught.value) == message
