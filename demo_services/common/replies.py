"""The refusals of an app, for its OpenAPI document."""

from typing import Any

from pydantic import BaseModel

_MEANINGS = {
    401: "Not signed in",
    402: "The payment was declined",
    404: "There is no such thing",
    409: "It does not fit the state of things",
    422: "The input is wrong",
    429: "Too many requests",
    503: "A service that is needed does not answer",
}


class Refusal(BaseModel):
    detail: Any


def said(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Like `responses=said(404, 409)` on a route."""
    return {status: {"model": Refusal, "description": _MEANINGS[status]} for status in statuses}
