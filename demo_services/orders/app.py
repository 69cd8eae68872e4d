"""The HTTP face of orders: placing one, and looking at it."""

import logging

from fastapi import FastAPI
from opentelemetry import metrics, trace
from pydantic import BaseModel

from demo_services.common.errors import OutOfStock, PeerUnavailable, ShopError, UnknownProduct
from demo_services.common.peers import Peer
from demo_services.common.settings import ServiceSettings
from demo_services.orders.book import OrderBook
from demo_services.orders.domain import Order, place

_log = logging.getLogger(__name__)
_REFUSALS: dict[int, type[ShopError]] = {404: UnknownProduct, 409: OutOfStock}


class OrderRequest(BaseModel):
    sku: str
    quantity: int = 1


def build_app(settings: ServiceSettings) -> FastAPI:
    app = FastAPI(title="orders")
    book = OrderBook(settings.data_dir)
    inventory = Peer("inventory", settings.inventory_url)
    outcomes = metrics.get_meter(__name__).create_counter("shop.orders", "{order}", "Orders by what became of them")

    @app.post("/orders", status_code=201)
    def place_order(request: OrderRequest) -> Order:
        order = place(request.sku, request.quantity)
        trace.get_current_span().set_attribute("shop.order.id", order.id)
        book.add(order)
        try:
            order = order.confirmed(_reserve(inventory, order))
        except ShopError as error:
            order = order.refused(error)
            raise
        finally:
            book.update(order)
            outcomes.add(1, {"shop.order.status": order.status})
        _log.info("order %s confirmed, %d cents", order.id, order.total_cents)
        return order

    @app.get("/orders/{order_id}")
    def get_order(order_id: str) -> Order:
        return book.get(order_id)

    return app


def _reserve(inventory: Peer, order: Order) -> int:
    """Has inventory put the goods aside; returns the price of one, in cents.
    Raises what inventory refused with, or PeerUnavailable if inventory could not say.
    """
    answer = inventory.post("/reservations", {"order_id": order.id, "sku": order.sku, "quantity": order.quantity})
    if answer.status_code in _REFUSALS:
        raise _REFUSALS[answer.status_code](answer.json()["detail"])
    if not answer.ok:
        raise PeerUnavailable(f"inventory answered {answer.status_code}")
    unit_price_cents: int = answer.json()["unit_price_cents"]
    return unit_price_cents
