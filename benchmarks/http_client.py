"""One keep-alive connection that times its requests."""

import http.client
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    took_ms: float
    """From sending the request to the last byte of the answer."""

    def json(self) -> Any:
        return orjson.loads(self.body)


class HttpClient:
    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_S)

    def get(self, path: str, **parameters: str | int) -> Answer:
        """`path` below /api/v1."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._request("GET", f"/api/v1{path}{query}", None, {})

    def export(self, body: bytes) -> Answer:
        return self._request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})

    def close(self) -> None:
        self._connection.close()

    def _request(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        started = time.perf_counter()
        self._connection.request(method, target, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        return Answer(response.status, content, (time.perf_counter() - started) * 1000)
