"""The shelves and the reservations, kept in inventory's database."""

from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from demo_services.common.database import open_database
from demo_services.common.errors import UnknownProduct
from demo_services.inventory.domain import ASSORTMENT, Item, take

_schema = sa.MetaData()
_stock = sa.Table(
    "stock",
    _schema,
    sa.Column("sku", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("price_cents", sa.Integer, nullable=False),
    sa.Column("on_hand", sa.Integer, nullable=False),
    sa.Column("delivery_at_s", sa.Float),
)
_reservations = sa.Table(
    "reservations",
    _schema,
    sa.Column("order_id", sa.String, primary_key=True),
    sa.Column("sku", sa.String, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
)


class Stockroom:
    def __init__(self, data_dir: Path) -> None:
        """Opens the database in `data_dir`; one that is empty gets the whole assortment."""
        self._engine = open_database(data_dir, "inventory", _schema, self._stock_up)

    @staticmethod
    def _stock_up(connection: sa.Connection) -> None:
        if connection.scalar(sa.select(sa.func.count()).select_from(_stock)) == 0:
            connection.execute(_stock.insert(), [asdict(item) for item in ASSORTMENT])

    def list_items(self) -> list[Item]:
        """In order of SKU, as last written: a delivery that has arrived since is not on the shelf yet."""
        with self._engine.connect() as connection:
            return [Item(**row._mapping) for row in connection.execute(_stock.select().order_by(_stock.c.sku))]

    def reserve(self, order_id: str, sku: str, quantity: int, now_s: float) -> Item:
        """Takes the goods off the shelf and returns the item as it is then.
        Raises UnknownProduct, or OutOfStock; then nothing is reserved.
        """
        with self._engine.begin() as connection:
            # The insert comes first because it takes SQLite's write lock: nobody changes the shelf behind the select.
            connection.execute(_reservations.insert().values(order_id=order_id, sku=sku, quantity=quantity))
            row = connection.execute(_stock.select().where(_stock.c.sku == sku)).one_or_none()
            if row is None:
                raise UnknownProduct(f"{sku}: no such product")
            item = take(Item(**row._mapping), quantity, now_s)
            change = {"on_hand": item.on_hand, "delivery_at_s": item.delivery_at_s}
            connection.execute(_stock.update().where(_stock.c.sku == sku).values(change))
        return item
