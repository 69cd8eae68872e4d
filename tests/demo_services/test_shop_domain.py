"""The rules of the demo shop, without a server."""

import pytest

from demo_services.catalogue import SERVICES, expected_edges
from demo_services.common.errors import InvalidOrder, OutOfStock, PeerUnavailable
from demo_services.inventory.domain import DELIVERY_S, REORDER_LEVEL, SHELF_SIZE, Fault, Faults, Item, delivered, take
from demo_services.orders.domain import MAX_QUANTITY, Order, place

NOW_S = 1_000.0


def item(on_hand: int, delivery_at_s: float | None = None) -> Item:
    return Item("mug", "Mug", 500, on_hand, delivery_at_s)


def order(quantity: int = 2) -> Order:
    return Order("order-1", "mug", quantity)


def test_a_reservation_takes_its_quantity_off_the_shelf() -> None:
    assert take(item(on_hand=20), 3, NOW_S) == item(on_hand=17)


def test_the_last_one_on_the_shelf_can_be_reserved() -> None:
    assert take(item(on_hand=2), 2, NOW_S).on_hand == 0


def test_more_than_the_shelf_holds_is_out_of_stock() -> None:
    with pytest.raises(OutOfStock, match="mug: 3 wanted, 2 on the shelf"):
        take(item(on_hand=2), 3, NOW_S)


def test_a_shelf_that_falls_below_the_reorder_level_gets_a_delivery() -> None:
    assert take(item(on_hand=REORDER_LEVEL), 1, NOW_S) == item(REORDER_LEVEL - 1, NOW_S + DELIVERY_S)


def test_a_shelf_at_the_reorder_level_gets_none() -> None:
    assert take(item(on_hand=REORDER_LEVEL + 1), 1, NOW_S).delivery_at_s is None


def test_a_second_reservation_does_not_put_the_delivery_off() -> None:
    assert take(item(on_hand=3, delivery_at_s=NOW_S + 1), 1, NOW_S) == item(2, NOW_S + 1)


def test_a_delivery_fills_the_shelf_the_moment_it_is_due() -> None:
    waiting = item(on_hand=0, delivery_at_s=NOW_S)
    assert delivered(waiting, NOW_S - 0.001) == waiting
    assert delivered(waiting, NOW_S) == item(SHELF_SIZE)


def test_a_reservation_sees_goods_that_have_arrived() -> None:
    assert take(item(on_hand=0, delivery_at_s=NOW_S), 1, NOW_S) == item(SHELF_SIZE - 1)


def test_faults_repeat_with_the_seed_and_come_in_the_shares_asked_for() -> None:
    first, second = Faults(7, 0.2, 0.1), Faults(7, 0.2, 0.1)
    row = [first.draw() for _ in range(2_000)]
    assert row == [second.draw() for _ in range(2_000)]
    assert sum(fault.delay_s > 0 for fault in row) == pytest.approx(400, rel=0.2)
    assert sum(fault.fails for fault in row) == pytest.approx(200, rel=0.2)


def test_without_shares_there_are_no_faults() -> None:
    assert Faults(7, 0, 0).draw() == Fault()


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1])
def test_a_quantity_outside_one_to_ten_makes_no_order(quantity: int) -> None:
    with pytest.raises(InvalidOrder, match=f"quantity: 1 to 10 expected, got {quantity}"):
        place("mug", quantity)


def test_a_new_order_is_pending() -> None:
    placed = place("mug", 2)
    assert placed == Order(placed.id, "mug", 2, "pending")


def test_a_confirmed_order_knows_its_total() -> None:
    assert order(quantity=3).confirmed(500) == Order("order-1", "mug", 3, "confirmed", total_cents=1_500)


def test_an_order_is_rejected_by_a_no_and_failed_by_a_breakdown() -> None:
    assert order().refused(OutOfStock("none left")) == Order("order-1", "mug", 2, "rejected", reason="none left")
    assert order().refused(PeerUnavailable("no answer")) == Order("order-1", "mug", 2, "failed", reason="no answer")


def test_what_became_of_an_order_stays() -> None:
    with pytest.raises(InvalidOrder, match="order order-1 is confirmed already"):
        order().confirmed(500).refused(OutOfStock("none left"))


def test_the_catalogue_names_every_call_between_services() -> None:
    assert expected_edges() == {
        ("shopper", "gateway"),
        ("gateway", "orders"),
        ("gateway", "inventory"),
        ("orders", "inventory"),
    }
    assert all(callee in SERVICES for _, callee in expected_edges())
