"""The pages in a real browser against a real collector.

The collector is shared by the tests of this module; `page` fails a test whose page
writes an error to the console or asks another host for anything.
"""

import json
import time
import urllib.request

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from dashboard import ids

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
TRACE_ID = "5a" * 16
_GRAPH = "dash_clientside.spanscape.cy"


def _span(
    service: str, span_id: int, parent: int, name: str, kind: "Span.SpanKind.ValueType", failed: bool = False
) -> ResourceSpans:
    start_ns = time.time_ns() - 10 * 10**9 + span_id * 10**6
    span = Span(
        trace_id=bytes.fromhex(TRACE_ID),
        span_id=span_id.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        kind=kind,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + (10 - span_id) * 10**7,
        attributes=[KeyValue(key="note", value=AnyValue(string_value=HOSTILE))],
        status=Status(code=Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_UNSET),
    )
    named = ResourceSpans(scope_spans=[ScopeSpans(spans=[span])])
    named.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value=service)))
    return named


@pytest.fixture(scope="module")
def one_trace(collector) -> None:
    """web calls orders, orders calls a service with a hostile name, which fails."""
    server, client = Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT
    request = ExportTraceServiceRequest()
    request.resource_spans.extend(
        [
            _span("web", 1, 0, "GET /checkout", server),
            _span("web", 2, 1, "POST", client),
            _span("orders", 3, 2, "POST /orders", server),
            _span("orders", 4, 3, "POST", client),
            _span(HOSTILE, 5, 4, HOSTILE, server, failed=True),
        ]
    )
    collector.send(request)


def select(page, which: str) -> None:
    """`void`, because the answer is the selected part of the graph, of which a copy takes many seconds."""
    page.evaluate(f"void {_GRAPH}.nodes().filter(node => {which}).select()")


def test_the_map_equals_the_topology_of_the_api(page, collector, one_trace):
    page.goto("/")
    page.wait_for_function(f"window.{_GRAPH}?.edges().length === 2")
    drawn_nodes = page.evaluate(f"{_GRAPH}.nodes().map(node => node.id()).sort()")
    drawn_edges = page.evaluate(
        f"{_GRAPH}.edges().map(edge => [edge.data('source'), edge.data('target'), edge.data('kind')]).sort()"
    )
    with urllib.request.urlopen(f"{collector.api}/api/v1/topology?start=-5m") as answer:
        topology = json.load(answer)
    assert drawn_nodes == sorted(node["id"] for node in topology["nodes"])
    assert drawn_edges == sorted([edge["source"], edge["target"], edge["kind"]] for edge in topology["edges"])


def test_a_selected_service_shows_its_numbers_and_leads_to_its_traces(page, one_trace):
    page.goto("/")
    page.wait_for_function(f"window.{_GRAPH}?.nodes().length === 3")
    select(page, "node.data('name') === 'orders'")
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    panel.get_by_role("heading", name="orders", exact=True).wait_for()
    panel.locator(".trace-link").first.click()
    page.locator(".wf-row").first.wait_for()
    assert page.url.endswith(f"/trace/{TRACE_ID}")


def test_a_trace_opens_from_the_list_and_a_span_shows_its_attributes(page, one_trace):
    page.goto("/traces")
    page.locator(".trace-open").first.click()
    page.locator(".wf-row").first.wait_for()
    assert page.locator(".wf-row").count() == 5
    page.locator(".wf-failed").click()
    panel = page.locator(f"#{ids.TRACE_PANEL}")
    panel.get_by_text("Failed:").wait_for()
    assert panel.get_by_text(HOSTILE).count() >= 2


def test_hostile_names_are_text_everywhere(page, one_trace):
    page.goto("/")
    page.wait_for_function(f"window.{_GRAPH}?.nodes().length === 3")
    page.locator(f"#{ids.TOPOLOGY_VIEW}").get_by_text("Table").click()
    page.locator(f"#{ids.TOPOLOGY_TABLE}").get_by_text(HOSTILE).wait_for()
    select(page, "node.data('name').startsWith('<img')")
    page.goto(f"/trace/{TRACE_ID}")
    page.locator(".wf-failed").get_by_text(HOSTILE).first.wait_for()
    assert page.evaluate("window.hacked") is None


def test_the_range_is_part_of_the_address(page, one_trace):
    page.goto("/?range=1h")
    page.wait_for_function(f"window.{_GRAPH}?.nodes().length === 3")
    page.locator(f"#{ids.TOPOLOGY_SUMMARY}").get_by_text("last hour").wait_for()
    page.locator(f"#{ids.TIME_RANGE}").get_by_text("24 h").click()
    page.wait_for_function("location.search === '?range=24h'")


def test_a_time_without_data_says_how_to_send_some(page):
    page.goto("/?range=2026-01-01T00:00:00Z/2026-01-01T01:00:00Z")
    page.locator("#topology-empty").get_by_text("spanscape load FILE").wait_for()
