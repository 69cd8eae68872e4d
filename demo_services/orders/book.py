"""The order book, kept in the database of orders."""

from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from demo_services.common.database import open_database
from demo_services.common.errors import UnknownOrder
from demo_services.orders.domain import Order

_schema = sa.MetaData()
_orders = sa.Table(
    "orders",
    _schema,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("sku", sa.String, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("total_cents", sa.Integer),
    sa.Column("reason", sa.String),
)


class OrderBook:
    def __init__(self, data_dir: Path) -> None:
        self._engine = open_database(data_dir, "orders", _schema)

    def add(self, order: Order) -> None:
        with self._engine.begin() as connection:
            connection.execute(_orders.insert().values(asdict(order)))

    def update(self, order: Order) -> None:
        """Writes what has become of the order; what was ordered does not change."""
        change = {"status": order.status, "total_cents": order.total_cents, "reason": order.reason}
        with self._engine.begin() as connection:
            connection.execute(_orders.update().where(_orders.c.id == order.id).values(change))

    def get(self, order_id: str) -> Order:
        """Raises UnknownOrder."""
        with self._engine.connect() as connection:
            row = connection.execute(_orders.select().where(_orders.c.id == order_id)).one_or_none()
        if row is None:
            raise UnknownOrder(f"{order_id}: no such order")
        return Order(**row._mapping)
