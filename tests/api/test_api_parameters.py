"""Times, limits and what is said about wrong parameters."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.api import models

START_NS = minutes_ago(30)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """With small limits, and one trace of five spans half an hour ago."""
    folder: Path = tmp_path_factory.mktemp("limited")
    limits = {"query_max_range_days": "2", "query_max_rows": "3", "trace_max_spans": "4"}
    with running_collector(folder, **limits) as collector:
        spans = [Span(f"s{n}", f"{n}", f"{n - 1}" if n else "", "t", start_ns=START_NS + n) for n in range(5)]
        collector.send(request(spans))
        poll_until(lambda: collector.get("/topology", start="-1h")["edges"], "edges")
        yield collector


def rfc3339(ns: int, zone: str = "Z") -> str:
    moment = datetime.fromtimestamp(ns // 10**9, UTC)
    shifted = moment if zone == "Z" else moment + timedelta(hours=int(zone[:3]))
    return f"{shifted:%Y-%m-%dT%H:%M:%S}{zone}"


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("-4h", "now", True),
        ("-14400s", "-20m", True),
        ("-3.5h", "-0.4h", True),
        ("-20m", "now", False),
        (str(START_NS), str(START_NS + 5), True),
        (str(START_NS + 5), "now", False),
        (rfc3339(START_NS), rfc3339(START_NS + 10**9), True),
        (rfc3339(START_NS, "+02:00"), rfc3339(START_NS + 10**9, "-05:00"), True),
        (rfc3339(START_NS).replace("Z", ".000000001Z"), rfc3339(START_NS).replace("Z", ".5Z"), True),
        (rfc3339(START_NS + 10**9), "now", False),
        (rfc3339(START_NS).lower(), "now", True),
    ],
    ids=range(11),
)
def test_times(limited: RunningCollector, start: str, end: str, found: bool) -> None:
    answer = ask(limited, models.Traces, "/traces", start=start, end=end)
    assert len(answer["traces"]) == found


def test_a_plus_that_became_a_space_is_understood(limited: RunningCollector) -> None:
    start = rfc3339(START_NS, "+02:00")
    response = requests.get(f"{limited.api}/api/v1/traces?start={start}", timeout=60)
    assert len(response.json()["traces"]) == 1


TOO_LONG = "start: the time range is longer than 2 days; ask for less, or raise SPANSCAPE_QUERY_MAX_RANGE_DAYS"
NODE = 'expected a node\'s id such as "service:orders"'
NO_DURATION = '"x" is not a duration; expected one such as 200ms, 1.5s or 2m (units ns us ms s m h)'
TIME = "expected a time such as -15m, now, 2026-01-31T12:00:00Z or epoch nanoseconds"
DURATION = "expected a duration such as 200ms, 1.5s or 2m"


@pytest.mark.parametrize(
    ("path", "parameters", "detail"),
    [
        ("/services", {"start": "yesterday"}, f'start: {TIME}, got "yesterday"'),
        ("/services", {"end": "2026-01-31"}, f'end: {TIME}, got "2026-01-31"'),
        ("/services", {"start": "2026-01-31T12:00:00"}, f'start: {TIME}, got "2026-01-31T12:00:00"'),
        ("/services", {"start": "2026-13-31T12:00:00Z"}, f'start: {TIME}, got "2026-13-31T12:00:00Z"'),
        ("/services", {"start": "9" * 5000}, f'start: {TIME}, got "{"9" * 50}"'),
        ("/services", {"start": "-" + "9" * 400 + "s"}, f'start: {DURATION}, got "{"9" * 50}"'),
        ("/services", {"start": "-5 parsecs"}, f'start: {DURATION}, got "5 parsecs"'),
        ("/services", {"start": "now"}, "start: now is not before end now"),
        ("/services", {"start": "-1m", "end": "-2m"}, "start: -1m is not before end -2m"),
        ("/topology", {"start": "-49h"}, TOO_LONG),
        ("/topology", {"hops": "0"}, "hops: Input should be greater than or equal to 1"),
        ("/topology", {"hops": "x"}, "hops: Input should be a valid integer, unable to parse string as an integer"),
        ("/topology", {"q": "duration>x"}, f"q: column 10: {NO_DURATION}"),
        ("/topology/timeseries", {"step": "1h", "source": "orders"}, f'source: {NODE}, got "orders"'),
        ("/topology/timeseries", {"step": "1h", "target": "queue:a"}, f'target: {NODE}, got "queue:a"'),
        ("/services/a/timeseries", {"step": "90s"}, "step: expected whole minutes such as 1m or 1h, got 90s"),
        ("/services/a/timeseries", {"step": "1m500ms"}, f'step: {DURATION}, got "1m500ms"'),
        ("/services/a/timeseries", {"step": "60.5s"}, "step: expected whole minutes such as 1m or 1h, got 60.5s"),
        ("/services/a/timeseries", {"step": "10m"}, "step: 10m makes more than 3 points; choose a longer one"),
        ("/traces", {"limit": "0"}, "limit: Input should be greater than or equal to 1"),
        ("/traces", {"limit": "1001"}, "limit: Input should be less than or equal to 1000"),
        ("/traces", {"status": "bad"}, "status: Input should be '', 'unset', 'ok' or 'error'"),
        ("/traces", {"min_duration": "fast"}, f'min_duration: {DURATION}, got "fast"'),
        ("/traces", {"max_duration": "1e3s"}, f'max_duration: {DURATION}, got "1e3s"'),
        ("/traces", {"cursor": "abc"}, "cursor: not one of this search; start again without it"),
        ("/traces", {"cursor": "é\0"}, "cursor: not one of this search; start again without it"),
        ("/traces", {"q": "service="}, 'q: column 9: expected a value after "="'),
        ("/traces", {"q": "a=1 OR (b=2"}, 'q: column 12: expected ")" to close the "(" of column 8'),
        ("/traces", {"q": 'operation~"("'}, None),
        ("/traces/xyz", {}, "trace_id: String should match pattern '^[0-9a-fA-F]{32}$'"),
        (f"/traces/{'1' * 32}", {"format": "xml"}, "format: Input should be '', 'otlp' or 'jaeger'"),
        ("/stream", {"topics": "weather,topology"}, 'topics: expected topology, breakers, health, got "weather"'),
        ("/stream", {"topics": ""}, 'topics: expected topology, breakers, health, got ""'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    limited: RunningCollector, path: str, parameters: dict[str, Any], detail: str | None
) -> None:
    status, said = problem(limited, f"/api/v1{path}", **parameters)
    assert status == 400
    assert said == detail if detail else said.startswith("q: column ")


def test_what_is_not_there_is_404(limited: RunningCollector) -> None:
    assert problem(limited, f"/api/v1/traces/{'ab' * 16}") == (404, f"trace {'ab' * 16} not found")
    assert problem(limited, "/api/v2/traces") == (404, "there is nothing at /api/v2/traces")


def test_another_method_is_405(limited: RunningCollector) -> None:
    response = requests.post(f"{limited.api}/api/v1/services", timeout=60)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert response.json()["title"] == "Method not allowed"


def test_a_large_trace_is_cut_and_says_so(limited: RunningCollector) -> None:
    answer = ask(limited, models.Trace, f"/traces/{trace_id('t').hex()}")
    assert [span["name"] for span in answer["spans"]] == ["0", "1", "2", "3"]
    assert answer["warnings"] == ["only the first 4 spans are shown"]


def test_rows_are_limited(limited: RunningCollector) -> None:
    assert len(ask(limited, models.Topology, "/topology", start="-1h")["edges"]) == 3


def test_a_time_beyond_what_is_stored_is_no_error(limited: RunningCollector) -> None:
    window = {"start": "2105-12-31T00:00:00Z", "end": "2106-01-01T00:00:00Z"}
    assert ask(limited, models.Services, "/services", **window) == {"services": []}
    assert ask(limited, models.Topology, "/topology", **window)["nodes"] == []
    first_day = {"start": "1970-01-01T00:00:00Z", "end": str(1440 * MINUTE_NS)}
    assert ask(limited, models.Traces, "/traces", **first_day)["traces"] == []
