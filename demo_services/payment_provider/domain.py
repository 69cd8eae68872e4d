"""Which cards are charged, and that a repeat is charged once."""

import random
from dataclasses import asdict, dataclass
from typing import Literal

import sqlalchemy as sa

LARGEST_CENTS = 40_000  # no card of the demo is good for more

SCHEMA = sa.MetaData()
_charges = sa.Table(
    "charges",
    SCHEMA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("amount_cents", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String, nullable=False),
)


@dataclass(frozen=True)
class Charge:
    id: str
    amount_cents: int
    status: Literal["captured", "declined", "refunded"]


class Charges:
    """By idempotency key, in the provider's own books: who was charged before it went down can be refunded after."""

    def __init__(self, engine: sa.Engine, seed: int, decline_share: float) -> None:
        self._engine, self._random, self._decline_share = engine, random.Random(seed), decline_share

    def find(self, key: str) -> Charge | None:
        columns = (_charges.c.id, _charges.c.amount_cents, _charges.c.status)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(*columns).where(_charges.c.key == key)).one_or_none()
        return Charge(**row._mapping) if row else None

    def charge(self, key: str, amount_cents: int) -> Charge:
        declined = amount_cents > LARGEST_CENTS or self._random.random() < self._decline_share
        charge = Charge(f"ch_{key}", amount_cents, "declined" if declined else "captured")
        try:
            with self._engine.begin() as connection:
                connection.execute(_charges.insert().values(key=key, **asdict(charge)))
        except sa.exc.IntegrityError:  # the key was charged before
            return self.find(key) or charge
        return charge

    def refund(self, key: str) -> Charge | None:
        """None where nothing was charged under that key."""
        with self._engine.begin() as connection:
            captured = (_charges.c.key == key) & (_charges.c.status == "captured")
            connection.execute(_charges.update().where(captured).values(status="refunded"))
        return self.find(key)
