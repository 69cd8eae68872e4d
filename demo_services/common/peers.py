"""Calls from one service to another over HTTP: found through the registry, balanced, guarded, repeated.

The order, from outside in: retry, bulkhead and breaker, choice of an instance, the request with its timeout.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
from opentelemetry.trace import Span
from requests.adapters import HTTPAdapter
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from demo_services.common.balancing import Balancer
from demo_services.common.errors import BulkheadFull, CircuitBreakerOpen, PeerRefused, PeerUnavailable
from demo_services.common.guard import Guard

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_CONNECT_TIMEOUT_S = 0.5  # peers are near
_POOL_SIZE = 16


@dataclass
class _Call:
    """What the request's client span has to say beyond what the library knows."""

    peer: str
    template: str
    attempt: int = 0


_current_call: ContextVar[_Call | None] = ContextVar("current_call", default=None)


def new_session(pool_size: int = _POOL_SIZE) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # peers are near: no proxy lies between
    session.mount("http://", HTTPAdapter(pool_maxsize=pool_size))
    return session


@dataclass(frozen=True)
class Request:
    """`template` is like "/orders/{order_id}", `path` fills it. With a key the other side recognises a repeat."""

    method: str
    template: str
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    idempotency_key: str = ""

    @property
    def span_name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def may_be_repeated(self) -> bool:
        return self.method in _REPEATABLE or bool(self.idempotency_key)

    def url(self, base: str) -> str:
        """Raises PeerRefused for words that would lead to another path."""
        if odd := [text for text in self.path.values() if text in ("", ".", "..")]:
            raise PeerRefused(f"{odd[0]!r}: no such thing", 404)
        words = {name: quote(text, safe="") for name, text in self.path.items()}
        return base.rstrip("/") + self.template.format(**words)


class Peer:
    """One service that this one calls. Safe to share between threads."""

    def __init__(self, name: str, balancer: Balancer, guard: Guard, timeout_s: float = 2.0, attempts: int = 3) -> None:
        self.name = name
        self._balancer = balancer
        self._guard = guard
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._session = new_session()

    def get(self, template: str, query: dict[str, str] | None = None, **path: str) -> Any:
        """The JSON that the peer answered. Raises PeerRefused for a no, PeerUnavailable where it could not say."""
        return self.ask(Request("GET", template, path, query or {})).json()

    def post(self, template: str, body: dict[str, Any], idempotency_key: str = "", **path: str) -> Any:
        """Like `get`. Repeated on failure only with an idempotency key."""
        return self.ask(Request("POST", template, path, body=body, idempotency_key=idempotency_key)).json()

    def put(self, template: str, body: dict[str, Any], **path: str) -> Any:
        return self.ask(Request("PUT", template, path, body=body)).json()

    def delete(self, template: str, **path: str) -> None:
        self.ask(Request("DELETE", template, path))

    def ask(self, request: Request) -> requests.Response:
        """An answer with a status below 400. Raises PeerRefused (below 500), or PeerUnavailable."""
        attempts = Retrying(
            stop=stop_after_attempt(self._attempts if request.may_be_repeated else 1),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            retry=retry_if_exception(_is_worth_repeating),
            reraise=True,
        )
        call = _Call(self.name, request.template)
        token = _current_call.set(call)
        try:
            for attempt in attempts:
                with attempt:
                    call.attempt = attempt.retry_state.attempt_number - 1
                    return self._guard.call(request.span_name, lambda: self._send(request))
        finally:
            _current_call.reset(token)
        raise AssertionError("tenacity returns or raises")

    def _send(self, request: Request) -> requests.Response:
        headers = {"Idempotency-Key": request.idempotency_key} if request.idempotency_key else {}
        with self._balancer.chosen() as instance:
            try:
                answer = self._session.request(
                    request.method,
                    request.url(instance.url),
                    params=request.query,
                    json=request.body,
                    headers=headers,
                    timeout=(_CONNECT_TIMEOUT_S, self._timeout_s),
                )
            except requests.RequestException as error:
                self._balancer.avoid(instance)
                raise PeerUnavailable(f"{self.name} did not answer: {type(error).__name__}") from error
        if answer.status_code >= 500:
            raise PeerUnavailable(f"{self.name} answered {answer.status_code}: {_detail(answer)}")
        if answer.status_code >= 400:
            raise PeerRefused(_detail(answer), answer.status_code)
        return answer


def _is_worth_repeating(error: BaseException) -> bool:
    """A refusal stays one, and what was not sent for good reason is not sent again at once."""
    return isinstance(error, PeerUnavailable) and not isinstance(error, CircuitBreakerOpen | BulkheadFull)


def _detail(answer: requests.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return answer.reason
    return str(detail)


def describe_client_span(span: Span, request: requests.PreparedRequest) -> None:
    """Names a client span after the route it calls ("GET /orders/{order_id}") and says which service is meant and
    which repeat this is. The library alone knows none of it, and would name every span just "GET".
    """
    if call := _current_call.get():
        span.update_name(f"{request.method} {call.template}")
        span.set_attributes({"url.template": call.template, "service.peer.name": call.peer})
        if call.attempt:
            span.set_attribute("http.request.resend_count", call.attempt)


@contextmanager
def describe_call(peer: str, template: str) -> Iterator[None]:
    """Says whom the requests made inside call, and by which route."""
    token = _current_call.set(_Call(peer, template))
    try:
        yield
    finally:
        _current_call.reset(token)


def jittered(seconds: float) -> float:
    """About so long, so that the instances of a service do not all act at once."""
    return seconds * random.uniform(0.85, 1.15)
