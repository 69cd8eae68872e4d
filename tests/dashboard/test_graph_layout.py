"""Places of nodes and routes of edges."""

import random
from itertools import combinations, pairwise

import pytest

from dashboard.components.edge_routes import relative, routes
from dashboard.components.graph_layout import LAYER_GAP, ROW_GAP, place
from dashboard.components.graph_layouts import Arrangement, arrange, stretch_for

FRAMES = ((0, 0), (400, 2000), (1200, 500))

SHOP = [
    ("web", "gateway"),
    ("gateway", "orders"),
    ("gateway", "users"),
    ("orders", "db"),
    ("orders", "pay"),
    ("pay", "bank"),
]
SHOP_NODES = sorted({end for edge in SHOP for end in edge})


def test_callers_stand_left_of_callees() -> None:
    places = place(SHOP_NODES, SHOP, {})
    assert all(places[target][0] >= places[source][0] + LAYER_GAP for source, target in SHOP)


def test_the_same_graph_gives_the_same_picture_whatever_the_order() -> None:
    nodes, edges = list(SHOP_NODES), list(SHOP)
    expected = place(nodes, edges, {})
    for seed in range(5):
        random.Random(seed).shuffle(nodes)
        random.Random(seed).shuffle(edges)
        assert place(nodes, edges, {}) == expected


def test_shown_nodes_keep_their_place_when_new_ones_appear() -> None:
    shown = place(SHOP_NODES, SHOP, {})
    grown = place([*SHOP_NODES, "mail", "cron"], [*SHOP, ("orders", "mail"), ("cron", "users")], shown)
    assert {node: grown[node] for node in shown} == shown
    assert grown["mail"][0] == shown["orders"][0] + LAYER_GAP
    assert grown["cron"][0] == shown["users"][0] - LAYER_GAP


def test_no_two_nodes_overlap_however_the_graph_grows() -> None:
    rng = random.Random(7)
    nodes, edges, places = ["n0"], [], place(["n0"], [], {})
    for number in range(1, 60):
        nodes.append(f"n{number}")
        edges.append((f"n{rng.randrange(number)}", f"n{number}"))
        places = place(nodes, edges, places)
        assert _overlaps(list(places.values())) == []
    assert _overlaps(list(place(nodes, edges, {}).values())) == []


def test_calls_in_a_circle_and_to_itself_are_laid_out() -> None:
    places = place(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")], {})
    assert [places[node][0] for node in "abc"] == [0, LAYER_GAP, 2 * LAYER_GAP]


def test_columns_move_apart_until_the_map_is_as_wide_as_its_frame() -> None:
    places = {"a": (0.0, 0.0), "b": (LAYER_GAP, 4 * ROW_GAP)}
    assert stretch_for(places, (300, 620)) == 1.0
    assert stretch_for(places, (410, 620)) == 1.3
    assert stretch_for(places, (9000, 620)) == 1.6
    assert stretch_for(places, (0, 0)) == stretch_for({}, (300, 620)) == 1.0


def test_a_tall_layer_is_folded_where_that_makes_the_map_larger() -> None:
    nodes, edges = ["web", *(f"n{number:02}" for number in range(20))], []
    edges = [("web", node) for node in nodes[1:]]
    columns = {frame: {x for x, _ in arrange("layered", nodes, edges, {}, {}, frame).values()} for frame in FRAMES}
    assert [len(columns[frame]) for frame in FRAMES] == [2, 2, 5]


def test_an_empty_graph_has_no_places() -> None:
    assert place([], [], {}) == {}
    assert place([], [], {"gone": (1.0, 2.0)}) == {}


def test_an_edge_is_straight_unless_a_node_stands_in_its_way() -> None:
    free = {"a": (0.0, 0.0), "b": (2 * LAYER_GAP, 0.0), "c": (LAYER_GAP, 400.0)}
    blocked = {**free, "c": (LAYER_GAP, 10.0)}
    assert routes([("a", "b")], free) == [[]]
    (way,) = routes([("a", "b")], blocked)
    beside = [y for x, y in way if abs(x - LAYER_GAP) < 60]
    assert beside
    assert all(y <= 10.0 - 36 or y >= 10.0 + 92 for y in beside)


def test_edges_of_the_same_two_nodes_do_not_cover_each_other() -> None:
    places = {"a": (0.0, 0.0), "b": (LAYER_GAP, 0.0)}
    there, back, again = routes([("a", "b"), ("b", "a"), ("a", "b")], places)
    assert len({there[0], back[0], again[0]}) == 3
    assert there[0][1] * back[0][1] < 0


def test_no_edge_runs_through_the_text_of_a_node() -> None:
    edges = [*SHOP, ("web", "bank"), ("gateway", "bank"), ("gateway", "db"), ("users", "db")]
    places = arrange("layered", SHOP_NODES, edges, {}, {})
    for edge, way in zip(edges, routes(edges, places), strict=True):
        drawn = _drawn([places[edge[0]], *way, places[edge[1]]])
        for x, y in places.values():
            assert not [spot for spot in drawn if abs(spot[0] - x) < 50 and y + 29 < spot[1] < y + 62], edge


def test_edges_of_a_node_go_apart_in_order() -> None:
    places = {"hub": (0.0, 0.0)} | {f"n{row}": (LAYER_GAP, 100.0 * row) for row in range(-2, 3)}
    edges = [("hub", f"n{row}") for row in (1, -2, 2, 0, -1)]
    ways = {edge[1]: way for edge, way in zip(edges, routes(edges, places), strict=True)}
    assert ways["n0"] == []
    first = {name: way[0] if way else (LAYER_GAP * 0.42, 0.0) for name, way in ways.items()}
    heights = [first[f"n{row}"][1] for row in range(-2, 3)]
    assert all(20 <= after - before < 25 for before, after in pairwise(heights))
    assert len({x for x, _ in first.values()}) == 1


def test_edges_that_pass_the_same_node_stay_apart() -> None:
    places = {f"a{row}": (0.0, 20.0 * row) for row in range(3)} | {"between": (LAYER_GAP, 0.0)}
    places |= {f"b{row}": (2 * LAYER_GAP, 20.0 * row) for row in range(3)}
    ways = routes([(f"a{row}", f"b{row}") for row in range(3)], places)
    heights = sorted({y for way in ways for x, y in way if abs(x - LAYER_GAP) < 60})
    assert len(heights) == 3
    assert all(after - before >= 20 for before, after in pairwise(heights))


def test_a_point_is_described_relative_to_the_line() -> None:
    assert relative([(50.0, 20.0)], (0.0, 0.0), (100.0, 0.0)) == ([0.5], [20.0])
    assert relative([], (0.0, 0.0), (100.0, 0.0)) == ([], [])


def _drawn(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spots of the curve that is drawn: bends from middle to middle of the points in between."""
    first, *bends, last = points
    corners = [first, *(((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(bends)), last]
    if not bends:
        bends = [((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)]
    return [
        tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for a, b, c in zip(start, bend, end, strict=True))
        for (start, end), bend in zip(pairwise(corners), bends, strict=True)
        for t in (step / 20 for step in range(21))
    ]


def _overlaps(places: list[tuple[float, float]]) -> list[tuple[object, object]]:
    return [
        (one, other)
        for index, one in enumerate(places)
        for other in places[:index]
        if abs(one[0] - other[0]) < LAYER_GAP / 2 and abs(one[1] - other[1]) < ROW_GAP - 0.2
    ]


def test_rings_stand_around_where_calls_part_and_what_has_no_calls_below() -> None:
    places = arrange("radial", [*SHOP_NODES, "lone"], SHOP, {}, {})
    outwards = {node: x**2 + y**2 for node, (x, y) in places.items() if node != "lone"}
    assert outwards["gateway"] == 0
    assert outwards["orders"] < outwards["pay"] < outwards["bank"]
    assert places["lone"][1] > max(places[node][1] for node in SHOP_NODES)


@pytest.mark.parametrize("how", ["radial", "force"])
@pytest.mark.parametrize("seed", range(3))
def test_nodes_have_room_around_and_in_circles(how: Arrangement, seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"n{number}" for number in range(40)]
    edges = [(chance.choice(nodes), chance.choice(nodes)) for _ in range(60)]
    places = arrange(how, nodes, edges, {}, {})
    assert places.keys() == set(nodes)
    spots = list(places.values())
    assert all(max(abs(a - c), abs(b - d)) > 60 for (a, b), (c, d) in combinations(spots, 2))


def test_a_thousand_nodes_can_be_drawn_by_force() -> None:
    nodes = [str(number) for number in range(1000)]
    edges = [(str(number // 3), str(number)) for number in range(1, 1000)]
    assert len(set(arrange("force", nodes, edges, {}, {}).values())) == 1000


def test_rows_stand_further_apart_where_the_width_leaves_height() -> None:
    usual, high = (arrange("layered", SHOP_NODES, SHOP, {}, {}, frame) for frame in ((0, 0), (600, 2000)))
    assert {node: x for node, (x, _) in usual.items()} == {node: x for node, (x, _) in high.items()}
    assert {node: round(y * 2.0, 1) for node, (_, y) in usual.items()} == {node: y for node, (_, y) in high.items()}
    assert arrange("layered", SHOP_NODES, SHOP, {}, {}, (4000, 300)) == usual
