"""The critical path of CRISP's recorded examples, whose files say how long each operation is on it.

The samples are not part of the repository: SPANSCAPE_SAMPLES names their folder.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from trace_forest import One, analysed

_FOLDER = os.environ.get("SPANSCAPE_SAMPLES", "")
_FILES = sorted(Path(_FOLDER, "jaeger", "crisp").rglob("*.json")) if _FOLDER else []
pytestmark = pytest.mark.skipif(not _FOLDER, reason="SPANSCAPE_SAMPLES does not name a folder of recorded samples")
_NEARLY_BEFORE = {"19.json", "21.json"}
"""Here CRISP counts two overlaps of 5 µs twice; segments that do not overlap give them to the later child."""


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_the_path_of_a_recorded_example_is_what_crisp_says(file: Path) -> None:
    document = json.loads(file.read_text())
    trace, told = document["data"][0], document["testing"]
    expected = told[0] if isinstance(told, list) else told["opTimeExclusive"]
    services = {key: process["serviceName"] for key, process in trace["processes"].items()}
    spans = [
        One(
            span["spanID"],
            span["startTime"],
            span["startTime"] + span["duration"],
            span["references"][0]["spanID"] if span["references"] else "",
            services[span["processID"]],
        )
        for span in trace["spans"]
    ]
    labels = {span["spanID"]: f"[{services[span['processID']]}] {span['operationName']}" for span in trace["spans"]}
    analysis = analysed(*spans)
    found: Counter[str] = Counter()
    for row, start, end in analysis.critical_path:
        found[labels[analysis.spans.name[row]]] += end - start
    if file.name in _NEARLY_BEFORE:
        assert found == {"[S1] O1": 10, "[S2] O2": 195, "[S3] O3": 95, "[S4] O4": 300}
        assert sum(found.values()) == sum(expected.values())
    elif len(spans) == 1:  # the file calls its only service S in one place and S1 in the other
        assert sum(found.values()) == sum(expected.values())
    else:
        assert found == {label: value for label, value in expected.items() if value}
