"""Comparing traces: what holds for any two, and what the API answers."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from api_answers import ask, problem
from hypothesis import given, settings
from hypothesis import strategies as st
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector
from trace_forest import One, analysed, forests

from collector.api import trace_view_models as models
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.compare import ADDED, FASTER, MISSING, SAME, SLOWER, compare

ANY = settings(deadline=None, max_examples=100)
FORESTS = forests(most=12, clocks=("a", "b"), names=("x", "y", "z"))
ALL = 10_000
MS = 1_000_000
SWAPPED = {SAME: SAME, ADDED: MISSING, MISSING: ADDED, SLOWER: FASTER, FASTER: SLOWER}
Path = tuple[tuple[str, str], ...]


def by_path(answer: dict[str, Any]) -> dict[Path, dict[str, int]]:
    """The nodes of an answer by the services and operations that lead to them."""
    nodes, paths = answer["nodes"], []
    for place, above in enumerate(list(nodes["parent"])):
        own = answer["services"][nodes["service"][place]], answer["names"][nodes["name"][place]]
        paths.append((*(paths[above] if above >= 0 else ()), own))
    assert len(set(paths)) == len(paths)
    return {path: {name: int(column[place]) for name, column in nodes.items()} for place, path in enumerate(paths)}


def counts_by_path(analysis: Analysis) -> Counter[Path]:
    paths: list[Path] = []
    for row, above in enumerate(analysis.tree.parent.tolist()):
        own = analysis.spans.service[row], analysis.spans.name[row]
        paths.append((*(paths[above] if above >= 0 else ()), own))
    return Counter(paths)


@given(FORESTS, st.floats(0, 2))
@ANY
def test_a_trace_does_not_differ_from_itself(spans: list[One], tolerance: float) -> None:
    answer = compare(analysed(*spans), [analysed(*spans)], tolerance, ALL)
    nodes = by_path(answer)
    assert {node["status"] for node in nodes.values()} == {SAME}
    assert answer["paths"] == {"same": len(nodes), "added": 0, "missing": 0, "slower": 0, "faster": 0}
    assert all(
        node[measure] == node[f"other_{measure}"] for node in nodes.values() for measure in ("count", "self_ns", "row")
    )


@given(FORESTS, FORESTS, st.floats(0, 2))
@ANY
def test_swapping_the_traces_swaps_what_is_said_of_them(one: list[One], two: list[One], tolerance: float) -> None:
    there = by_path(compare(analysed(*one), [analysed(*two)], tolerance, ALL))
    back = by_path(compare(analysed(*two), [analysed(*one)], tolerance, ALL))
    assert there.keys() == back.keys()
    for path, node in there.items():
        assert back[path]["status"] == SWAPPED[node["status"]]
        for measure in ("count", "errors", "total_ns", "self_ns", "row"):
            assert (back[path][measure], back[path][f"other_{measure}"]) == (node[f"other_{measure}"], node[measure])


@given(FORESTS, FORESTS)
@ANY
def test_every_span_of_both_is_counted_on_its_path(one: list[One], two: list[One]) -> None:
    here, other = analysed(*one), analysed(*two)
    nodes = by_path(compare(here, [other], 0.1, ALL))
    assert +Counter({path: node["count"] for path, node in nodes.items()}) == counts_by_path(here)
    assert +Counter({path: node["other_count"] for path, node in nodes.items()}) == counts_by_path(other)
    for node in nodes.values():
        assert (node["status"] == ADDED) == (node["other_count"] == 0)
        assert (node["status"] == MISSING) == (node["count"] == 0)
        assert (node["row"] >= 0, node["other_row"] >= 0) == (node["count"] > 0, node["other_count"] > 0)


@given(FORESTS, st.lists(FORESTS, min_size=2, max_size=5))
@ANY
def test_typical_is_the_lower_median_of_each_path(one: list[One], others: list[list[One]]) -> None:
    analyses = [analysed(*spans) for spans in others]
    nodes = by_path(compare(analysed(*one), analyses, 0.1, ALL))
    counts: defaultdict[Path, list[int]] = defaultdict(list)
    for analysis in analyses:
        for path, count in counts_by_path(analysis).items():
            counts[path].append(count)
    for path in counts.keys() | nodes.keys():
        found = sorted([*counts[path], *[0] * (len(analyses) - len(counts[path]))])
        median = found[(len(found) - 1) // 2]
        if path in nodes:
            assert (nodes[path]["other_count"], nodes[path]["other_traces"]) == (median, len(counts[path]))
        else:
            assert median == 0  # neither in this trace nor typical


@given(FORESTS, FORESTS, st.integers(1, 5))
@ANY
def test_what_is_cut_differs_least(one: list[One], two: list[One], most: int) -> None:
    whole = by_path(compare(analysed(*one), [analysed(*two)], 0.1, ALL))
    answer = compare(analysed(*one), [analysed(*two)], 0.1, most)
    shown = by_path(answer)
    assert len(shown) == min(most, len(whole))
    assert answer["cut"]["nodes"] == len(whole) - len(shown)
    assert sum(answer["paths"].values()) == len(whole)

    def difference(path: Path) -> int:
        return abs(whole[path]["total_ns"] - whole[path]["other_total_ns"])

    reached = [max(difference(other) for other in whole if other[: len(path)] == path) for path in shown]
    assert all(difference(path) <= min(reached) for path in whole.keys() - shown.keys())


def checkout(trace: str, at_ns: int, pay_ms: int = 10, *more: Span) -> list[Span]:
    root = Span("shop", "root", "", trace, "POST /checkout", "server", at_ns, 100 * MS)
    pay = Span("shop", "pay", "root", trace, "pay", "client", at_ns + MS, pay_ms * MS)
    return [root, pay, *more]


@pytest.fixture(scope="module")
def slow(collector: RunningCollector) -> str:
    """A slow checkout, five ordinary ones around it, and one long before."""
    now_ns = 1_760_000_000 * 10**9
    mail = Span("shop", "mail", "root", "slow", "send mail", "client", now_ns, 20 * MS)
    collector.send(request(checkout("slow", now_ns, 60, mail)))
    for number in range(5):
        late = now_ns + (number - 2) * 60 * 10**9
        check = Span("shop", "check", "root", f"usual{number}", "check stock", "client", late, 5 * MS)
        collector.send(request(checkout(f"usual{number}", late, 8 + number, check)))
    collector.send(request(checkout("old", now_ns - 7200 * 10**9, 500)))
    return trace_id("slow").hex()


def said(answer: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    nodes = by_path(answer)
    return {
        path[-1][1]: (node["status"], node["total_ns"] // MS, node["other_total_ns"] // MS)
        for path, node in nodes.items()
    }


def test_a_trace_is_compared_with_another(collector: RunningCollector, slow: str) -> None:
    other = trace_id("usual2").hex()
    answer = ask(collector, models.Comparison, f"/traces/{slow}/compare", **{"with": other})
    assert said(answer) == {
        "POST /checkout": (SAME, 100, 100), "pay": (SLOWER, 60, 10), "send mail": (ADDED, 20, 0), "check stock": (MISSING, 0, 5),
    }  # fmt: skip
    assert answer["other"] == {
        "kind": "trace", "trace_id": other, "traces": 1, "service": "shop", "operation": "POST /checkout",
    }  # fmt: skip
    assert answer["paths"] == {"same": 1, "added": 1, "missing": 1, "slower": 1, "faster": 0}
    patient = ask(collector, models.Comparison, f"/traces/{slow}/compare", tolerance=10, **{"with": other})
    assert patient["paths"]["slower"] == 0


def test_a_trace_is_compared_with_what_is_typical(collector: RunningCollector, slow: str) -> None:
    answer = ask(collector, models.Comparison, f"/traces/{slow}/compare", **{"with": "typical"})
    assert (answer["other"]["kind"], answer["other"]["trace_id"], answer["other"]["traces"]) == ("typical", None, 5)
    assert said(answer)["pay"] == (SLOWER, 60, 10)
    assert said(answer)["check stock"] == (MISSING, 0, 5)
    earlier = {"with": "typical", "start": "2025-10-09T06:00:00Z", "end": "2025-10-09T07:00:00Z"}
    assert said(ask(collector, models.Comparison, f"/traces/{slow}/compare", **earlier))["pay"] == (FASTER, 60, 500)


def test_what_cannot_be_compared_is_said(collector: RunningCollector, slow: str) -> None:
    unknown = "0" * 31 + "1"
    path = f"/api/v1/traces/{slow}/compare"
    assert problem(collector, path, **{"with": unknown}) == (404, f"trace {unknown} not found")
    assert problem(collector, path, **{"with": "usual"})[0] == 400
    nothing = {"with": "typical", "start": "2025-01-01T00:00:00Z", "end": "2025-01-02T00:00:00Z"}
    reason = "no other trace of shop POST /checkout in that time"
    assert ask(collector, models.NothingToCompare, path.removeprefix("/api/v1"), **nothing) == {
        "other": None,
        "reason": reason,
    }
