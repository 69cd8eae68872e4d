"""What holds for any trace: the tree, self time, concurrency and the correction of clocks."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from trace_forest import One, analysed, forests

from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.self_time import concurrency

ANY = settings(deadline=None, max_examples=200)


@given(forests())
@ANY
def test_every_span_has_one_row_in_preorder(spans: list[One]) -> None:
    analysis = analysed(*spans)
    tree, rows = analysis.tree, range(len(spans))
    assert sorted(tree.order.tolist()) == list(rows)
    for row in rows:
        above = int(tree.parent[row])
        assert tree.depth[row] == (tree.depth[above] + 1 if above >= 0 else 0)
        assert above < row < tree.end[row] <= (tree.end[above] if above >= 0 else len(spans))
    for parent in {-1, *rows}:
        starts = [int(analysis.spans.start_ns[row]) for row in rows if tree.parent[row] == parent]
        assert starts == sorted(starts)


@given(forests())
@ANY
def test_self_time_is_what_no_child_covers(spans: list[One]) -> None:
    analysis = analysed(*spans)
    start, end, parent = analysis.spans.start_ns, analysis.spans.end_ns, analysis.tree.parent
    for row in range(len(spans)):
        moments = set(range(int(start[row]), int(end[row])))
        for child in np.flatnonzero(parent == row):
            moments -= set(range(int(start[child]), int(end[child])))
        assert analysis.self_ns[row] == len(moments)


@given(forests())
@ANY
def test_concurrency_adds_up_to_all_self_time(spans: list[One]) -> None:
    analysis = analysed(*spans)
    steps = concurrency(analysis.spans.start_ns, analysis.spans.end_ns, analysis.covered, 500)
    assert all(active >= 0 for _, active in steps)
    areas = [(b[0] - a[0]) * a[1] for a, b in pairwise(steps)]
    assert sum(areas) == analysis.self_ns.sum()
    assert not steps or steps[-1][1] == 0


@given(forests())
@ANY
def test_few_steps_of_concurrency_show_the_same_peak(spans: list[One]) -> None:
    analysis = analysed(*spans)
    exact = concurrency(analysis.spans.start_ns, analysis.spans.end_ns, analysis.covered, 500)
    coarse = concurrency(analysis.spans.start_ns, analysis.spans.end_ns, analysis.covered, 5)
    assert len(coarse) <= 5
    assert max((n for _, n in coarse), default=0) == max((n for _, n in exact), default=0)


@given(forests(clocks=("one",)))
@ANY
def test_spans_of_one_clock_are_not_moved(spans: list[One]) -> None:
    assert not analysed(*spans, max_skew_ns=10**9).moved_ns.any()


@given(forests())
@ANY
def test_a_call_answered_by_a_clock_that_differs_lies_within_its_caller(spans: list[One]) -> None:
    analysis, different = analysed(*spans, max_skew_ns=10**9), _clocks_that_differ(analysed(*spans))
    rows, parent = analysis.spans, analysis.tree.parent
    for row in np.flatnonzero(parent >= 0).tolist():
        above = int(parent[row])
        if frozenset((rows.clock[row], rows.clock[above])) in different:
            assert rows.start_ns[row] >= rows.start_ns[above]
            if rows.kind[row] != 5 and rows.kind[above] != 4 and rows.duration_ns[row] <= rows.duration_ns[above]:
                assert rows.end_ns[row] <= rows.end_ns[above]
        else:
            assert analysis.moved_ns[row] == analysis.moved_ns[above]


def _clocks_that_differ(as_sent: Analysis) -> set[frozenset[str]]:
    """Pairs of clocks between which a call begins before its caller does, or after its caller has the answer."""
    rows, parent = as_sent.spans, as_sent.tree.parent
    pairs = set()
    for row in np.flatnonzero(parent >= 0).tolist():
        above = int(parent[row])
        is_message = rows.kind[row] == 5 or rows.kind[above] == 4
        late = rows.start_ns[row] > rows.end_ns[above] and not is_message
        if rows.clock.codes[row] != rows.clock.codes[above] and (rows.start_ns[row] < rows.start_ns[above] or late):
            pairs.add(frozenset((rows.clock[row], rows.clock[above])))
    return pairs


def test_a_server_that_is_busy_after_its_answer_does_not_show_that_clocks_differ() -> None:
    spans = [
        One("call", 0, 100, clock="a"),
        One("serve", 20, 130, "call", clock="b"),
        One("again", 200, 300, clock="a"),
        One("serve again", 210, 310, "again", clock="b"),
    ]
    assert not analysed(*spans, max_skew_ns=10**9).moved_ns.any()
    another = [One("third", 400, 500, clock="a"), One("serve third", 520, 600, "third", clock="b")]
    moved = analysed(*spans, *another, max_skew_ns=10**9)
    assert dict(zip((moved.spans.name[row] for row in range(6)), moved.moved_ns.tolist(), strict=True)) == {
        "call": 0, "serve": 0, "again": 0, "serve again": -10, "third": 0, "serve third": -110
    }  # fmt: skip


def test_a_message_may_be_taken_long_after_it_was_sent() -> None:
    sent = One("sent", 0, 10, kind="producer", clock="a")
    late = One("taken", 5000, 5005, "sent", kind="consumer", clock="b")
    assert not analysed(sent, late, max_skew_ns=10**9).moved_ns.any()
    early = One("taken", -50, -40, "sent", kind="consumer", clock="b")
    assert analysed(sent, early, max_skew_ns=10**9).moved_ns.tolist() == [0, 50]


def test_a_clock_that_is_too_far_off_is_left_with_a_warning() -> None:
    spans = [One("call", 0, 100, clock="a"), One("serve", 5000, 5050, "call", clock="b")]
    analysis = analysed(*spans, max_skew_ns=1000)
    assert not analysis.moved_ns.any()
    assert [(one["kind"], one["rows"]) for one in analysis.warnings] == [("skew_not_corrected", [1])]


def test_a_circle_of_parents_is_cut_at_its_earliest_span() -> None:
    spans = [
        One("a", 10, 20, "c"),
        One("b", 5, 9, "a"),
        One("c", 7, 8, "b"),
        One("tail", 1, 2, "a"),
        One("own", 3, 4, "own"),
    ]
    analysis = analysed(*spans)
    tree = [(analysis.spans.name[row], int(analysis.tree.parent[row])) for row in range(5)]
    assert tree == [("own", -1), ("b", -1), ("c", 1), ("a", 2), ("tail", 3)]
    assert [(one["kind"], one["rows"]) for one in analysis.warnings] == [("circle", [0, 1])]


def test_the_called_half_of_a_shared_id_is_beneath_the_calling_one() -> None:
    spans = [
        One("root", 0, 100, service="web"),
        One("x", 10, 50, "root", service="web", kind="client"),
        One("x", 15, 45, "root", service="cart", kind="server"),
        One("in", 20, 30, "x", service="cart"),
    ]
    analysis = analysed(*spans)
    tree = [(analysis.spans.service[row], int(analysis.tree.parent[row])) for row in range(4)]
    assert tree == [("web", -1), ("web", 0), ("cart", 1), ("cart", 2)]
    assert [one["kind"] for one in analysis.warnings] == ["shared_id"]
