"""What is wrong and where it starts: rules, and properties that hold for every graph."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.graph_reasoning import blast_radius, find_suspects, within_hops
from dashboard.components.hover_card import about


def _node(name, calls=100, errors=0, health="unknown"):
    numbers = {"calls": calls, "errors": errors, "rejected": 0, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0}
    return {"id": name, "name": name, "kind": "service", "health": health, **numbers}


def _edge(source, target, calls=100, errors=0, breakers=()):
    return {
        "source": source,
        "target": target,
        "kind": "call",
        "calls": calls,
        "errors": errors,
        "breakers": list(breakers),
    }


@st.composite
def graphs(draw):
    names = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    nodes = [_node(name, 100, draw(st.integers(0, 100))) for name in names]
    pairs = draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=16))
    breaker = {"id": "x", "name": "x", "state": "open"}
    edges = [
        _edge(a, b, 100, draw(st.integers(0, 100)), [breaker] if draw(st.booleans()) else [])
        for a, b in sorted(pairs)
        if a != b
    ]
    return {"nodes": nodes, "edges": edges}


@given(graphs())
def test_a_suspect_is_felt_by_all_that_call_it_however_far(topology):
    graph = nx.DiGraph((edge["source"], edge["target"]) for edge in topology["edges"])
    for suspect in find_suspects(topology):
        assert suspect.felt_by == (len(nx.ancestors(graph, suspect.id)) if suspect.id in graph else 0)


def test_errors_that_a_failing_callee_explains_rank_below_it():
    topology = {
        "nodes": [_node("web", errors=40), _node("orders", errors=40), _node("pay", errors=30)],
        "edges": [_edge("web", "orders", errors=40), _edge("orders", "pay", errors=38)],
    }
    suspects = find_suspects(topology)
    assert [suspect.id for suspect in suspects] == ["pay", "orders", "web"]
    assert suspects[0].reasons == ("38 % of 100 calls fail", "no call of its own failed: the errors start here")
    assert suspects[1].reasons == ("40 % of 100 calls fail", "explained by 38 failed calls to pay")
    assert (suspects[0].felt_by, suspects[2].felt_by) == (2, 0)


def test_refused_calls_explain_errors_too():
    refused = {**_edge("web", "orders", errors=2), "rejected": 20}
    topology = {"nodes": [_node("web", errors=25), _node("orders", errors=3)], "edges": [refused]}
    suspects = find_suspects(topology)
    assert [(suspect.id, suspect.own_errors) for suspect in suspects] == [("orders", 3), ("web", 3)]
    assert suspects[1].reasons[1] == "explained by 22 failed calls to orders"


def test_who_is_blamed_for_refused_calls_alone_is_a_suspect_and_others_that_refuse_are_not():
    to_provider, to_web = (
        {**_edge("pay", "provider"), "rejected": 20},
        {**_edge("shopper", "web"), "rejected": 30},
    )
    nodes = [_node("shopper"), _node("web"), _node("pay", errors=20), _node("provider")]
    provider, pay = find_suspects({"nodes": nodes, "edges": [to_provider, to_web, _edge("web", "pay", errors=15)]})
    assert (provider.id, provider.reasons) == ("provider", ("20 % of 100 calls to it were refused",))
    assert (pay.id, pay.reasons[1]) == ("pay", "explained by 20 failed calls to provider")


def test_a_single_call_is_no_share():
    topology = {"nodes": [_node("web", 1, 1), _node("pay", 1, 1)], "edges": [_edge("web", "pay", 1, 1)]}
    pay, web = find_suspects(topology)
    assert pay.reasons == ("its only call fails", "no call of its own failed: the errors start here")
    assert web.reasons == ("its only call fails", "explained by 1 failed call to pay")


def test_a_callee_that_does_not_answer_is_judged_by_what_its_callers_see():
    topology = {"nodes": [_node("web", errors=50), _node("dead", calls=0)], "edges": [_edge("web", "dead", 50, 50)]}
    first = find_suspects(topology)[0]
    assert (first.id, first.share) == ("dead", 1.0)


def test_of_what_sends_no_spans_it_is_not_said_that_its_own_calls_went_well():
    provider = {**_node("provider", errors=30), "kind": "external"}
    topology = {"nodes": [_node("pay", errors=30), provider], "edges": [_edge("pay", "provider", errors=30)]}
    assert find_suspects(topology)[0].reasons[1] == "the errors start here, or behind it, which no span tells"


def test_few_errors_are_no_suspicion_but_an_open_breaker_or_bad_health_is():
    assert find_suspects({"nodes": [_node("a", 1000, 9)], "edges": []}) == []
    sick = find_suspects({"nodes": [_node("a", health="unhealthy")], "edges": []})
    assert sick[0].reasons == ("health is unhealthy",)
    guarded = _edge("a", "b", breakers=[{"id": "1", "name": "pay", "state": "open"}])
    opened = find_suspects({"nodes": [_node("a"), _node("b")], "edges": [guarded]})
    assert [(suspect.id, suspect.reasons) for suspect in opened] == [("b", ("breaker pay of a is open",))]


@given(graphs())
def test_what_is_blamed_never_ranks_below_who_blames_it_unless_they_blame_each_other(topology):
    suspects = {suspect.id: (rank, suspect) for rank, suspect in enumerate(find_suspects(topology))}
    blames = {id_: {b for b in suspect.blames if b in suspects} for id_, (_, suspect) in suspects.items()}

    def reaches(start, end):
        seen, todo = set(), [start]
        while todo:
            for following in blames[todo.pop()] - seen:
                seen.add(following)
                todo.append(following)
        return end in seen

    for id_, callees in blames.items():
        for callee in callees:
            assert suspects[callee][0] < suspects[id_][0] or reaches(callee, id_)


@given(graphs())
def test_every_node_that_fails_enough_is_a_suspect_and_named_once(topology):
    found = [suspect.id for suspect in find_suspects(topology)]
    assert len(found) == len(set(found))
    assert {node["id"] for node in topology["nodes"] if node["errors"] >= 1} <= set(found)


def test_paths_tell_where_a_breaker_or_a_fallback_stands():
    breaker = {"id": "x", "name": "pay", "state": "closed"}
    topology = {
        "nodes": [
            _node("shop"),
            _node("app"),
            _node("web", errors=2),
            _node("orders", errors=30),
            _node("pay", errors=40),
        ],
        "edges": [
            _edge("shop", "orders"),
            _edge("app", "web"),
            _edge("web", "orders", errors=30),
            _edge("orders", "pay", errors=40),
        ],
    }
    radius = blast_radius(topology, "pay")
    assert radius.guards == {("web", "orders"): "likely fallback"}
    assert radius.paths == (("shop", "orders", "pay"), ("app", "web", "orders", "pay"))
    assert (radius.unguarded, radius.guarded) == ({"shop", "orders"}, {"app", "web"})
    card = str(about({**topology, "start": "", "end": ""}, "pay", with_blast=True))
    assert "4 depend on it, 2 of them only over a guard." in card
    assert "no guard" in card
    assert "likely fallback of web" in card
    topology["edges"][3]["breakers"] = [breaker]
    assert blast_radius(topology, "pay").guards[("orders", "pay")] == "breaker"
    assert blast_radius(topology, "pay", {("orders", "pay")}).guards[("orders", "pay")] == "breaker and fallback"
    assert blast_radius(topology, "pay").unguarded == set()


def test_a_fallback_that_spans_tell_of_is_a_guard_whatever_the_numbers():
    topology = {
        "nodes": [_node("web", errors=40), _node("stock", errors=40)],
        "edges": [_edge("web", "stock", errors=40)],
        "start": "",
        "end": "",
    }
    assert blast_radius(topology, "stock").unguarded == {"web"}
    told = about(topology, "stock", with_blast=True, fallbacks={("web", "stock")})
    assert told["blast"]["guarded"] == ["web"]
    assert "fallback of web" in str(told["card"])
    assert "likely" not in str(told["card"])


@given(graphs())
def test_the_reach_of_a_failure_is_split_by_guards(topology):
    names = {node["id"] for node in topology["nodes"]}
    seen = {name: sum(edge["errors"] for edge in topology["edges"] if edge["target"] == name) for name in names}
    errors = {node["id"]: max(node["errors"], seen[node["id"]]) for node in topology["nodes"]}
    called = {edge["target"] for edge in topology["edges"]}
    plain = {
        (edge["source"], edge["target"])
        for edge in topology["edges"]
        if not edge["breakers"] and not (edge["source"] in called and 5 <= edge["errors"] > 2 * errors[edge["source"]])
    }
    everything = {(edge["source"], edge["target"]) for edge in topology["edges"]}

    def callers(ways, end):
        found, todo = set(), [end]
        while todo:
            at = todo.pop()
            fresh = {a for a, b in ways if b == at} - found - {end}
            found |= fresh
            todo += fresh
        return found

    for name in names:
        radius = blast_radius(topology, name)
        assert radius.unguarded == callers(plain, name)
        assert radius.unguarded | radius.guarded == callers(everything, name)
        assert not radius.unguarded & radius.guarded


def test_hops_follow_calls_up_or_down_but_never_turn():
    topology = {"nodes": [_node(n) for n in "abcd"], "edges": [_edge("a", "c"), _edge("b", "c"), _edge("c", "d")]}
    assert within_hops(topology, "a", 1) == {"a", "c"}
    assert within_hops(topology, "a", 5) == {"a", "c", "d"}
    assert within_hops(topology, "nobody", 5) == set()
