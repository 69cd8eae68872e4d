"""Wires the dashboard: the only place that names the concrete client, shell and pages."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import reduce
from pathlib import Path
from typing import Any

import dash
from fastapi import FastAPI

from dashboard import libraries, shell, theme
from dashboard.bundle import Bundle
from dashboard.client import CollectorClient
from dashboard.components import graph_view, icons
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
<template id="dash-scripts">{%scripts%}{%renderer%}</template>
<script>EARLY</script>
<link rel="icon" type="image/svg+xml" href="FAVICON">
{%css%}
<link rel="stylesheet" href="STYLES">
<style>TOKENS</style>
</head>
<body>
{%app_entry%}
{%config%}
<script src="SCRIPTS"></script>
</body>
</html>"""
# A trace is asked for before anything else, and drawn by assets/trace/ as soon as it comes: the scripts of Dash, which do not run
# by themselves in a template, wait for that. It stands before the styles, because scripts wait for those above them.
_EARLY = """(function () {
const trace = /^\\/trace\\/([0-9a-f]{32})$/i.exec(location.pathname);
const given = new URLSearchParams(location.search);
const asked = new URLSearchParams(["skew", "upload"].filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
const address = trace && `/api/v1/traces/${trace[1]}/outline${asked.size ? `?${asked}` : ""}`;
window.spanscapeEarly = trace && { id: trace[1], address, response: fetch(address) };
window.spanscapeEarly?.response.catch(() => {});
window.spanscapeLibraries = LIBRARIES;
const ahead = (rel, href) => document.head.append(Object.assign(document.createElement("link"), { rel, as: "script", href }));
for (const script of document.getElementById("dash-scripts").content.querySelectorAll("[src]")) {
  ahead("preload", script.getAttribute("src"));
}
for (const library of spanscapeLibraries) {
  library.needed = new RegExp(library.pages).test(location.pathname);
  library.files.forEach((file) => library.needed && ahead(library.component ? "preload" : "prefetch", file));
}
const scheme = localStorage.getItem("mantine-color-scheme-value");
const isDark = scheme === "dark" || (scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.mantineColorScheme = isDark ? "dark" : "light";
})();"""


def build_app(settings: Settings) -> dash.Dash:
    """The app, ready to be served as the ASGI application `app.server`. Nothing is connected yet."""
    libraries.leave_out()
    client = CollectorClient(settings.collector_url)
    scripts = Bundle(_HERE / "assets", "js", {"spanscapeMap": graph_view.for_browser()})
    styles = Bundle(_HERE / "assets", "css")
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
        "EARLY": _EARLY.replace("LIBRARIES", json.dumps(libraries.for_browser())),
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
        # Dash 4.4 finds pages and assets during the first request for `/` only; no deep link may come before it.
        start_page = await _visited(server, "/")
        addresses = re.findall(r"/(?:_dash-component-suites|assets)/[^\"' ]+", start_page)
        compressing = asyncio.create_task(_visit_all(server, addresses))
        yield
        compressing.cancel()
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


async def _visit_all(server: FastAPI, addresses: list[str]) -> None:
    """Files are compressed when they are first asked for (`KeptFiles`): this is done before anybody waits for them."""
    for address in addresses:
        await _visited(server, address, (b"accept-encoding", b"gzip"))


async def _visited(server: FastAPI, address: str, *headers: tuple[bytes, bytes]) -> str:
    """The answer to an address of the dashboard, where it is text."""
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": ""}
    scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope["headers"] = [(b"host", b"localhost"), *headers]
    parts: list[bytes] = []
    told: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return told.pop() if told else await asyncio.Future()  # nobody goes away before the answer

    async def send(message: Any) -> None:
        parts.append(message.get("body", b""))

    await server(scope, receive, send)
    return b"".join(parts).decode(errors="ignore")
