"""What the topology page shows for an answer of the collector."""

from dashboard.components import graph, graph_view
from dashboard.components.graph_table import edge_rows
from dashboard.errors import CollectorProblem, CollectorUnreachable
from dashboard.time_range import time_range

FIVE_MINUTES = time_range("5m")


def test_every_node_and_edge_of_the_answer_is_an_element(node, edge):
    topology = {"nodes": [node("web"), node("db", "database")], "edges": [edge("web", "db", "database")]}
    drawn = graph.elements(topology, graph.positions(topology, {}), 300)
    assert [element["data"]["id"] for element in drawn] == ["db", "web", 'edge:["web", "db", "database"]']


def test_labels_name_rate_errors_and_rejections(node, edge):
    topology = {
        "nodes": [node("web", calls=600), node("pay", calls=300, errors=30, rejected=3)],
        "edges": [edge("web", "pay", calls=300, errors=30, rejected=3, p95_ms=None)],
    }
    pay, web, call = graph.elements(topology, graph.positions(topology, {}), 300)
    assert web["data"]["label"] == "web\n2/s"
    assert pay["data"]["label"] == "pay\n1/s\n⚠ 10 % · ⊘ 1 %"
    assert call["data"]["label"] == "1/s\n⚠ 10 % · ⊘ 1 %"
    assert call["data"]["selected_label"] == "1/s\n⚠ 10 % · ⊘ 1 %\np95 —"


def test_state_follows_the_share_not_the_count():
    assert graph.state_of(errors=50, rejected=0, calls=1000) == "bad"
    assert graph.state_of(errors=10, rejected=500, calls=1000) == "errors"
    assert graph.state_of(errors=9, rejected=10, calls=1000) == "rejected"
    assert graph.state_of(errors=9, rejected=9, calls=1000) == "ok"
    assert graph.state_of(errors=0, rejected=0, calls=0) == "ok"


def test_an_edge_without_its_node_is_left_out_instead_of_breaking_the_map(node, edge):
    topology = {"nodes": [node("web")], "edges": [edge("web", "nowhere")]}
    assert graph.complete_edges(topology) == []


def test_an_unchanged_graph_is_not_sent_again(node, edge):
    topology = {"nodes": [node("a"), node("b")], "edges": [edge("a", "b")]}
    first = graph_view.answered(topology, FIVE_MINUTES, {"state": "loading"}, {})
    assert first is not None
    assert graph_view.answered(topology, FIVE_MINUTES, first.shown, first.positions) is None
    other_window = graph_view.answered(topology, time_range("1h"), first.shown, first.positions)
    assert other_window is not None


def test_new_numbers_leave_the_view_where_it_is(node, edge):
    before = graph_view.answered({"nodes": [node("a")], "edges": []}, FIVE_MINUTES, {}, {})
    after = graph_view.answered(
        {"nodes": [node("a", calls=7)], "edges": []}, FIVE_MINUTES, before.shown, before.positions
    )
    assert after.positions == before.positions
    assert after.layout is graph_view.no_update


def test_an_unreachable_collector_leaves_the_last_graph_under_a_banner(node):
    shown = graph_view.answered({"nodes": [node("a")], "edges": []}, FIVE_MINUTES, {}, {}).shown
    away = CollectorUnreachable("Collector is away", "Nothing answers.")
    change = graph_view.failed(away, shown)
    assert change.elements is graph_view.no_update
    assert change.state is graph_view.no_update
    assert "Collector is away" in str(change.banner)
    assert graph_view.failed(away, change.shown) is None


def test_an_error_takes_the_whole_view_when_there_is_no_graph():
    for error in (CollectorUnreachable("Collector is away", "x"), CollectorProblem("Store failed", "y", 500)):
        change = graph_view.failed(error, {"state": "loading"})
        assert error.title in str(change.state)


def test_the_empty_view_says_how_to_send_data():
    change = graph_view.answered({"nodes": [], "edges": []}, FIVE_MINUTES, {"state": "loading"}, {})
    for advice in ("4317", "4318", "spanscape load FILE", "make demo"):
        assert advice in str(change.state)


def test_the_table_lists_edges_and_lonely_nodes(node, edge):
    topology = {"nodes": [node("a"), node("b"), node("alone")], "edges": [edge("a", "b", errors=5)]}
    rows = edge_rows(topology, 300, "5m")
    assert len(rows) == 2
    assert "5 (5 %)" in str(rows[0])
    assert "alone" in str(rows[1])
