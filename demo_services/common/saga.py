"""Sagas: steps over several services that are all done, or undone again.

A saga is data: a name and steps. Where it stands is a row of the orchestrating service's database, written before and after
each step, so that another process, or the same one after a crash, goes on from there. Steps are therefore carried out at
least once and must not mind repeats.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sqlalchemy as sa
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.errors import PeerUnavailable, ShopError

Data = dict[str, Any]
SagaStatus = Literal["running", "compensating", "completed", "compensated"]
FINISHED: tuple[SagaStatus, ...] = ("completed", "compensated")
_log = logging.getLogger(__name__)
_tracer = trace.get_tracer(__name__)
_POLL_S = 0.5
_TRY_AGAIN_S = 1.0
_LONGEST_REST_S = 30.0


@dataclass(frozen=True)
class Step:
    """`do` and `undo` get the saga's data; what `do` returns is added to it. Either raises ShopError.

    `undo` is also called for a step whose `do` broke down, for nobody knows how far it came.
    """

    name: str
    do: Callable[[Data], Data]
    undo: Callable[[Data], None] | None = None


@dataclass(frozen=True)
class Plan:
    """A saga's steps. `forward_only`: what breaks down is not undone but tried again until it is done."""

    steps: tuple[Step, ...]
    forward_only: bool = False


@dataclass(frozen=True)
class Saga:
    """`position` is the step to do next, or while compensating the step to undo next."""

    id: str
    name: str
    data: Data
    status: SagaStatus = "running"
    position: int = 0
    reason: str = ""
    error_status: int = 0
    started_at_s: float = 0.0
    context: dict[str, str] = field(default_factory=dict)

    def done(self, added: Data, steps: int) -> "Saga":
        position = self.position + 1
        status: SagaStatus = "completed" if position == steps else "running"
        return replace(self, data=self.data | added, position=position, status=status)

    def failed(self, error: ShopError) -> "Saga":
        """A refusal has done nothing, so undoing starts before it; a breakdown may have, so it starts with it."""
        position = self.position if error.status >= 500 else self.position - 1
        status: SagaStatus = "compensated" if position < 0 else "compensating"
        return replace(self, status=status, position=position, reason=str(error), error_status=error.status)

    def undone(self) -> "Saga":
        position = self.position - 1
        return replace(self, position=position, status="compensated" if position < 0 else "compensating")


def saga_table(schema: sa.MetaData) -> sa.Table:
    return sa.Table(
        "sagas",
        schema,
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("status", sa.String, nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error_status", sa.Integer, nullable=False),
        sa.Column("started_at_s", sa.Float, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("leased_until_s", sa.Float, nullable=False),
    )


class SagaLog:
    """The table of sagas. A lease keeps two processes from driving the same one."""

    def __init__(
        self, engine: sa.Engine, table: sa.Table, lease_s: float, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._table = table
        self._lease_s = lease_s
        self.now = now

    def add(self, connection: sa.Connection, saga: Saga) -> None:
        """In the caller's transaction; leased to the caller."""
        connection.execute(self._table.insert().values(self._row(saga)))

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        return self._engine.begin()

    def save(self, saga: Saga, lease_s: float | None = None) -> None:
        """And extends the lease."""
        with self._engine.begin() as connection:
            connection.execute(self._table.update().where(self._table.c.id == saga.id).values(self._row(saga, lease_s)))

    def list_unfinished(self) -> list[Saga]:
        """Oldest first."""
        unfinished = self._table.c.status.not_in(FINISHED)
        with suppress_instrumentation(), self._engine.connect() as connection:
            rows = connection.execute(sa.select(self._table).where(unfinished).order_by(self._table.c.started_at_s))
            return [_saga(row) for row in rows]

    def find_recent(self, limit: int) -> list[Saga]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(self._table).order_by(self._table.c.started_at_s.desc()).limit(limit))
            return [_saga(row) for row in rows]

    def take_abandoned(self) -> Saga | None:
        """An unfinished saga whose lease has run out, leased to the caller from now on."""
        table, now_s = self._table, self.now()
        free = sa.and_(table.c.status.not_in(FINISHED), table.c.leased_until_s < now_s)
        with suppress_instrumentation(), self._engine.connect() as connection:
            row = connection.execute(sa.select(table).where(free).order_by(table.c.leased_until_s).limit(1)).first()
        if row is None:
            return None
        mine = sa.and_(table.c.id == row.id, table.c.leased_until_s == row.leased_until_s)
        with suppress_instrumentation(), self._engine.begin() as connection:
            taken = connection.execute(table.update().where(mine).values(leased_until_s=now_s + self._lease_s))
        return _saga(row) if taken.rowcount == 1 else None

    def _row(self, saga: Saga, lease_s: float | None = None) -> dict[str, Any]:
        return {
            "id": saga.id,
            "name": saga.name,
            "data": json.dumps(saga.data),
            "status": saga.status,
            "position": saga.position,
            "reason": saga.reason,
            "error_status": saga.error_status,
            "started_at_s": saga.started_at_s,
            "context": json.dumps(saga.context),
            "leased_until_s": self.now() + (self._lease_s if lease_s is None else lease_s),
        }


def _saga(row: "sa.Row[Any]") -> Saga:
    return Saga(
        row.id,
        row.name,
        json.loads(row.data),
        row.status,
        row.position,
        row.reason,
        row.error_status,
        row.started_at_s,
        json.loads(row.context),
    )


class Orchestrator:
    """Drives sagas: at once for whoever asks, and on a thread of its own those that were left behind.

    `finished` hears of each saga's end before it is written, and may hear of it twice.
    """

    def __init__(self, log: SagaLog, plans: dict[str, Plan], finished: Callable[[Saga], None]) -> None:
        self.log = log
        self._plans = plans
        self._finished = finished
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._resume, name="saga recovery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(1.0)

    def new(self, name: str, saga_id: str, data: Data) -> Saga:
        context: dict[str, str] = {}
        propagate.inject(context)
        return Saga(saga_id, name, data, started_at_s=self.log.now(), context=context)

    def drive(self, saga: Saga) -> Saga:
        """Until it is finished, or can go no further at the moment: then it stays for the recovery."""
        while saga.status not in FINISHED:
            try:
                saga = self._advance(saga)
            except ShopError as error:
                _log.error("saga %s has to wait: %s", saga.id, error)
                self.log.save(replace(saga, reason=saga.reason or str(error)), lease_s=self._rest_s(saga))
                return saga
            if saga.status in FINISHED:
                self._finished(saga)
            self.log.save(saga)
        return saga

    def _rest_s(self, saga: Saga) -> float:
        """Until a saga that could go no further is tried again: the longer it waits already, the longer."""
        return min(_LONGEST_REST_S, max(_TRY_AGAIN_S, (self.log.now() - saga.started_at_s) / 4))

    def _advance(self, saga: Saga) -> Saga:
        """Does or undoes one step. Raises ShopError where neither is possible now."""
        plan = self._plans[saga.name]
        step = plan.steps[saga.position]
        doing = saga.status == "running"
        attributes = {
            "saga.id": saga.id,
            "saga.name": saga.name,
            "saga.step": step.name,
            "saga.direction": "do" if doing else "undo",
        }
        name = step.name if doing else f"undo {step.name}"
        with _tracer.start_as_current_span(name, attributes=attributes, record_exception=False) as span:
            if not doing:
                if step.undo:
                    step.undo(saga.data)
                return saga.undone()
            try:
                return saga.done(step.do(saga.data), len(plan.steps))
            except ShopError as error:
                span.add_event("saga step failed", {"saga.reason": str(error)})
                if isinstance(error, PeerUnavailable):
                    span.set_status(trace.Status(trace.StatusCode.ERROR, str(error)))
                if plan.forward_only:
                    raise
                return saga.failed(error)

    def _resume(self) -> None:
        while not self._stop.wait(_POLL_S):
            try:
                while not self._stop.is_set() and (saga := self.log.take_abandoned()):
                    self._resume_one(saga)
            except sa.exc.OperationalError as error:
                _log.warning("sagas wait: %s", error)
            except Exception:  # one saga must not end the recovery of all others; its lease brings it back
                _log.exception("a saga could not be resumed")

    def _resume_one(self, saga: Saga) -> None:
        """In the trace that the saga began in."""
        attributes = {"saga.id": saga.id, "saga.name": saga.name}
        with _tracer.start_as_current_span("resume saga", propagate.extract(saga.context), attributes=attributes):
            _log.warning("saga %s resumes: %s at step %d", saga.id, saga.status, saga.position)
            self.drive(saga)
