"""OTLP over gRPC.

The handlers take and give bytes: the messages are never made into Python objects by gRPC. Answers: OK,
INVALID_ARGUMENT undecodable, RESOURCE_EXHAUSTED too large (gRPC checks this itself, also after decompression),
UNAVAILABLE with a google.rpc.RetryInfo in the status details, UNIMPLEMENTED for other services.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc

from collector.errors import CollectorError
from collector.model import Signal, Sink
from collector.receivers.encoding import DEFAULT_MAX_BODY_BYTES
from collector.receivers.otlp import Intake, WireFormat, error_status, success_body
from collector.receivers.signals import PROTOCOLS

logger = logging.getLogger(__name__)

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}
_STATUS_DETAILS_KEY = "grpc-status-details-bin"

Export = Callable[[bytes, Any], Awaitable[bytes]]


def build_grpc_server(
    sink: Sink, address: str, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
) -> tuple[grpc.aio.Server, int]:
    """A server that puts what it receives into `sink`, and the port it is bound to (for an address with port 0).

    Call it where the event loop runs (asyncio or uvloop), then `await server.start()` and later `server.stop(grace)`.
    Raises OSError when the address cannot be bound.
    """
    server = grpc.aio.server(options=_options(max_body_bytes))
    intake = Intake(sink, max_body_bytes)
    server.add_generic_rpc_handlers(
        tuple(
            grpc.method_handlers_generic_handler(
                protocol.grpc_service,
                {"Export": grpc.unary_unary_rpc_method_handler(_export_handler(intake, signal))},
            )
            for signal, protocol in PROTOCOLS.items()
        )
    )
    try:
        return server, server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"cannot listen for OTLP/gRPC on {address}: {error}") from None


def _options(max_body_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_body_bytes),
        ("grpc.so_reuseport", 0),  # else a second collector would quietly share the port
        ("grpc.max_concurrent_streams", 256),  # of one connection; more of its requests wait at the sender
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # exporters keep idle connections alive
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.keepalive_time_ms", 60_000),  # finds senders that vanished
        ("grpc.keepalive_timeout_ms", 20_000),
    ]


def _export_handler(intake: Intake, signal: Signal) -> Export:
    async def export(body: bytes, context: Any) -> bytes:
        try:
            receipt = await intake.take(signal, body, WireFormat.PROTOBUF)
        except CollectorError as error:
            await _abort(context, error)
        except Exception:
            logger.exception("unexpected error while receiving %s", signal)
            await _abort(context, CollectorError("unexpected error in the collector; see its log"))
        return success_body(signal, receipt, WireFormat.PROTOBUF)

    return export


async def _abort(context: Any, error: CollectorError) -> NoReturn:
    """End the call with the error's status; its details go in the trailer where gRPC clients look for them."""
    status = error_status(error)
    trailers = ((_STATUS_DETAILS_KEY, status.SerializeToString()),)
    await context.abort(_STATUS_CODES[status.code], status.message, trailers)
    raise AssertionError("abort always raises")
