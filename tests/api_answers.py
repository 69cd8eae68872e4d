"""Asking a running collector, and holding its answers against the shapes that it documents."""

import time
from collections.abc import Mapping
from typing import Any

import requests
from pydantic import BaseModel
from running_collector import RunningCollector

MINUTE_NS = 60 * 10**9
PERCENTILES = ("p50_ms", "p95_ms", "p99_ms")


def minutes_ago(minutes: int) -> int:
    """The start of a whole minute, in nanoseconds."""
    return (time.time_ns() // MINUTE_NS - minutes) * MINUTE_NS


def ask(collector: RunningCollector, model: type[BaseModel], path: str, **parameters: Any) -> Any:
    """The answer of `GET /api/v1<path>`, which has every field of `model`, no other, and each of the right type."""
    answer = collector.get(path, **parameters)
    assert model.model_validate(answer, strict=True).model_dump(mode="json", by_alias=True) == answer
    return answer


def without_percentiles(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in PERCENTILES}


def problem(collector: RunningCollector, path: str, **parameters: Any) -> tuple[int, str]:
    """Status and detail of an error, which has the form that RFC 9457 gives it."""
    response = requests.get(f"{collector.api}{path}", params=parameters, timeout=60)
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    body = response.json()
    assert body.keys() == {"type", "title", "status", "detail"}
    assert body["status"] == response.status_code
    return response.status_code, body["detail"]
