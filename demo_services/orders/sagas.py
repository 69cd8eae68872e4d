"""The sagas of orders: buying, and giving back."""

from collections.abc import Callable
from typing import Literal

from demo_services.common.errors import BadInput, OutOfStock, PaymentDeclined, PeerRefused, ShopError
from demo_services.common.peers import Peer
from demo_services.common.saga import Data, Plan, Saga, Step
from demo_services.orders.book import OrderBook
from demo_services.orders.domain import Order, Status

BUY = "buy"
Undoing = Literal["cancel", "return"]
CANCEL: Undoing = "cancel"
RETURN: Undoing = "return"
_REFUSALS: dict[int, type[ShopError]] = {402: PaymentDeclined, 409: OutOfStock}


class OrderSagas:
    """The steps, over the peers that carry them out. Each may be repeated: the order's id is the key everywhere."""

    def __init__(self, book: OrderBook, inventory: Peer, payments: Peer) -> None:
        self._book = book
        self._inventory = inventory
        self._payments = payments
        reserve = Step("reserve stock", self._reserve, self._release)
        charge = Step("charge payment", self._charge, self._give_back)
        refund = Step("refund payment", self._refund)
        self.plans: dict[str, Plan] = {
            BUY: Plan((reserve, charge, Step("confirm order", self._confirm))),
            CANCEL: Plan((refund, Step("release stock", self._put_back)), forward_only=True),
            RETURN: Plan((refund,), forward_only=True),
        }

    def finished(self, saga: Saga) -> None:
        """Writes into the order book what an unsuccessful purchase makes of the order."""
        order = self._book.get(saga.data["order_id"])
        if saga.name == BUY and saga.status == "compensated":
            self._become(order, "rejected" if saga.error_status < 500 else "failed", saga.reason)

    def _become(self, order: Order, status: Status, reason: str = "") -> None:
        if order.status != status:
            self._book.change(order, order.become(status, reason))

    def _reserve(self, data: Data) -> Data:
        body = {"sku": data["sku"], "quantity": data["quantity"]}
        _call(lambda: self._inventory.put("/reservations/{reservation_id}", body, reservation_id=data["order_id"]))
        return {}

    def _release(self, data: Data) -> None:
        self._inventory.delete("/reservations/{reservation_id}", reservation_id=data["order_id"])

    def _charge(self, data: Data) -> Data:
        body = {"user_id": data["user_id"], "amount_cents": data["total_cents"]}
        _call(lambda: self._payments.put("/payments/{order_id}", body, order_id=data["order_id"]))
        return {}

    def _give_back(self, data: Data) -> None:
        self._payments.delete("/payments/{order_id}", order_id=data["order_id"])

    def _confirm(self, data: Data) -> Data:
        self._become(self._book.get(data["order_id"]), "confirmed")
        return {}

    def _refund(self, data: Data) -> Data:
        self._give_back(data)
        return {}

    def _put_back(self, data: Data) -> Data:
        self._release(data)
        return {}


def _call(call: Callable[[], object]) -> None:
    """Raises what the peer's refusal means to a customer."""
    try:
        call()
    except PeerRefused as error:
        raise _REFUSALS.get(error.status, BadInput)(str(error)) from error
