"""The demo shop with its traffic, and a headless Chromium to look at it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.browser import chromium
from benchmarks.demo import PORTS, running_demo
from benchmarks.options import Options


@contextmanager
def demo_in_browser(options: Options) -> Iterator[tuple[Any, dict[str, int]]]:
    """A browser, and the demo's ports by name. Raises RuntimeError when Chromium is missing or a page does not come."""
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    with options.fresh_folder() as folder, running_demo(folder, ports), chromium() as browser:
        yield browser, ports


def _free_ports(count: int) -> list[int]:
    """So many ports that nothing uses now."""
    with ExitStack() as bound:
        sockets = [bound.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]
