"""Statistics, flame graph and service graph: what holds for any trace, and what the API answers."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from api_answers import ask, problem
from hypothesis import given, settings
from hypothesis import strategies as st
from linker import is_rejected, link, peer, peer_kind
from otlp_requests import Span, request, span_id, trace_id
from random_traces import spans as random_spans
from running_collector import RunningCollector
from trace_forest import One, analysed, columns, forests, names

from collector.api import trace_models
from collector.api import trace_view_models as models
from collector.queries.tracing.analysis import Analysis, analyse
from collector.queries.tracing.flame import flame
from collector.queries.tracing.service_graph import service_graph
from collector.queries.tracing.statistics import by_operation, by_service, statistics

ANY = settings(deadline=None, max_examples=100)
FORESTS = forests(names=("x", "y", "z"))
ALL = 10_000
MS = 1_000_000


def operation_of(analysis: Analysis, row: int) -> tuple[str, str]:
    return analysis.spans.service[row], analysis.spans.name[row]


@given(FORESTS)
@ANY
def test_statistics_are_those_of_the_spans_of_each_group(spans: list[One]) -> None:
    analysis = analysed(*spans)
    answer = statistics(analysis, *by_operation(analysis), ALL)
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row in range(len(spans)):
        groups[operation_of(analysis, row)].append(row)
    assert {(one["service"], one["operation"]) for one in answer["rows"]} == set(groups)
    for one in answer["rows"]:
        rows = groups[one["service"], one["operation"]]
        durations = sorted(analysis.spans.duration_ns[rows].tolist())
        assert (one["count"], one["errors"]) == (len(rows), int((analysis.spans.status[rows] == 2).sum()))
        assert (one["total_ns"], one["self_ns"]) == (sum(durations), int(analysis.self_ns[rows].sum()))
        assert one["p50_ns"] == durations[(len(rows) + 1) // 2 - 1]
        assert one["p95_ns"] == durations[-(-len(rows) * 95 // 100) - 1]
        assert one["max_ns"] == durations[-1] == analysis.spans.duration_ns[one["row"]]
        assert one["row"] in rows
    assert sum(one["critical_ns"] for one in answer["rows"]) == analysis.spans.duration_ns[analysis.root]


@given(FORESTS, st.integers(1, 3))
@ANY
def test_what_statistics_leave_out_is_told_and_is_the_least(spans: list[One], most: int) -> None:
    analysis = analysed(*spans)
    answer = statistics(analysis, *by_service(analysis), most)
    whole = statistics(analysis, *by_service(analysis), ALL)
    assert answer["rows"] == whole["rows"][:most]
    assert [one["self_ns"] for one in whole["rows"]] == sorted((one["self_ns"] for one in whole["rows"]), reverse=True)
    left_out = whole["rows"][most:]
    sums = {key: sum(one[name] for one in left_out) for key, name in (("spans", "count"), ("self_ns", "self_ns"))}
    assert answer["cut"] == {"rows": len(left_out), **sums}


@given(FORESTS)
@ANY
def test_a_flame_has_a_node_for_each_path_of_operations(spans: list[One]) -> None:
    analysis = analysed(*spans)
    paths: list[tuple[tuple[str, str], ...]] = []
    for row in range(len(spans)):
        above = int(analysis.tree.parent[row])
        paths.append((*(paths[above] if above >= 0 else ()), operation_of(analysis, row)))
    answer = flame(analysis, ALL)
    nodes = answer["nodes"]
    found: list[tuple[tuple[str, str], ...]] = []
    for place, above in enumerate(nodes["parent"].tolist()):
        own = answer["services"][nodes["service"][place]], answer["names"][nodes["name"][place]]
        found.append((*(found[above] if above >= 0 else ()), own))
    assert len(set(found)) == len(found)
    assert dict(zip(found, nodes["count"].tolist(), strict=True)) == Counter(paths)
    for place, path in enumerate(found):
        rows = [row for row in range(len(spans)) if paths[row] == path]
        beneath = [row for row in range(len(spans)) if paths[row][: len(path)] == path]
        assert nodes["self_ns"][place] == analysis.self_ns[rows].sum()
        assert nodes["work_ns"][place] == analysis.self_ns[beneath].sum()
        assert nodes["total_ns"][place] == analysis.spans.duration_ns[rows].sum()
        assert nodes["row"][place] in rows
        assert nodes["depth"][place] == len(path) - 1
    assert answer["cut"] == {"nodes": 0, "spans": 0, "self_ns": 0}


@given(FORESTS, st.integers(1, 6))
@ANY
def test_a_cut_flame_keeps_the_most_work_and_tells_the_rest(spans: list[One], most: int) -> None:
    analysis = analysed(*spans)
    whole, answer = flame(analysis, ALL), flame(analysis, most)
    nodes = answer["nodes"]
    assert len(nodes["parent"]) == min(most, len(whole["nodes"]["parent"]))
    kept = sorted(whole["nodes"]["work_ns"].tolist(), reverse=True)[:most]
    assert sorted(nodes["work_ns"].tolist(), reverse=True) == kept
    assert answer["cut"]["spans"] == len(spans) - nodes["count"].sum()
    assert answer["cut"]["self_ns"] == analysis.self_ns.sum() - nodes["self_ns"].sum()
    places = np.arange(len(nodes["parent"]))
    assert (nodes["parent"] < places).all()
    assert (places < nodes["end"]).all()


def analysis_of(spans: list[Span]) -> Analysis:
    """Of spans with attributes, which say what they call."""
    plain = [
        One(s.id, s.start_ns, s.start_ns + s.duration_ns, s.parent, s.service, s.kind, error=s.error) for s in spans
    ]
    about = {
        "peer": names([peer(span) for span in spans]),
        "peer_kind": names([peer_kind(span) for span in spans]),
        "rejected": np.array([is_rejected(span) for span in spans], dtype=np.uint8),
    }
    return analyse(type(columns(plain))(**{**vars(columns(plain)), **about}))


def of_one_trace(spans: list[Span]) -> list[Span]:
    """Those of the first trace, without circles and links."""
    kept = [span for span in spans if span.trace == spans[0].trace]
    return [
        Span(
            **{
                **vars(span),
                "links": (),
                "parent": span.parent if span.parent < span.id or span.parent == "missing" else "",
            }
        )
        for span in kept
    ]


@given(random_spans(0).map(of_one_trace))
@settings(deadline=None, max_examples=300)
def test_the_graph_of_a_trace_is_its_part_of_the_map(spans: list[Span]) -> None:
    services = {span.service for span in spans}
    expected: Counter[tuple[str, str, str]] = Counter()
    for edge, counts in link(spans).items():
        target = f"{edge.target_kind}:{edge.target}"
        if edge.target_kind == "external" and edge.target.rsplit(":", 1)[0] in services:
            target = f"service:{edge.target.rsplit(':', 1)[0]}"
        source = f"{edge.source_kind}:{edge.source}"
        if edge.target_kind != "unknown" and source != target:
            expected.update({(source, target, name): count for name, count in counts._asdict().items() if count})
    answer = service_graph(analysis_of(spans), ALL)
    found = {
        (edge["source"], edge["target"], name): edge[name]
        for edge in answer["edges"]
        for name in ("calls", "errors", "rejected")
        if edge[name]
    }
    assert found == dict(expected)
    ends = {end for edge in answer["edges"] for end in (edge["source"], edge["target"])}
    assert {node["id"] for node in answer["nodes"]} == ends | {f"service:{name}" for name in services}
    assert sum(node["spans"] for node in answer["nodes"]) == len(spans)


def test_a_graph_that_is_cut_keeps_the_edges_with_the_most_time() -> None:
    spans = [One("r", 0, 100, service="a"), One("b", 0, 10, "r", "b"), One("c", 0, 60, "r", "c")]
    answer = service_graph(analysed(*spans), 1)
    assert [(edge["target"], edge["total_ns"], edge["row"]) for edge in answer["edges"]] == [("service:c", 60, 2)]
    assert answer["cut"] == {"edges": 1}


def test_durations_of_centuries_do_not_wrap_around() -> None:
    century = 9 * 10**18
    spans = [One("r", 0, century), One("a", 0, century, "r", name="x"), One("b", 0, century, "r", name="x")]
    analysis = analysed(*spans)
    (most,) = (one["total_ns"] for one in statistics(analysis, *by_service(analysis), ALL)["rows"])
    assert most == 2**63 - 1


@pytest.fixture(scope="module")
def shop(collector: RunningCollector) -> str:
    """A checkout that asks a database and fails at payments, twice."""
    db = {"db.system.name": "postgresql", "db.namespace": "stock", "http.route": "/never"}
    declined = {"http.route": "/pay", "note": "Kärtchen declined"}
    spans = [
        Span(
            "gateway",
            "root",
            "",
            "views",
            "POST /checkout",
            "server",
            0,
            100 * MS,
            attributes={"http.route": "/checkout"},
        ),
        Span("gateway", "query", "root", "views", "SELECT", "client", 0, 5 * MS, attributes=db),
        Span("gateway", "pay1", "root", "views", "pay", "client", 0, 10 * MS, error=True),
        Span("payments", "serve1", "pay1", "views", "POST /pay", "server", 0, 8 * MS, error=True, attributes=declined),
        Span("gateway", "pay2", "root", "views", "pay", "client", 0, 30 * MS),
        Span("payments", "serve2", "pay2", "views", "POST /pay", "server", 0, 28 * MS, attributes=declined),
    ]
    collector.send(request(spans, {"deployment.environment.name": "test"}))
    return trace_id("views").hex()


def rows_by_id(collector: RunningCollector, trace: str) -> dict[str, int]:
    return {id_: row for row, id_ in enumerate(collector.get(f"/traces/{trace}/outline")["spans"]["id"])}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("status=error", {"pay1", "serve1"}),
        ("service=gateway kind=client", {"query", "pay1", "pay2"}),
        ("has(http.route)", {"root", "query", "serve1", "serve2"}),
        ("kärtchen", {"serve1", "serve2"}),
        ("postgres", {"query"}),
        ("checkout", {"root"}),
        ("service=payments resource.deployment.environment.name=test", {"serve1", "serve2"}),
        ("TEST kind=server service=gateway", {"root"}),  # a word of the resource
        (span_id("views/pay2").hex().upper(), {"pay2"}),
        ("nothing of that kind", set()),
    ],
)
def test_spans_are_found_inside_a_trace(collector: RunningCollector, shop: str, q: str, found: set[str]) -> None:
    answer = ask(collector, models.Found, f"/traces/{shop}/find", q=q)
    rows = rows_by_id(collector, shop)
    expected = sorted(rows[span_id(f"views/{id_}").hex()] for id_ in found)
    assert (answer["rows"], answer["count"]) == (expected, len(found))
    assert [rows[id_] for id_ in answer["ids"]] == expected


def test_what_is_found_is_bounded_and_still_counted(collector: RunningCollector, shop: str) -> None:
    answer = ask(collector, models.Found, f"/traces/{shop}/find", q="service=gateway", limit=2)
    assert (answer["count"], len(answer["rows"]), len(answer["ids"])) == (4, 2, 2)


def test_a_wrong_filter_names_the_place(collector: RunningCollector, shop: str) -> None:
    status, detail = problem(collector, f"/api/v1/traces/{shop}/find", q="status=")
    assert (status, detail) == (400, 'q: column 8: expected a value after "="')


def test_events_are_at_their_rows_and_moved_as_their_spans_are(collector: RunningCollector) -> None:
    start = 1_700_000_000 * 10**9
    message = request([Span("web", "root", trace="happened", start_ns=start, duration_ns=100)])
    called = request([Span("pay", "call", "root", "happened", start_ns=start - 50, duration_ns=20)], {"host.name": "b"})
    for one, moments in ((message, (90, 10)), (called, (-40,))):
        (span,) = one.resource_spans[0].scope_spans[0].spans
        for moment in moments:
            span.events.add(name=f"at {moment}", time_unix_nano=start + moment)
    for one in (message, called, called):  # a span that is sent twice happened once
        collector.send(one)
    path = f"/traces/{trace_id('happened').hex()}/events"
    answer = ask(collector, models.SpanEvents, path)
    named = [answer["names"][code] for code in answer["name"]]
    assert sorted(zip(named, answer["row"], answer["at_ns"], strict=True)) == [
        ("at -40", 1, 50), ("at 10", 0, 10), ("at 90", 0, 90)
    ]  # fmt: skip
    as_sent = ask(collector, models.SpanEvents, path, skew="as_sent", limit=2)
    assert (as_sent["count"], as_sent["at_ns"]) == (3, [10, 60])


def test_statistics_by_attribute_count_those_without_it_apart(collector: RunningCollector, shop: str) -> None:
    answer = ask(collector, models.Statistics, f"/traces/{shop}/statistics", by="attribute:http.route")
    counts = {one["value"]: (one["count"], one["errors"]) for one in answer["rows"]}
    assert counts == {"/checkout": (1, 0), "/never": (1, 0), "/pay": (2, 1), None: (2, 1)}
    resource = ask(
        collector, models.Statistics, f"/traces/{shop}/statistics", by="attribute:deployment.environment.name"
    )
    assert [(one["value"], one["count"]) for one in resource["rows"]] == [("test", 6)]
    by_name = ask(collector, models.Statistics, f"/traces/{shop}/statistics")
    assert {(one["service"], one["operation"], one["count"]) for one in by_name["rows"]} == {
        ("gateway", "POST /checkout", 1), ("gateway", "SELECT", 1), ("gateway", "pay", 2), ("payments", "POST /pay", 2),
    }  # fmt: skip
    status, detail = problem(collector, f"/api/v1/traces/{shop}/statistics", by="colour")
    assert (status, detail) == (400, "by: expected service, operation or attribute:KEY, got 'colour'")


def test_the_flame_and_graph_of_a_stored_trace(collector: RunningCollector, shop: str) -> None:
    answer = ask(collector, models.Flame, f"/traces/{shop}/flame")
    nodes = answer["nodes"]
    shown = [(answer["names"][name], count) for name, count in zip(nodes["name"], nodes["count"], strict=True)]
    assert shown == [("POST /checkout", 1), ("pay", 2), ("POST /pay", 2), ("SELECT", 1)]
    graph = ask(collector, models.Graph, f"/traces/{shop}/graph")
    edges: list[dict[str, Any]] = [
        {key: edge[key] for key in ("source", "target", "calls", "errors")} for edge in graph["edges"]
    ]
    assert edges == [
        {"source": "service:gateway", "target": "service:payments", "calls": 2, "errors": 1},
        {"source": "service:gateway", "target": "database:postgresql/stock", "calls": 1, "errors": 0},
    ]
    assert [node["id"] for node in graph["nodes"]] == [
        "service:gateway",
        "service:payments",
        "database:postgresql/stock",
    ]
    totals = {
        one["name"]: one["self_ns"]
        for one in ask(collector, trace_models.Outline, f"/traces/{shop}/outline")["services"]
    }
    assert {node["name"]: node["self_ns"] for node in graph["nodes"][:2]} == totals


@pytest.mark.parametrize("view", ["find?q=x", "events", "statistics", "flame", "graph"])
def test_views_of_an_unknown_trace_are_not_found(collector: RunningCollector, view: str) -> None:
    unknown = "0" * 31 + "1"
    assert problem(collector, f"/api/v1/traces/{unknown}/{view}") == (404, f"trace {unknown} not found")
