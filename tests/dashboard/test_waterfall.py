"""Rows of the waterfall, and what is shown of a span."""

from dash import dcc, html

from dashboard.components import span_panel, waterfall
from dashboard.components.plain import plain
from dashboard.components.waterfall import find_row, rows_of


def test_rows_are_in_call_order_and_siblings_by_start(trace, span):
    rows = rows_of(trace(span("late", "root", 50), span("leaf", "early", 20), span("early", "root", 10), span("root")))
    assert [(row.key, row.depth) for row in rows] == [("root", 0), ("early", 1), ("leaf", 2), ("late", 1)]


def test_bars_are_percent_of_the_trace(trace, span):
    (row,) = rows_of(trace(span("a", start_ms=25, duration_ms=50)))
    assert (row.left, row.width) == (25.0, 50.0)


def test_bars_stay_inside_the_trace_when_clocks_disagree(trace, span):
    early, late = rows_of(
        trace(span("early", start_ms=-10, duration_ms=500), span("late", start_ms=90, duration_ms=500))
    )
    assert (early.left, early.width) == (0.0, 100.0)
    assert (late.left, late.width) == (90.0, 10.0)


def test_a_span_with_an_unknown_parent_stands_at_the_top_and_says_so(trace, span):
    (row,) = rows_of(trace(span("orphan", "missing")))
    assert (row.depth, row.adopted) == (0, True)
    assert "parent missing" in str(waterfall.row_list([row]))


def test_parents_in_a_circle_are_all_shown_once(trace, span):
    rows = rows_of(trace(span("a", "b"), span("b", "a"), span("self", "self"), span("root")))
    assert sorted(row.key for row in rows) == ["a", "b", "root", "self"]


def test_repeated_span_ids_get_keys_of_their_own(trace, span):
    built = trace(span("same", service="client"), span("same", start_ms=5, service="server"))
    assert [row.key for row in rows_of(built)] == ["same", "same.2"]
    assert find_row(built, "same.2").span["service"] == "server"
    assert find_row(built, "nothing") is None


def test_a_deep_trace_needs_no_recursion(trace, span):
    rows = rows_of(trace(span("0"), *(span(str(depth), str(depth - 1), 0) for depth in range(1, 5000))))
    assert rows[-1].depth == 4999


def test_a_trace_of_no_length_is_drawn(trace, span):
    built = trace(span("a", duration_ms=0)) | {"duration_ns": "0"}
    assert [(row.left, row.width) for row in rows_of(built)] == [(0.0, 0.0)]


def test_only_the_first_spans_of_a_huge_trace_are_drawn_and_the_page_says_so(trace, span):
    built = trace(*(span(f"{number:05}", start_ms=0) for number in range(waterfall.MAX_ROWS + 1)))
    rows = rows_of(built)
    assert len(waterfall.row_list(rows)) == waterfall.MAX_ROWS
    assert "The first 2,000 of 2,001 spans" in str(waterfall.waterfall("rows", "store", built, rows))


def test_errors_are_told_by_words_too(trace, span):
    rows = waterfall.row_list(rows_of(trace(span("a", status="error"))))
    assert "failed" in str(rows)


def test_hostile_text_stays_text():
    evil = "<img src=x onerror=alert(1)>"
    assert plain(html.Td([dcc.Link(evil, href="/x", title=evil), None, 3])) == [
        "td",
        {},
        ["a", {"href": "/x", "title": evil}, evil],
        "",
        "3",
    ]


def test_the_panel_shows_everything_a_span_says(trace, span):
    said = span(
        "a",
        status="error",
        status_message="card declined",
        attributes={"http.route": "/pay", "list": [1, {"a": True}]},
        resource={"attributes": {"host.name": "node-7"}},
        scope={"name": "tracer", "version": "1"},
        events=[{"name": "exception", "time_ns": str(10**18 + 5 * 10**6), "attributes": {"type": "Declined"}}],
        links=[{"trace_id": "cd" * 16, "span_id": "ef" * 8, "attributes": {}}],
    )
    (row,) = rows_of(trace(said))
    shown = str(span_panel.span_panel(row, 10**18))
    for text in ("card declined", "/pay", '[1, {"a": true}]', "node-7", "tracer", "Declined", "+5 ms", "cd" * 16):
        assert text in shown
