"""The rules of an order: what may be ordered, and what may become of it."""

from dataclasses import dataclass, replace
from typing import Literal

from demo_services.common.errors import BadInput, Conflict

Status = Literal["pending", "confirmed", "shipped", "delivered", "cancelled", "rejected", "failed", "returned"]
MAX_QUANTITY = 10
_NEXT: dict[Status, frozenset[Status]] = {
    "pending": frozenset({"confirmed", "rejected", "failed"}),
    "confirmed": frozenset({"shipped", "cancelled", "returned"}),
    "shipped": frozenset({"delivered", "returned"}),
    "delivered": frozenset({"returned"}),
    "cancelled": frozenset(),
    "rejected": frozenset(),
    "failed": frozenset(),
    "returned": frozenset(),
}
"""What an order may become. Rejected: the shop said no; failed: the shop itself went wrong."""


@dataclass(frozen=True)
class Order:
    """`reason` says why it is rejected, failed or cancelled."""

    id: str
    user_id: str
    sku: str
    quantity: int
    total_cents: int
    status: Status = "pending"
    reason: str = ""
    created_at_s: float = 0.0

    def become(self, status: Status, reason: str = "") -> "Order":
        """Raises Conflict for what this order cannot become."""
        if status not in _NEXT[self.status]:
            raise Conflict(f"order {self.id} is {self.status} and cannot be {status}")
        return replace(self, status=status, reason=reason)


def place(order_id: str, user_id: str, sku: str, quantity: int, price_cents: int, now_s: float) -> Order:
    """A new pending order. Raises BadInput for a quantity that is not 1 to MAX_QUANTITY."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise BadInput(f"quantity: 1 to {MAX_QUANTITY} expected, got {quantity}")
    return Order(order_id, user_id, sku, quantity, price_cents * quantity, created_at_s=now_s)
