"""Errors as application/problem+json (RFC 9457)."""

import logging

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from collector.errors import CollectorError, Unavailable

log = logging.getLogger(__name__)


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
        return problem(error.status_code, "Not found" if error.status_code == 404 else "Request failed", str(error.detail))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, "Internal error", "the collector could not answer; its log says why")
