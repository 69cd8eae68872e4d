"""The critical path: what CRISP and Jaeger publish for their examples, and what holds for any trace."""

import pytest
from hypothesis import given, settings
from trace_forest import One, analysed, covered_trees, forests, path_of

JAEGER = {  # the examples of jaeger-ui, components/TracePage/CriticalPath/testCases, as (spans, path)
    "children one after the other": (
        [One("C", 1, 101), One("D", 20, 40, "C"), One("E", 50, 60, "C")],
        [("C", 1, 20), ("D", 20, 40), ("C", 40, 50), ("E", 50, 60), ("C", 60, 101)],
    ),
    "of overlapping children the last to end": (
        [One("X", 1, 101), One("A", 10, 50, "X"), One("C", 20, 60, "X")],
        [("X", 1, 20), ("C", 20, 60), ("X", 60, 101)],
    ),
    "a child after its parent is left out": ([One("A", 1, 31), One("B", 40, 80, "A")], [("A", 1, 31)]),
    "and what is beneath it": (
        [One("A", 1, 31), One("B", 40, 80, "A"), One("C", 50, 60, "B")],
        [("A", 1, 31)],
    ),
    "consumers are not waited for": (
        [One("A", 1, 31, kind="producer"), One("B", 10, 20, "A", kind="consumer"), One("C", 12, 14, "B")],
        [("A", 1, 31)],
    ),
    "a grandchild that began before its parent": (
        [One("A", 1, 30), One("B", 15, 35, "A"), One("C", 10, 25, "B")],
        [("A", 1, 15), ("C", 15, 25), ("B", 25, 30)],
    ),
    "children that outlive their parents": (
        [One("A", 1, 30), One("B", 15, 35, "A"), One("C", 20, 40, "B")],
        [("A", 1, 15), ("B", 15, 20), ("C", 20, 30)],
    ),
    "a child on both sides of its parent": ([One("A", 10, 30), One("B", 5, 35, "A")], [("B", 10, 30)]),
    "a child before its parent": ([One("A", 10, 30), One("B", 1, 5, "A")], [("A", 10, 30)]),
}


@pytest.mark.parametrize("name", JAEGER)
def test_the_path_is_that_of_jaegers_examples(name: str) -> None:
    spans, path = JAEGER[name]
    assert path_of(analysed(*spans)) == path


def test_a_child_that_ends_when_the_next_starts_is_before_it() -> None:
    spans = [One("A", 0, 100), One("B", 10, 50, "A"), One("C", 50, 90, "A")]
    assert path_of(analysed(*spans)) == [("A", 0, 10), ("B", 10, 50), ("C", 50, 90), ("A", 90, 100)]


def test_a_child_that_overlaps_the_next_by_little_is_before_it() -> None:
    spans = [One("A", 0, 1000), One("B", 0, 505, "A"), One("C", 500, 1000, "A")]
    assert path_of(analysed(*spans)) == [("B", 0, 500), ("C", 500, 1000)]
    more = [One("A", 0, 1000), One("B", 0, 510, "A"), One("C", 500, 1000, "A")]
    assert path_of(analysed(*more)) == [("A", 0, 500), ("C", 500, 1000)]
    between = [*spans, One("D", 400, 503, "A")]  # it ends in the overlap, so that B cannot be told to be before C
    assert path_of(analysed(*between)) == [("A", 0, 400), ("D", 400, 500), ("C", 500, 1000)]


@given(forests())
@settings(deadline=None, max_examples=300)
def test_segments_follow_each_other_within_their_spans(spans: list[One]) -> None:
    analysis = analysed(*spans, max_skew_ns=10**9)
    root, last = analysis.root, int(analysis.spans.start_ns[analysis.root])
    for row, start, end in analysis.critical_path:
        assert last <= start < end
        assert analysis.spans.start_ns[row] <= start
        assert end <= analysis.spans.end_ns[row]
        last = end
    assert sum(end - start for _, start, end in analysis.critical_path) == analysis.spans.duration_ns[root]


@given(covered_trees())
@settings(deadline=None, max_examples=300)
def test_the_path_fills_a_root_that_covers_its_children(spans: list[One]) -> None:
    analysis = analysed(*spans)
    assert sum(end - start for _, start, end in analysis.critical_path) == spans[0].end_ns - spans[0].start_ns


@pytest.mark.parametrize("count", [5_000, 50_000])
def test_a_deep_trace_overflows_nothing(count: int) -> None:
    spans = [One(f"{n:x}", n, 2 * count - n, f"{n - 1:x}" if n else "") for n in range(count)]
    analysis = analysed(*spans)
    assert analysis.tree.depth.max() == count - 1
    assert len(analysis.critical_path) == 2 * count - 1
    assert analysis.self_ns.sum() == 2 * count
