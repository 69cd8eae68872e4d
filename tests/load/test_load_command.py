"""`spanscape load` as a user runs it, against a collector on a real socket."""

import gzip
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import load_records as records
import pytest
from google.rpc.status_pb2 import Status
from load_sink import HANG_UP, Answer, Sink, partial_success, running_sink

from spanscape.load.main import main

BUSY = Answer(503, Status(message="queue full").SerializeToString(), headers={"Retry-After": "0"})


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


def recording(folder: Path, spans: int = 1, name: str = "a.pb", first: int = 1) -> str:
    path = folder / name
    path.write_bytes(records.otlp(spans, first=first).SerializeToString())
    return str(path)


def names(sink: Sink) -> list[str]:
    return sorted((span.name for span in sink.spans), key=lambda name: int(name.removeprefix("span ")))


def test_everything_in_a_directory_arrives_as_recorded(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording(tmp_path, 3)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(records.text(records.otlp_json(4))))
    (tmp_path / "README.md").write_text("not telemetry")
    assert main([str(tmp_path), "--endpoint", sink.url]) == 0
    assert names(sink) == ["span 1", "span 2", "span 3", "span 4"]
    assert sink.spans[0] == records.otlp().resource_spans[0].scope_spans[0].spans[0]
    shown = capsys.readouterr()
    assert shown.err == f"note: skipped {tmp_path}/README.md: neither OTLP nor Jaeger nor Zipkin\n"
    row = next(line for line in shown.out.splitlines() if str(tmp_path) in line)
    cells = [cell.strip() for cell in row.split("│")[1:-1]]
    assert cells[:8] == [str(tmp_path), "OTLP JSON, OTLP protobuf", "2", "4", "4", "2", "0", "0"]


def test_batches_have_the_wanted_size_and_go_to_the_traces_path(sink: Sink, tmp_path: Path) -> None:
    assert main([recording(tmp_path, 25), "--endpoint", sink.url + "/", "--batch", "10", "--concurrency", "3"]) == 0
    assert len(names(sink)) == 25
    assert len(sink.requests) == 3
    assert {attempt["path"] for attempt in sink.attempts} == {"/v1/traces"}
    assert {attempt["Content-Type"] for attempt in sink.attempts} == {"application/x-protobuf"}


@pytest.mark.parametrize(("option", "encoding"), [((), None), (("--gzip",), "gzip"), (("--no-gzip",), None)])
def test_requests_to_this_machine_are_compressed_only_when_asked(
    sink: Sink, tmp_path: Path, option: tuple[str, ...], encoding: str | None
) -> None:
    assert main([recording(tmp_path), "--endpoint", sink.url, *option]) == 0
    assert [attempt.get("Content-Encoding") for attempt in sink.attempts] == [encoding]
    assert names(sink) == ["span 1"]


def test_now_moves_all_files_by_one_constant_so_that_the_latest_span_ends_now(sink: Sink, tmp_path: Path) -> None:
    early, late = records.otlp(1, start_ns=1_000_000_000), records.otlp(1, first=2, start_ns=61_000_000_000)
    for name, request in (("early.pb", early), ("late.pb", late)):
        (tmp_path / name).write_bytes(request.SerializeToString())
    before_ns = time.time_ns()
    assert main([str(tmp_path / "late.pb"), str(tmp_path / "early.pb"), "--now", "--endpoint", sink.url]) == 0
    first, second = sorted(sink.spans, key=lambda span: span.name)
    assert before_ns <= second.end_time_unix_nano <= time.time_ns()
    assert second.start_time_unix_nano - first.start_time_unix_nano == 60_000_000_000
    assert second.end_time_unix_nano - second.start_time_unix_nano == 1_000


@pytest.mark.parametrize("failure", [BUSY, Answer(429), Answer(502), HANG_UP], ids=["503", "429", "502", "hang-up"])
def test_a_collector_that_is_busy_or_gone_for_a_moment_is_asked_again(
    sink: Sink, tmp_path: Path, failure: Answer
) -> None:
    sink.script.append(failure)
    assert main([recording(tmp_path), "--endpoint", sink.url]) == 0
    assert len(sink.attempts) == 2
    assert names(sink) == ["span 1"]


def test_the_delay_that_the_collector_names_is_kept(sink: Sink, tmp_path: Path) -> None:
    sink.script.append(Answer(503, headers={"Retry-After": "1"}))
    started_s = time.monotonic()
    assert main([recording(tmp_path), "--endpoint", sink.url]) == 0
    assert time.monotonic() - started_s >= 1


def test_a_collector_that_stays_busy_ends_the_load(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.default = BUSY
    files = [recording(tmp_path, 30), recording(tmp_path, 1, "b.pb")]
    assert main([*files, "--endpoint", sink.url, "--retry-for", "0.5", "--batch", "1", "--concurrency", "1"]) == 1
    shown = capsys.readouterr()
    assert f"error: {sink.url}/v1/traces: HTTP 503 queue full, gave up after" in shown.err
    assert len(sink.attempts) < 10
    assert sink.requests == []


def test_nobody_listening_is_told_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        assert main([recording(tmp_path), "--endpoint", url, "--retry-for", "0.1"]) == 1
    assert f"error: {url}/v1/traces: no answer (Connection refused), gave up after" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(400, Status(message="no spans").SerializeToString()), "HTTP 400 no spans"),
        (Answer(400, b'{"detail": "bad body"}', "application/problem+json"), "HTTP 400 bad body"),
        (Answer(401, b"who?", "text/plain"), "HTTP 401 who?"),
        (Answer(404, b"<html>", "text/html"), "HTTP 404 Not Found"),
        (Answer(200, b"<html>", "text/html"), "HTTP 200 without an OTLP answer (text/html): is it a collector?"),
        (Answer(200, b"<html>"), "HTTP 200 without an OTLP answer (application/x-protobuf): is it a collector?"),
        (partial_success(2, "too old"), "too old"),
    ],
)
def test_refused_spans_are_counted_with_the_reason_and_the_rest_is_sent(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, reason: str
) -> None:
    sink.script.append(answer)
    path = recording(tmp_path, 4)
    assert main([path, "--endpoint", sink.url, "--batch", "2"]) == 1
    shown = capsys.readouterr()
    assert shown.err == f"error: {path}: the collector refused spans: {reason}\n"
    cells = [cell.strip() for cell in next(line for line in shown.out.splitlines() if path in line).split("│")]
    assert cells[7:9] == ["2", "1"]
    assert len(sink.attempts) == 2


def test_a_warning_without_refusal_is_shown_and_is_no_failure(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.script.append(partial_success(0, "upgrade soon"))
    assert main([recording(tmp_path), "--endpoint", sink.url]) == 0
    assert "the collector says: upgrade soon" in capsys.readouterr().err


def test_a_success_in_json_or_without_body_is_a_success(sink: Sink, tmp_path: Path) -> None:
    answer = {"partialSuccess": {"rejectedSpans": "0"}}
    sink.script.extend([Answer(body=json.dumps(answer).encode(), content_type="application/json"), Answer(204)])
    assert main([recording(tmp_path, 2), "--endpoint", sink.url, "--batch", "1"]) == 0


def test_a_batch_that_is_too_large_is_sent_in_halves(sink: Sink, tmp_path: Path) -> None:
    sink.max_spans = 3
    assert main([recording(tmp_path, 10), "--endpoint", sink.url]) == 0
    assert len(names(sink)) == len(set(names(sink))) == 10


def test_a_malformed_file_is_named_with_its_place_and_the_others_load(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, missing, other = tmp_path / "broken.json", tmp_path / "missing.json", tmp_path / "notes.txt"
    broken.write_text('{"data": [\n  {"traceID": oops}\n]}')
    other.write_text("notes")
    cut_off = tmp_path / "cut.pb.gz"
    cut_off.write_bytes(gzip.compress(records.otlp().SerializeToString())[:-9])
    paths = [broken, missing, other, cut_off, recording(tmp_path, 2, first=7)]
    assert main([*map(str, paths), "--endpoint", sink.url]) == 1
    assert names(sink) == ["span 7", "span 8"]
    assert capsys.readouterr().err.splitlines() == [
        f"error: {broken}: line 2 column 15: Expecting value",
        f"error: {missing}: No such file or directory",
        f"error: {other}: neither OTLP nor Jaeger nor Zipkin",
        f"error: {cut_off}: Compressed file ended before the end-of-stream marker was reached",
    ]


def test_a_damaged_archive_in_a_directory_does_not_hide_its_neighbours(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and nothing more")
    recording(tmp_path, name="b.pb")
    assert main([str(tmp_path), "--endpoint", sink.url]) == 1
    assert names(sink) == ["span 1"]
    assert capsys.readouterr().err == f"error: {tmp_path}/a.zip: File is not a zip file\n"


def test_a_directory_without_telemetry_is_an_error(
    sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--endpoint", sink.url]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path}: no telemetry in it\n"


def test_a_pipe_can_be_read_once_but_not_twice(sink: Sink, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.write(writing, records.otlp(2).SerializeToString())
    os.close(writing)
    with pytest.raises(SystemExit, match="2"):
        main([f"/dev/fd/{reading}", "--now", "--endpoint", sink.url])
    assert "--now reads every file twice" in capsys.readouterr().err
    assert main([f"/dev/fd/{reading}", "--endpoint", sink.url]) == 0
    os.close(reading)
    assert names(sink) == ["span 1", "span 2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--endpoint", "localhost:4318"], "expected an address such as http://127.0.0.1:4318, got 'localhost:4318'"),
        (["--batch", "0"], "expected a whole number above 0, got '0'"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_was_expected(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, *(["x"] if arguments else [])])
    assert message in capsys.readouterr().err
