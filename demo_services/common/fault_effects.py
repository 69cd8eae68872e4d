"""What the injected faults do to a process, and the one door through which they come: `/_faults`."""

import asyncio
import ipaddress
import json
import logging
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from opentelemetry._logs import SeverityNumber, get_logger
from pydantic import BaseModel, Field

from demo_services.common.faults import LONGEST_S, Fault, FaultBoard, Kind
from demo_services.common.telemetry import telemetry_clock

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_CONTEXT_HEADERS = (b"traceparent", b"tracestate", b"baggage")
_UNTOUCHED = ("/_faults", "/health", "/leases")
_BAD_RELEASE_ERRORS = 0.4  # of its requests
_BAD_RELEASE_DELAY_S = 0.15  # of each of them
_CRASH_AFTER_S = 0.1  # so that the answer and the event get out
_log = logging.getLogger(__name__)


class FaultRequest(BaseModel):
    kind: str
    value: str = ""
    duration_s: float = Field(default=60.0, gt=0, le=LONGEST_S)


def record_fault(fault: Fault, injected: bool, now_s: float) -> None:
    """The event that the dashboard marks on its time lines."""
    get_logger("spanscape.faults").emit(
        timestamp=time.time_ns(),
        observed_timestamp=time.time_ns(),
        severity_number=SeverityNumber.WARN if injected else SeverityNumber.INFO,
        severity_text="WARN" if injected else "INFO",
        body=f"fault {'injected' if injected else 'reverted'}: {fault.kind} {fault.value}".rstrip(),
        attributes={
            "fault.kind": fault.kind,
            "fault.detail": fault.value,
            "fault.duration_s": round(max(0.0, fault.until_s - now_s), 1),
        },
        event_name="fault.injected" if injected else "fault.reverted",
    )


class Effects:
    """Carries out what is not done request by request. `flush` gets telemetry out before the process ends."""

    def __init__(self, name: str, instance: str, data_dir: Path, flush: Callable[[], None]) -> None:
        self.board = FaultBoard(self._begin_or_end)
        self._plan = planned_file(data_dir, instance)
        self._database = data_dir / f"{name}.sqlite"
        self._flush = flush
        self._ballast: bytearray | None = None
        threading.Thread(target=self._revert_in_time, name="faults", daemon=True).start()

    def _revert_in_time(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(min(0.25, max(0.01, self.board.next_end_s())))
            self.board.revert_what_is_over()

    def _begin_or_end(self, fault: Fault, injected: bool) -> None:
        if fault.kind != "release":  # that is a deployment: its version alone tells of it
            record_fault(fault, injected, self.board.now())
        _log.warning("fault %s: %s %s", "injected" if injected else "reverted", fault.kind, fault.value)
        match fault.kind:
            case "crash" | "down" if injected:
                threading.Thread(target=self._end_process, args=(fault,), daemon=True).start()
            case "release":
                self._leave_word(fault, fault.until_s if injected else 0)
                os.kill(os.getpid(), signal.SIGTERM)  # as a deployment does: open requests are finished
            case "memory":
                self._ballast = bytearray(os.urandom(1 << 20) * int(fault.number)) if injected else None
            case "cpu" if injected:
                threading.Thread(target=self._burn, args=(fault,), daemon=True).start()
            case "database_lock" if injected:
                threading.Thread(target=self._hold_database, args=(fault,), daemon=True).start()
            case "clock_skew":
                telemetry_clock.skew_ns = int(fault.skew_s * 1e9) if injected else 0

    def _end_process(self, fault: Fault) -> None:
        """The supervisor starts it again; `down` leaves word for the next life."""
        if fault.kind == "down":
            self._leave_word(fault, fault.until_s)
        time.sleep(_CRASH_AFTER_S)
        self._flush()
        os._exit(1)

    def _leave_word(self, fault: Fault, until_s: float) -> None:
        """For the next life, of what it is to be; none if the time is over."""
        left_s = until_s - self.board.now()
        if left_s > 0:
            plan = {"kind": fault.kind, "value": fault.value, "until_epoch_s": time.time() + left_s}
            self._plan.write_text(json.dumps(plan))
        else:
            self._plan.unlink(missing_ok=True)

    def _burn(self, fault: Fault) -> None:
        while self.board.active("cpu") is fault:
            busy_until_s = time.thread_time() + 0.05 * fault.number
            while time.thread_time() < busy_until_s:
                pass
            time.sleep(0.05 * (1 - fault.number) + 0.001)

    def _hold_database(self, fault: Fault) -> None:
        """Takes SQLite's write lock, as a forgotten transaction would."""
        connection = sqlite3.connect(self._database, timeout=10.0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            while self.board.active("database_lock") is fault:
                time.sleep(0.05)
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            _log.warning("database_lock had no effect: %s", error)
        finally:
            connection.close()


@dataclass(frozen=True)
class Plan:
    """What a fault that outlives its process leaves for the next one: to stay down, or to be another release."""

    kind: Kind
    value: str
    left_s: float


def planned_file(data_dir: Path, instance: str) -> Path:
    return data_dir / f"{instance}.fault.json"


def read_plan(data_dir: Path, instance: str) -> Plan | None:
    """None when there is none, or its time is over."""
    file = planned_file(data_dir, instance)
    try:
        plan = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    left_s = min(LONGEST_S, plan["until_epoch_s"] - time.time())
    if left_s <= 0:
        file.unlink(missing_ok=True)
        return None
    return Plan(plan["kind"], plan["value"], left_s)


class LostContext:
    """Around everything else: while that fault is on, callers' trace contexts are dropped, as a careless proxy would."""

    def __init__(self, app: Asgi, board: FaultBoard) -> None:
        self._app = app
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._board.active("lost_context"):
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _CONTEXT_HEADERS]
        await self._app(scope, receive, send)


class FaultMiddleware:
    """Within the request's server span: hangs, delays or fails requests as the board says."""

    def __init__(self, app: Asgi, board: FaultBoard, seed: int) -> None:
        self._app = app
        self._board = board
        self._random = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(_UNTOUCHED) and await self._fails():
            await JSONResponse({"detail": "injected failure"}, 500)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _fails(self) -> bool:
        if (hang := self._board.active("hang")) is not None:
            while self._board.active("hang") is hang:  # noqa: ASYNC110  the board belongs to threads
                await asyncio.sleep(0.1)
        if latency := self._board.active("latency"):
            await asyncio.sleep(latency.delay_s(self._random))
        is_bad_release = self._board.active("release") is not None
        if is_bad_release:
            await asyncio.sleep(_BAD_RELEASE_DELAY_S)
        errors = self._board.active("errors")
        share = errors.number if errors else _BAD_RELEASE_ERRORS * is_bad_release
        return self._random.random() < share


def add_fault_door(app: FastAPI, board: FaultBoard) -> None:
    """PUT injects, GET lists, DELETE reverts everything. Only for callers on this machine."""

    def shown(fault: Fault) -> dict[str, Any]:
        return {"kind": fault.kind, "value": fault.value, "left_s": round(fault.until_s - board.now(), 3)}

    door = APIRouter(prefix="/_faults", include_in_schema=False, dependencies=[Depends(_only_from_here)])

    @door.put("")
    def inject(wanted: FaultRequest) -> dict[str, Any]:
        return shown(board.inject(wanted.kind, wanted.value, wanted.duration_s))

    @door.get("")
    def list_faults() -> list[dict[str, Any]]:
        return [shown(fault) for fault in board.list()]

    @door.delete("", status_code=204)
    def revert() -> None:
        board.revert()

    app.include_router(door)


def _only_from_here(request: Request) -> None:
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if request.client is None or forwarded or not ipaddress.ip_address(request.client.host).is_loopback:
        raise HTTPException(403, "/_faults answers only to this machine")
