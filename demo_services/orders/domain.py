"""The rules of an order: what may be ordered, and what becomes of it."""

import uuid
from dataclasses import dataclass, replace
from typing import Literal

from demo_services.common.errors import InvalidOrder, ShopError

Status = Literal["pending", "confirmed", "rejected", "failed"]
MAX_QUANTITY = 10


@dataclass(frozen=True)
class Order:
    """`total_cents` is known once the order is confirmed, `reason` once it is rejected or failed."""

    id: str
    sku: str
    quantity: int
    status: Status = "pending"
    total_cents: int | None = None
    reason: str | None = None

    def confirmed(self, unit_price_cents: int) -> "Order":
        self._must_be_pending()
        return replace(self, status="confirmed", total_cents=unit_price_cents * self.quantity)

    def refused(self, error: ShopError) -> "Order":
        """Rejected if the shop said no (its answer is a 4xx), failed if the shop itself went wrong."""
        self._must_be_pending()
        return replace(self, status="rejected" if error.status < 500 else "failed", reason=str(error))

    def _must_be_pending(self) -> None:
        if self.status != "pending":
            raise InvalidOrder(f"order {self.id} is {self.status} already")


def place(sku: str, quantity: int) -> Order:
    """A new pending order. Raises InvalidOrder for a quantity that is not 1 to MAX_QUANTITY."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidOrder(f"quantity: 1 to {MAX_QUANTITY} expected, got {quantity}")
    return Order(uuid.uuid4().hex, sku, quantity)
