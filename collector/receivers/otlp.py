"""What OTLP over HTTP and over gRPC share: from a received body to the bytes of the answer."""

import asyncio
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import Any

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2  # type: ignore[import-untyped]

from collector.errors import CollectorError, Unavailable, UnsupportedMediaType
from collector.model import Receipt, Signal, Sink
from collector.receivers.encoding import decompress
from collector.receivers.json_otlp import read_json
from collector.receivers.normalise import flatten_values
from collector.receivers.signals import PROTOCOLS, NestedTooDeep, holds_nothing, parse_request


class WireFormat(StrEnum):
    """How a request, and therefore its answer, is written. The value is its content type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


NOTHING_REFUSED = Receipt()

_INLINE_BYTES = 2**14
_MAX_DEEP_BODY_BYTES = 2**21  # flattening costs up to a second per MiB when a sender means harm
_LARGE_BODIES_AT_ONCE = 2  # each may need ten times max_body_bytes while it is JSON being read

_RPC_CODES = {
    400: code_pb2.INVALID_ARGUMENT,
    403: code_pb2.PERMISSION_DENIED,
    404: code_pb2.NOT_FOUND,
    413: code_pb2.RESOURCE_EXHAUSTED,
    415: code_pb2.INVALID_ARGUMENT,
    503: code_pb2.UNAVAILABLE,
}


def wire_format(content_type: str) -> WireFormat:
    """Raises UnsupportedMediaType for anything but OTLP's two content types; parameters do not matter."""
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        return WireFormat(media_type)
    except ValueError:
        expected = " or ".join(WireFormat)
        raise UnsupportedMediaType(f"content-type {media_type[:50]!r} is not supported; use {expected}") from None


def prepare(
    signal: Signal, raw_body: bytes, wire: WireFormat, content_encoding: str = "", *, max_body_bytes: int
) -> bytes:
    """The request as valid serialised protobuf that can be joined to others; b"" when it holds no records at all.

    Raises PayloadTooLarge, BadRequest or UnsupportedMediaType.
    """
    try:
        return _decode(signal, raw_body, wire, content_encoding, max_body_bytes)
    except NestedTooDeep:
        body = decompress(raw_body, content_encoding, max_body_bytes)
        if len(body) > _MAX_DEEP_BODY_BYTES:
            raise
        body = flatten_values(signal, body)
        return _decode(signal, body, wire, "", max_body_bytes=len(body))


def _decode(signal: Signal, raw_body: bytes, wire: WireFormat, content_encoding: str, max_body_bytes: int) -> bytes:
    """Like prepare, but raises NestedTooDeep for what must be flattened first."""
    body = decompress(raw_body, content_encoding, max_body_bytes)
    if wire is WireFormat.JSON:
        request = read_json(signal, body)
        body = request.SerializeToString()
    else:
        request = parse_request(signal, body)
    return b"" if holds_nothing(signal, request) else body


class Intake:
    """Takes request bodies to the sink, for any number of requests at a time on one event loop."""

    def __init__(self, sink: Sink, max_body_bytes: int) -> None:
        self._sink = sink
        self._max_body_bytes = max_body_bytes
        self._large_bodies = asyncio.Semaphore(_LARGE_BODIES_AT_ONCE)

    async def take(self, signal: Signal, raw_body: bytes, wire: WireFormat, content_encoding: str = "") -> Receipt:
        """What became of the request, once it is committed. Raises any CollectorError."""
        body = await self._prepared(signal, raw_body, wire, content_encoding)
        return await _committed(self._sink.submit(signal, body)) if body else NOTHING_REFUSED

    async def _prepared(self, signal: Signal, raw_body: bytes, wire: WireFormat, content_encoding: str) -> bytes:
        if _runs_inline(len(raw_body), wire, content_encoding):
            with suppress(NestedTooDeep):
                return _decode(signal, raw_body, wire, content_encoding, self._max_body_bytes)
        work = partial(prepare, signal, raw_body, wire, content_encoding, max_body_bytes=self._max_body_bytes)
        async with self._large_bodies:
            return await asyncio.get_running_loop().run_in_executor(None, work)


def _runs_inline(raw_size: int, wire: WireFormat, content_encoding: str) -> bool:
    """Whether a body is prepared on the event loop itself.

    Parsing holds the interpreter lock, so a thread would win nothing for plain protobuf (850 us for 1,000 spans in
    400 kB). Inflating lets go of it, and JSON is slow (80 us a span): there the change of threads, 50 us, pays from
    about 16 KiB on, where inflating takes 160 us.
    """
    return raw_size <= _INLINE_BYTES or (wire is WireFormat.PROTOBUF and not content_encoding)


async def _committed(future: "Future[Receipt]") -> Receipt:
    """Wait for a future of another thread. A sender that goes away ends the wait, never the commit.

    asyncio.wrap_future would cancel what a writer is just storing, and with a shield around it costs twice as much.
    """
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def wake() -> None:
        if not ended.done():
            ended.set_result(None)

    def wake_from_writer(_: "Future[Receipt]") -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(wake)

    future.add_done_callback(wake_from_writer)
    await ended
    try:
        return future.result()
    except CancelledError:
        raise Unavailable("the collector is closing") from None


def error_status(error: CollectorError) -> Any:
    """The google.rpc.Status of an error; with a RetryInfo when the same request may succeed later."""
    status = status_pb2.Status(code=_RPC_CODES.get(error.status, code_pb2.INTERNAL), message=str(error))
    if isinstance(error, Unavailable):
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=Duration(seconds=error.retry_after_s)))
    return status


def _write(message: Message, wire: WireFormat) -> bytes:
    if wire is WireFormat.JSON:
        return json_format.MessageToJson(message, indent=None).encode()
    return message.SerializeToString()


def success_body(signal: Signal, receipt: Receipt, wire: WireFormat) -> bytes:
    """The Export…Response; it has partial_success only when something was refused."""
    if not receipt.refused:
        return b"{}" if wire is WireFormat.JSON else b""
    protocol = PROTOCOLS[signal]
    partial_success = {protocol.rejected_field: receipt.refused, "error_message": receipt.reason}
    return _write(protocol.response(partial_success=partial_success), wire)


def error_body(error: CollectorError, wire: WireFormat) -> bytes:
    """A google.rpc.Status, as OTLP asks for every failed request."""
    return _write(error_status(error), wire)
