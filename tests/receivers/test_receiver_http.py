"""OTLP/HTTP over real sockets: each status, in the encoding of the request."""

import contextlib
import gzip
import http.client
import json
import select
import socket
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from backports import zstd
from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from receiver_data import (
    REQUEST_TYPES,
    body_of,
    nested_arrays,
    span,
    traces,
    traces_with_raw_value,
)
from receiver_servers import RecordingSink, serving_http
from waiting import poll_until

from collector.errors import ReadOnly, Unavailable
from collector.model import Receipt, Signal
from collector.receivers.normalise import normalise
from collector.receivers.signals import PROTOCOLS

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
SPANS = body_of(Signal.TRACES)
SPANS_JSON = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}'
BODIES = {PROTOBUF: SPANS, JSON: SPANS_JSON}
in_each_encoding = pytest.mark.parametrize("content_type", [PROTOBUF, JSON])


def _post(
    url: str, body: Any, content_type: str = PROTOBUF, path: str = "/v1/traces", **headers: str
) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url + path, data=body, headers={"content-type": content_type, **named}, timeout=60)


def _status(response: requests.Response) -> status_pb2.Status:
    """The google.rpc.Status of an answer, whose content type must say how it is written."""
    if response.headers["content-type"] == JSON:
        return json_format.Parse(response.content, status_pb2.Status())
    assert response.headers["content-type"] == PROTOBUF
    return status_pb2.Status.FromString(response.content)


# --- success ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", Signal)
def test_a_protobuf_request_reaches_the_sink_byte_for_byte(signal: Signal, sink: RecordingSink, http_url: str) -> None:
    response = _post(http_url, body_of(signal), path=PROTOCOLS[signal].http_path)
    assert (response.status_code, response.content, response.headers["content-type"]) == (200, b"", PROTOBUF)
    assert sink.submitted == [(signal, body_of(signal))]


@pytest.mark.parametrize("signal", Signal)
def test_a_json_request_reaches_the_sink_as_protobuf(signal: Signal, sink: RecordingSink, http_url: str) -> None:
    text = {Signal.TRACES: SPANS_JSON, Signal.METRICS: b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{}]}]}]}'}
    document = text.get(signal, b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}')
    response = _post(http_url, document, JSON + "; charset=utf-8", PROTOCOLS[signal].http_path)
    assert (response.status_code, response.json(), response.headers["content-type"]) == (200, {}, JSON)
    [(submitted, body)] = sink.submitted
    assert (submitted, body) == (signal, json_format.Parse(document, REQUEST_TYPES[signal]()).SerializeToString())


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress), ("identity", bytes)],
)
@in_each_encoding
@pytest.mark.parametrize("count", [1, 5000], ids=["small", "large"])
def test_compressed_bodies_are_taken(
    encoding: str, encode: Callable[[bytes], bytes], content_type: str, count: int, sink: RecordingSink, http_url: str
) -> None:
    if content_type == PROTOBUF:
        plain = SPANS * count
    else:
        plain = b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b",".join([b'{"name":"a"}'] * count) + b"]}]}]}"
    assert _post(http_url, encode(plain), content_type, content_encoding=encoding).status_code == 200
    [(_, body)] = sink.submitted
    request = REQUEST_TYPES[Signal.TRACES].FromString(body)
    assert sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans) == count


@in_each_encoding
def test_a_request_without_records_succeeds_and_is_not_stored(
    content_type: str, sink: RecordingSink, http_url: str
) -> None:
    empty = traces().SerializeToString() if content_type == PROTOBUF else b'{"resourceSpans":[{"scopeSpans":[{}]}]}'
    for body in (empty, b"" if content_type == PROTOBUF else b"{}"):
        response = _post(http_url, body, content_type)
        assert (response.status_code, response.content) == (200, b"" if content_type == PROTOBUF else b"{}")
    assert sink.submitted == []


@in_each_encoding
def test_refused_spans_are_a_partial_success(content_type: str, sink: RecordingSink, http_url: str) -> None:
    sink.receipt = Receipt(3, "3 spans refused: 3 without start_time_unix_nano")
    response = _post(http_url, BODIES[content_type], content_type)
    assert (response.status_code, response.headers["content-type"]) == (200, content_type)
    expected = ExportTraceServiceResponse()
    expected.partial_success.rejected_spans = 3
    expected.partial_success.error_message = sink.receipt.reason
    if content_type == JSON:
        assert response.json() == {"partialSuccess": {"rejectedSpans": "3", "errorMessage": sink.receipt.reason}}
    else:
        assert ExportTraceServiceResponse.FromString(response.content) == expected


@pytest.mark.parametrize(
    ("signal", "field"), [(Signal.METRICS, "rejectedDataPoints"), (Signal.LOGS, "rejectedLogRecords")]
)
def test_each_signal_names_what_was_refused(signal: Signal, field: str, sink: RecordingSink, http_url: str) -> None:
    sink.receipt = Receipt(1, "because")
    response = _post(http_url, body_of(signal), path=PROTOCOLS[signal].http_path)
    answer = PROTOCOLS[signal].response.FromString(response.content)
    assert json_format.MessageToDict(answer) == {"partialSuccess": {field: "1", "errorMessage": "because"}}


def test_the_answer_waits_for_the_commit(sink: RecordingSink, http_url: str) -> None:
    sink.gate.clear()
    with ThreadPoolExecutor(1) as sender:
        answer: Future[requests.Response] = sender.submit(_post, http_url, SPANS)
        poll_until(lambda: sink.submitted, "the request to reach the sink")
        assert _post(http_url, b"").status_code == 200  # others are served meanwhile
        assert not answer.done()
        sink.gate.set()
        assert answer.result(60).status_code == 200


def test_values_too_deep_for_the_c_parser_are_taken(sink: RecordingSink, http_url: str) -> None:
    assert _post(http_url, traces_with_raw_value(nested_arrays(50))).status_code == 200
    [(_, body)] = sink.submitted
    assert b"[" * 50 + b'"x"' in body
    assert normalise(Signal.TRACES, body).body == body


def test_large_bodies_with_such_values_are_refused(sink: RecordingSink, http_url: str) -> None:
    response = _post(http_url, traces_with_raw_value(nested_arrays(50)) + SPANS * 30_000)
    assert (response.status_code, sink.submitted) == (400, [])
    assert _status(response).message == "body nests messages too deeply for ExportTraceServiceRequest"


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body", "encoding", "message"),
    [
        (PROTOBUF, b"\x0a\x05x", "", "body is not a valid ExportTraceServiceRequest: Wire format was corrupt"),
        (PROTOBUF, SPANS, "gzip", "gzip body cannot be decompressed"),
        (PROTOBUF, gzip.compress(SPANS, mtime=0)[:-4], "gzip", "gzip body ends too early"),
        (JSON, b"{", "", "body is not JSON"),
        (JSON, b"[]", "", "body: expected an object, got an array"),
        (JSON, b'{"resourceSpans":[{"schemaUrl":1}]}', "", "resourceSpans[0].schemaUrl: expected a string, got 1"),
        (JSON, b"[" * 50_000, "", "body nests JSON too deeply"),
    ],
)
def test_400_what_cannot_be_decoded(
    content_type: str, body: bytes, encoding: str, message: str, sink: RecordingSink, http_url: str
) -> None:
    response = _post(http_url, body, content_type, content_encoding=encoding)
    assert (response.status_code, response.headers["content-type"]) == (400, content_type)
    assert _status(response).code == code_pb2.INVALID_ARGUMENT
    assert message in _status(response).message
    assert sink.submitted == []


@pytest.mark.parametrize("path", ["/", "/v1/profiles", "/v1/traces/", "/v1/trace"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_404_tells_where_to_send(path: str, method: str, http_url: str) -> None:
    response = requests.request(method, http_url + path, timeout=60)
    assert (response.status_code, response.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert "POST to /v1/traces, /v1/metrics, /v1/logs" in response.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_405_names_the_methods(method: str, http_url: str) -> None:
    response = requests.request(method, http_url + "/v1/traces", timeout=60)
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")


@in_each_encoding
def test_413_a_body_over_the_limit(content_type: str, sink: RecordingSink) -> None:
    with serving_http(sink, max_body_bytes=10_000) as url:
        response = _post(url, b" " * 10_001, content_type)
        assert response.status_code == 413
        assert _status(response).code == code_pb2.RESOURCE_EXHAUSTED
        assert _status(response).message == "body has 10001 bytes or more; the limit is 10000"
    assert sink.submitted == []


def test_413_before_the_body_is_sent(sink: RecordingSink) -> None:
    with serving_http(sink, max_body_bytes=10_000) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        connection.putrequest("POST", "/v1/traces")
        connection.putheader("content-type", PROTOBUF)
        connection.putheader("content-length", "10001")
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_413_while_a_body_of_unknown_length_arrives(sink: RecordingSink) -> None:
    with serving_http(sink, max_body_bytes=100_000) as url:
        response = _post(url, (bytes(10_000) for _ in range(500)))
        assert response.status_code == 413


def test_413_is_received_by_a_client_that_sends_all_first(sink: RecordingSink) -> None:
    with serving_http(sink, max_body_bytes=10_000) as url, requests.Session() as session:
        for _ in range(3):
            answer = session.post(f"{url}/v1/traces", bytes(20 * 2**20), headers={"content-type": PROTOBUF}, timeout=60)
            assert answer.status_code == 413


@pytest.mark.parametrize("encode", [gzip.compress, zstd.compress])
def test_413_what_inflates_over_the_limit(encode: Callable[[bytes], bytes], sink: RecordingSink) -> None:
    encoding = "gzip" if encode is gzip.compress else "zstd"
    with serving_http(sink, max_body_bytes=2**20) as url:
        response = _post(url, encode(bytes(100 * 2**20)), content_encoding=encoding)
        assert response.status_code == 413
        assert _status(response).message == f"{encoding} body has more than 1048576 bytes when decompressed"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_415_an_unknown_content_type(content_type: str, http_url: str) -> None:
    response = _post(http_url, SPANS, content_type)
    assert (response.status_code, _status(response).code) == (415, code_pb2.INVALID_ARGUMENT)
    assert "use application/x-protobuf or application/json" in _status(response).message


@in_each_encoding
def test_415_an_unknown_content_encoding(content_type: str, http_url: str) -> None:
    response = _post(http_url, SPANS, content_type, content_encoding="br")
    assert (response.status_code, response.headers["content-type"]) == (415, content_type)
    assert response.headers["accept-encoding"] == "gzip, deflate, zstd"
    assert _status(response).message == "content-encoding 'br' is not supported; use gzip, deflate, zstd"


@in_each_encoding
@pytest.mark.parametrize("when", ["refusal", "failure"])
def test_503_says_when_to_come_back(when: str, content_type: str, sink: RecordingSink, http_url: str) -> None:
    setattr(sink, when, Unavailable("the queue is full", retry_after_s=7))
    response = _post(http_url, BODIES[content_type], content_type)
    assert (response.status_code, response.headers["retry-after"]) == (503, "7")
    status, info = _status(response), error_details_pb2.RetryInfo()
    assert (status.code, status.message) == (code_pb2.UNAVAILABLE, "the queue is full")
    assert status.details[0].Unpack(info)
    assert info.retry_delay.seconds == 7


@in_each_encoding
def test_other_expected_errors_keep_their_status(content_type: str, sink: RecordingSink, http_url: str) -> None:
    sink.failure = ReadOnly("the store was opened for reading")
    response = _post(http_url, BODIES[content_type], content_type)
    assert (response.status_code, _status(response).code) == (403, code_pb2.PERMISSION_DENIED)


@in_each_encoding
def test_500_hides_what_happened_and_logs_it(
    content_type: str, sink: RecordingSink, http_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    sink.failure = ZeroDivisionError("secret")
    response = _post(http_url, BODIES[content_type], content_type)
    assert (response.status_code, _status(response).code) == (500, code_pb2.INTERNAL)
    assert "secret" not in _status(response).message
    assert "unexpected error while receiving traces" in caplog.text
    assert "ZeroDivisionError: secret" in caplog.text


# --- the connection --------------------------------------------------------------------------------------------------


def test_chunked_bodies_are_taken(sink: RecordingSink, http_url: str) -> None:
    response = _post(http_url, (SPANS[i : i + 7] for i in range(0, len(SPANS), 7)))
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert (response.status_code, sink.submitted) == (200, [(Signal.TRACES, SPANS)])


def test_bodies_in_many_pieces_are_taken(sink: RecordingSink, http_url: str) -> None:
    body = SPANS * 20_000
    assert _post(http_url, body).status_code == 200
    assert sink.submitted == [(Signal.TRACES, body)]


def test_100_continue_is_sent_before_the_body(sink: RecordingSink, http_url: str) -> None:
    with _connected(http_url) as connection:
        connection.sendall(_head(len(SPANS), "Expect: 100-continue\r\n"))
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(SPANS)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_one_connection_serves_many_requests(sink: RecordingSink, http_url: str) -> None:
    with requests.Session() as session:
        for _ in range(20):
            session.post(f"{http_url}/v1/traces", SPANS, headers={"content-type": PROTOBUF}, timeout=60)
    assert len(sink.submitted) == 20


def test_a_sender_that_leaves_amid_the_body_is_quietly_forgotten(
    sink: RecordingSink, http_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        with _connected(http_url) as connection:
            connection.sendall(_head(len(SPANS)) + SPANS[:10])
    assert _post(http_url, SPANS).status_code == 200
    assert (len(sink.submitted), caplog.text) == (1, "")


def test_a_sender_that_leaves_before_the_commit_loses_nothing(
    sink: RecordingSink, http_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    sink.gate.clear()
    with _connected(http_url) as connection:
        connection.sendall(_head(len(SPANS)) + SPANS)
        poll_until(lambda: sink.submitted, "the request to reach the sink")
    sink.gate.set()
    assert _post(http_url, SPANS).status_code == 200
    assert (len(sink.submitted), caplog.text) == (2, "")


def test_slow_large_bodies_cannot_fill_the_memory(sink: RecordingSink) -> None:
    limit = 2**20
    with serving_http(sink, max_body_bytes=limit) as url:
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(_connected(url)) for _ in range(9)]
            for connection in held:
                threading.Thread(
                    target=connection.sendall, args=(_head(limit) + bytes(limit - 1),), daemon=True
                ).start()
            answered, _, _ = select.select(held, [], [], 20)
            assert answered, "one of nine half-sent bodies is refused"
            assert answered[0].recv(1000).startswith(b"HTTP/1.1 503")
        poll_until(lambda: _post(url, SPANS * 1000).status_code == 200, "room for others")


def _connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def _head(size: int, more: str = "") -> bytes:
    headers = f"Host: x\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {size}\r\n{more}"
    return f"POST /v1/traces HTTP/1.1\r\n{headers}\r\n".encode()


# --- pages in a browser ----------------------------------------------------------------------------------------------


def _preflight(url: str, origin: str, headers: str = "content-type,x-tenant") -> requests.Response:
    asked = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": headers}
    return requests.options(f"{url}/v1/traces", headers=asked, timeout=60)


@pytest.mark.parametrize(
    "origin", ["http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:80"]
)
def test_a_page_of_this_machine_may_send(origin: str, http_url: str) -> None:
    answer = _preflight(http_url, origin)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-max-age"] == "7200"
    assert answer.headers["vary"] == "Origin"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"content-type", "content-encoding", "traceparent", "authorization", "x-tenant"} <= set(allowed)
    for body, status in ((SPANS, 200), (b"\x0a\x05x", 400)):
        response = _post(http_url, body, origin=origin)
        assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, origin)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "null", "http://localhosts"]
)
def test_another_page_may_not(origin: str, http_url: str) -> None:
    for response in (_preflight(http_url, origin), _post(http_url, SPANS, origin=origin)):
        assert "access-control-allow-origin" not in response.headers


def test_origins_may_hold_wildcards(sink: RecordingSink) -> None:
    with serving_http(sink, cors_origins=["https://*.shop.example", "https://one.example"]) as url:
        allowed = {
            origin: "access-control-allow-origin" in _preflight(url, origin).headers
            for origin in ("https://a.shop.example", "https://one.example", "https://shop.example", "http://localhost")
        }
    assert list(allowed.values()) == [True, True, False, False]


def test_a_star_lets_every_page_send(sink: RecordingSink) -> None:
    with serving_http(sink, cors_origins=["*"]) as url:
        assert _preflight(url, "https://any.example").headers["access-control-allow-origin"] == "*"


def test_without_origins_no_page_may_send(sink: RecordingSink) -> None:
    with serving_http(sink, cors_origins=[]) as url:
        assert "access-control-allow-origin" not in _preflight(url, "http://localhost").headers


def test_only_x_headers_are_added_to_the_allowed(http_url: str) -> None:
    allowed = _preflight(http_url, "http://localhost", "cookie, X-Key, x-a:b").headers["access-control-allow-headers"]
    assert allowed.endswith(", x-key")
    assert "cookie" not in allowed


def test_options_without_a_page_names_the_methods(http_url: str) -> None:
    response = requests.options(f"{http_url}/v1/logs", timeout=60)
    assert (response.status_code, response.headers["allow"]) == (204, "POST, OPTIONS")


def test_answers_to_no_page_carry_no_cors_headers(http_url: str) -> None:
    assert not {"vary", "access-control-allow-origin"} & set(_post(http_url, SPANS).headers)


def test_a_partial_success_is_json_for_json(sink: RecordingSink, http_url: str) -> None:
    sink.receipt = Receipt(1, "grüße")
    assert json.loads(_post(http_url, SPANS_JSON, JSON).content)["partialSuccess"]["errorMessage"] == "grüße"


def test_spans_of_one_request_stay_together(sink: RecordingSink, http_url: str) -> None:
    body = traces(*[span(name=str(i)) for i in range(3)]).SerializeToString()
    _post(http_url, gzip.compress(body), content_encoding="gzip")
    assert sink.submitted == [(Signal.TRACES, body)]
