"""The demo shop with its traffic, and a headless Chromium to look at it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGUMENTS
from benchmarks.demo import PORTS, running_demo
from benchmarks.options import Options


@contextmanager
def demo_in_browser(options: Options) -> Iterator[tuple[Any, dict[str, int]]]:
    """A browser, and the demo's ports by name. Raises RuntimeError when Chromium is missing or a page does not come."""
    from playwright.sync_api import Error, sync_playwright

    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    try:
        with options.fresh_folder() as folder, running_demo(folder, ports), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            yield browser, ports
            browser.close()
    except Error as error:
        raise RuntimeError(str(error).splitlines()[0]) from error


def _free_ports(count: int) -> list[int]:
    """So many ports that nothing uses now."""
    with ExitStack() as bound:
        sockets = [bound.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]
