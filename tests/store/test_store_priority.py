"""When cores are busy, questions come first: see collector/store/priority.py."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from otlp_requests import Span, request
from running_collector import RunningCollector
from waiting import poll_until

from collector.store.priority import MERGE_NICE, WORK_NICE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")

JOBS = ("roll-ups", "breakers", "breakers-told", "health")


def threads(collector: RunningCollector) -> Counter[tuple[str, int]]:
    """How many threads have a name and a nice value."""
    found: Counter[tuple[str, int]] = Counter()
    for task in Path(f"/proc/{collector.process.pid}/task").iterdir():
        try:
            stat = (task / "stat").read_text()
        except OSError:  # it ended meanwhile
            continue
        name, _, rest = stat.partition("(")[2].rpartition(")")
        found[name, int(rest.split()[16])] += 1
    return found


def test_merges_jobs_and_commits_give_way_and_threads_that_answer_do_not(collector: RunningCollector) -> None:
    for number in range(5):  # commits and roll-ups, each of which may start threads of the engine
        collector.send(request([Span("orders", f"priority {number}", kind="server")]))
        collector.get("/topology")
    poll_until(lambda: sum(node["calls"] for node in collector.get("/topology")["nodes"]) == 5, "the roll-ups")

    found = threads(collector)
    assert {nice for name, nice in found if name == "MergeMutate"} == {MERGE_NICE}
    assert sum(count for (_, nice), count in found.items() if nice == WORK_NICE) == 2 + len(JOBS), found
    assert {nice for name, nice in found if name == "ThreadPool"} == {0}, found
