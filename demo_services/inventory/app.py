"""The HTTP face of inventory: what there is, reserving it, and putting it back."""

import logging
import time

from fastapi import FastAPI
from opentelemetry import trace
from pydantic import BaseModel, Field

from demo_services.common.bus import Publisher, connect
from demo_services.common.database import open_database
from demo_services.common.outbox import Outbox
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.inventory.domain import Item, SlowDoor
from demo_services.inventory.stockroom import OUTBOX, SCHEMA, Stockroom, stock_up

_log = logging.getLogger(__name__)


class ReservationRequest(BaseModel):
    sku: str = Field(max_length=100)
    quantity: int = Field(ge=1, le=1000)


class Reserved(BaseModel):
    id: str
    sku: str
    on_hand: int


class Stock(BaseModel):
    sku: str
    on_hand: int


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="inventory", version="1")
    settings = runtime.settings
    engine = open_database(settings, "inventory", SCHEMA, stock_up)
    runtime.uses_database(engine)
    publisher = Publisher(connect(settings.redis_url), runtime.broker(), runtime.faults)
    outbox = Outbox(engine, OUTBOX, publisher)
    runtime.run(outbox)
    stockroom = Stockroom(engine, outbox, time.time)
    door = SlowDoor(settings.seed, settings.slow_share)

    @app.get("/stock")
    def list_stock() -> list[Stock]:
        return [_shown(item) for item in stockroom.list_items()]

    @app.get("/stock/{sku}", responses=said(404))
    def get_stock(sku: str) -> Stock:
        return _shown(stockroom.get(sku))

    @app.put("/reservations/{reservation_id}", responses=said(404, 409))
    def reserve(reservation_id: str, request: ReservationRequest) -> Reserved:
        trace.get_current_span().set_attributes({"shop.sku": request.sku, "shop.quantity": request.quantity})
        if delay_s := door.delay_s():
            trace.get_current_span().add_event("stockroom busy", {"shop.delay_s": delay_s})
            time.sleep(delay_s)
        item = stockroom.reserve(reservation_id, request.sku, request.quantity)
        _log.info("reserved %d %s, %d left", request.quantity, item.sku, item.on_hand)
        return Reserved(id=reservation_id, sku=item.sku, on_hand=item.on_hand)

    @app.delete("/reservations/{reservation_id}", status_code=204)
    def release(reservation_id: str) -> None:
        stockroom.release(reservation_id)

    return app


def _shown(item: Item) -> Stock:
    return Stock(sku=item.sku, on_hand=item.on_hand)
