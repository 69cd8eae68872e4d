"""The doctor names each flaw of telemetry that makes a map incomplete, and is silent about sound telemetry."""

import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from otlp_requests import Span, key_values, request

AGO_NS = 60 * 10**9


@pytest.fixture(scope="module")
def checks(collector):
    """By id, after telemetry with one flaw of each kind."""
    start_ns = time.time_ns() - AGO_NS
    at = {"start_ns": start_ns, "duration_ns": 10**7}
    flawed = [
        Span("web", "call", kind="client", trace="unpaired", **at),
        Span("web", "orphan", parent="nowhere", kind="server", trace="orphan", **at),
        Span("web", "root", kind="server", trace="kinds", **at),
        Span("mail", "inner", parent="root", kind="internal", trace="kinds", **at),
        Span("web", "out", kind="client", trace="skew", **at),
        Span("pay", "in", parent="out", kind="server", trace="skew", start_ns=start_ns - 5 * 10**6, duration_ns=10**6),
        Span("", "nameless", kind="server", trace="nameless", **at),
        Span("web", "kindless", kind="unspecified", trace="kindless", **at),
    ]
    sent = request(flawed)
    sent.resource_spans[0].scope_spans[0].spans[0].dropped_attributes_count = 3
    sent.resource_spans[2].scope_spans[0].spans[0].trace_state = "ot=th:c"
    collector.send(sent)
    logs = ExportLogsServiceRequest()
    named = logs.resource_logs.add()
    named.resource.attributes.extend(key_values({"service.name": "quiet"}))
    named.scope_logs.add().log_records.add(time_unix_nano=start_ns)
    faulty = logs.resource_logs.add()
    faulty.resource.attributes.extend(key_values({"service.name": "victim"}))
    faulty.scope_logs.add().log_records.add(time_unix_nano=start_ns, event_name="fault.injected")
    assert collector.post(logs.SerializeToString(), "logs").status_code == 200

    return {check["id"]: check for check in collector.get("/doctor", start="-5m")["checks"]}


@pytest.mark.parametrize(
    ("id_", "example"),
    [
        ("unpaired_calls", "web: call"),
        ("missing_parents", "web: orphan"),
        ("wrong_kinds", "web → mail: inner"),
        ("clock_skew", "web → pay: in (up to 5.0 ms early)"),
        ("services_without_spans", "quiet: only logs"),
        ("unnamed_services", "unknown_service"),
        ("without_kind", "web"),
        ("dropped", "web"),
        ("sampled", "web"),
    ],
)
def test_a_flaw_is_counted_with_an_example_and_advice(checks, id_, example):
    check = checks[id_]
    assert [each["text"] for each in check["examples"]] == [example]
    assert check["status"] in ("notice", "problem")
    assert check["count"] >= 1
    assert check["advice"]


def test_what_is_sound_is_said_to_be_sound(checks):
    assert checks["nothing"]["status"] == "ok"
    assert checks["refused"] == {
        "id": "refused",
        "title": "Data refused by the collector",
        "status": "ok",
        "count": 0,
        "summary": "The collector refused nothing since it was started.",
        "examples": [],
        "advice": "",
    }


def test_problems_come_first(checks):
    order = [check["status"] for check in checks.values()]
    assert order == sorted(order, key=("problem", "notice", "ok").index)


def test_a_refused_span_and_an_empty_range_are_problems(fresh_collector):
    empty = {check["id"]: check for check in fresh_collector.get("/doctor")["checks"]}
    assert empty["nothing"]["status"] == "problem"
    wrong = request([Span("web", "a")])
    wrong.resource_spans[0].scope_spans[0].spans[0].trace_id = b""
    fresh_collector.send(wrong)
    after = {check["id"]: check for check in fresh_collector.get("/doctor")["checks"]}
    assert (after["refused"]["status"], after["refused"]["count"]) == ("problem", 1)
