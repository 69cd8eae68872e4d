"""More arrives than can be written: some senders are told to come back, memory stays bounded, nothing is lost."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import grpc
import requests
from fault_load import grpc_export
from fault_process import peak_memory_mib, stored_spans
from google.rpc import error_details_pb2, status_pb2
from otlp_requests import Span, request, span_id, trace_id
from running_collector import PROTOBUF, poll_until, running_collector

SENDERS = 12
REQUESTS = 36
BODY_BYTES = 400_000
QUEUE_BYTES = 2**20


def _body(trace: str) -> bytes:
    noise = random.Random(trace).randbytes(BODY_BYTES // 2).hex()
    return request([Span("flood", "one", trace=trace, attributes={"noise": noise})]).SerializeToString()


def _send_over_http(url: str, trace: str, answers: Counter[str]) -> None:
    """Repeats the request until it is accepted, as an exporter does."""
    body = _body(trace)

    def accepted() -> bool:
        answer = requests.post(f"{url}/v1/traces", data=body, headers=PROTOBUF, timeout=60)
        answers[f"http {answer.status_code}"] += 1
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
        return answer.status_code == 200

    poll_until(accepted, f"{trace} to be accepted", 60)


def _send_over_grpc(channel: grpc.Channel, trace: str, answers: Counter[str]) -> None:
    body = _body(trace)

    def accepted() -> bool:
        try:
            grpc_export(channel)(body, timeout=60)
        except grpc.RpcError as error:
            answers[f"grpc {error.code().name}"] += 1
            assert _retry_delay_s(error) > 0
            return False
        answers["grpc OK"] += 1
        return True

    poll_until(accepted, f"{trace} to be accepted", 60)


def _retry_delay_s(error: grpc.RpcError) -> int:
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    delay = error_details_pb2.RetryInfo()
    assert status_pb2.Status.FromString(details).details[0].Unpack(delay)
    return int(delay.retry_delay.seconds)


def test_a_full_queue_turns_senders_away_and_loses_nothing(tmp_path: Path) -> None:
    answers: Counter[str] = Counter()
    with running_collector(tmp_path, queue_max_bytes=str(QUEUE_BYTES)) as collector:
        before_mib = peak_memory_mib(collector)
        with grpc.insecure_channel(collector.otlp_grpc) as channel, ThreadPoolExecutor(SENDERS) as pool:
            over = [partial(_send_over_http, collector.otlp_http), partial(_send_over_grpc, channel)]
            sending = [pool.submit(over[number % 2], f"flood {number}", answers) for number in range(REQUESTS)]
            for sent in sending:
                sent.result()
        figures = collector.metrics()
        grown_mib = peak_memory_mib(collector) - before_mib
    assert set(answers) == {"http 200", "http 503", "grpc OK", "grpc UNAVAILABLE"}
    assert answers["http 200"] + answers["grpc OK"] == REQUESTS
    assert figures["requests_turned_away_total"] == answers["http 503"] + answers["grpc UNAVAILABLE"]
    assert figures["queue_bytes"] == 0
    assert grown_mib < 400
    traces = [f"flood {number}" for number in range(REQUESTS)]
    assert stored_spans(tmp_path) == {(trace_id(trace).hex(), span_id(f"{trace}/one").hex()) for trace in traces}


def test_a_request_larger_than_the_queue_is_taken_when_nothing_else_waits(tmp_path: Path) -> None:
    with running_collector(tmp_path, queue_max_bytes=str(QUEUE_BYTES)) as collector:
        large = request([Span("large", "one", attributes={"text": "x" * (2 * QUEUE_BYTES)})]).SerializeToString()
        assert collector.post(large).status_code == 200
