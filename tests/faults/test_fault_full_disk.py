"""A full disk: senders are told to come back, nothing acknowledged is lost, and space is all it takes to go on."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from fault_load import SPANS_OF_A_REQUEST, call_request, grpc_export
from otlp_requests import trace_id
from running_collector import RunningCollector, running_collector, start_collector
from waiting import poll_until

DISK_MIB = 64


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of DISK_MIB, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small file system cannot be mounted here: that needs Linux and root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path) -> Path:
    """A file that takes all the space that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(2**16)):
                pass
        except OSError:
            return filler


def _requires_retry(collector: RunningCollector, trace: str) -> None:
    """Both receivers refuse the request such that an exporter repeats it."""
    answer = collector.post(call_request(trace))
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    with grpc.insecure_channel(collector.otlp_grpc) as channel, pytest.raises(grpc.RpcError) as refusal:
        grpc_export(channel)(call_request(trace), timeout=60)
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "grpc-status-details-bin" in dict(refusal.value.trailing_metadata())


def _has(collector: RunningCollector, trace: str) -> bool:
    return len(collector.get(f"/traces/{trace_id(trace).hex()}")["spans"]) == SPANS_OF_A_REQUEST


def test_a_full_disk_gives_retryable_errors_and_the_same_process_goes_on_when_there_is_space(small_disk: Path) -> None:
    collector = start_collector(small_disk / "store")
    before = [f"before {number}" for number in range(10)]
    for trace in before:
        assert collector.post(call_request(trace)).status_code == 200

    filler = _fill(small_disk)
    for number in range(3):
        _requires_retry(collector, f"full {number}")
    assert all(_has(collector, trace) for trace in before)  # questions are still answered

    filler.unlink()
    poll_until(lambda: collector.post(call_request("after")).status_code == 200, "the collector to accept again", 30)
    for number in range(3):
        assert collector.post(call_request(f"full {number}")).status_code == 200
    traces = [*before, "after", "full 0", "full 1", "full 2"]
    assert all(_has(collector, trace) for trace in traces)
    calls = poll_until(lambda: sum(edge["calls"] for edge in collector.get("/topology")["edges"]), "the map")
    assert calls <= len(traces)
    poll_until(lambda: sum(edge["calls"] for edge in collector.get("/topology")["edges"]) == len(traces), "a whole map")
    assert collector.stop() == 0
    assert "Traceback" not in collector.logged()


def test_a_full_folder_for_temporary_files_gives_retryable_errors_too(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(small_disk))
    with running_collector(tmp_path / "store") as collector:
        assert collector.post(call_request("before")).status_code == 200
        filler = _fill(small_disk)
        _requires_retry(collector, "full")
        filler.unlink()
        assert collector.post(call_request("full")).status_code == 200
        assert _has(collector, "before")
        assert _has(collector, "full")
