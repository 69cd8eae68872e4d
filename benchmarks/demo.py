"""`make demo` as a newcomer meets it: how long until the map shows the whole shop, and what the shop costs the machine."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from benchmarks.figures import Figure, Report, Target
from benchmarks.options import Options

_READY = "The map is ready"
_GIVE_UP_S = 120.0
_STOP_WITHIN_S = 60.0
PORTS = ("otlp-http", "otlp-grpc", "api", "dashboard", "gateway", "registry")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SHOP = re.compile(r"\0-m\0demo_services")


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when the demo does not come to show its map."""
    if not options.chosen("demo"):
        return Report("Demo", [], ["Left out: only other cases were asked for."])
    firsts, shares, all_shares = [], [], []
    watched_s = options.pick(60, 3)
    for _ in range(options.run_count):
        with options.fresh_folder() as folder, running_demo(folder) as (demo, first_map_s):
            firsts.append(first_map_s)
            before, started = _cpu_s(demo), time.monotonic()
            time.sleep(watched_s)
            spent, taken_s = _cpu_s(demo), time.monotonic() - started
            shares.append((spent[0] - before[0]) / taken_s)
            all_shares.append((spent[1] - before[1]) / taken_s)
    figures = [
        Figure("from the command to the map of the whole shop", "s", firsts, Target(20)),
        Figure("the shop with its traffic, at 5 journeys a second", "cores", shares, Target(0.3)),
        Figure("the whole demo", "cores", all_shares),
    ]
    return Report("Demo", figures, [f"CPU over {watched_s:g} s after the first map; no page is open."])


@contextmanager
def running_demo(folder: Path, ports: Mapping[str, int] = MappingProxyType({})) -> Iterator[tuple[int, float]]:
    """The id of the process that is the demo, and the seconds until it said that its map is ready. Ports that are not given
    are free ones. Raises RuntimeError."""
    chosen = [f"--{name}-port={ports.get(name, 0)}" for name in PORTS]
    command = [sys.executable, "-m", "spanscape.demo", "--data", str(folder / "store"), *chosen]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if _READY in line:
                yield process.pid, time.monotonic() - started
                return
            if time.monotonic() - started > _GIVE_UP_S:
                break
        raise RuntimeError("the demo did not come to show its map")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(_STOP_WITHIN_S)


def _cpu_s(demo: int) -> tuple[float, float]:
    """User and system time so far: of the shop's processes, and of all that the demo started, itself included."""
    shop = whole = 0.0
    parents = dict(_parents())
    for pid in parents:
        if _is_below(pid, demo, parents):
            spent = _spent_s(pid)
            whole += spent
            shop += spent if any(_SHOP.search(_command(each)) for each in _line(pid, demo, parents)) else 0.0
    return shop, whole


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            yield int(entry.name), int(fields[1])


def _line(pid: int, demo: int, parents: dict[int, int]) -> Iterator[int]:
    """The process and those that started it, up to the demo."""
    while pid in parents:
        yield pid
        if pid == demo:
            return
        pid = parents[pid]


def _is_below(pid: int, demo: int, parents: dict[int, int]) -> bool:
    return demo in set(_line(pid, demo, parents))


def _spent_s(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S if fields else 0.0


def _stat(pid: int) -> list[str]:
    """What follows the command's name in /proc/<pid>/stat; nothing for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
