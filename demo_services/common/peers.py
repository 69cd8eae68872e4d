"""Calls from one service to another over HTTP."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from opentelemetry.trace import Span
from requests.adapters import HTTPAdapter

from demo_services.common.errors import PeerUnavailable

_THREADS_OF_A_SERVICE = 40  # FastAPI runs at most this many plain functions at once


@dataclass(frozen=True)
class _Call:
    peer: str
    template: str


_current_call: ContextVar[_Call | None] = ContextVar("current_call", default=None)


class Peer:
    """One service that this one calls. Safe to share between threads."""

    def __init__(self, name: str, base_url: str, timeout_s: float = 2.0) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False  # peers are near: no proxy lies between
        self._session.mount("http://", HTTPAdapter(pool_maxsize=_THREADS_OF_A_SERVICE))

    def get(self, template: str, **path: str) -> requests.Response:
        """Like `get("/orders/{order_id}", order_id=...)`. Any status is an answer; none raises PeerUnavailable."""
        return self._request("GET", template, path, None)

    def post(self, template: str, body: dict[str, Any], **path: str) -> requests.Response:
        """Sends `body` as JSON. Any status is an answer; none raises PeerUnavailable."""
        return self._request("POST", template, path, body)

    def _request(
        self, method: str, template: str, path: dict[str, str], body: dict[str, Any] | None
    ) -> requests.Response:
        url = self.base_url + template.format(**{name: quote(value, safe="") for name, value in path.items()})
        token = _current_call.set(_Call(self.name, template))
        try:
            return self._session.request(method, url, json=body, timeout=self._timeout_s)
        except requests.RequestException as error:
            raise PeerUnavailable(f"{self.name} did not answer: {type(error).__name__}") from error
        finally:
            _current_call.reset(token)


def describe_client_span(span: Span, request: requests.PreparedRequest) -> None:
    """Names a client span after the route it calls ("GET /orders/{order_id}") and says which service is meant.
    The library alone knows neither, and would name every span just "GET".
    """
    if call := _current_call.get():
        span.update_name(f"{request.method} {call.template}")
        span.set_attributes({"url.template": call.template, "service.peer.name": call.peer})
