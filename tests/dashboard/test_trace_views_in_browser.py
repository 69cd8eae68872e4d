"""Other views of one trace in a real browser: logs, JSON, statistics, flame graph, services, comparison; one selection in all."""

import json
import time

import pytest
from checkout_trace import DEEP, MS, ORDER, address, key, opened, selected
from otlp_requests import Span, request, trace_id

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("checkout")]


def test_logs_and_json_are_views_of_the_same_selection(page):
    page.goto(f"/trace/{ORDER}?view=logs")
    page.locator(".log-row").click()
    assert address(page) == {"view": "logs", "span": key("serve")}
    page.get_by_role("tab", name="JSON").click()
    page.locator(".trace-json", has_text='"resourceSpans"').wait_for()
    with page.expect_download() as download:
        page.get_by_text("Download OTLP JSON").click()
    assert download.value.suggested_filename == f"trace-{ORDER}.json"
    page.get_by_role("tab", name="Waterfall").click()
    assert selected(page) == "POST /orders"


def test_the_json_of_a_large_trace_is_downloaded_and_shown_span_by_span(page):
    page.goto(f"/trace/{ORDER}?view=json&span={key('pay')}")
    mark = page.locator(".trace-json mark")
    mark.wait_for()
    assert json.loads(mark.inner_text().rstrip(","))["name"] == "POST pay"
    page.goto(f"/trace/{DEEP}?view=json")
    page.get_by_text("5,000 spans are too many to read as text").wait_for()
    assert page.locator(".trace-json").is_hidden()
    with page.expect_download() as download:
        page.get_by_text("Download OTLP JSON").click()
    assert download.value.path().read_text().count('"parentSpanId"') >= 4999
    page.goto(f"/trace/{DEEP}?view=json&span={key('77', 'deep')}")
    page.get_by_text("This is the selected span.").wait_for()
    (group,) = json.loads(page.locator(".trace-json").inner_text())["resourceSpans"]
    assert group["scopeSpans"][0]["spans"][0]["spanId"] == key("77", "deep")


def test_of_very_much_json_the_beginning_is_shown_or_the_selected_span(page, collector):
    spans = [Span("web", f"{n}", "", "wordy", f"GET /{n}", attributes={"note": "x" * 250_000}) for n in range(10)]
    collector.send(request(spans))
    page.goto(f"/trace/{trace_id('wordy').hex()}?view=json")
    page.get_by_text("Shown are the first 2,000,000.").wait_for()
    assert page.locator(".trace-json").evaluate("json => json.textContent.length") == 2_000_000
    assert page.get_by_title("Copy the JSON").is_hidden()
    page.goto(f"/trace/{trace_id('wordy').hex()}?view=json&span={key('9', 'wordy')}")
    page.get_by_text("This is the selected span.").wait_for()
    (group,) = json.loads(page.locator(".trace-json").text_content())["resourceSpans"]
    assert [span["name"] for span in group["scopeSpans"][0]["spans"]] == ["GET /9"]


def test_statistics_are_those_of_the_api(page, collector):
    opened(page)
    page.get_by_role("tab", name="Statistics").click()
    page.locator(".statistics tbody tr").first.wait_for()
    numbers = sorted(
        collector.get(f"/traces/{ORDER}/statistics", by="operation")["rows"], key=lambda row: -row["self_ns"]
    )
    assert page.locator(".statistics-name").all_inner_texts() == [
        f"{row['service']} {row['operation']}" for row in numbers
    ]
    assert page.locator(".statistics tbody td:nth-child(2)").all_inner_texts() == [
        f"{row['count']:,}" for row in numbers
    ]
    page.get_by_label("Group by").select_option("attribute:")
    page.get_by_label("Attribute", exact=True).fill("http.route")
    page.keyboard.press("Enter")
    page.locator(".statistics-name", has_text="without it").wait_for()
    page.get_by_role("button", name="/pay").click()
    assert page.locator(".statistics-selected").inner_text().startswith("/pay")
    assert address(page) == {"view": "statistics", "by": "attribute:http.route", "span": key("paid")}


def test_the_flame_graph_is_that_of_the_api(page, collector):
    opened(page, "?view=waterfall")
    page.get_by_role("tab", name="Flame").click()
    page.locator(".flame-block").first.wait_for()
    flame = collector.get(f"/traces/{ORDER}/flame")
    nodes = flame["nodes"]
    whole = sum(work for work, depth in zip(nodes["work_ns"], nodes["depth"], strict=True) if depth == 0)
    wide = [node for node, work in enumerate(nodes["work_ns"]) if work / whole >= 0.0005]
    drawn = page.evaluate(
        "Array.from(document.querySelectorAll('.flame-block'), each => [Number(each.dataset.node), parseFloat(each.style.width)])"
    )
    assert [node for node, _ in drawn] == wide
    assert [width for _, width in drawn] == pytest.approx(
        [100 * nodes["work_ns"][node] / whole for node in wide], abs=0.01
    )
    page.locator(".flame-block", has_text="payments POST /pay").click()
    assert address(page) == {"view": "flame", "span": key("paid")}
    assert page.locator(".flame-selected").count() == 1
    page.locator(".flame-block", has_text="orders POST /orders").dblclick()
    assert page.locator(".flame-block").first.evaluate("each => [each.style.left, each.style.width]") == ["0%", "100%"]


def test_the_graph_has_the_services_and_calls_of_the_api(page, collector):
    opened(page)
    page.get_by_role("tab", name="Graph").click()
    page.locator(".trace-graph-node").first.wait_for()
    graph = collector.get(f"/traces/{ORDER}/graph")
    assert page.locator(".trace-graph-node b").all_inner_texts() == [node["name"] for node in graph["nodes"]]
    drawn = page.locator(".trace-graph-edge text").all_text_contents()
    assert [text.split("×")[0] for text in drawn] == [f"{edge['calls']:,}" for edge in graph["edges"]]
    page.locator(".trace-graph-node", has_text="payments").click()
    assert address(page) == {"view": "graph", "span": key("paid")}


def test_a_comparison_shows_what_the_api_finds(page, collector):
    other = trace_id("other").hex()
    spans = [Span("web", "root", "", "other", "POST /checkout", "server", 0, 400 * MS)]
    collector.send(request([*spans, Span("mail", "sent", "root", "other", "send", "client", 0, 50 * MS)]))
    found = collector.get(f"/traces/{ORDER}/compare", **{"with": other})
    assert found["paths"]["missing"] == 1
    opened(page)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_text("the typical one of").wait_for()
    page.get_by_label("Compare with the trace").fill(other)
    page.keyboard.press("Enter")
    page.get_by_text(f"{other[:12]}…").wait_for()
    page.get_by_text("This trace took 955 ms").wait_for()
    words = ("same", "added", "missing", "slower", "faster")
    nodes = found["nodes"]
    expected = [
        (
            words[nodes["status"][node]],
            f"{found['services'][nodes['service'][node]]} {found['names'][nodes['name'][node]]}",
        )
        for node in range(len(nodes["status"]))
    ]
    shown = page.evaluate(
        "Array.from(document.querySelectorAll('.compare-rows .compare-row'),"
        " row => [row.title.split(':')[0], row.querySelector('.compare-name').textContent])"
    )
    assert sorted(map(tuple, shown)) == sorted(expected[: len(shown)])
    page.evaluate("document.querySelector('.compare-rows').scrollTop = 1e9")
    page.locator(".compare-row.compare-missing", has_text="mail send").wait_for()
    page.get_by_label("Compare with the trace").fill("nonsense")
    page.keyboard.press("Enter")
    page.get_by_text("32 hexadecimal digits").wait_for()


def test_a_trace_is_compared_with_one_of_a_recording(page, collector):
    spans = [Span("web", "root", "", "taken", "POST /checkout", "server", 0, 400 * MS)]
    spans += [Span("till", "root", "", "second", "GET /", "server", 0, MS)]
    page.goto(f"/trace/{ORDER}?view=compare")
    hand_in(page, "two.pb", request(spans).SerializeToString())
    page.get_by_text("the recording's trace").wait_for()
    state = address(page)
    assert state["with"] == trace_id("taken").hex()  # it is of the same operation
    found = collector.get(f"/traces/{ORDER}/compare", **{"with": state["with"], "with_upload": state["with_upload"]})
    counted = page.locator(".compare-words > span").all_inner_texts()
    assert [int(words.split()[1]) for words in counted] == [count for count in found["paths"].values() if count]
    second = trace_id("second").hex()
    page.get_by_label("Trace of the recording").select_option(second)
    page.get_by_text(f"{second[:12]}…").wait_for()
    page.reload()
    page.get_by_text(f"{second[:12]}…").click()  # opens it, in the recording
    page.get_by_text("An uploaded trace").wait_for()
    assert address(page) == {"upload": state["with_upload"]}
    late = []
    page.route("**/compare?*", lambda route: late.append(route))  # an answer that comes after what was asked for later
    page.go_back()
    hand_in(page, "broken.json", b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b"}]}]}]}')
    page.get_by_role("alert").get_by_text("/resourceSpans/0/scopeSpans/0/spans/0/traceId").wait_for()
    with page.expect_response("**/compare?*"):
        late[0].continue_()
    page.unroute("**/compare?*")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("alert").get_by_text("/resourceSpans/0").is_visible()
    page.get_by_role("button", name="Typical trace").click()
    page.get_by_text("the typical one of").wait_for()
    assert address(page) == {"view": "compare"}


def test_that_nothing_is_typical_is_no_failure(page, collector):
    collector.send(request([Span("lonely", "root", "", "alone", "GET /", "server", time.time_ns(), MS)]))
    page.goto(f"/trace/{trace_id('alone').hex()}?view=compare")
    page.get_by_text("There is no other trace of lonely GET / in that time").wait_for()
    assert page.locator(".compare-words .bad").count() == 0
    assert page.locator(".compare-rows").is_hidden()


def test_what_a_recording_lacks_is_said_where_it_is_compared_with(page):
    spans = request([Span("web", "root", "", "taken", "POST /checkout", "server", 1, 400 * MS)])
    spans.resource_spans[0].scope_spans[0].spans.add(trace_id=b"\1" * 16, span_id=b"\2" * 8)  # without times
    page.goto(f"/trace/{ORDER}?view=compare")
    hand_in(page, "half.pb", spans.SerializeToString())
    page.get_by_text("1 span of the recording left out: ").wait_for()


def hand_in(page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a recording").click()
    chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
