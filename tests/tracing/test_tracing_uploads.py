"""Uploads and downloads: round trips, every view of an uploaded trace, limits, and storing when asked."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from api_answers import ask, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.api import models, trace_models, trace_view_models, upload_models
from collector.conventions import sql as conventions
from collector.errors import NotFound, PayloadTooLarge
from collector.queries import sources
from collector.queries.tracing.analysis import Traces
from collector.queries.tracing.find import find_spans
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

SAMPLES = os.environ.get("SPANSCAPE_SAMPLES", "")
MS = 1_000_000
NOW_NS = time.time_ns() // MS * MS
VIEWS = ("outline", "statistics", "flame", "graph", "find?q=pay", "compare?with={id}&with_upload={upload}")


def hand_in(collector: RunningCollector, body: bytes, **headers: str) -> requests.Response:
    return requests.post(f"{collector.api}/api/v1/traces/upload", data=body, headers=headers, timeout=60)


def uploaded(collector: RunningCollector, document: Any) -> dict[str, Any]:
    response = hand_in(collector, document if isinstance(document, bytes) else json.dumps(document).encode())
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    assert upload_models.Uploaded.model_validate(answer, strict=True).model_dump(mode="json") == answer
    return answer


def refused(collector: RunningCollector, body: bytes) -> str:
    response = hand_in(collector, body)
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")
    return str(response.json()["detail"])


@pytest.fixture(scope="module")
def odd(collector: RunningCollector) -> str:
    """A stored trace with every kind of value, links and an error."""
    about = {
        "text": "Kärtchen \x1b[31m <b>", "empty": "", "yes": True, "no": False, "whole": -(2**53) - 1, "part": 0.5, "one": 1.0,
        "bytes": b"\x00\xff", "list": [1, "a", None], "map": {"a": {"b": [True]}}, "error": "a text of its own",
    }  # fmt: skip
    spans = [
        Span("gateway", "root", "", "odd", "GET /", "server", NOW_NS + 1, 90 * MS + 7, attributes=about),
        Span("", "call", "root", "odd", "pay", "client", NOW_NS + 5, MS, True, links=(("other", "x"), ("odd", "root"))),
        Span("gateway", "orphan", "missing", "odd", "pay", "unspecified", NOW_NS + 9, 0),
    ]
    collector.send(request(spans, {"host.name": "h", "ports": [1, 2]}))
    return trace_id("odd").hex()


@pytest.mark.parametrize("form", ["otlp", "jaeger"])
def test_a_download_that_is_uploaded_downloads_as_the_same(collector: RunningCollector, odd: str, form: str) -> None:
    first = collector.get(f"/traces/{odd}", format=form)
    upload = uploaded(collector, first)["upload"]
    assert normalised(collector.get(f"/traces/{odd}", format=form, upload=upload)) == normalised(first)


def normalised(document: dict[str, Any]) -> Any:
    """Where the order says nothing: of resources, scopes and spans in OTLP, of processes in Jaeger."""
    if "data" in document:
        (trace,) = document["data"]
        spans = [{**span, "processID": trace["processes"][span["processID"]]} for span in trace["spans"]]
        return sorted((sorted_tags(span) for span in spans), key=lambda text: text)
    spans = [
        [group["resource"], scope.get("scope"), span]
        for group in document["resourceSpans"]
        for scope in group["scopeSpans"]
        for span in scope["spans"]
    ]
    return sorted(json.dumps(span, sort_keys=True) for span in spans)


def sorted_tags(span: dict[str, Any]) -> str:
    tags = sorted(span["tags"], key=lambda tag: str(tag["key"]))
    process = {**span["processID"], "tags": sorted(span["processID"]["tags"], key=lambda tag: str(tag["key"]))}
    return json.dumps({**span, "tags": tags, "processID": process}, sort_keys=True)


@pytest.mark.skipif(not SAMPLES, reason="SPANSCAPE_SAMPLES does not name a folder of recorded samples")
@pytest.mark.parametrize(
    "file", ["otlp/otel-demo-traces.pb", "otlp/otel-demo-traces.jsonl", "otlp/hotrod-trace-api-v3.json", "zipkin"]
)
def test_recorded_traces_survive_the_round_trip(collector: RunningCollector, file: str) -> None:
    path = Path(SAMPLES, file)
    for one in sorted(path.glob("*.json"))[:3] if path.is_dir() else [path]:
        first = uploaded(collector, one.read_bytes())
        for summary in first["traces"]:
            for form in ("otlp", "jaeger"):
                told = {"format": form, "upload": first["upload"]}
                once = collector.get(f"/traces/{summary['trace_id']}", **told)
                again = uploaded(collector, once)
                told["upload"] = again["upload"]
                assert again["span_count"] == summary["span_count"]
                assert normalised(collector.get(f"/traces/{summary['trace_id']}", **told)) == normalised(once)


def test_every_view_of_an_uploaded_trace_is_that_of_the_stored_one(collector: RunningCollector, odd: str) -> None:
    upload = uploaded(collector, collector.get(f"/traces/{odd}", format="otlp"))["upload"]
    for view in VIEWS:
        path = f"/traces/{odd}/{view}".format(id=odd, upload=upload)
        stored = collector.get(path.partition("&with_upload")[0])
        assert collector.get(f"{path}{'&' if '?' in path else '?'}upload={upload}") == stored
    assert collector.get(f"/traces/{odd}", upload=upload) == collector.get(f"/traces/{odd}")
    span = collector.get(f"/traces/{odd}/outline")["spans"]["id"][0]
    shown = ask(collector, trace_models.SpanDetail, f"/traces/{odd}/spans/{span}", upload=upload)
    assert shown["attributes"] == collector.get(f"/traces/{odd}/spans/{span}")["attributes"]


def test_an_upload_is_seen_nowhere_until_it_is_stored(collector: RunningCollector) -> None:
    body = request([Span("secret", "root", "", "kept", "look", "server", time.time_ns())]).SerializeToString()
    answer = uploaded(collector, body)
    (summary,) = answer["traces"]
    assert (answer["format"], summary["root_service"], answer["refused"]) == ("OTLP protobuf", "secret", 0)
    trace = trace_id("kept").hex()
    assert problem(collector, f"/api/v1/traces/{trace}")[0] == 404
    assert ask(collector, models.Traces, "/traces", service="secret")["traces"] == []
    assert ask(collector, upload_models.Uploaded, f"/traces/uploads/{answer['upload']}") == answer
    response = requests.post(f"{collector.api}/api/v1/traces/uploads/{answer['upload']}/store", timeout=60)
    assert (response.status_code, response.json()) == (200, {"upload": answer["upload"], "stored": 1})
    assert (
        collector.get(f"/traces/{trace}")["spans"]
        == collector.get(f"/traces/{trace}", upload=answer["upload"])["spans"]
    )
    poll_until(
        lambda: "secret" in {one["name"] for one in collector.get("/services")["services"]}, "the stored service"
    )


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "empty"),
        (b"hello", "neither OTLP nor Jaeger nor Zipkin"),
        (b'{"a": 1}', "JSON, but neither OTLP nor Jaeger nor Zipkin"),
        (b'{"resourceLogs": []}', "OTLP logs, only traces are loaded"),
        (b'{"resourceSpans": []}', "it holds no spans"),
        (b'{\n"data": [\n}', "line 3 column 1: Expecting value"),
        (
            b'{"data": [{"traceID": "a", "spans": [{"processID": "p", "startTime": "x"}], "processes": {"p": {}}}]}',
            "/data/0/spans/0/traceID: missing",
        ),
        (
            b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "zz"}]}]}]}',
            "/resourceSpans/0/scopeSpans/0/spans/0/traceId: expected 32 hex digits, got 'zz'",
        ),
        (b'{"resourceSpans": []}\n{"resourceSpans": [7]}', "line 2 /resourceSpans/0: expected an object, got 7"),
        (b'{"resourceSpans": []}\n{"resourceSpans": [}', "line 2 column 20: Expecting value"),
    ],
)
def test_a_malformed_upload_is_refused_with_the_place(collector: RunningCollector, body: bytes, detail: str) -> None:
    assert refused(collector, body) == detail


def test_spans_that_the_store_would_refuse_are_told(collector: RunningCollector) -> None:
    good = request([Span("a", "r", trace="half", start_ns=NOW_NS)])
    good.resource_spans[0].scope_spans[0].spans.add(trace_id=b"\1" * 16, span_id=b"\2" * 8)
    answer = uploaded(collector, good.SerializeToString())
    assert (answer["span_count"], answer["refused"]) == (1, 1)
    assert answer["reason"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    limits = {"upload_max_bytes": "2000", "uploads_max_count": "2"}
    with running_collector(tmp_path_factory.mktemp("narrow"), **limits) as running:
        yield running


def test_uploads_are_bounded_in_size_and_number(narrow: RunningCollector) -> None:
    response = hand_in(narrow, b" " * 2001)
    assert (response.status_code, response.json()["detail"]) == (
        413, "the recording is larger than SPANSCAPE_UPLOAD_MAX_BYTES (2000 bytes)",
    )  # fmt: skip
    tokens = [
        uploaded(narrow, request([Span("a", "r", trace=f"t{number}")]).SerializeToString())["upload"]
        for number in range(3)
    ]
    status, detail = problem(narrow, f"/api/v1/traces/uploads/{tokens[0]}")
    assert (status, detail) == (404, f"upload {tokens[0]} not found; uploads are kept for 3600 s")
    for number in (1, 2):
        path = f"/traces/{trace_id(f't{number}').hex()}/flame"
        assert ask(narrow, trace_view_models.Flame, path, upload=tokens[number])["span_count"] == 1


def test_an_upload_that_is_dropped_while_it_is_read_is_not_found(tmp_path: Path) -> None:
    settings = Settings(store_url=f"chdb://{tmp_path}", uploads_max_count=1)
    store = Store(settings, conventions.words())
    uploads = Uploads(store, settings, conventions.words())
    try:
        first = uploads.add("OTLP", request([Span("a", "r", trace="dropped")]).SerializeToString())
        source, trace = sources.uploaded(first), trace_id("dropped").hex()
        analysis = Traces(settings).get(source, trace)
        uploads.add("OTLP", request([Span("a", "r")]).SerializeToString())
        gone = f"upload {first.token} was dropped while it was read"
        with pytest.raises(NotFound, match=gone):
            Traces(settings).get(source, trace)
        with pytest.raises(NotFound, match=gone):
            find_spans(source, trace, "r", analysis, 10)
    finally:
        uploads.close()
        store.close()


def test_uploads_go_by_age_and_by_bytes_and_leave_no_table(tmp_path: Path) -> None:
    clock = [1000.0]
    settings = Settings(store_url=f"chdb://{tmp_path}", uploads_keep_s=60, uploads_max_bytes=1100)
    store = Store(settings, conventions.words())
    uploads = Uploads(store, settings, conventions.words(), lambda: clock[0])
    body = request([Span("a", "r", name="x" * 400)]).SerializeToString()
    try:
        old = uploads.add("OTLP", body)
        clock[0] = 1030.0
        young = uploads.add("OTLP", body)
        clock[0] = 1061.0
        with pytest.raises(NotFound, match="not found; uploads are kept for 60 s"):
            uploads.get(old.token)
        assert uploads.get(young.token) is young
        third = uploads.add("OTLP", body)
        newest = uploads.add("OTLP", body)
        with pytest.raises(NotFound):
            uploads.get(young.token)
        tables = {row["name"] for row in store.query("SELECT name FROM system.tables WHERE database = 'uploads'")}
        assert tables == {"otlp_traces_inbox", third.token, newest.token}
        with pytest.raises(PayloadTooLarge, match="SPANSCAPE_UPLOADS_MAX_BYTES allows 1100"):
            uploads.add("OTLP", body * 3)
    finally:
        uploads.close()
        store.close()


def test_beside_a_store_that_is_only_read_uploads_are_seen_and_not_stored(tmp_path: Path) -> None:
    with running_collector(tmp_path):
        pass
    with running_collector(tmp_path, store_readonly="true") as collector:
        body = request([Span("a", "r", trace="read only", start_ns=NOW_NS)]).SerializeToString()
        token = uploaded(collector, body)["upload"]
        path = f"/traces/{trace_id('read only').hex()}/flame"
        assert ask(collector, trace_view_models.Flame, path, upload=token)["span_count"] == 1
        response = requests.post(f"{collector.api}/api/v1/traces/uploads/{token}/store", timeout=60)
        assert (response.status_code, response.json()["detail"]) == (403, "this collector only reads its store")
