"""The HTTP face of orders: placing one, looking at it, changing it, and the sagas behind."""

import logging
import time
import uuid
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, Query, Response
from opentelemetry import metrics, trace
from pydantic import BaseModel, Field

from demo_services.common.bus import Publisher, connect
from demo_services.common.database import open_database
from demo_services.common.errors import Conflict, OutOfStock, PaymentDeclined, PeerUnavailable, ShopError
from demo_services.common.health import at_most
from demo_services.common.outbox import Outbox
from demo_services.common.peers import Peer
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.common.saga import FINISHED, Orchestrator, Saga, SagaLog
from demo_services.orders.book import OUTBOX, SAGAS, SCHEMA, OrderBook
from demo_services.orders.domain import Order, place
from demo_services.orders.sagas import BUY, CANCEL, RETURN, OrderSagas, Undoing

_log = logging.getLogger(__name__)
_OUTCOMES: dict[int, type[ShopError]] = {402: PaymentDeclined, 409: OutOfStock}


class OrderRequest(BaseModel):
    user_id: str = Field(min_length=1, max_length=100)
    sku: str = Field(max_length=100)
    quantity: int = Field(default=1, ge=-1000, le=1000)


class StatusChange(BaseModel):
    status: Literal["shipped", "delivered", "returned"]


class SagaView(BaseModel):
    """`stuck`: unfinished for longer than SHOP_SAGA_STUCK_S."""

    id: str
    name: str
    status: str
    step: int
    reason: str
    age_s: float
    stuck: bool


def build_app(runtime: Runtime) -> FastAPI:
    settings = runtime.settings
    engine = open_database(settings, "orders", SCHEMA)
    runtime.uses_database(engine)
    publisher = Publisher(connect(settings.redis_url), runtime.broker(), runtime.faults)
    outbox = Outbox(engine, OUTBOX, publisher)
    book = OrderBook(engine, outbox)
    # One try for what has a saga behind it: the saga's own repeats are spaced out, and nobody waits for them.
    payments = runtime.peer("payments", patience=2.0, attempts=1)
    steps = OrderSagas(book, runtime.peer("inventory", "least_outstanding"), payments)
    log = SagaLog(engine, SAGAS, settings.saga_lease_s)
    orchestrator = Orchestrator(log, steps.plans, steps.finished)
    runtime.run(outbox, orchestrator)
    desk = OrderDesk(book, log, orchestrator, runtime.peer("catalog"), settings.saga_stuck_s)
    runtime.health.add("sagas:stuck", at_most(0, "sagas", lambda: float(desk.stuck()), "sagas are stuck"))
    runtime.health.add("outbox:age", at_most(5, "s", outbox.oldest_s, "events wait for the broker"))
    app = FastAPI(title="orders", version="1")
    _add_routes(app, desk, book)
    return app


class OrderDesk:
    """Starts sagas for orders and says what became of them."""

    def __init__(
        self, book: OrderBook, log: SagaLog, orchestrator: Orchestrator, catalog: Peer, stuck_after_s: float
    ) -> None:
        self._book = book
        self._log = log
        self._orchestrator = orchestrator
        self._catalog = catalog
        self._stuck_after_s = stuck_after_s
        meter = metrics.get_meter(__name__)
        self._outcomes = meter.create_counter("shop.orders", "{order}", "Orders by what became of them")

    def buy(self, request: OrderRequest, key: str) -> tuple[Order, bool]:
        """The order as it is after its saga, and whether it is a repeat of one that was placed before.
        Raises what the saga failed with.
        """
        if key and (placed := self._book.find_by_key(key)):
            return placed, True
        price_cents: int = self._catalog.get("/products/{sku}", sku=request.sku)["price_cents"]
        order = place(uuid.uuid4().hex, request.user_id, request.sku, request.quantity, price_cents, time.time())
        trace.get_current_span().set_attribute("shop.order.id", order.id)
        data: dict[str, Any] = {"order_id": order.id, "user_id": order.user_id, "sku": order.sku}
        data |= {"quantity": order.quantity, "total_cents": order.total_cents}
        saga = self._orchestrator.new(BUY, f"buy-{order.id}", data)
        if not self._book.add(order, key, self._log, saga):
            return self.buy(request, key)
        saga = self._orchestrator.drive(saga)
        order = self._book.get(order.id)
        self._outcomes.add(1, {"shop.order.status": order.status})
        if saga.status != "completed":
            raise _OUTCOMES.get(saga.error_status, PeerUnavailable)(saga.reason)
        return order, False

    def undo(self, order: Order, name: Undoing) -> Order:
        """Cancels or takes back: the order changes at once, its saga gives money and goods back, however long it takes."""
        after = order.become("cancelled" if name == CANCEL else "returned", "asked for by the customer")
        if not self._book.change(order, after):
            raise Conflict(f"order {order.id} was changed meanwhile")
        saga = self._orchestrator.new(name, f"{name}-{order.id}", {"order_id": order.id})
        with self._log.transaction() as connection:
            self._log.add(connection, saga)
        self._orchestrator.drive(saga)
        return after

    def sagas(self, limit: int) -> list[SagaView]:
        """The unfinished ones, oldest first, then the newest others."""
        unfinished = self._log.list_unfinished()
        recent = [saga for saga in self._log.find_recent(limit) if saga.status in FINISHED]
        return [self._view(saga) for saga in [*unfinished, *recent][:limit]]

    def stuck(self) -> int:
        return sum(self._view(saga).stuck for saga in self._log.list_unfinished())

    def _view(self, saga: Saga) -> SagaView:
        age_s = self._log.now() - saga.started_at_s
        stuck = saga.status not in FINISHED and age_s > self._stuck_after_s
        return SagaView(
            id=saga.id,
            name=saga.name,
            status=saga.status,
            step=saga.position,
            reason=saga.reason,
            age_s=round(age_s, 3),
            stuck=stuck,
        )


def _add_routes(app: FastAPI, desk: OrderDesk, book: OrderBook) -> None:
    @app.post("/orders", status_code=201, responses={200: {"model": Order}, **said(402, 404, 409, 422, 503)})
    def place_order(
        request: OrderRequest, response: Response, idempotency_key: Annotated[str, Header(max_length=200)] = ""
    ) -> Order:
        order, repeated = desk.buy(request, idempotency_key)
        if repeated:
            response.status_code = 200
        return order

    @app.get("/orders")
    def list_orders(
        user_id: Annotated[str, Query(max_length=100)], limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> list[Order]:
        return book.list(user_id, limit)

    @app.get("/orders/{order_id}", responses=said(404))
    def get_order(order_id: str) -> Order:
        return book.get(order_id)

    @app.put("/orders/{order_id}/status", responses=said(404, 409))
    def change_status(order_id: str, change: StatusChange) -> Order:
        order = book.get(order_id)
        if change.status == "returned":
            return desk.undo(order, RETURN)
        after = order.become(change.status)
        if not book.change(order, after):
            raise Conflict(f"order {order_id} was changed meanwhile")
        return after

    @app.post("/orders/{order_id}/cancellation", responses=said(404, 409))
    def cancel_order(order_id: str) -> Order:
        return desk.undo(book.get(order_id), CANCEL)

    @app.get("/sagas")
    def list_sagas(limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[SagaView]:
        return desk.sagas(limit)
