"""`kill -9` at any moment loses nothing that was acknowledged, and the map becomes whole again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from fault_load import SPANS_OF_A_REQUEST, Load, call_request, ids_of
from fault_process import in_store, stored_spans
from otlp_requests import trace_id
from running_collector import RunningCollector, running_collector, start_collector
from waiting import poll_until

ROUNDS = 4
ACKNOWLEDGED_PER_ROUND = 25
UPLOADED_TRACES = 200
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


def test_an_upload_that_was_being_stored_at_a_kill_9_is_there_whole_or_not_at_all_and_can_be_stored_again(
    tmp_path: Path,
) -> None:
    whole: set[str] = set()
    for number in range(ROUNDS):
        traces = [f"upload {number} {n}" for n in range(UPLOADED_TRACES)]
        collector = start_collector(tmp_path, **BUSY_ROLLUPS)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(_store, collector, _upload(collector, traces))
            if number % 2:
                poll_until(lambda: collector.metrics()["queue_bytes"] > 0 or answer.done(), "the commit to begin")  # noqa: B023
            else:
                answer.result()
            collector.kill()
            acknowledged = answer.result()
        assert acknowledged or number % 2
        spans = stored_spans(tmp_path)
        found = {trace for trace in traces if ids_of(trace) <= spans}
        assert found in (set(), set(traces))
        assert len(spans) == (len(whole) + len(found)) * SPANS_OF_A_REQUEST
        assert found or not acknowledged
        whole |= found

    with running_collector(tmp_path) as collector:
        assert _store(collector, _upload(collector, traces))
        whole |= set(traces)
        poll_until(lambda: _calls(collector, "front", "back") == len(whole), f"{len(whole)} calls on the map")


def _upload(collector: RunningCollector, traces: list[str]) -> str:
    """Hands them in; returns the token."""
    body = b"".join(call_request(trace) for trace in traces)
    answer = requests.post(f"{collector.api}/api/v1/traces/upload", data=body, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["upload"])


def _store(collector: RunningCollector, token: str) -> bool:
    """Whether it was acknowledged."""
    try:
        answer = requests.post(f"{collector.api}/api/v1/traces/uploads/{token}/store", timeout=60)
    except requests.RequestException:
        return False
    assert answer.status_code == 200, answer.text
    return True
