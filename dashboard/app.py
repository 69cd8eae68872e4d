"""Wires the dashboard: the only place that names the concrete client, shell and pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import reduce
from pathlib import Path
from typing import Any

import dash
from fastapi import FastAPI

from dashboard import shell, theme
from dashboard.bundle import Bundle
from dashboard.client import CollectorClient
from dashboard.components import icons
from dashboard.kept_files import KeptFiles
from dashboard.live.socket import LivePages
from dashboard.relay import add_relay
from dashboard.settings import Settings

_HERE = Path(__file__).parent
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<script>EARLY</script>
<link rel="icon" type="image/svg+xml" href="FAVICON">
{%css%}
<link rel="stylesheet" href="STYLES">
<style>TOKENS</style>
</head>
<body>
<script src="SCRIPTS"></script>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""
# A trace is asked for while the scripts that draw it are still loading; assets/relay.js takes the answer. It stands before the
# styles, because scripts wait for those above them.
_EARLY = """(function () {
const trace = /^\\/trace\\/([0-9a-f]{32})$/i.exec(location.pathname);
const given = new URLSearchParams(location.search);
const asked = new URLSearchParams(["skew", "upload"].filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
const address = trace && `/api/v1/traces/${trace[1]}/outline${asked.size ? `?${asked}` : ""}`;
window.spanscapeEarly = trace && { address, response: fetch(address) };
window.spanscapeEarly?.response.catch(() => {});
})();"""


def build_app(settings: Settings) -> dash.Dash:
    """The app, ready to be served as the ASGI application `app.server`. Nothing is connected yet."""
    client = CollectorClient(settings.collector_url)
    scripts, styles = (Bundle(_HERE / "assets", kind) for kind in ("js", "css"))
    app = dash.Dash(
        __name__,
        server=_server(client, settings, scripts, styles),
        backend="fastapi",
        use_pages=True,
        pages_folder=str(_HERE / "pages"),
        assets_folder=str(_HERE / "assets"),
        assets_ignore=".*",  # `bundle` puts them into two files
        title="Spanscape",
        include_pages_meta=False,  # they repeat the address of the request
        update_title="",  # the tab's title would flicker with every poll
        serve_locally=True,
        compress=True,
        suppress_callback_exceptions=True,  # pages come and go under the shell
        add_log_handler=False,
    )
    app.backend.websocket_capability = False  # browsers would open a socket that no callback here uses
    parts = {
        "FAVICON": app.get_asset_url("favicon.svg"),
        "TOKENS": theme.css_variables() + icons.css(),
        "EARLY": _EARLY,
        "SCRIPTS": scripts.address,
        "STYLES": styles.address,
    }
    app.index_string = reduce(lambda page, part: page.replace(*part), parts.items(), _PAGE)
    app.server.add_middleware(KeptFiles)
    app.layout = shell.layout()
    shell.register_callbacks(app)
    return app


def _server(client: CollectorClient, settings: Settings, *bundles: Bundle) -> FastAPI:
    pages = LivePages(client, settings.dashboard_max_pages)

    @asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        await _visit_start_page(server)
        yield
        pages.stop()
        client.close()

    server = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    server.state.collector = client
    server.add_api_route("/healthz", _healthz)
    for bundle in bundles:
        bundle.add_to(server)
    add_relay(server, client, settings.dashboard_max_answer_bytes, settings.upload_max_bytes)
    pages.add_to(server)
    return server


async def _healthz() -> dict[str, str]:
    """The dashboard answers. Whether the collector does is shown on every page, and no reason to start again."""
    return {"status": "ok"}


async def _visit_start_page(server: FastAPI) -> None:
    """Dash 4.4 finds pages and assets during the first request for `/` only; no deep link may come before it."""
    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/"}
    scope |= {"raw_path": b"/", "root_path": "", "query_string": b"", "headers": [(b"host", b"localhost")]}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        """The page itself is not wanted."""

    await server(scope, receive, send)
