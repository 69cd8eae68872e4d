"""More arrives than can be taken: senders are told so, memory stays bounded, and what was accepted is there."""

import gzip
import random
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import grpc
import pytest
import requests
from fault_load import grpc_export
from fault_process import peak_memory_mib
from google.rpc import error_details_pb2, status_pb2
from otlp_requests import Span, request, span_id, trace_id
from running_collector import PROTOBUF, RunningCollector, running_collector
from waiting import poll_until

MIB = 2**20
QUEUE_BYTES = MIB
SENDERS = 12
REQUESTS = 24
BODY_BYTES = 400_000
ALLOWED_MIB = 160  # two bodies of 32 MiB at a time, as pieces and joined, and some room


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """A collector with the smallest queue."""
    with running_collector(tmp_path_factory.mktemp("narrow"), queue_max_bytes=str(QUEUE_BYTES)) as collector:
        yield collector


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
            return not _retry_delay_s(error)
        answers["grpc OK"] += 1
        return True

    poll_until(accepted, f"{trace} to be accepted", 60)


def _retry_delay_s(error: grpc.RpcError) -> int:
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    delay = error_details_pb2.RetryInfo()
    assert status_pb2.Status.FromString(details).details[0].Unpack(delay)
    return int(delay.retry_delay.seconds)


def test_a_full_queue_turns_senders_away_and_loses_nothing(narrow: RunningCollector) -> None:
    answers: Counter[str] = Counter()
    before_mib = peak_memory_mib(narrow)
    with grpc.insecure_channel(narrow.otlp_grpc) as channel, ThreadPoolExecutor(SENDERS) as pool:
        over = [partial(_send_over_http, narrow.otlp_http), partial(_send_over_grpc, channel)]
        sending = [pool.submit(over[number % 2], f"flood {number}", answers) for number in range(REQUESTS)]
        for sent in sending:
            sent.result()
    figures = narrow.metrics()
    assert set(answers) == {"http 200", "http 503", "grpc OK", "grpc UNAVAILABLE"}
    assert answers["http 200"] + answers["grpc OK"] == REQUESTS
    assert figures["requests_turned_away_total"] == answers["http 503"] + answers["grpc UNAVAILABLE"]
    assert figures["queue_bytes"] == 0
    assert peak_memory_mib(narrow) - before_mib < 400
    for trace in (f"flood {number}" for number in range(REQUESTS)):
        spans = narrow.get(f"/traces/{trace_id(trace).hex()}")["spans"]
        assert [span["span_id"] for span in spans] == [span_id(f"{trace}/one").hex()]


def test_a_request_larger_than_the_queue_is_taken_when_nothing_else_waits(narrow: RunningCollector) -> None:
    large = request([Span("large", "one", attributes={"text": "x" * (2 * QUEUE_BYTES)})]).SerializeToString()
    assert narrow.post(large).status_code == 200


def _bombs() -> dict[str, bytes]:
    """1 GiB of zeros each."""
    member = gzip.compress(bytes(64 * MIB))
    deflate = zlib.compressobj()
    pieces = [deflate.compress(bytes(64 * MIB)) for _ in range(16)]
    return {"gzip": member * 16, "deflate": b"".join(pieces) + deflate.flush()}


def test_bombs_over_http_are_refused_in_bounded_memory(narrow: RunningCollector) -> None:
    before_mib = peak_memory_mib(narrow)
    bombs = [(encoding, body) for encoding, body in _bombs().items() for _ in range(4)]

    def send(bomb: tuple[str, bytes]) -> int:
        headers = {**PROTOBUF, "Content-Encoding": bomb[0]}
        return requests.post(f"{narrow.otlp_http}/v1/traces", data=bomb[1], headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(len(bombs)) as pool:
        assert list(pool.map(send, bombs)) == [413] * len(bombs)
    assert peak_memory_mib(narrow) - before_mib < ALLOWED_MIB


def test_a_bomb_over_grpc_is_refused_in_bounded_memory(narrow: RunningCollector) -> None:
    before_mib = peak_memory_mib(narrow)
    with grpc.insecure_channel(narrow.otlp_grpc, compression=grpc.Compression.Gzip) as channel:
        for _ in range(3):
            with pytest.raises(grpc.RpcError) as refusal:
                grpc_export(channel)(bytes(256 * MIB), timeout=60)
            assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert peak_memory_mib(narrow) - before_mib < ALLOWED_MIB
