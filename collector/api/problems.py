"""Errors as application/problem+json (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from collector.api import models
from collector.errors import CollectorError, Unavailable

log = logging.getLogger(__name__)

Responses = dict[int | str, dict[str, Any]]


def _documented(description: str, status: int, title: str, detail: str) -> dict[str, Any]:
    example = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    content = {"schema": models.Problem.model_json_schema(), "example": example}
    return {"description": description, "content": {"application/problem+json": content}}


PROBLEMS: Responses = {
    400: _documented("The request is wrong", 400, "Bad request", 'q: column 9: expected a value after "="'),
    503: _documented("Try again, or ask for less", 503, "Query took too long", "the query did not finish in 10 s"),
    "default": _documented(
        "Any other error", 500, "Internal error", "the collector could not answer; its log says why"
    ),
}
NOT_FOUND: Responses = {
    404: _documented("Nothing has that id", 404, "Not found", "trace 4bf92f3577b34da6a3ce929d0e0e4736 not found")
}

FORBIDDEN: Responses = {
    403: _documented("The store is only read", 403, "Read only", "this collector only reads its store")
}
TOO_LARGE: Responses = {
    413: _documented("The body is too large", 413, "Payload too large", "the report is larger than 262144 bytes")
}


def problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Every error that leaves the API is a problem; only what nobody expected is logged, with its traceback."""

    @app.exception_handler(CollectorError)
    async def _expected(request: Request, error: CollectorError) -> Response:
        retry = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Unavailable) else None
        return problem(error.status, error.title, str(error), retry)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        found = [f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors()]
        return problem(400, "Bad request", "; ".join(found))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        title = HTTPStatus(error.status_code).phrase.capitalize()
        detail = f"there is nothing at {request.url.path}" if error.status_code == 404 else str(error.detail)
        return problem(error.status_code, title, detail, dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, "Internal error", "the collector could not answer; its log says why")
