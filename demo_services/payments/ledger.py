"""The payments, kept in the database of payments."""

from dataclasses import asdict

import sqlalchemy as sa

from demo_services.common.errors import NotFound
from demo_services.common.events import PAYMENT_FAILED
from demo_services.common.outbox import Outbox, outbox_table
from demo_services.payments.domain import Payment
from demo_services.services import PAYMENT_EVENTS

SCHEMA = sa.MetaData()
OUTBOX = outbox_table(SCHEMA)
_payments = sa.Table(
    "payments",
    SCHEMA,
    sa.Column("order_id", sa.String, primary_key=True),
    sa.Column("user_id", sa.String, nullable=False),
    sa.Column("amount_cents", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String, nullable=False),
)


class Ledger:
    def __init__(self, engine: sa.Engine, outbox: Outbox) -> None:
        self._engine = engine
        self._outbox = outbox

    def find(self, order_id: str) -> Payment | None:
        with self._engine.connect() as connection:
            row = connection.execute(_payments.select().where(_payments.c.order_id == order_id)).one_or_none()
        return Payment(**row._mapping) if row else None

    def get(self, order_id: str) -> Payment:
        """Raises NotFound."""
        if (payment := self.find(order_id)) is None:
            raise NotFound(f"order {order_id}: no payment")
        return payment

    def open(self, payment: Payment) -> Payment:
        """Adds it, or returns the one that the order has already. It looks first: to fail at the database is for races,
        since a failed statement shows on the map as an error of the database."""
        if (known := self.find(payment.order_id)) is not None:
            return known
        try:
            with self._engine.begin() as connection:
                connection.execute(_payments.insert().values(asdict(payment)))
        except sa.exc.IntegrityError:
            return self.get(payment.order_id)
        return payment

    def write(self, payment: Payment) -> None:
        """And tells the shop of one that failed."""
        with self._engine.begin() as connection:
            mine = _payments.c.order_id == payment.order_id
            connection.execute(_payments.update().where(mine).values(status=payment.status))
            if payment.status == "declined":
                data = {"order_id": payment.order_id, "user_id": payment.user_id, "amount_cents": payment.amount_cents}
                self._outbox.add(connection, PAYMENT_EVENTS, PAYMENT_FAILED, data)
        self._outbox.wake()
