"""Recorded traces of real systems in a real browser: what is drawn, and what the panel says, is what the API answers.

The samples are not part of the repository: SPANSCAPE_SAMPLES names their folder. They are uploaded, for their times are long past.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests
from checkout_trace import address, assert_drawn, opened

from dashboard import ids
from dashboard.theme import format_duration

SAMPLES = os.environ.get("SPANSCAPE_SAMPLES", "")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not SAMPLES, reason="SPANSCAPE_SAMPLES does not name a folder of recorded samples"),
]
FILES = (
    "otlp/otel-demo-traces.jsonl",
    "otlp/hotrod-trace-api-v3.json",
    "otlp/duplicate-span.json",
    "jaeger/crisp/15.json",
    "jaeger/crisp/23.json",
    "jaeger/crisp/err_pattern1/err1.json",
    "zipkin/skew.json",
    "zipkin/yelp.json",
)
SOME_TIME_US = 1_700_000_000_000_000
SHOWN_LETTERS = 600
FACTS = """facts => Array.from(facts.children, fact => [
  fact.querySelector("dt").textContent, fact.querySelector("dd").textContent])"""
PAIRS = """section => Array.from(section.querySelectorAll(".pair"), pair => [
  pair.querySelector("dt").textContent, pair.querySelector("dd > code").textContent])"""
AS_TEXT = """given => given.map(
  each => typeof each === "string" ? each : JSON.stringify(each, null, typeof each === "object" ? 1 : 0))"""


def uploaded(collector, file: str) -> tuple[str, dict[str, Any]]:
    """The token, and the summary of the trace with most spans."""
    body = Path(SAMPLES, file).read_bytes()
    if "crisp" in file:
        body = later(json.loads(body))
    answer = requests.post(f"{collector.api}/api/v1/traces/upload", body, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.json()["upload"], max(answer.json()["traces"], key=lambda trace: trace["span_count"])


def later(document: dict[str, Any]) -> bytes:
    """CRISP's spans begin at 0, which OTLP takes for no time."""
    for trace in document["data"]:
        for span in trace["spans"]:
            span["startTime"] += SOME_TIME_US
    return json.dumps(document).encode()


@pytest.mark.parametrize("file", FILES)
def test_a_recorded_trace_is_drawn_as_the_api_answers_it(page, collector, file):
    token, summary = uploaded(collector, file)
    trace = summary["trace_id"]
    outline = collector.get(f"/traces/{trace}/outline", upload=token)
    expected = json.loads(Path(SAMPLES, "expected.json").read_text())[file]
    if expected["traces"] == 1 and not file.startswith("zipkin"):  # whose shared spans are made two
        assert outline["span_count"] == expected["unique_spans"]
        assert {each["name"] for each in outline["services"]} == set(expected["services"])
    opened(page, f"?upload={token}", trace)
    assert_drawn(page, outline)
    for pressed in ("Home", "End", "e"):  # the first span, the last, and the first that failed
        page.keyboard.press(pressed)
        page.keyboard.press("Enter")
        span, _, service = address(page)["span"].partition("@")
        assert_panel(page, collector.get(f"/traces/{trace}/spans/{span}", upload=token, service=service))


def assert_panel(page, span: dict[str, Any]) -> None:
    """The panel says what the API answers about the span."""
    panel = page.locator(f"#{ids.TRACE_PANEL}")
    panel.locator(".pairs dd", has_text=span["span_id"]).first.wait_for()
    assert panel.locator("h2").inner_text() == (span["name"] or "(no name)")
    assert panel.locator(".span-service a").inner_text() == span["service"]
    assert panel.locator(".span-kind").inner_text() == f"{span['kind']} span"
    facts = dict(panel.locator(".pairs").first.evaluate(FACTS))
    assert facts["Duration"].startswith(format_duration(int(span["duration_ns"])))
    assert facts["Own time"].startswith(format_duration(span["self_ns"]))
    assert panel.locator(".span-evidence li").count() == len(span["evidence"])
    events = sorted(span["events"], key=lambda event: int(event["time_ns"]))
    assert panel.locator(".events > li > p > strong").all_inner_texts() == [event["name"] for event in events]
    assert_pairs(page, panel, "Attributes", span["attributes"])
    assert_pairs(page, panel, "Resource", span["resource"]["attributes"])


def assert_pairs(page, panel, title: str, attributes: dict[str, Any]) -> None:
    section = panel.locator(".span-section", has=page.locator("h3", has_text=f"{title} ({len(attributes)})"))
    assert section.count() == bool(attributes)
    if attributes:
        texts = zip(attributes, page.evaluate(AS_TEXT, list(attributes.values())), strict=True)
        shown = {name: text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}…" for name, text in texts}
        assert dict(section.evaluate(PAIRS)) == shown
