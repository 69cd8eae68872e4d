"""The main() of every HTTP service: settings, telemetry, what it shares with others, its app, a server, a clean end."""

import logging
import math
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from demo_services.common.errors import ShopError, TooManyRequests
from demo_services.common.fault_effects import Effects, FaultMiddleware, LostContext, add_fault_door, read_plan
from demo_services.common.health import CountingErrors
from demo_services.common.process import end_with_supervisor, exit_on_signal
from demo_services.common.runtime import Runtime
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import instance_of, telemetry
from demo_services.services import REPORTING

_KEEP_ALIVE_S = 120  # longer than any pause between two calls of a peer, which would else find its connection closed
_GRACEFUL_S = 2
_UNTRACED = "/health,/_faults"

_log = logging.getLogger(__name__)


class HealthResponse(JSONResponse):
    media_type = "application/health+json"


def run_service(name: str, build_app: Callable[[Runtime], FastAPI]) -> int:
    """Serves until SIGINT or SIGTERM, then finishes open requests and sends what telemetry is queued."""
    settings = ServiceSettings()
    exit_on_signal()
    if settings.supervised:
        end_with_supervisor()
    plan = read_plan(settings.data_dir, instance_of(name, settings)) if settings.faults else None
    if plan and plan.kind == "down":
        time.sleep(plan.left_s)
        plan = None
    if plan:
        settings = settings.model_copy(update={"version": plan.value})
    with telemetry(name, settings) as reporting:
        effects = Effects(name, instance_of(name, settings), settings.data_dir, reporting.flush)
        if plan:
            effects.board.resume(plan.kind, plan.value, plan.left_s)
        runtime = Runtime(name, settings, effects.board)
        app = complete(build_app(runtime), runtime)
        with runtime:
            _serve(LostContext(app, effects.board), settings, runtime.port)
    return 0


def complete(app: FastAPI, runtime: Runtime) -> FastAPI:
    """What every service's app has besides its own routes: errors, health, faults, and a server span per request."""
    app.add_exception_handler(ShopError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_wrong_request)
    _add_health(app, runtime)
    app.add_middleware(FaultMiddleware, board=runtime.faults, seed=runtime.settings.seed)
    app.add_middleware(CountingErrors, rate=runtime.error_rate)
    if runtime.settings.faults:
        add_fault_door(app, runtime.faults)
    if runtime.name in REPORTING:
        # One server span per request, without the extra ones for single ASGI messages; health checks are not traced.
        FastAPIInstrumentor.instrument_app(app, excluded_urls=_UNTRACED, exclude_spans=["receive", "send"])
    return app


async def _answer_error(_request: Request, error: Exception) -> JSONResponse:
    """Answers a ShopError with its status and `{"detail": ...}`; the span and the log keep what a server got wrong."""
    status = error.status if isinstance(error, ShopError) else 500
    headers = {}
    if status >= 500:
        trace.get_current_span().record_exception(error)
        _log.error("%s", error, exc_info=error)
    else:
        _log.info("refused: %s", error)
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return JSONResponse({"detail": str(error)}, status, headers)


async def _answer_wrong_request(_request: Request, error: Exception) -> JSONResponse:
    """As the framework does, without the input: half of a surrogate pair cannot be sent back."""
    flaws = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [{name: flaw[name] for name in ("type", "loc", "msg")} for flaw in flaws]}, 422)


def _add_health(app: FastAPI, runtime: Runtime) -> None:
    """Live: the process answers. Ready: it can do its work. Health: everything it knows of itself."""

    def answer(report: dict[str, Any]) -> HealthResponse:
        return HealthResponse(report, 503 if report["status"] == "fail" else 200)

    failing: dict[int | str, dict[str, Any]] = {503: {"content": {HealthResponse.media_type: {}}}}

    @app.get("/health/live", tags=["health"])
    async def live() -> dict[str, str]:
        return {"status": "pass", "description": runtime.name}

    @app.get("/health/ready", tags=["health"], response_class=HealthResponse, responses=failing)
    def ready() -> HealthResponse:
        return answer(runtime.health.report(only_needed=True))

    @app.get("/health", tags=["health"], response_class=HealthResponse, responses=failing)
    def health() -> HealthResponse:
        return answer(runtime.health.report())


def _serve(app: Any, settings: ServiceSettings, port: int) -> None:
    uvicorn.run(
        app,
        host=settings.host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACEFUL_S,
    )
