"""What the gateway asks of the services behind it, and what it falls back on when one does not answer."""

from typing import Any

from opentelemetry import trace

from demo_services.common.errors import PeerUnavailable
from demo_services.common.peers import Request
from demo_services.common.runtime import Runtime

Json = dict[str, Any]
_PATIENCE = 5.0  # an order waits for calls that wait for calls


class Backends:
    def __init__(self, runtime: Runtime) -> None:
        self.users = runtime.peer("users")
        self.catalog = runtime.peer("catalog")
        self.inventory = runtime.peer("inventory", "least_outstanding")
        self.orders = runtime.peer("orders", patience=_PATIENCE, attempts=2)
        self._last_products: list[Json] = []

    def products(self) -> list[Json]:
        """The latest list that catalog gave, when it gives none now."""
        try:
            self._last_products = self.catalog.get("/products")
        except PeerUnavailable as error:
            if not self._last_products:
                raise
            note_fallback(error)
        return self._last_products

    def product_with_stock(self, sku: str) -> Json:
        """`on_hand` is None when inventory does not say."""
        product: Json = self.catalog.get("/products/{sku}", sku=sku)
        try:
            return product | {"on_hand": self.inventory.get("/stock/{sku}", sku=sku)["on_hand"]}
        except PeerUnavailable as error:
            note_fallback(error)
            return product | {"on_hand": None}

    def own_order(self, user_id: str, order_id: str) -> Json | None:
        """None also for somebody else's."""
        order: Json = self.orders.get("/orders/{order_id}", order_id=order_id)
        return order if order["user_id"] == user_id else None

    def orders_of(self, user_id: str) -> list[Json]:
        found: list[Json] = self.orders.get("/orders", {"user_id": user_id})
        return found

    def place_order(self, order: Json, idempotency_key: str) -> tuple[Json, int]:
        """The order, and 201 for a new one or 200 for one that was placed under this key before."""
        answer = self.orders.ask(Request("POST", "/orders", body=order, idempotency_key=idempotency_key))
        return answer.json(), answer.status_code


def note_fallback(error: PeerUnavailable) -> None:
    trace.get_current_span().add_event("fallback", {"fallback.reason": str(error)})
