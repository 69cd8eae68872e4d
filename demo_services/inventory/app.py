"""The HTTP face of inventory: what there is, and reserving it."""

import logging
import time
from typing import Any

from fastapi import FastAPI
from opentelemetry import trace
from pydantic import BaseModel, Field

from demo_services.common.errors import StockroomJammed
from demo_services.common.settings import ServiceSettings
from demo_services.inventory.domain import Faults, Item, delivered
from demo_services.inventory.stockroom import Stockroom

_log = logging.getLogger(__name__)
_tracer = trace.get_tracer(__name__)


class ReservationRequest(BaseModel):
    order_id: str
    sku: str
    quantity: int = Field(ge=1)


def build_app(settings: ServiceSettings) -> FastAPI:
    app = FastAPI(title="inventory")
    stockroom = Stockroom(settings.data_dir)
    faults = Faults(settings.seed, settings.slow_share, settings.failing_share)

    @app.get("/products")
    def list_products() -> list[dict[str, Any]]:
        now_s = time.time()
        return [_as_product(delivered(item, now_s)) for item in stockroom.list_items()]

    @app.post("/reservations", status_code=201)
    def reserve(request: ReservationRequest) -> dict[str, Any]:
        with _tracer.start_as_current_span("reserve stock") as span:
            span.set_attributes({"shop.sku": request.sku, "shop.quantity": request.quantity})
            _suffer(faults)
            item = stockroom.reserve(request.order_id, request.sku, request.quantity, time.time())
        _log.info("reserved %d %s, %d left", request.quantity, item.sku, item.on_hand)
        return {"order_id": request.order_id, "sku": item.sku, "unit_price_cents": item.price_cents}

    return app


def _as_product(item: Item) -> dict[str, Any]:
    return {"sku": item.sku, "name": item.name, "price_cents": item.price_cents, "on_hand": item.on_hand}


def _suffer(faults: Faults) -> None:
    """Plays the next fault: a pause, StockroomJammed, or most often neither."""
    fault = faults.draw()
    if fault.delay_s:
        trace.get_current_span().add_event("stockroom busy", {"shop.delay_s": fault.delay_s})
        time.sleep(fault.delay_s)
    if fault.fails:
        raise StockroomJammed("the stockroom door is jammed")
