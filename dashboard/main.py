"""Runs the dashboard until it is told to stop: `python -m dashboard --collector http://127.0.0.1:4320`."""

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence

import uvicorn
from pydantic import ValidationError

from dashboard.app import build_app
from dashboard.settings import Settings

_SHUTDOWN_S = 3
_COLLECT_AFTER = (10_000, 20, 20)
"""Objects, then generations. A view of a large map makes tens of thousands, which is no reason to look for garbage each time."""
_MAX_MESSAGE_BYTES = 2**20  # a page tells of places that nodes were moved to, of 5,000 at most


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until SIGINT or SIGTERM. Returns 0 after a clean stop, 2 for wrong settings or an address in use."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = _read_settings(argv)
        listener = _listen(settings.dashboard_host, settings.dashboard_port)
    except ValidationError as error:
        for one in error.errors():
            print(f"spanscape dashboard: {'.'.join(map(str, one['loc']))}: {one['msg']}", file=sys.stderr)
        return 2
    except OSError as error:
        address = f"{settings.dashboard_host}:{settings.dashboard_port}"
        print(f"spanscape dashboard: cannot listen on {address}: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 2
    with listener:
        return _serve(settings, listener)


def _read_settings(argv: Sequence[str] | None) -> Settings:
    """Arguments win over the environment, the environment over the defaults."""
    parser = argparse.ArgumentParser(prog="spanscape dashboard", description="Shows what a Spanscape collector knows.")
    parser.add_argument("--collector", dest="collector_url", metavar="URL", help="default http://127.0.0.1:4320")
    parser.add_argument("--host", dest="dashboard_host", help="address to listen on, default 127.0.0.1")
    parser.add_argument("--port", dest="dashboard_port", type=int, help="default 8050; 0 takes a free port")
    given = vars(parser.parse_args(argv))
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def _serve(settings: Settings, listener: socket.socket) -> int:
    host, port = listener.getsockname()[:2]
    app = build_app(settings)
    gc.collect()
    gc.freeze()  # what is here stays. To walk through it with every other change of a large map stops all pages for 100 ms
    gc.set_threshold(*_COLLECT_AFTER)
    config = uvicorn.Config(
        app.server,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        ws="websockets-sansio",
        ws_max_size=_MAX_MESSAGE_BYTES,
    )
    server = _AnnouncingServer(config, f"ready dashboard=http://{f'[{host}]' if ':' in host else host}:{port}")
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal again once it has stopped: by then there is nothing left to do.
        for received in (signal.SIGINT, signal.SIGTERM):
            signal.signal(received, lambda *_: None)
    server.run(sockets=[listener])
    return 0


class _AnnouncingServer(uvicorn.Server):
    """Prints one line when requests are answered."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._announcement, flush=True)
