"""OTLP over HTTP as a plain ASGI application: this is the hot path, a framework would cost more than the work itself.

Answers: 200, 400 undecodable, 404, 405, 413 too large, 415 unknown content type or encoding, 503 with Retry-After.
Failures of an export are a google.rpc.Status in the encoding of the request.
"""

import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from collector.errors import CollectorError, PayloadTooLarge, Unavailable, UnsupportedMediaType
from collector.model import Sink
from collector.receivers.cors import DEFAULT_CORS_ORIGINS, CorsPolicy, Headers
from collector.receivers.encoding import DEFAULT_MAX_BODY_BYTES, SUPPORTED_ENCODINGS
from collector.receivers.otlp import Intake, WireFormat, error_body, success_body, wire_format
from collector.receivers.signals import PROTOCOLS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

_SIGNALS = {protocol.http_path: signal for signal, protocol in PROTOCOLS.items()}
_NOT_FOUND = f"Spanscape receives OpenTelemetry data here: POST to {', '.join(_SIGNALS)}.\n".encode()
_NOT_POST = b"Only POST (and OPTIONS) is answered here: this is where OpenTelemetry exporters send.\n"
_TEXT = b"text/plain; charset=utf-8"
_CONTENT_TYPES = {wire: wire.encode() for wire in WireFormat}

# How many bodies of full size may be half-received at one time; a sender past that is told to come back.
_LARGE_BODIES_IN_FLIGHT = 8


class _SenderLeft(Exception):
    """The connection was closed before the body was complete: nobody is there to answer."""


def build_otlp_http_app(
    sink: Sink,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    cors_origins: Sequence[str] = DEFAULT_CORS_ORIGINS,
) -> AsgiApp:
    """An ASGI application that puts what it receives into `sink`.

    max_body_bytes bounds a body as sent and decompressed; for cors_origins see `cors.py`.
    """
    return _OtlpHttpApp(Intake(sink, max_body_bytes), _BodyReader(max_body_bytes), CorsPolicy(cors_origins))


class _OtlpHttpApp:
    def __init__(self, intake: Intake, bodies: "_BodyReader", cors: CorsPolicy) -> None:
        self._intake = intake
        self._bodies = bodies
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        extra = self._cors.headers(origin) if origin else []
        if scope["path"] not in _SIGNALS:
            await _respond(send, 404, _NOT_FOUND, _TEXT, extra)
        elif scope["method"] == "POST":
            await self._export(scope["path"], headers, extra, receive, send)
        elif scope["method"] == "OPTIONS":
            await _respond(send, 204, b"", _TEXT, self._options(headers))
        else:
            await _respond(send, 405, _NOT_POST, _TEXT, [*extra, (b"allow", b"POST, OPTIONS")])

    def _options(self, headers: dict[bytes, bytes]) -> Headers:
        origin = headers.get(b"origin")
        if origin is None or b"access-control-request-method" not in headers:
            return [(b"allow", b"POST, OPTIONS")]
        return self._cors.preflight_headers(origin, headers.get(b"access-control-request-headers", b""))

    async def _export(
        self, path: str, headers: dict[bytes, bytes], extra: Headers, receive: Receive, send: Send
    ) -> None:
        signal = _SIGNALS[path]
        wire = WireFormat.JSON  # the answer's, as long as the request's is not known
        try:
            wire = wire_format(headers.get(b"content-type", b"").decode("latin-1"))
            raw_body = await self._bodies.read(headers, receive)
            content_encoding = headers.get(b"content-encoding", b"").decode("latin-1")
            receipt = await self._intake.take(signal, raw_body, wire, content_encoding)
        except _SenderLeft:
            return
        except CollectorError as error:
            body, status = error_body(error, wire), error.status
            extra = [*extra, *_error_headers(error)]
        except Exception:
            logger.exception("unexpected error while receiving %s", signal)
            body, status = error_body(CollectorError("unexpected error in the collector; see its log"), wire), 500
        else:
            body, status = success_body(signal, receipt, wire), 200
        await _respond(send, status, body, _CONTENT_TYPES[wire], extra)


class _BodyReader:
    """Reads bodies, and keeps count of the bytes that incomplete ones hold in memory together."""

    def __init__(self, max_body_bytes: int) -> None:
        self._max_body_bytes = max_body_bytes
        self._max_in_flight_bytes = _LARGE_BODIES_IN_FLIGHT * max_body_bytes
        self._in_flight_bytes = 0

    async def read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """Raises PayloadTooLarge before reading when the sender says so, else as soon as it is; Unavailable when too
        much is in flight; _SenderLeft."""
        self._require_size(int(headers.get(b"content-length", b"0")))
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _SenderLeft
                part = message.get("body", b"")
                size += len(part)
                self._in_flight_bytes += len(part)
                self._require_size(size)
                parts.append(part)
                if not message.get("more_body"):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
                if self._in_flight_bytes > self._max_in_flight_bytes:
                    raise Unavailable("too many large requests at a time")
        finally:
            self._in_flight_bytes -= size

    def _require_size(self, size: int) -> None:
        if size > self._max_body_bytes:
            raise PayloadTooLarge(f"body has {size} bytes or more; the limit is {self._max_body_bytes}")


def _error_headers(error: CollectorError) -> Headers:
    match error:
        case Unavailable():
            return [(b"retry-after", str(error.retry_after_s).encode())]
        case UnsupportedMediaType():
            return [(b"accept-encoding", SUPPORTED_ENCODINGS.encode())]  # RFC 9110, 15.5.16
    return []


async def _respond(send: Send, status: int, body: bytes, content_type: bytes, extra: Headers) -> None:
    headers = (
        extra if status == 204 else [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *extra]
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    """The lifespan protocol; there is nothing to start or stop."""
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
