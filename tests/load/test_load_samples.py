"""Recorded data of other projects: what the converters make of it is what an independent reader finds in it.

The samples are not part of the repository: SPANSCAPE_SAMPLES names their folder, with its `expected.json`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from load_facts import facts_of
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spanscape.load.documents import read_requests
from spanscape.load.report import SourceReport
from spanscape.load.sources import members
from spanscape.load.spans import each_span

_FOLDER = os.environ.get("SPANSCAPE_SAMPLES", "")
_EXPECTED: dict[str, Any] = json.loads(Path(_FOLDER, "expected.json").read_text()) if _FOLDER else {}
_LIMIT_BYTES = 64 << 20

pytestmark = pytest.mark.skipif(not _FOLDER, reason="SPANSCAPE_SAMPLES does not name a folder of recorded samples")


def _read(name: str) -> tuple[list[ExportTraceServiceRequest], SourceReport]:
    report = SourceReport(name)
    opened = members(Path(_FOLDER, name), False, lambda _: None)
    return [request for member in opened for request in read_requests(member, report, _LIMIT_BYTES)], report


@pytest.mark.parametrize("name", sorted(_EXPECTED) or ["none"])
def test_a_recorded_file_keeps_its_spans_traces_services_and_edges(name: str) -> None:
    if name.endswith(".yaml"):
        pytest.importorskip("yaml")
    requests, report = _read(name)
    facts, expected = facts_of(requests), _EXPECTED[name]
    assert facts.edges == [tuple(edge) for edge in expected["edges"]]
    assert facts.services == expected["services"]
    for count in ("spans", "traces", "roots", "orphans", "error_spans", "max_depth"):
        assert getattr(facts, count) == expected[count], count
    if name.startswith("zipkin/"):  # halves that share an id get ids of their own, what was reported twice does not
        assert facts.unique_spans == expected["spans"] - expected["exact_duplicates"]
    else:
        assert facts.unique_spans == expected["unique_spans"]
    assert report.problems == []


def test_protobuf_and_json_lines_of_one_recording_become_the_same_spans() -> None:
    def spans_in(name: str) -> list[bytes]:
        requests, _ = _read(name)
        return sorted(
            span.SerializeToString(deterministic=True) for request in requests for _, span in each_span(request)
        )

    assert spans_in("otlp/otel-demo-traces.pb") == spans_in("otlp/otel-demo-traces.jsonl")
