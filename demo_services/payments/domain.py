"""The rules of a payment: what can become of it."""

from dataclasses import dataclass, replace
from typing import Literal

from demo_services.common.errors import Conflict

Status = Literal["pending", "captured", "declined", "refunded", "void"]


@dataclass(frozen=True)
class Payment:
    """One for each order. `void`: given back before anything was charged, and never to be charged."""

    order_id: str
    user_id: str
    amount_cents: int
    status: Status = "pending"

    def to_charge(self) -> bool:
        """Whether the provider is to be asked. Raises Conflict for what was given back already."""
        if self.status in ("refunded", "void"):
            raise Conflict(f"order {self.order_id}: payment is {self.status}")
        return self.status == "pending"

    def charged(self, captured: bool) -> "Payment":
        return replace(self, status="captured" if captured else "declined")

    def given_back(self) -> "Payment":
        """What was captured is refunded; what was never charged is void; the rest stays."""
        match self.status:
            case "captured":
                return replace(self, status="refunded")
            case "pending":
                return replace(self, status="void")
            case _:
                return self
