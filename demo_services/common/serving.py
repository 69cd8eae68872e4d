"""The main() of every service: settings, telemetry, the app, an HTTP server, and a clean end."""

import logging
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from demo_services.catalogue import SERVICES
from demo_services.common.errors import ShopError
from demo_services.common.process import end_with_supervisor, exit_on_signal
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import telemetry

_KEEP_ALIVE_S = 120  # longer than any pause between two calls of a peer, which would else find its connection closed
_GRACEFUL_S = 2

_log = logging.getLogger(__name__)


def run_service(name: str, build_app: Callable[[ServiceSettings], FastAPI]) -> int:
    """Serves until SIGINT or SIGTERM, then finishes open requests and sends what telemetry is queued."""
    settings = ServiceSettings()
    exit_on_signal()
    if settings.supervised:
        end_with_supervisor()
    with telemetry(name, settings):
        app = build_app(settings)
        app.add_exception_handler(ShopError, _answer_error)
        _add_health(app, name)
        # One server span per request, without the extra ones for single ASGI messages; health checks are not traced.
        FastAPIInstrumentor.instrument_app(app, excluded_urls="/health$", exclude_spans=["receive", "send"])
        _serve(app, settings.host, settings.port or SERVICES[name].port)
    return 0


async def _answer_error(_request: Request, error: Exception) -> JSONResponse:
    """Answers a ShopError with its status and `{"detail": ...}`; the span and the log keep what a server got wrong."""
    status = error.status if isinstance(error, ShopError) else 500
    if status >= 500:
        trace.get_current_span().record_exception(error)
        _log.error("%s", error, exc_info=error)
    else:
        _log.info("refused: %s", error)
    return JSONResponse({"detail": str(error)}, status_code=status)


def _add_health(app: FastAPI, name: str) -> None:
    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "service": name}


def _serve(app: FastAPI, host: str, port: int) -> None:
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACEFUL_S,
    )
