"""OTLP over HTTP, from the sender's side: https://opentelemetry.io/docs/specs/otlp/#otlphttp"""

import gzip
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

import requests
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from spanscape.load.batching import split
from spanscape.load.errors import CollectorUnavailable
from spanscape.load.spans import count_spans

TRACES_PATH = "/v1/traces"

_RETRYABLE = frozenset((429, 502, 503, 504))
_TOO_LARGE = 413
_TIMEOUT_S = (5.0, 30.0)  # to connect; to answer, which a collector does only when the data is on its disk
_GZIP_LEVEL = 1  # level 6 takes twice as long on span data and makes it a tenth smaller
_MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits double from `first_delay_s` to `max_delay_s`, with jitter, unless the collector names a delay."""

    give_up_after_s: float = 60.0
    first_delay_s: float = 0.25
    max_delay_s: float = 8.0

    def delay_s(self, attempt: int) -> float:
        return float(min(self.max_delay_s, self.first_delay_s * 2**attempt) * random.uniform(0.5, 1.0))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The collector's answer to a request of `spans` spans, of which it did not take `refused`, and why."""

    spans: int
    refused: int
    reasons: tuple[str, ...] = ()

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(self.spans + other.spans, self.refused + other.refused, self.reasons + other.reasons)


class Exporter:
    """Sends requests to one collector. May be used by several threads at once; close it when they are done."""

    def __init__(
        self,
        endpoint: str,
        *,
        compress: bool,
        retry: RetryPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        base = endpoint.rstrip("/")
        self.url = base if base.endswith(TRACES_PATH) else base + TRACES_PATH
        self._compress = compress
        self._retry = retry or RetryPolicy()
        self._clock = clock
        self._stopped = threading.Event()
        self._sessions = threading.local()
        self._opened: list[requests.Session] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for session in self._opened:
            session.close()

    def stop(self) -> None:
        """Ends all waiting: what cannot be delivered at once fails."""
        self._stopped.set()

    def send(self, request: ExportTraceServiceRequest) -> Receipt:
        """Delivers `request`, in halves if the collector finds it too large. Raises CollectorUnavailable.

        An answer that got lost makes the spans arrive twice: a collector can tell by their ids.
        """
        spans = count_spans(request)
        response = self._post_until_answered(request.SerializeToString())
        if response.status_code == _TOO_LARGE and spans > 1:
            return sum((self.send(half) for half in split(request, (spans + 1) // 2)), Receipt(0, 0))
        return _receipt(response, spans)

    def _post_until_answered(self, body: bytes) -> requests.Response:
        headers = {"Content-Type": "application/x-protobuf"}
        if self._compress:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, _GZIP_LEVEL)
        deadline_s = self._clock() + self._retry.give_up_after_s
        attempt = 0
        while True:
            delay_s = self._retry.delay_s(attempt)
            try:
                response = self._session().post(
                    self.url, data=body, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False
                )
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                failure = f"no answer ({_root_cause(error)})"
            else:
                if response.status_code not in _RETRYABLE:
                    return response
                failure = f"HTTP {response.status_code} {_reason(response)}".strip()
                delay_s = max(_retry_after_s(response, delay_s), self._retry.first_delay_s)
            if self._clock() + delay_s > deadline_s or self._stopped.wait(delay_s):
                raise CollectorUnavailable(f"{self.url}: {failure}, gave up after {attempt + 1} attempts")
            attempt += 1

    def _session(self) -> requests.Session:
        """One per thread: sessions are not made to be shared."""
        if not hasattr(self._sessions, "current"):
            self._sessions.current = requests.Session()
            self._opened.append(self._sessions.current)
        session: requests.Session = self._sessions.current
        return session


def _receipt(response: requests.Response, spans: int) -> Receipt:
    if not 200 <= response.status_code < 300:
        return Receipt(spans, spans, (f"HTTP {response.status_code} {_reason(response)}".strip(),))
    answer = ExportTraceServiceResponse()
    if not _decode(response, answer):
        kind = response.headers.get("Content-Type", "no content type")
        reason = f"HTTP {response.status_code} without an OTLP answer ({kind}): is it a collector?"
        return Receipt(spans, spans, (reason,))
    partial = answer.partial_success
    reasons = (partial.error_message,) if partial.error_message else ()
    return Receipt(spans, min(spans, partial.rejected_spans), reasons)


def _decode(response: requests.Response, into: Message) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            json_format.Parse(response.content or b"{}", into, ignore_unknown_fields=True)
            return True
        if kind == "application/x-protobuf" or not response.content:
            into.ParseFromString(response.content)
            return True
    except (DecodeError, json_format.ParseError, UnicodeDecodeError):
        return False
    return False


def _reason(response: requests.Response) -> str:
    """What the body says about a failure: google.rpc.Status as OTLP has it, a problem document, or text."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    status = Status()
    if kind == "application/x-protobuf" and _decode(response, status):
        return str(status.message)[:_MAX_REASON]
    if kind.endswith("json"):
        try:
            document = response.json()
        except requests.JSONDecodeError:
            document = None
        if isinstance(document, dict):
            found = (document.get(key) for key in ("detail", "message", "title"))
            return str(next((text for text in found if text), ""))[:_MAX_REASON]
    if kind == "text/plain":
        return response.text.strip()[:_MAX_REASON]
    return response.reason or ""


def _retry_after_s(response: requests.Response, default_s: float) -> float:
    """Retry-After is a number of seconds or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return default_s
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _root_cause(error: BaseException) -> str:
    """The innermost reason, such as "Connection refused"; libraries wrap it several times."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
