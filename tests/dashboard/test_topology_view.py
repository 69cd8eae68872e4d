"""What the topology page shows for an answer of the collector."""

import itertools

from dashboard.components import graph_elements
from dashboard.components.topology_view import DOTTED_EDGES, ROUTED_EDGES, Wish, build_view, complete_edges


def test_every_node_and_edge_of_the_answer_is_an_element(node, edge, graph):
    topology = graph([node("web"), node("db", "database")], [edge("web", "db", "database")])
    assert list(build_view(topology, Wish(), {}).elements) == ["db", "web", 'edge:["web", "db", "database"]']


def test_labels_name_rate_p95_errors_and_rejections(node, edge, graph):
    topology = graph(
        [node("web", calls=600), node("pay", calls=300, errors=30, rejected=3, instances=["a", "b"])],
        [edge("web", "pay", calls=300, errors=30, rejected=3, p95_ms=None)],
    )
    shown = build_view(topology, Wish(), {}).elements
    assert shown["web"]["label"] == "web\n2/s · 2 ms"
    assert shown["pay"]["label"] == "① pay ×2\n1/s · 2 ms\n⚠ 10 % · ⊘ 1 %"
    call = shown['edge:["web", "pay", "call"]']
    assert call["label"] == "1/s\n⚠ 10 % · ⊘ 1 %"
    assert call["more"] == "1/s\n⚠ 10 % · ⊘ 1 %\np95 —"


def test_rates_are_over_the_whole_minutes_that_were_counted(node, graph):
    topology = graph([node("web", calls=600)], []) | {"start": "2026-01-31T12:00:59+00:00"}
    assert "2/s" in build_view(topology, Wish(), {}).elements["web"]["label"]


def test_time_that_passes_does_not_change_what_is_drawn(node, edge, graph):
    def shown(end):
        return build_view(graph([node("a"), node("b")], [edge("a", "b")]) | {"end": end}, Wish(), {}).elements

    assert shown("2026-01-31T12:05:01+00:00") == shown("2026-01-31T12:05:09.5+00:00")


def test_the_edges_of_a_large_map_carry_only_what_is_drawn(node, edge, graph):
    names = [f"n{number}" for number in range(ROUTED_EDGES + 2)]
    edges = [edge(*ends, calls=100 + number) for number, ends in enumerate(itertools.pairwise(names))]
    elements = build_view(graph([node(name) for name in names], edges), Wish(), {}).elements.values()
    drawn = [element for element in elements if element["group"] == "edges"]
    bare = {"group", "source", "target", "kind", "width", "classes"}
    assert len(drawn) == ROUTED_EDGES + 1
    assert sum("dots" in element for element in drawn) == DOTTED_EDGES
    assert all(element.keys() <= bare | {"dots", "failing"} for element in drawn)


def test_state_follows_the_share_not_the_count():
    assert graph_elements.state_of(errors=50, rejected=0, calls=1000) == "bad"
    assert graph_elements.state_of(errors=10, rejected=500, calls=1000) == "errors"
    assert graph_elements.state_of(errors=9, rejected=10, calls=1000) == "rejected"
    assert graph_elements.state_of(errors=9, rejected=9, calls=1000) == "ok"
    assert graph_elements.state_of(errors=0, rejected=0, calls=0) == "ok"


def test_an_edge_without_its_node_is_left_out_instead_of_breaking_the_map(node, edge, graph):
    assert complete_edges(graph([node("web")], [edge("web", "nowhere")])) == []


def test_quiet_nodes_say_why_they_are_quiet(node, edge, graph):
    topology = graph(
        [
            node("idle", calls=0),
            node("known", calls=0, health="healthy"),
            node("source", calls=0),
            node("lone"),
            node("web"),
        ],
        [edge("source", "web")],
    )
    labels = {id_: element["label"] for id_, element in build_view(topology, Wish(), {}).elements.items()}
    assert labels["idle"].endswith("no calls in this time")
    assert labels["known"].endswith("health only, no calls")
    assert labels["source"].endswith("calls others, is not called")
    assert labels["lone"].endswith("calls nobody, called by nobody known")


def test_a_service_of_another_environment_says_so(node, edge, graph):
    topology = graph(
        [
            node("web", environments=["production"], calls=0),
            node("cart", environments=["staging"]),
            node("pay", environments=[]),
            node("db", "database"),
        ],
        [edge("web", "cart"), edge("cart", "pay"), edge("cart", "db", "database")],
    )
    shown = build_view(topology, Wish(environment="staging"), {}).elements
    assert shown["web"]["label"] == "web\nin production"
    assert shown["pay"]["label"].endswith("\nin no environment")
    assert [id_ for id_ in ("web", "cart", "pay", "db") if "idle" in shown[id_]["classes"]] == ["web", "pay"]
    everything = build_view(topology, Wish(), {}).elements
    assert not any("\nin " in everything[id_]["label"] for id_ in ("web", "cart", "pay", "db"))


def test_a_breaker_is_drawn_on_its_edge_the_worst_of_several(node, edge, graph):
    breakers = [{"id": "1", "name": "x", "state": "closed"}, {"id": "2", "name": "y", "state": "open"}]
    topology = graph([node("a"), node("b")], [edge("a", "b", breakers=breakers)])
    drawn = build_view(topology, Wish(), {}).elements['edge:["a", "b", "call"]']
    assert (drawn["guard"], drawn["classes"]) == ("✖ open", "ok breaker-open routed")


def test_places_stay_when_nodes_come_go_or_are_hidden(node, edge, graph):
    small = graph([node("a"), node("b")], [edge("a", "b")])
    large = graph([node("a"), node("b"), node("c")], [edge("a", "b"), edge("b", "c")])
    first = build_view(small, Wish(), {})
    second = build_view(large, Wish(), first.places)
    hidden = build_view(large, Wish(hide="name=a"), second.places)
    again = build_view(large, Wish(), hidden.places)
    assert {id_: second.places[id_] for id_ in first.places} == first.places
    assert again.places == second.places


def test_hidden_nodes_take_their_edges_with_them_and_are_counted(node, edge, graph):
    topology = graph([node("a"), node("db", "database")], [edge("a", "db", "database")])
    view = build_view(topology, Wish(hide="kind=database"), {}, range_label="last hour")
    assert list(view.elements) == ["a"]
    assert view.texts["summary"] == "1 service · 1 hidden · last hour"


def test_a_search_marks_what_it_finds_and_dims_the_rest(node, edge, graph):
    topology = graph([node("a", errors=50), node("b"), node("c")], [edge("a", "b"), edge("b", "c")])
    view = build_view(topology, Wish(find="name=a"), {})
    assert "found" in view.elements["a"]["classes"]
    assert "dim" in view.elements["b"]["classes"]
    assert view.texts["filters"] == {"find": "", "hide": "", "found": 1}


def test_a_wrong_filter_is_explained_and_hides_nothing(node, graph):
    view = build_view(graph([node("a")], []), Wish(find="error_rate>", hide="sise=3"), {})
    assert list(view.elements) == ["a"]
    assert view.texts["filters"]["find"].startswith('column 12: expected a value after ">"')
    assert '"sise" is not a field of the map' in view.texts["filters"]["hide"]


def test_focus_keeps_what_is_so_many_calls_up_or_down(node, edge, graph):
    chain = ["a", "b", "c", "d", "e"]
    topology = graph([node(n) for n in [*chain, "beside"]], [edge(x, y) for x, y in itertools.pairwise(chain)])
    topology["edges"].append(edge("a", "beside"))
    view = build_view(topology, Wish(focus="c", hops=1), {})
    assert [id_ for id_ in view.elements if not id_.startswith("edge:")] == ["b", "c", "d"]
    assert len(build_view(topology, Wish(focus="gone", hops=1), {}).elements) == 11


def test_grouped_nodes_stand_in_the_box_of_their_namespace(node, edge, graph):
    topology = graph(
        [node("a", namespace="shop"), node("b", namespace="bank"), node("db", "database")], [edge("a", "b")]
    )
    shown = build_view(topology, Wish(arrangement="grouped"), {}).elements
    assert {id_: shown[id_]["parent"] for id_ in ("a", "b", "db")} == {
        "a": "box:shop",
        "b": "box:bank",
        "db": "box:no namespace",
    }
    assert shown["box:shop"]["kind"] == "box"


def test_two_times_are_drawn_as_one_map(node, edge, graph):
    now = graph(
        [node("a"), node("b", calls=300), node("new")], [edge("a", "b", calls=300, p95_ms=30.0), edge("a", "new")]
    )
    before = graph([node("a"), node("b"), node("old")], [edge("a", "b", p95_ms=10.0), edge("a", "old")])
    view = build_view(now, Wish(), {}, before)
    call = view.elements['edge:["a", "b", "call"]']
    assert call["label"] == "▲ 200 %\np95 ▲ 200 %"
    assert "changed" in call["classes"]
    assert view.elements['edge:["a", "new", "call"]']["label"] == "+ new"
    assert view.elements["old"]["label"] == "old\n− lost"
    assert view.texts["compared"] == "1 new and 1 lost connections"


def test_the_table_has_a_row_per_edge_and_per_lone_node(node, edge, graph):
    topology = graph([node("a"), node("b"), node("alone")], [edge("a", "b", errors=5)])
    shown = build_view(topology, Wish(with_table=True), {}).elements
    assert {id_ for id_, element in shown.items() if "row" in element} == {'edge:["a", "b", "call"]', "alone"}
    assert "5 (5 %)" in str(shown['edge:["a", "b", "call"]']["row"])
