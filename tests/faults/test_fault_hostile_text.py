"""Hostile text in every string field of a span goes in and comes out unchanged; it is never SQL, nor anything else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_requests import key_values, span_id, trace_id
from running_collector import RunningCollector
from waiting import poll_until

START_NS = 1_700_000_000_000_000_000
TEXTS = {
    "quotes": "it's \"quoted\" `here` \\ and \\' there",
    "SQL": "'; DROP TABLE otel_traces; --",
    "SQL that waits": "' OR sleepEachRow(3) = 0 OR '",
    "placeholders": "{trace_id:String} $peer %s %(x)s ${HOME} {{7*7}}",
    "NUL": "before\0after\0",
    "controls": "\x01\x1b[31m\r\n\t\x7f\u0085\u2028",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 é vs e\u0301",
    "right to left": "\u202egnp.exe \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u2066x\u2069",
    "not quite characters": "\ufeff\ufffe\uffff\U0010ffff",
    "HTML": "<script>alert(1)</script>&amp;",
    "path": "../../../etc/passwd",
    "JSON": '{"a":[1,2,{"b":null}]}',
    "long": "長" * 30_000,
}


def _request(trace: str, text: str) -> ExportTraceServiceRequest:
    """One span with `text` in every field that holds text."""
    message = ExportTraceServiceRequest()
    resource_spans = message.resource_spans.add(schema_url=text)
    resource_spans.resource.attributes.extend(key_values({"service.name": text, "r" + text: text}))
    resource_spans.resource.entity_refs.add(type=text, schema_url=text, id_keys=[text], description_keys=[text])
    scope_spans = resource_spans.scope_spans.add(schema_url=text)
    scope_spans.scope.name, scope_spans.scope.version = text, text
    scope_spans.scope.attributes.extend(key_values({text: text}))
    span = scope_spans.spans.add(
        trace_id=trace_id(trace), span_id=span_id(trace), name=text, trace_state=text, kind=3,  # type: ignore[arg-type]
        start_time_unix_nano=START_NS, end_time_unix_nano=START_NS + 1,
    )  # fmt: skip
    span.status.code, span.status.message = 2, text  # type: ignore[assignment]
    span.attributes.extend(
        key_values({text: text, "server.address": text, "list": [text, {text: text}], "b": text.encode()})
    )
    span.events.add(name=text, time_unix_nano=START_NS).attributes.extend(
        key_values({text: text, "exception.type": text})
    )
    link = span.links.add(trace_id=trace_id("linked"), span_id=span_id("linked"), trace_state=text)
    link.attributes.extend(key_values({text: text}))
    return message


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text_in_every_field_comes_out_unchanged(collector: RunningCollector, text: str) -> None:
    trace = f"text {text[:40]}"
    assert collector.post(_request(trace, text).SerializeToString()).status_code == 200
    (span,) = collector.get(f"/traces/{trace_id(trace).hex()}")["spans"]
    attributes = span["attributes"]
    assert (span["service"], span["name"], span["trace_state"], span["status_message"]) == (text,) * 4
    assert (attributes[text], attributes["list"]) == (text, [text, {text: text}])
    assert span["resource"]["attributes"] == {"service.name": text, "r" + text: text}
    assert span["resource"]["schema_url"] == text
    assert span["resource"]["entities"] == [
        {"schema_url": text, "type": text, "id_keys": [text], "description_keys": [text]}
    ]
    scope = span["scope"]
    assert (scope["name"], scope["version"], scope["schema_url"], scope["attributes"]) == (
        text,
        text,
        text,
        {text: text},
    )
    (event,), (link,) = span["events"], span["links"]
    assert (event["name"], event["attributes"]) == (text, {text: text, "exception.type": text})
    assert (link["trace_state"], link["attributes"]) == (text, {text: text})


QUESTIONS: dict[str, Callable[[RunningCollector, str, dict[str, str]], bool]] = {
    "services": lambda c, text, window: (
        text in {service["name"] for service in c.get("/services", **window)["services"]}
    ),
    "traces of a service": lambda c, text, window: (
        [trace["root_service"] for trace in c.get("/traces", service=text, **window)["traces"]] == [text]
    ),
    "traces of an operation": lambda c, text, window: (
        [trace["root_name"] for trace in c.get("/traces", operation=text, **window)["traces"]] == [text]
    ),
    "the map": lambda c, text, window: (
        f"service:{text}" in {node["id"] for node in c.get("/topology", service=text, **window)["nodes"]}
    ),
}


def test_questions_about_hostile_names_are_answered_for_these_names(collector: RunningCollector) -> None:
    window = {"start": str(START_NS - 10**9), "end": str(START_NS + 10**9)}
    short = {name: text for name, text in TEXTS.items() if name != "long"}  # more than an address may have
    with ThreadPoolExecutor() as pool:
        bodies = [_request(f"text {text[:40]}", text).SerializeToString() for text in short.values()]
        assert {answer.status_code for answer in pool.map(collector.post, bodies)} == {200}
    for name, text in short.items():
        for question, holds in QUESTIONS.items():
            poll_until(lambda text=text, holds=holds: holds(collector, text, window), f"{question}: {name}")


@pytest.mark.parametrize("raw", [b"\xed\xa0\x80", b"\xff", b"\xc0\x80", b"cut \xe2\x82"])
def test_bytes_that_are_no_text_are_refused_in_every_field(collector: RunningCollector, raw: bytes) -> None:
    marker, raw = b"~" * 8, raw.rjust(8, b"x")
    message = _request("no text", marker.decode())
    del message.resource_spans[0].scope_spans[0].spans[0].attributes[-1]  # it may be any bytes
    parts = message.SerializeToString().split(marker)
    assert len(parts) > 20
    for number in range(1, len(parts)):
        damaged = marker.join(parts[:number]) + raw + marker.join(parts[number:])
        assert collector.post(damaged).status_code == 400
    assert requests.get(f"{collector.api}/api/v1/traces/{trace_id('no text').hex()}", timeout=60).status_code == 404
