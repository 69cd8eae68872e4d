"""What services tell each other about: things that happened, in the past tense."""

import json
from dataclasses import dataclass, field
from typing import Any

ORDER_CREATED = "order.created"
ORDER_CONFIRMED = "order.confirmed"
ORDER_CANCELLED = "order.cancelled"
PAYMENT_FAILED = "payment.failed"
STOCK_LOW = "stock.low"


@dataclass(frozen=True)
class Event:
    """`id` is the same however often it is delivered. `context` are the W3C headers of what caused it."""

    id: str
    type: str
    data: dict[str, Any]
    context: dict[str, str] = field(default_factory=dict)

    def as_fields(self) -> dict[str, str]:
        """As the flat fields of a Redis stream entry."""
        return {"id": self.id, "type": self.type, "data": json.dumps(self.data), **self.context}

    @classmethod
    def from_fields(cls, fields: dict[str, str]) -> "Event":
        """Raises ValueError or KeyError for what is no event."""
        context = {name: value for name, value in fields.items() if name not in ("id", "type", "data")}
        return cls(fields["id"], fields["type"], json.loads(fields["data"]), context)
