"""The products, kept in the database of catalog."""

from dataclasses import asdict

import sqlalchemy as sa

from demo_services.catalog.domain import ASSORTMENT, Product
from demo_services.common.errors import NotFound

SCHEMA = sa.MetaData()
_products = sa.Table(
    "products",
    SCHEMA,
    sa.Column("sku", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("price_cents", sa.Integer, nullable=False),
    sa.Column("few_left", sa.Boolean, nullable=False),
)


def stock_up(connection: sa.Connection) -> None:
    """A database that is empty gets the whole assortment."""
    if connection.scalar(sa.select(sa.func.count()).select_from(_products)) == 0:
        connection.execute(_products.insert(), [asdict(product) for product in ASSORTMENT])


class Shelf:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def list(self) -> list[Product]:
        """In order of SKU."""
        with self._engine.connect() as connection:
            return [Product(**row._mapping) for row in connection.execute(_products.select().order_by(_products.c.sku))]

    def get(self, sku: str) -> Product:
        """Raises NotFound."""
        with self._engine.connect() as connection:
            row = connection.execute(_products.select().where(_products.c.sku == sku)).one_or_none()
        if row is None:
            raise NotFound(f"{sku}: no such product")
        return Product(**row._mapping)

    def mark(self, sku: str, few_left: bool) -> None:
        with self._engine.begin() as connection:
            connection.execute(_products.update().where(_products.c.sku == sku).values(few_left=few_left))
