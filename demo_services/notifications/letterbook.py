"""Which events have been written about, kept in the database of notifications: each is, once."""

from dataclasses import dataclass

import sqlalchemy as sa

SCHEMA = sa.MetaData()
_letters = sa.Table(
    "letters",
    SCHEMA,
    sa.Column("event_id", sa.String, primary_key=True),
    sa.Column("event_type", sa.String, nullable=False),
    sa.Column("recipient", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("sent_at_s", sa.Float, nullable=False, index=True),
)


@dataclass(frozen=True)
class SentLetter:
    event_id: str
    event_type: str
    recipient: str
    subject: str
    sent_at_s: float


class Letterbook:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def has(self, event_id: str) -> bool:
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(_letters.c.event_id).where(_letters.c.event_id == event_id)) is not None

    def add(self, letter: SentLetter) -> None:
        with self._engine.begin() as connection:
            connection.execute(_letters.insert().values(vars(letter)))

    def list(self, recipient: str, limit: int) -> list[SentLetter]:
        """Newest first; to one recipient, or to all."""
        select = _letters.select().order_by(_letters.c.sent_at_s.desc()).limit(limit)
        if recipient:
            select = select.where(_letters.c.recipient == recipient)
        with self._engine.connect() as connection:
            return [SentLetter(**row._mapping) for row in connection.execute(select)]
