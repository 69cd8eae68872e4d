"""A trace to read on its page: a checkout with most of what a trace can have; and what tests of that page do with it."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from otlp_requests import Span, key_values, request, span_id, trace_id
from otlp_signals import Record, logs
from running_collector import RunningCollector

from dashboard.theme import format_duration

MS = 10**6
HOSTILE = '<img src=x onerror="window.hacked=1">\x1b[31m' + "long " * 400
STACK = "ValueError: no card\n  at pay (pay.js:7)\n  at serve (serve.js:3)\nCaused by: Timeout\n  at read (read.js:1)"
ORDER = trace_id("order").hex()
DEEP = trace_id("deep").hex()
ROWS = """() => Object.fromEntries(Array.from(document.querySelectorAll(".wf-row")).filter(row => row.dataset.row).map(row => [
  row.dataset.row, {
    name: `${row.querySelector("b").textContent} ${row.querySelector(".wf-text").textContent}`,
    level: Number(row.getAttribute("aria-level")), failed: row.classList.contains("wf-failed"),
    left: parseFloat(row.querySelector(".wf-bar").style.left), width: parseFloat(row.querySelector(".wf-bar").style.width),
    critical: !row.querySelector(".wf-critical").hidden, time: row.querySelector(".wf-time").textContent,
    ticks: Array.from(row.querySelectorAll(".wf-tick"), tick => tick.title),
  }]))"""


def key(name: str, trace: str = "order") -> str:
    return span_id(f"{trace}/{name}").hex()


def send_traces(collector: RunningCollector) -> None:
    """A request that reserves 40 items, pays on a host with another clock, fails, and has a gap; and one 5,000 levels deep."""
    start = time.time_ns() - 60 * 10**9
    spans = [
        Span("web", "root", "", "order", "POST /checkout", "server", start, 900 * MS, True, {"note": HOSTILE}),
        Span("web", "call", "root", "order", "POST", "client", start + 10 * MS, 800 * MS),
        Span("orders", "serve", "call", "order", "POST /orders", "server", start + 20 * MS, 700 * MS),
        Span("orders", "pay", "serve", "order", "POST pay", "client", start + 500 * MS, 100 * MS),
        Span("orders", "wait", "serve", "order", "sleep", "internal", start + 650 * MS, 20 * MS),
        Span("audit", "orphan", "nobody", "order", "write", "internal", start + 950 * MS, 5 * MS),
    ]
    for number in range(40):
        at = start + (30 + 8 * number) * MS
        spans.append(Span("orders", f"call {number}", "serve", "order", f"reserve {number}", "client", at, 6 * MS))
        spans.append(
            Span("stock", f"stock {number}", f"call {number}", "order", "PUT /stock", "server", at + MS, 4 * MS)
        )
    collector.send(request(spans, {"host.name": "a", "service.version": "1.4.0"}))
    paid = [Span("payments", "paid", "pay", "order", "POST /pay", "server", start + 470 * MS, 80 * MS, True)]
    message = request(paid, {"host.name": "b", "region": "eu-1"})
    (span,) = message.resource_spans[0].scope_spans[0].spans
    span.status.message = "card declined"
    span.attributes.extend(key_values({"http.route": "/pay", "http.request.method": "POST", "payment.amount": 9.5}))
    thrown = {"exception.type": "ValueError", "exception.message": "no card", "exception.stacktrace": STACK}
    span.events.add(name="exception", time_unix_nano=start + 540 * MS).attributes.extend(key_values(thrown))
    link = span.links.add(trace_id=bytes.fromhex(DEEP), span_id=span_id("deep/0"))
    link.attributes.extend(key_values({"why": "retried"}))
    collector.send(message)
    record = logs("orders", [Record(f"item {HOSTILE[:37]}", at_ns=start + 300 * MS)])
    (sent,) = record.resource_logs[0].scope_logs[0].log_records
    sent.trace_id, sent.span_id, sent.severity_number, sent.severity_text = (
        bytes.fromhex(ORDER),
        bytes.fromhex(key("serve")),
        17,
        "ERROR",
    )
    assert collector.post(record.SerializeToString(), "logs").status_code == 200
    levels = [
        Span(
            f"s{level % 7}",
            f"{level}",
            f"{level - 1}" if level else "",
            "deep",
            "",
            "internal",
            start + level,
            10**7 - level,
        )
        for level in range(5000)
    ]
    collector.send(request(levels))


def opened(page, query: str = "", trace: str = ORDER) -> None:
    page.goto(f"/trace/{trace}{query}")
    page.locator(".wf-row").first.wait_for()


def address(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def selected(page) -> str:
    return page.locator(".wf-selected .wf-text").inner_text()


def listed(page) -> int:
    return page.evaluate("Math.round(document.querySelector('.list-space').offsetHeight / 26)")


def drawn_rows(page) -> dict[str, Any]:
    """Every row, read while scrolling down; only those in sight exist at a time."""
    rows: dict[str, Any] = {}
    most = 0
    for top in range(0, listed(page) * 26, 260):
        page.evaluate(f"document.querySelector('.wf-scroll').scrollTop = {top}")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        part = page.evaluate(ROWS)
        most = max(most, len(part))
        rows |= part
    assert most < 60
    return rows


def assert_drawn(page, outline: dict[str, Any]) -> dict[str, Any]:
    """Rows, bars, durations and shares of the critical path are those of the outline. Returns the rows as they are drawn."""
    spans, length = outline["spans"], max(outline["duration_ns"], 1)
    on_path = {segment["row"] for segment in outline["critical_path"]}
    rows = drawn_rows(page)
    assert len(rows) == outline["span_count"] == len(spans["id"])
    for number, drawn in rows.items():
        row = int(number)
        name = outline["names"][spans["name"][row]] or "(no name)"
        assert drawn["name"] == f"{outline['services'][spans['service'][row]]['name']} {name}"
        assert drawn["level"] == spans["depth"][row] + 1
        assert (drawn["failed"], drawn["critical"]) == (spans["status"][row] == 2, row in on_path)
        assert drawn["left"] == pytest.approx(100 * spans["start_ns"][row] / length, abs=0.01)
        assert drawn["width"] == pytest.approx(100 * spans["duration_ns"][row] / length, abs=0.01)
        assert drawn["time"].split("  ")[0] == format_duration(spans["duration_ns"][row])
    assert drawn_shares(page) == pytest.approx(shares_of_the_path(outline), abs=0.1)
    return rows


def drawn_shares(page) -> dict[str, float]:
    """Of the critical path, in percent, by service; less than 0.1 as 0."""
    chips = "chips => chips.map(chip => [chip.querySelector('b').textContent, chip.querySelector('small').textContent])"
    drawn = page.locator(".wf-chip").evaluate_all(chips)
    return {name: 0 if share.startswith("<") else float(share.removesuffix(" %")) for name, share in drawn}


def shares_of_the_path(outline: dict[str, Any]) -> dict[str, float]:
    """The same as the API has it."""
    total = max(sum(service["critical_ns"] for service in outline["services"]), 1)
    return {service["name"]: 100 * service["critical_ns"] / total for service in outline["services"]}
