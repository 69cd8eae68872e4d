"""OTLP/gRPC over real sockets, under both event loops."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from receiver_data import body_of, nested_arrays, traces, traces_with_raw_value
from receiver_servers import RecordingSink, serving_grpc
from waiting import poll_until

from collector.errors import ReadOnly, Unavailable
from collector.model import Receipt, Signal
from collector.receivers.grpc import build_grpc_server
from collector.receivers.signals import PROTOCOLS

SPANS = body_of(Signal.TRACES)


@contextlib.contextmanager
def _channel(target: str) -> Iterator[grpc.Channel]:
    options = [("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
    with grpc.insecure_channel(target, options) as channel:
        yield channel


def _export(target: str, body: bytes, signal: Signal = Signal.TRACES, **options: Any) -> bytes:
    with _channel(target) as channel:
        call = channel.unary_unary(f"/{PROTOCOLS[signal].grpc_service}/Export")
        answer: bytes = call(body, timeout=60, **options)
        return answer


def _failure(target: str, body: bytes) -> Any:
    with pytest.raises(grpc.RpcError) as failed:
        _export(target, body)
    return failed.value


def _details(error: Any) -> status_pb2.Status:
    trailers = dict(error.trailing_metadata())
    return status_pb2.Status.FromString(trailers["grpc-status-details-bin"])


@pytest.mark.parametrize("signal", Signal)
def test_a_request_reaches_the_sink_byte_for_byte(signal: Signal, sink: RecordingSink, grpc_target: str) -> None:
    assert _export(grpc_target, body_of(signal), signal) == b""
    assert sink.submitted == [(signal, body_of(signal))]


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compressed_requests_are_taken(compression: Any, sink: RecordingSink, grpc_target: str) -> None:
    _export(grpc_target, SPANS * 1000, compression=compression)
    assert sink.submitted == [(Signal.TRACES, SPANS * 1000)]


@pytest.mark.parametrize("body", [b"", traces().SerializeToString()])
def test_a_request_without_records_succeeds_and_is_not_stored(
    body: bytes, sink: RecordingSink, grpc_target: str
) -> None:
    assert (_export(grpc_target, body), sink.submitted) == (b"", [])


@pytest.mark.parametrize("signal", Signal)
def test_refused_records_are_a_partial_success(signal: Signal, sink: RecordingSink, grpc_target: str) -> None:
    sink.receipt = Receipt(2, "because")
    answer = PROTOCOLS[signal].response.FromString(_export(grpc_target, body_of(signal), signal))
    expected = {"partial_success": {PROTOCOLS[signal].rejected_field: "2", "error_message": "because"}}
    assert json_format.MessageToDict(answer, preserving_proto_field_name=True) == expected


def test_values_too_deep_for_the_c_parser_are_taken(sink: RecordingSink, grpc_target: str) -> None:
    _export(grpc_target, traces_with_raw_value(nested_arrays(50)))
    assert b"[" * 50 + b'"x"' in sink.submitted[0][1]


def test_invalid_argument_what_cannot_be_decoded(sink: RecordingSink, grpc_target: str) -> None:
    error = _failure(grpc_target, b"\x0a\x05x")
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "body is not a valid ExportTraceServiceRequest: Wire format was corrupt"
    assert _details(error).message == error.details()
    assert sink.submitted == []


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_resource_exhausted_over_the_limit(compression: Any, sink: RecordingSink) -> None:
    with serving_grpc(sink, max_body_bytes=2**20) as target:
        with pytest.raises(grpc.RpcError) as failed:
            _export(target, bytes(50 * 2**20), compression=compression)
        assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert _export(target, SPANS) == b""
    assert len(sink.submitted) == 1


@pytest.mark.parametrize("when", ["refusal", "failure"])
def test_unavailable_says_when_to_come_back(when: str, sink: RecordingSink, grpc_target: str) -> None:
    setattr(sink, when, Unavailable("the queue is full", retry_after_s=7))
    error = _failure(grpc_target, SPANS)
    assert (error.code(), error.details()) == (grpc.StatusCode.UNAVAILABLE, "the queue is full")
    info = error_details_pb2.RetryInfo()
    assert _details(error).details[0].Unpack(info)
    assert info.retry_delay.seconds == 7


def test_other_expected_errors_have_their_code(sink: RecordingSink, grpc_target: str) -> None:
    sink.failure = ReadOnly("the store was opened for reading")
    assert _failure(grpc_target, SPANS).code() is grpc.StatusCode.PERMISSION_DENIED


def test_internal_hides_what_happened_and_logs_it(
    sink: RecordingSink, grpc_target: str, caplog: pytest.LogCaptureFixture
) -> None:
    sink.failure = ZeroDivisionError("secret")
    error = _failure(grpc_target, SPANS)
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in error.details()
    assert "ZeroDivisionError: secret" in caplog.text


def test_unimplemented_another_service(grpc_target: str) -> None:
    with _channel(grpc_target) as channel, pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export")(b"")
    assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_sender_that_gives_up_does_not_cancel_the_commit(sink: RecordingSink, grpc_target: str) -> None:
    sink.gate.clear()
    with _channel(grpc_target) as channel:
        call = channel.unary_unary(f"/{PROTOCOLS[Signal.TRACES].grpc_service}/Export").future(SPANS, timeout=60)
        poll_until(lambda: sink.submitted, "the request to reach the sink")
        call.cancel()
    assert _export_again_after_opening(sink, grpc_target) == b""
    assert all(future.exception() is None for future in sink.futures)
    assert len(sink.futures) == 2


def _export_again_after_opening(sink: RecordingSink, target: str) -> bytes:
    sink.gate.set()
    return _export(target, SPANS)


def test_a_port_in_use_is_an_os_error(sink: RecordingSink) -> None:
    async def bind(target: str) -> None:
        build_grpc_server(sink, target)

    with serving_grpc(sink) as target, pytest.raises(OSError, match=f"cannot listen for OTLP/gRPC on {target}"):
        asyncio.run(bind(target))
