"""The rules of the demo shop's services, without a server, each with a clock passed in."""

from pathlib import Path

import jwt
import pytest
import sqlalchemy as sa

from demo_services.common.errors import (
    BadInput,
    Conflict,
    NotSignedIn,
    OutOfStock,
    PeerUnavailable,
    TooManyRequests,
)
from demo_services.common.events import ORDER_CONFIRMED, STOCK_LOW, Event
from demo_services.gateway.domain import RateLimiter, Tokens
from demo_services.inventory.domain import (
    DELIVERY_S,
    REORDER_LEVEL,
    SHELF_SIZE,
    Item,
    SlowDoor,
    delivered,
    put_back,
    take,
)
from demo_services.notifications.domain import BUYER, Letter, letter_for
from demo_services.orders.domain import MAX_QUANTITY, Order, place
from demo_services.payment_provider.domain import LARGEST_CENTS, Charges
from demo_services.payment_provider.domain import SCHEMA as PROVIDER_SCHEMA
from demo_services.payments.domain import Payment
from demo_services.registry.domain import Leases
from demo_services.services import SERVICES, expected_edges, first_edges
from demo_services.users.domain import checked_email, fits, hashed

NOW_S = 1_000.0


class Clock:
    def __init__(self, now_s: float = NOW_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def item(on_hand: int, delivery_at_s: float | None = None) -> Item:
    return Item("mug", on_hand, delivery_at_s)


def order(status: str = "pending") -> Order:
    return Order("order-1", "ada", "mug", 2, 2_500, status)  # type: ignore[arg-type]


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


def test_released_goods_go_back_as_far_as_the_shelf_holds_them() -> None:
    assert put_back(item(on_hand=20), 3, NOW_S) == item(23)
    assert put_back(item(on_hand=SHELF_SIZE - 1), 3, NOW_S) == item(SHELF_SIZE)


def test_slow_reservations_repeat_with_the_seed_and_come_in_the_share_asked_for() -> None:
    first, second = SlowDoor(7, 0.2), SlowDoor(7, 0.2)
    row = [first.delay_s() for _ in range(2_000)]
    assert row == [second.delay_s() for _ in range(2_000)]
    assert sum(delay_s > 0 for delay_s in row) == pytest.approx(400, rel=0.2)
    assert SlowDoor(7, 0).delay_s() == 0


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1])
def test_a_quantity_outside_one_to_ten_makes_no_order(quantity: int) -> None:
    with pytest.raises(BadInput, match=f"quantity: 1 to 10 expected, got {quantity}"):
        place("order-1", "ada", "mug", quantity, 500, NOW_S)


def test_a_new_order_is_pending_and_knows_its_total() -> None:
    assert place("order-1", "ada", "mug", 3, 500, NOW_S) == Order(
        "order-1", "ada", "mug", 3, 1_500, "pending", "", NOW_S
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pending", "confirmed"),
        ("confirmed", "cancelled"),
        ("confirmed", "shipped"),
        ("shipped", "delivered"),
        ("delivered", "returned"),
    ],
)
def test_an_order_goes_its_way_step_by_step(before: str, after: str) -> None:
    assert order(before).become(after, "so") == Order("order-1", "ada", "mug", 2, 2_500, after, "so")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [("confirmed", "confirmed"), ("shipped", "cancelled"), ("cancelled", "shipped"), ("failed", "confirmed")],
)
def test_what_became_of_an_order_stays(before: str, after: str) -> None:
    with pytest.raises(Conflict, match=f"order order-1 is {before} and cannot be {after}"):
        order(before).become(after)  # type: ignore[arg-type]


def test_a_payment_is_charged_once_and_refunded_once() -> None:
    payment = Payment("order-1", "ada", 500)
    assert payment.to_charge()
    captured = payment.charged(captured=True)
    assert not captured.to_charge()
    assert captured.given_back().status == "refunded"
    assert captured.given_back().given_back().status == "refunded"


def test_a_payment_given_back_before_its_charge_is_never_charged() -> None:
    void = Payment("order-1", "ada", 500).given_back()
    with pytest.raises(Conflict, match="order order-1: payment is void"):
        void.to_charge()


def test_the_provider_charges_a_key_once_and_declines_what_is_too_much(tmp_path: Path) -> None:
    def books() -> Charges:
        """As one process of the provider has them; the next finds what the last one wrote."""
        engine = sa.create_engine(f"sqlite:///{tmp_path}/provider.sqlite")
        PROVIDER_SCHEMA.create_all(engine)
        return Charges(engine, seed=1, decline_share=0)

    charges = books()
    assert charges.charge("a", 100) == charges.charge("a", 999)
    assert charges.charge("b", LARGEST_CENTS + 1).status == "declined"
    for each in (charges, books()):  # giving back is idempotent, and a provider that was away still knows what it took
        refunded = each.refund("a")
        assert refunded is not None
        assert (refunded.status, refunded.amount_cents) == ("refunded", 100)
        assert each.refund("unknown") is None


def test_a_lease_ends_when_it_is_not_renewed() -> None:
    clock = Clock()
    leases = Leases(lease_s=6, now=clock)
    assert leases.renew("users-1", "users", "http://one", "1.0", "pass")
    clock.now_s += 5.9
    assert not leases.renew("users-1", "users", "http://one", "1.0", "warn")
    clock.now_s += 5.9
    assert [(lease.instance, lease.status) for lease in leases.list("users")] == [("users-1", "warn")]
    clock.now_s += 0.1
    assert leases.list() == []
    assert not leases.end("users-1")


def test_a_bucket_of_tokens_lets_a_burst_through_and_then_its_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(per_s=2, burst=3, now=clock)
    for _ in range(3):
        limiter.take("ada")
    with pytest.raises(TooManyRequests) as refused:
        limiter.take("ada")
    assert refused.value.retry_after_s == pytest.approx(0.5)
    limiter.take("bob")  # has a bucket of his own
    clock.now_s += 0.5
    limiter.take("ada")


def test_a_token_says_who_it_is_until_it_expires() -> None:
    clock = Clock()
    tokens = Tokens("a secret of more than thirty-two bytes", clock)
    token = tokens.issue("ada")
    assert tokens.user_of(f"Bearer {token}") == "ada"
    clock.now_s += 3_600
    with pytest.raises(NotSignedIn, match="the token has expired"):
        tokens.user_of(f"Bearer {token}")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic YTpi",
        "Bearer x.y.z",
        "Bearer " + jwt.encode({"sub": "ada", "exp": 9e9}, "another secret of more than 32 bytes", "HS256"),
        "Bearer " + jwt.encode({"sub": "ada", "exp": 9e9}, "", "none"),
        "Bearer " + jwt.encode({"sub": "ada"}, "a secret of more than thirty-two bytes", "HS256"),
    ],
)
def test_a_token_of_other_making_lets_nobody_in(header: str) -> None:
    with pytest.raises(NotSignedIn):
        Tokens("a secret of more than thirty-two bytes").user_of(header)


def test_a_password_is_kept_as_a_hash_that_only_it_fits() -> None:
    kept = hashed("correct horse")
    assert "correct" not in kept
    assert kept != hashed("correct horse")
    assert fits("correct horse", kept)
    assert not fits("wrong horses", kept)
    assert not fits("short", kept)


def test_addresses_and_passwords_are_checked() -> None:
    assert checked_email("Ada@Example.org") == "ada@example.org"
    with pytest.raises(BadInput, match=r"an address like ada@example\.org expected, got 'ada'"):
        checked_email("ada")
    with pytest.raises(BadInput, match="at least 8 characters"):
        hashed("short")


def test_letters_say_what_happened_and_go_to_whom_it_concerns() -> None:
    data = {"user_id": "ada", "quantity": 2, "sku": "mug", "total_cents": 500}
    assert letter_for(Event("1", ORDER_CONFIRMED, data)) == Letter(
        "ada", "Your order is confirmed", "2 x mug for 500 cents is on its way."
    )
    few = letter_for(Event("2", STOCK_LOW, {"sku": "mug", "on_hand": 3}))
    assert few == Letter("", "Few left: mug", "Only 3 x mug left.")
    assert BUYER.endswith("@shop.example")
    assert letter_for(Event("3", "moon.risen", {})) is None


def test_a_breakdown_of_a_peer_is_503() -> None:
    assert PeerUnavailable("gone").status == 503


def test_the_table_of_services_names_every_call() -> None:
    edges = expected_edges()
    assert {
        ("service:shopper", "service:gateway"),
        ("service:gateway", "service:orders"),
        ("service:orders", "service:payments"),
        ("service:payments", "external:payment-provider"),
        ("service:orders", "messaging:redis/shop.orders"),
        ("messaging:redis/shop.orders", "service:notifications"),
        ("service:users", "database:sqlite/users"),
    } <= edges
    services = {node.removeprefix("service:") for edge in edges for node in edge if node.startswith("service:")}
    assert services <= SERVICES.keys() | {"shopper"}
    assert edges - first_edges() == {
        ("service:payments", "external:payment-provider"),
        ("service:notifications", "external:mail"),
    }
