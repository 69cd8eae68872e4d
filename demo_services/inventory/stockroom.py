"""The shelves and the reservations, kept in inventory's database. Its instances share it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from demo_services.common.errors import Conflict, NotFound
from demo_services.common.events import STOCK_LOW
from demo_services.common.outbox import Outbox, outbox_table
from demo_services.inventory.domain import REORDER_LEVEL, SKUS, Item, delivered, put_back, take
from demo_services.services import STOCK_EVENTS

SCHEMA = sa.MetaData()
OUTBOX = outbox_table(SCHEMA)
_stock = sa.Table(
    "stock",
    SCHEMA,
    sa.Column("sku", sa.String, primary_key=True),
    sa.Column("on_hand", sa.Integer, nullable=False),
    sa.Column("delivery_at_s", sa.Float),
)
_reservations = sa.Table(
    "reservations",
    SCHEMA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("sku", sa.String, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # held or released
)


def stock_up(connection: sa.Connection) -> None:
    """A database that is empty gets full shelves."""
    if connection.scalar(sa.select(sa.func.count()).select_from(_stock)) == 0:
        connection.execute(_stock.insert(), [asdict(Item(sku)) for sku in SKUS])


class Stockroom:
    def __init__(self, engine: sa.Engine, outbox: Outbox, now: Callable[[], float]) -> None:
        self._engine = engine
        self._outbox = outbox
        self._now = now

    def list_items(self) -> list[Item]:
        """In order of SKU."""
        with self._engine.connect() as connection:
            rows = connection.execute(_stock.select().order_by(_stock.c.sku)).all()
        return [delivered(Item(**row._mapping), self._now()) for row in rows]

    def get(self, sku: str) -> Item:
        """Raises NotFound."""
        with self._engine.connect() as connection:
            return delivered(self._item(connection, sku), self._now())

    def reserve(self, reservation_id: str, sku: str, quantity: int) -> Item:
        """Takes the goods off the shelf, once for each id. Raises NotFound or OutOfStock, then nothing is reserved;
        Conflict for what was released already.
        """
        with self._engine.begin() as connection:
            # The insert comes first because it takes SQLite's write lock: nobody changes the shelf behind the select.
            state = self._add(connection, reservation_id, sku, quantity, "held")
            if state == "released":
                raise Conflict(f"{reservation_id} was released already")
            item = self._item(connection, sku, for_update=True)
            if state == "held":
                return item
            before, item = item, take(item, quantity, self._now())
            self._write(connection, item)
            if item.on_hand < REORDER_LEVEL <= before.on_hand:
                self._outbox.add(connection, STOCK_EVENTS, STOCK_LOW, {"sku": sku, "on_hand": item.on_hand})
        self._outbox.wake()
        return item

    def release(self, reservation_id: str) -> None:
        """Puts the goods back, once. An id that never came is noted, so that it cannot come late."""
        with self._engine.begin() as connection:
            if self._add(connection, reservation_id, "", 0, "released") != "held":
                return
            mine = _reservations.c.id == reservation_id
            row = connection.execute(_reservations.select().where(mine)).one()
            connection.execute(_reservations.update().where(mine).values(state="released"))
            item = self._item(connection, row.sku, for_update=True)
            self._write(connection, put_back(item, row.quantity, self._now()))

    def _add(self, connection: sa.Connection, id_: str, sku: str, quantity: int, state: str) -> str:
        """Adds the reservation if its id is new. Returns the state that it had before, or ""."""
        row = {"id": id_, "sku": sku, "quantity": quantity, "state": state}
        insert = _insert(connection)(_reservations).values(row).on_conflict_do_nothing(index_elements=["id"])
        if connection.scalar(insert.returning(_reservations.c.id)):  # a count of rows is not told by every driver
            return ""
        found: str = connection.scalar(sa.select(_reservations.c.state).where(_reservations.c.id == id_)) or ""
        return found

    def _item(self, connection: sa.Connection, sku: str, for_update: bool = False) -> Item:
        select = _stock.select().where(_stock.c.sku == sku)
        row = connection.execute(select.with_for_update() if for_update else select).one_or_none()
        if row is None:
            raise NotFound(f"{sku}: no such product")
        return Item(**row._mapping)

    def _write(self, connection: sa.Connection, item: Item) -> None:
        change = {"on_hand": item.on_hand, "delivery_at_s": item.delivery_at_s}
        connection.execute(_stock.update().where(_stock.c.sku == item.sku).values(change))


def _insert(connection: sa.Connection) -> Any:
    """The dialect's own insert, which can pass over what is there."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert
