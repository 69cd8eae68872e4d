"""Asks the collector for the map of a page when the page itself is asked for: its scripts take longer to start."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

from dashboard.client import CollectorClient
from dashboard.errors import CollectorError
from dashboard.kept_files import App, Receive, Send
from dashboard.scope import Scope
from dashboard.time_range import time_range

_MAP = "/"
_LONGEST = 5000  # characters of a filter; a page with a longer one is refused
_MOST = 8  # at once; further pages wait for their own question


class AskAhead:
    """ASGI middleware. The answer waits in `client` for the page's own question, which says the same."""

    def __init__(self, app: App, client: CollectorClient) -> None:
        self._app, self._client = app, client
        self._asking: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == _MAP
        if is_page and len(self._asking) < _MOST:
            asking = asyncio.create_task(self._ask(scope["query_string"].decode(errors="replace")))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        await self._app(scope, receive, send)

    async def _ask(self, query: str) -> None:
        chosen = {name: values[-1] for name, values in parse_qs(query).items()}
        traces = chosen.get("traces", "")
        if len(traces) > _LONGEST:
            return
        window = time_range(chosen.get("at") or chosen.get("range"))
        try:
            await self._client.topology(window, Scope(chosen.get("env", ""), chosen.get("ns", "")), traces)
        except CollectorError:
            return  # the page is told when it asks
