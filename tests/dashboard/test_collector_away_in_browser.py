"""The collector stops and comes back: the page says so, keeps the map, and recovers by itself."""

import socket
import time

import pytest
from otlp_requests import Span, request, trace_id
from running_collector import running_collector
from running_dashboard import running_dashboard

from dashboard import ids

pytestmark = pytest.mark.browser
CY = "dash_clientside.spanscape.cy"


def test_a_stopped_collector_is_told_and_its_return_is_seen(browser, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    spans = [
        Span("web", "a", kind="server"),
        Span("web", "b", parent="a", kind="client"),
        Span("cart", "c", parent="b"),
    ]
    with running_dashboard(f"http://127.0.0.1:{port}") as url:
        page = browser.new_page(base_url=url)
        page.set_default_timeout(60_000)
        page.goto("/")
        page.locator(f"#{ids.TOPOLOGY_STATE}").get_by_text("Collector is away").wait_for()
        with running_collector(tmp_path, "--api-port", str(port)) as collector:
            collector.send(request(spans))
            page.wait_for_function(f"window.{CY}?.edges().length === 1")
            page.locator(f"#{ids.CONNECTION}").get_by_text("Live").wait_for()
        page.locator(f"#{ids.TOPOLOGY_BANNER}").get_by_text("Collector is away").wait_for()
        page.locator(f"#{ids.CONNECTION}").get_by_text("Collector away").wait_for()
        assert page.evaluate(f"{CY}.edges().length") == 1
        with running_collector(tmp_path, "--api-port", str(port)) as collector:
            page.locator(f"#{ids.CONNECTION}").get_by_text("Live").wait_for()
            collector.send(request([Span("mail", "late", kind="server", trace="t2", start_ns=time.time_ns())]))
            page.wait_for_function(f"{CY}.nodes().length === 3")
        page.close()


def test_every_page_says_how_far_it_is_behind_what_is_stored(browser, tmp_path):
    with running_collector(tmp_path, rollup_interval_s="3600") as collector, running_dashboard(collector.api) as url:
        page = browser.new_page(base_url=url)
        page.set_default_timeout(60_000)
        collector.send(request([Span("web", "a", kind="server")]))
        page.goto("/")
        page.wait_for_function(f"window.{CY}?.nodes().length === 1")
        collector.send(request([Span("web", "b", kind="server", trace="t2")]))
        for path in ("/", "/services", "/service/web", "/traces", "/breakers", "/health", "/doctor"):
            page.goto(path)
            page.locator(f"#{ids.CONNECTION}").get_by_text("s behind").wait_for()
        page.goto("/")
        page.locator(f"#{ids.TOPOLOGY_SUSPECTS}").get_by_text("what came since is not counted yet").wait_for()
        page.close()


def test_a_trace_is_shown_once_the_collector_is_back(browser, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running_dashboard(f"http://127.0.0.1:{port}") as url:
        page = browser.new_page(base_url=url)
        page.set_default_timeout(60_000)
        page.goto(f"/trace/{trace_id('t1').hex()}")
        page.locator(".state-error").get_by_text("Collector is away").wait_for()
        with running_collector(tmp_path / "empty", "--api-port", str(port)):
            page.get_by_text("It may not have arrived yet").wait_for()
        with running_collector(tmp_path / "stored", "--api-port", str(port)) as collector:
            collector.send(request([Span("web", "a", kind="server"), Span("cart", "b", parent="a")]))
            page.get_by_role("button", name="Ask again").click()
            page.locator(".wf-row").nth(1).wait_for()
        page.close()
