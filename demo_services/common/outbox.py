"""Events that leave exactly when their cause is committed: rows of the same transaction, sent by a relay afterwards."""

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from opentelemetry import propagate
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.bus import Publisher
from demo_services.common.errors import PeerUnavailable
from demo_services.common.events import Event

_log = logging.getLogger(__name__)
_POLL_S = 1.0  # what another process of the service wrote, or a crash left behind, is found so soon
_AT_ONCE = 50


def outbox_table(schema: sa.MetaData) -> sa.Table:
    return sa.Table(
        "outbox",
        schema,
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("written_at_s", sa.Float, nullable=False),
    )


class Outbox:
    """`add` inside the transaction, `wake` after it. The relay sends in order, each at least once."""

    def __init__(
        self, engine: sa.Engine, table: sa.Table, publisher: Publisher, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._table = table
        self._publisher = publisher
        self._now = now
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._relay, name="outbox relay", daemon=True)

    def add(self, connection: sa.Connection, stream: str, type_: str, data: dict[str, Any]) -> None:
        context: dict[str, str] = {}
        propagate.inject(context)
        row = {
            "event_id": uuid.uuid4().hex,
            "stream": stream,
            "type": type_,
            "data": json.dumps(data),
            "context": json.dumps(context),
            "written_at_s": self._now(),
        }
        connection.execute(self._table.insert().values(row))

    def wake(self) -> None:
        self._wake.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is not sent yet stays for the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join(1.0)

    def oldest_s(self) -> float:
        """How long the oldest event has been waiting; 0 when none is."""
        with suppress_instrumentation(), self._engine.connect() as connection:
            oldest = connection.scalar(sa.select(sa.func.min(self._table.c.written_at_s)))
        return 0.0 if oldest is None else max(0.0, self._now() - oldest)

    def _relay(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(_POLL_S)
            self._wake.clear()
            try:
                while not self._stop.is_set() and self.send_some():
                    pass
            except (PeerUnavailable, sa.exc.OperationalError) as error:
                _log.info("events wait: %s", error)
                self._stop.wait(_POLL_S)
            except Exception:  # one event must not end the relay
                _log.exception("an event could not be sent")
                self._stop.wait(_POLL_S)

    def send_some(self) -> int:
        """Sends the oldest few and forgets them; returns how many. Raises PeerUnavailable when the broker is away."""
        with suppress_instrumentation(), self._engine.connect() as connection:
            rows = connection.execute(sa.select(self._table).order_by(self._table.c.position).limit(_AT_ONCE)).all()
        for row in rows:
            event = Event(row.event_id, row.type, json.loads(row.data), json.loads(row.context))
            self._publisher.publish(row.stream, event)
            with suppress_instrumentation(), self._engine.begin() as connection:
                connection.execute(self._table.delete().where(self._table.c.position == row.position))
        return len(rows)
