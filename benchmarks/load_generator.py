"""The load generator: a process of its own, `python -m benchmarks.load_generator JSON`.

Prints `measuring` after the warm-up, and when the time is over one line of JSON (`LoadResult`). At full speed each of
`connections` senders has one request in flight. At a rate, requests are due at fixed times, and an acknowledgement's
latency counts from the time its request was due, so that a stall is not hidden by the senders that wait for it.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import grpc
import uvloop

from benchmarks.http_sender import BACK_OFF_S, open_senders
from benchmarks.rounds import Shape, Source

_GRPC_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_CALLS_PER_CHANNEL = 16
_REQUEST_TIMEOUT_S = 60.0

Send = Callable[[bytes], Awaitable[int]]
"""Sends a body; returns 200 when it was acknowledged, else the HTTP status or 1000 plus the gRPC status."""


@dataclass(frozen=True)
class LoadPlan:
    protocol: str
    """`http` or `grpc`."""
    address: str
    """URL, or host:port for gRPC."""
    spans: int
    small: bool
    connections: int
    warm_up_s: float
    duration_s: float
    spans_per_s: float = 0.0
    """0 is full speed."""
    seed: int = 1

    @property
    def shape(self) -> Shape:
        return Shape(self.spans, self.small)


@dataclass
class LoadResult:
    acknowledged: int = 0
    """Requests acknowledged while measuring."""
    acknowledged_ever: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    """Of the generator."""
    bytes_per_span: float = 0.0
    refused: dict[str, int] = field(default_factory=dict)
    """Answers other than success, by status."""
    latencies_ms: list[float] = field(default_factory=list)


class Load:
    """Keeps senders busy until it is told to stop."""

    def __init__(self, plan: LoadPlan, source: Source) -> None:
        self._plan, self._source = plan, source
        self._stopping = asyncio.Event()
        self._next_due = 0.0
        self._interval_s = plan.spans / plan.spans_per_s if plan.spans_per_s else 0.0
        self.result = LoadResult(bytes_per_span=source.bytes_per_span)

    async def run(self, senders: list[Send]) -> LoadResult:
        self._next_due = time.perf_counter()
        tasks = [asyncio.create_task(self._keep_sending(send)) for send in senders]
        await self._phase(self._plan.warm_up_s, tasks)
        ever, self.result = self.result.acknowledged, LoadResult(bytes_per_span=self._source.bytes_per_span)
        print("measuring", flush=True)
        started, cpu = time.perf_counter(), _cpu_s()
        await self._phase(self._plan.duration_s, tasks)
        result = self.result
        result.elapsed_s, result.cpu_s = time.perf_counter() - started, _cpu_s() - cpu
        print("measured", flush=True)
        self.result = LoadResult()
        self._stopping.set()
        async with asyncio.timeout(_REQUEST_TIMEOUT_S):
            await asyncio.gather(*tasks)
        result.acknowledged_ever = ever + result.acknowledged + self.result.acknowledged
        return result

    async def _phase(self, seconds: float, tasks: list["asyncio.Task[None]"]) -> None:
        """Waits, but not longer than every sender lives: a lost connection ends the benchmark with its error."""
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    async def _keep_sending(self, send: Send) -> None:
        while True:
            due = await self._turn()
            if self._stopping.is_set():
                return
            status = await send(self._source.next_request())
            if status == 200:
                self.result.acknowledged += 1
                self.result.latencies_ms.append(round((time.perf_counter() - due) * 1000, 2))
            else:
                self.result.refused[str(status)] = self.result.refused.get(str(status), 0) + 1
                await asyncio.sleep(BACK_OFF_S)

    async def _turn(self) -> float:
        """The time at which the next request is due, once it has come or the load ends."""
        now = time.perf_counter()
        if not self._interval_s:
            return now
        due, self._next_due = self._next_due, self._next_due + self._interval_s
        if due > now:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), due - now)
        return due


async def _http(plan: LoadPlan, load: Load) -> LoadResult:
    async with open_senders(plan.address, plan.connections) as senders:
        return await load.run([sender.send for sender in senders])


async def _grpc(plan: LoadPlan, load: Load) -> LoadResult:
    """`connections` calls in flight, several to a channel."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    count = -(-plan.connections // _CALLS_PER_CHANNEL)
    channels = [grpc.aio.insecure_channel(plan.address, options=options) for _ in range(count)]
    calls = [channel.unary_unary(_GRPC_METHOD) for channel in channels]
    try:
        return await load.run([_grpc_sender(calls[number % count]) for number in range(plan.connections)])
    finally:
        for channel in channels:
            await channel.close()


def _grpc_sender(call: Any) -> Send:
    async def send(body: bytes) -> int:
        try:
            await call(body, timeout=_REQUEST_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return 1000 + int(error.code().value[0])
        return 200

    return send


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def main(argument: str) -> None:
    plan = LoadPlan(**json.loads(argument))
    load = Load(plan, Source(plan.shape, plan.seed))
    result = uvloop.run((_http if plan.protocol == "http" else _grpc)(plan, load))
    print(json.dumps(asdict(result)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
