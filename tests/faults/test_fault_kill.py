"""`kill -9` at any moment loses nothing that was acknowledged, and the map becomes whole again."""

from pathlib import Path

import requests
from fault_load import SPANS_OF_A_REQUEST, Load, call_request, ids_of
from fault_process import in_store, stored_spans
from otlp_requests import trace_id
from running_collector import RunningCollector, running_collector, start_collector
from waiting import poll_until

ROUNDS = 4
ACKNOWLEDGED_PER_ROUND = 25
BUSY_ROLLUPS = {"rollup_interval_s": "0.02", "rollup_share": "1"}


def _calls(collector: RunningCollector, source: str, target: str) -> int:
    edges = collector.get("/topology")["edges"]
    found = (edge for edge in edges if edge["source"] == f"service:{source}" and edge["target"] == f"service:{target}")
    return sum(int(edge["calls"]) for edge in found)


def test_every_acknowledged_span_is_there_after_kill_9_under_load(tmp_path: Path) -> None:
    load = Load(http=3, grpc=2)
    for _ in range(ROUNDS):
        enough = len(load.acknowledged) + ACKNOWLEDGED_PER_ROUND
        collector = start_collector(tmp_path, **BUSY_ROLLUPS)
        with load.running(collector):
            poll_until(lambda enough=enough: len(load.acknowledged) >= enough, f"{enough} acknowledgements")
            collector.kill()
        assert "Traceback" not in collector.logged()
    assert {"200", "OK"} <= set(load.answers)

    with running_collector(tmp_path) as collector:
        assert collector.post(call_request("after")).status_code == 200
        stored = _stored_of(collector, load.sent - load.acknowledged) | load.acknowledged | {"after"}
        poll_until(lambda: _calls(collector, "front", "back") == len(stored), f"{len(stored)} calls on the map")

    spans = stored_spans(tmp_path)
    lost = {trace for trace in load.acknowledged if not ids_of(trace) <= spans}
    assert not lost
    assert spans == set().union(*map(ids_of, stored))


def _stored_of(collector: RunningCollector, unanswered: set[str]) -> set[str]:
    """Which of the requests without an answer were stored all the same: each of them whole."""
    stored = set()
    for trace in unanswered:
        found = requests.get(f"{collector.api}/api/v1/traces/{trace_id(trace).hex()}", timeout=60)
        if found.status_code == 200:
            assert len(found.json()["spans"]) == SPANS_OF_A_REQUEST
            stored.add(trace)
    return stored


def test_calls_whose_commit_was_interrupted_before_it_marked_their_minutes_are_on_the_map_after_a_start(
    tmp_path: Path,
) -> None:
    """The store as a kill between the spans and the mark leaves it: the view that marks was not run."""
    no_mark = ("DROP VIEW dirty_minutes_mark",)
    in_store(tmp_path, "SELECT 1", no_mark, insert=call_request("interrupted"))
    with running_collector(tmp_path) as collector:
        poll_until(lambda: _calls(collector, "front", "back") == 1, "the interrupted call on the map")
