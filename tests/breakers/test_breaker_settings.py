"""What the operator configures about breakers, and what becomes of those that fall silent."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from otlp_signals import Point, Record, logs, metrics
from running_collector import RunningCollector, running_collector, start_collector
from waiting import poll_until

from collector.queries.breaker_mapping import read_mapping
from collector.queries.moments import moment_text

MAPPING = {
    "targets": [{"service": "cart", "name": "pay", "target": "payments"}],
    "gauges": [{"metric": "acme.circuit.breaker_state", "states": {"0": "closed", "7": "open"}, "name": ["name"]}],
    "prefixes": ["acme_"],
    "urls": [{"url": "http://10.0.0.7/", "service": "till"}],
}


def send(collector: RunningCollector, service: str, *points: Point) -> None:
    assert collector.post(metrics(service, points).SerializeToString(), "metrics").status_code == 200


def breaker(collector: RunningCollector, service: str, **parameters: Any) -> dict[str, Any]:
    rows = collector.get("/breakers", **parameters)["breakers"]
    return next((one for one in rows if one["service"] == service), {})


def test_numbers_prefixes_and_targets_are_configured(tmp_path: Path) -> None:
    file = tmp_path / "breakers.json"
    file.write_text(json.dumps(MAPPING))
    with running_collector(tmp_path / "data", breakers_file=str(file)) as collector:
        send(
            collector,
            "cart",
            Point("acme.circuit.breaker_state", 7, {"name": "pay"}),
            Point("acme_resilience4j_circuitbreaker_state", 1, {"name": "ship", "state": "open"}),
        )

        def found() -> list[tuple[str, str, str | None, str]]:
            rows = collector.get("/breakers")["breakers"]
            return sorted((one["name"], one["state"], one["target"], one["target_confidence"]) for one in rows)

        poll_until(
            lambda: found() == [("pay", "open", "payments", "configured"), ("ship", "open", None, "none")], "both"
        )


@pytest.mark.parametrize("text", ["[]", '{"colours": []}', '{"targets": [{"name": "x"}]}', '{"gauges": [7]}'])
def test_a_wrong_file_is_told_at_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "breakers.json"
    file.write_text(text)
    with pytest.raises(AssertionError, match=r"SPANSCAPE_BREAKERS_FILE .*expected"):
        start_collector(tmp_path / "data", breakers_file=str(file))


def test_states_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match=r"states are closed, open, .* got ajar"):
        read_mapping({"gauges": [{"metric": "x", "states": {"1": "ajar"}}]})


def test_a_url_belongs_to_the_longest_beginning_or_to_its_host() -> None:
    mapping = read_mapping({"urls": [{"url": "http://a/", "service": "x"}, {"url": "http://a/y/", "service": "y"}]})
    assert [mapping.service_of_url(url) for url in ("http://a/y/z", "http://a/b", "http://c:1/", "")] == [
        "y",
        "x",
        "c",
        "",
    ]


def test_a_breaker_that_falls_silent_is_unknown_and_says_since_when(tmp_path: Path) -> None:
    with running_collector(tmp_path, breakers_stale_min_s="0.5") as collector:
        now_ns = time.time_ns()
        for age_s in (1.0, 0.0):
            at_ns = now_ns - int(age_s * 1e9)
            send(
                collector,
                "mute",
                Point("resilience4j.circuitbreaker.state", 1, {"name": "pay", "state": "open"}, at_ns=at_ns),
            )
        gone = poll_until(lambda: (one := breaker(collector, "mute")) and one["stale"] and one, "it to be stale")
        assert (gone["state"], gone["state_text"], gone["observed_at"]) == (
            "unknown",
            "not heard of",
            moment_text(now_ns),
        )
        assert gone["instances"][0]["state"] == "unknown"
        then = breaker(collector, "mute", at=str(now_ns + 10**8))
        assert (then["state"], then["stale"]) == ("open", False)


def test_a_restarted_collector_goes_on_where_it_was(tmp_path: Path) -> None:
    words = {"circuit_breaker.name": "pay", "circuit_breaker.state.previous": "closed", "circuit_breaker.state": "open"}
    change = Record(event="circuit_breaker.state_change", attributes=words, at_ns=time.time_ns())

    def transitions(collector: RunningCollector) -> list[tuple[str, str]]:
        rows = collector.get("/breakers/transitions")["transitions"]
        return [(row["from"], row["to"]) for row in reversed(rows)]

    with running_collector(tmp_path) as collector:
        assert collector.post(logs("kept", [change]).SerializeToString(), "logs").status_code == 200
        poll_until(lambda: breaker(collector, "kept").get("state") == "open", "the opening")
        collector.kill()
    with running_collector(tmp_path) as collector:
        assert collector.post(logs("kept", [change]).SerializeToString(), "logs").status_code == 200
        later = Record(
            event="circuit_breaker.state_change",
            attributes={**words, "circuit_breaker.state.previous": "open", "circuit_breaker.state": "half_open"},
            at_ns=time.time_ns(),
        )
        assert collector.post(logs("kept", [later]).SerializeToString(), "logs").status_code == 200
        poll_until(lambda: breaker(collector, "kept").get("state") == "half_open", "the next state")
        assert transitions(collector) == [("closed", "open"), ("open", "half_open")]
