"""Questions during ingest: each client gets its own answers, and what was acknowledged is there at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests
from fault_load import SPANS_OF_A_REQUEST, Load, call_request
from otlp_requests import trace_id
from running_collector import RunningCollector
from waiting import poll_until

QUESTIONS_OF_A_CLIENT = 10
TRACES_OF_A_CLIENT = 3


def _ask_about(collector: RunningCollector, name: str, errors: list[str]) -> None:
    """A client of its own services `name-a` and `name-b`, with a known number of traces."""
    traces = {trace_id(f"{name} {number}").hex() for number in range(TRACES_OF_A_CLIENT)}
    edge = (f"service:{name}-a", f"service:{name}-b")
    with requests.Session() as session:

        def get(path: str, **parameters: str) -> dict[str, list[dict[str, object]]]:
            answer = session.get(f"{collector.api}/api/v1{path}", params=parameters, timeout=60)
            assert answer.status_code == 200, answer.text
            return answer.json()  # type: ignore[no-any-return]

        for _ in range(QUESTIONS_OF_A_CLIENT):
            found = get("/traces", service=f"{name}-b", limit="100")["traces"]
            graph = get("/topology", service=f"{name}-a")
            edges = {(edge["source"], edge["target"], edge["calls"]) for edge in graph["edges"]}
            for trace in traces:
                spans = get(f"/traces/{trace}")["spans"]
                if {span["trace_id"] for span in spans} != {trace} or len(spans) != SPANS_OF_A_REQUEST:
                    errors.append(f"{name} got another trace: {spans}")
            if {trace["trace_id"] for trace in found} != traces:
                errors.append(f"{name} found {found}")
            if edges != {(*edge, TRACES_OF_A_CLIENT)}:
                errors.append(f"{name} saw {edges}")


def test_two_clients_that_ask_during_ingest_get_their_own_answers(collector: RunningCollector) -> None:
    clients = ["first", "second"]
    for name in clients:
        for number in range(TRACES_OF_A_CLIENT):
            body = call_request(f"{name} {number}", f"{name}-a", f"{name}-b")
            assert collector.post(body).status_code == 200

    def calls() -> list[int]:
        return sorted(edge["calls"] for edge in collector.get("/topology")["edges"])

    poll_until(lambda: calls() == [TRACES_OF_A_CLIENT] * len(clients), "both on the map")
    errors: list[str] = []
    load = Load(http=2, grpc=1)
    with load.running(collector), ThreadPoolExecutor(len(clients)) as pool:
        for asked in [pool.submit(partial(_ask_about, collector, name, errors)) for name in clients]:
            asked.result()
    assert errors == []
    assert set(load.answers) == {"200", "OK"}


def test_what_was_acknowledged_is_in_the_very_next_answer(collector: RunningCollector) -> None:
    load = Load(http=1, grpc=1)
    with load.running(collector):
        for number in range(20):
            trace = f"visible {threading.get_ident()} {number}"
            assert collector.post(call_request(trace, "seen-a", "seen-b")).status_code == 200
            spans = collector.get(f"/traces/{trace_id(trace).hex()}")["spans"]
            assert len(spans) == SPANS_OF_A_REQUEST
            found = collector.get("/traces", service="seen-a", limit="1")["traces"]
            assert found[0]["trace_id"] == trace_id(trace).hex()
