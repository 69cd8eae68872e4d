"""Recordings are opened on the traces page without being stored, and stored when asked."""

import json
import re

import pytest
import requests
from otlp_requests import Span, request, trace_id
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'


def recording(*traces: str) -> bytes:
    """Traces with two spans each, as OTLP protobuf."""
    spans = [
        span
        for name in traces
        for span in (Span("till", "root", "", name, HOSTILE, "server"), Span("till", "below", "root", name))
    ]
    return request(spans).SerializeToString()


def hand_in(page, name: str, content: bytes) -> None:
    page.goto("/traces")
    page.locator("#traces-upload-choose").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#traces-upload-choose").click()
    chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def is_stored(collector, trace: str) -> bool:
    return requests.get(f"{collector.api}/api/v1/traces/{trace_id(trace).hex()}", timeout=60).status_code == 200


def test_a_recorded_trace_opens_and_is_stored_only_when_asked(page, collector):
    hand_in(page, "one.pb", recording("up-one"))
    page.get_by_text("An uploaded trace").wait_for()
    assert trace_id("up-one").hex() in page.url
    assert "upload=" in page.url
    assert page.locator("h1").inner_text().endswith(HOSTILE)
    assert not is_stored(collector, "up-one")
    page.get_by_role("button", name="Store it").click()
    page.get_by_text("2 spans are stored.").wait_for()
    poll_until(lambda: is_stored(collector, "up-one"), "the stored trace")
    assert "upload=" not in page.url


def test_what_was_downloaded_is_uploaded_again_the_same(page, collector):
    collector.send(request([Span("till", "a", "", "round", "GET /", "server"), Span("till", "b", "a", "round")]))
    url = f"{collector.api}/api/v1/traces/{trace_id('round').hex()}"
    poll_until(lambda: requests.get(url, timeout=60).status_code == 200, "the trace")
    page.goto(f"/trace/{trace_id('round').hex()}?view=json")
    with page.expect_download() as download:
        page.get_by_text("Download OTLP JSON").click()
    first = download.value.path().read_bytes()
    hand_in(page, "again.json", first)
    page.get_by_text("An uploaded trace").wait_for()
    page.get_by_role("tab", name="JSON").click()
    with page.expect_download() as download:
        page.get_by_text("Download OTLP JSON").click()
    assert json.loads(download.value.path().read_bytes()) == json.loads(first)


def test_several_traces_are_listed(page):
    hand_in(page, "some.pb", recording("up-a", "up-b"))
    said = page.locator("#traces-upload-said")
    said.get_by_text("4 spans in 2 traces of some.pb").wait_for()
    assert said.locator("li a").all_inner_texts() == [f"till {HOSTILE}"] * 2
    said.locator("li a").first.click()
    page.get_by_text("An uploaded trace").wait_for()


def test_what_is_left_out_of_a_recording_is_told_with_its_reason(page):
    half = request([Span("till", "root", "", "up-half", "GET /")])
    half.resource_spans[0].scope_spans[0].spans.add(trace_id=b"\1" * 16, span_id=b"\2" * 8)  # without times
    hand_in(page, "half.pb", half.SerializeToString())
    said = page.locator("#traces-upload-said")
    said.get_by_text(re.compile("^1 span is left out: .+")).wait_for()
    said.get_by_text("1 span in 1 trace of half.pb; nothing is stored.").wait_for()


def test_what_is_wrong_with_a_recording_is_said_with_its_place(page):
    span = {"traceId": "5b" * 16, "spanId": "5b" * 8, "name": "a", "endTimeUnixNano": "2"}
    spans = [{**span, "startTimeUnixNano": "1"}, {**span, "startTimeUnixNano": "soon"}]
    hand_in(page, "broken.json", json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode())
    said = page.locator("#traces-upload-said[role=alert]")
    said.get_by_text("broken.json cannot be opened").wait_for()
    assert "/resourceSpans/0/scopeSpans/0/spans/1/startTimeUnixNano" in said.inner_text()
    page.keyboard.press("Escape")
    said.wait_for(state="hidden")
    assert page.locator(f"#{ids.TRACES_SEARCH}").is_visible()
