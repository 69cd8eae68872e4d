"""The order book, kept in the database of orders: what changes is written with the event that tells of it."""

from dataclasses import asdict

import sqlalchemy as sa

from demo_services.common.errors import NotFound
from demo_services.common.events import ORDER_CANCELLED, ORDER_CONFIRMED, ORDER_CREATED
from demo_services.common.outbox import Outbox, outbox_table
from demo_services.common.saga import Saga, SagaLog, saga_table
from demo_services.orders.domain import Order, Status
from demo_services.services import ORDER_EVENTS

SCHEMA = sa.MetaData()
OUTBOX = outbox_table(SCHEMA)
SAGAS = saga_table(SCHEMA)
_orders = sa.Table(
    "orders",
    SCHEMA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("user_id", sa.String, nullable=False, index=True),
    sa.Column("sku", sa.String, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("total_cents", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at_s", sa.Float, nullable=False),
    sa.Column("idempotency_key", sa.String, unique=True),  # NULL: the caller gave none
)
_EVENTS: dict[Status, str] = {
    "confirmed": ORDER_CONFIRMED,
    "cancelled": ORDER_CANCELLED,
    "rejected": ORDER_CANCELLED,
    "failed": ORDER_CANCELLED,
}


class OrderBook:
    def __init__(self, engine: sa.Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox

    def add(self, order: Order, idempotency_key: str, sagas: SagaLog, saga: Saga) -> bool:
        """The order, its saga and its event, or none of them: False if the key has an order already."""
        try:
            with self._engine.begin() as connection:
                row = {**asdict(order), "idempotency_key": idempotency_key or None}
                connection.execute(_orders.insert().values(row))
                sagas.add(connection, saga)
                self._outbox.add(connection, ORDER_EVENTS, ORDER_CREATED, asdict(order))
        except sa.exc.IntegrityError:
            return False
        self._outbox.wake()
        return True

    def change(self, before: Order, after: Order) -> bool:
        """Writes what has become of the order; False if something else has become of it meanwhile."""
        unchanged = sa.and_(_orders.c.id == before.id, _orders.c.status == before.status)
        with self._engine.begin() as connection:
            change = {"status": after.status, "reason": after.reason}
            if connection.execute(_orders.update().where(unchanged).values(change)).rowcount == 0:
                return False
            if type_ := _EVENTS.get(after.status):
                self._outbox.add(connection, ORDER_EVENTS, type_, asdict(after))
        self._outbox.wake()
        return True

    def get(self, order_id: str) -> Order:
        """Raises NotFound."""
        if (order := self._find(_orders.c.id == order_id)) is None:
            raise NotFound(f"{order_id}: no such order")
        return order

    def find_by_key(self, idempotency_key: str) -> Order | None:
        return self._find(_orders.c.idempotency_key == idempotency_key)

    def list(self, user_id: str, limit: int) -> list[Order]:
        """Newest first."""
        select = _orders.select().where(_orders.c.user_id == user_id).order_by(_orders.c.created_at_s.desc())
        with self._engine.connect() as connection:
            return [_order(row) for row in connection.execute(select.limit(limit))]

    def _find(self, condition: "sa.ColumnElement[bool]") -> Order | None:
        with self._engine.connect() as connection:
            row = connection.execute(_orders.select().where(condition)).one_or_none()
        return _order(row) if row else None


def _order(row: "sa.Row[tuple[object, ...]]") -> Order:
    return Order(**{name: value for name, value in row._mapping.items() if name != "idempotency_key"})
