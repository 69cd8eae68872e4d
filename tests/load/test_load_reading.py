"""Containers and recognition: what is in which file, whatever it is called."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import load_records as records
import pytest
from load_sink import spans_of

from collector.formats.errors import MalformedTelemetry, NotTelemetry
from collector.formats.json_documents import json_format
from spanscape.load.documents import read_requests
from spanscape.load.report import SourceReport
from spanscape.load.sources import files, members, total_bytes

PROTOBUF = records.otlp().SerializeToString()
LIMIT_BYTES = 1 << 20


def tar_of(contents: dict[str, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def zip_of(contents: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return target.getvalue()


def read(path: Path, report: SourceReport | None = None) -> list[str]:
    """The names of the spans in a file, in order."""
    report = report or SourceReport(str(path))
    return [
        span.name
        for member in members(path, False, lambda _: None)
        for request in read_requests(member, report, LIMIT_BYTES)
        for span in spans_of(request)
    ]


def written(folder: Path, data: bytes, name: str = "recording") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def lines(documents: Iterable[object]) -> bytes:
    return b"\n".join(map(records.text, documents))


@pytest.mark.parametrize(
    ("data", "format_name"),
    [
        (PROTOBUF, "OTLP protobuf"),
        (records.text(records.otlp_json()), "OTLP JSON"),
        (b"\xef\xbb\xbf \n" + records.text(records.otlp_json(), indent=2), "OTLP JSON"),
        (lines([records.otlp_json(1), records.otlp_json(2)]) + b"\n\n", "OTLP JSON"),
        (records.text(records.jaeger()), "Jaeger"),
        (records.text(records.zipkin(), indent=1), "Zipkin"),
        (records.text([records.zipkin(1), records.zipkin(2)]), "Zipkin"),
        (lines([records.zipkin(1), records.zipkin(2)]), "Zipkin"),
    ],
)
def test_formats_are_recognised_by_content_also_when_compressed(tmp_path: Path, data: bytes, format_name: str) -> None:
    report = SourceReport("x")
    plain = read(written(tmp_path, data, "wrong-name.txt"), report)
    assert plain
    assert read(written(tmp_path, gzip.compress(data)), report) == plain
    assert (report.formats, report.files) == ({format_name}, 2)


def test_yaml_is_recognised(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    span = json.dumps(records.otlp_json()["resourceSpans"][0])
    assert read(written(tmp_path, f"# made by hand\nresourceSpans:\n  - {span}\n".encode())) == ["span 1"]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_read_member_by_member_and_other_things_in_it_are_skipped(tmp_path: Path, mode: str) -> None:
    contents = {
        "README.md": b"# Traces\n",
        "a/1.pb": PROTOBUF,
        "a/2.json.gz": gzip.compress(records.text(records.otlp_json(2))),
        "picture.png": b"\x89PNG\r\n\x1a\n",
        "._3.json": b"junk of an operating system",
    }
    path = written(tmp_path, tar_of(contents, mode), "traces.tar")
    names, skipped = [], []
    for member in members(path, False, lambda _: None):
        try:
            requests = list(read_requests(member, SourceReport("x"), LIMIT_BYTES))
            names += [span.name for request in requests for span in spans_of(request)]
        except NotTelemetry:
            skipped.append(member.name)
    assert names == ["span 1", "span 2"]
    assert skipped == [f"{path}!README.md", f"{path}!picture.png"]


def test_a_zip_is_read_member_by_member(tmp_path: Path) -> None:
    contents = {"b.json": records.text(records.otlp_json(2)), "a.tar.gz": tar_of({"x": PROTOBUF}, "w:gz")}
    assert read(written(tmp_path, zip_of(contents))) == ["span 2", "span 1"]


def test_a_zip_within_an_archive_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(NotTelemetry, match="unpack it first"):
        read(written(tmp_path, tar_of({"a.zip": zip_of({"x": PROTOBUF})})))


def test_a_directory_is_walked_in_name_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.pb", "a/1.pb", ".git/config", "b/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PROTOBUF)
    assert list(files(tmp_path)) == [(tmp_path / "a/1.pb", True), (tmp_path / "b/2.pb", True)]
    assert total_bytes(tmp_path) == 2 * len(PROTOBUF)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_progress_is_told_in_bytes_on_disk(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path, pack(PROTOBUF))
    told: list[int] = []
    for member in members(path, False, told.append):
        member.stream.read()
    assert sum(told) == path.stat().st_size


def test_bad_lines_do_not_hide_the_good_ones(tmp_path: Path) -> None:
    good = [records.text(records.otlp_json(number)) for number in (1, 2)]
    bad_id = records.text(records.otlp_json(3)).replace(b'"traceId": "00', b'"traceId": "zz')
    path = written(tmp_path, b"\n".join([good[0], b'{"resourceSpans": [', bad_id, b'{"resourceLogs": []}', good[1]]))
    report = SourceReport("x")
    assert read(path, report) == ["span 1", "span 2"]
    assert report.problems == [
        f"{path}: line 2 column 20: Expecting value",
        f"{path}: line 3: resourceSpans[0].scopeSpans[0].spans[0].traceId: expected 32 hex digits, got 'zz{'0' * 29}3'",
    ]
    assert report.notes == [f"skipped {path}: 1 lines: OTLP logs, only traces are loaded"]


def test_a_file_of_bad_lines_is_given_up(tmp_path: Path) -> None:
    path = written(tmp_path, records.text(records.otlp_json()) + b"\n{" * 100)
    with pytest.raises(MalformedTelemetry, match=r"^line 21: 20 bad lines, the rest is not read"):
        read(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"data": [\n  {"traceID": x}]}', "line 2 column 15: Expecting value"),
        (b'{"resourceSpans": "\xff"}', "offset 19: not UTF-8 (invalid start byte)"),
        (b'{"resourceSpans":' + b"[" * 100_000, "line 1: nested too deeply"),
        (
            b'{"resourceSpans": [' + b" " * LIMIT_BYTES,
            "line 1: larger than 1 MiB: split it, or raise --max-document-mib",
        ),
        (b'{\n"resourceSpans": [' + b" " * LIMIT_BYTES, "larger than 1 MiB: split it, or raise --max-document-mib"),
    ],
)
def test_a_malformed_document_is_told_with_its_place(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(MalformedTelemetry) as caught:
        read(written(tmp_path, data))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"name,value\n", "neither OTLP nor Jaeger nor Zipkin"),
        (b'{"resourceMetrics": []}', "OTLP metrics, only traces are loaded"),
        (b'[{"parent": "a", "child": "b"}]', "JSON, but neither OTLP nor Jaeger nor Zipkin"),
    ],
)
def test_what_is_no_telemetry_is_told_apart(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(NotTelemetry, match=message):
        read(written(tmp_path, data))


def test_empty_answers_of_trace_stores_are_their_formats() -> None:
    assert json_format({"data": [], "total": 0, "errors": None}) == "Jaeger"
    assert json_format([]) == "Zipkin"
    assert json_format({"result": {"resourceSpans": []}}) == "OTLP JSON"
    assert json_format({"data": [{"x": 1}]}) is None
