"""Looks at a collector from outside: its store when it is stopped, its memory while it runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from running_collector import RunningCollector

_QUERY = """
import json, os, sys, time
os.environ["TZ"] = "UTC"
time.tzset()
from collector.conventions import sql
from collector.settings import Settings
from collector.store.engine import Store
store = Store(Settings(store_url=f"chdb://{sys.argv[1]}", query_timeout_s=60), sql.words())
prepare, query = json.loads(sys.argv[2])
body = sys.stdin.buffer.read()
for command in prepare:
    store.command(command)
if body:
    store.insert_request("otlp_traces", body)
print(json.dumps(store.query(query), default=str))
store.close()
"""


def in_store(folder: Path, query: str, prepare: tuple[str, ...] = (), insert: bytes = b"") -> list[dict[str, Any]]:
    """Open a stopped collector's store in a process of its own: run `prepare`, insert a traces request, then ask."""
    arguments = [sys.executable, "-c", _QUERY, str(folder), json.dumps([prepare, query])]
    done = subprocess.run(arguments, input=insert, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def stored_spans(folder: Path) -> set[tuple[str, str]]:
    """(trace id, span id) of every span."""
    return {(row["TraceId"], row["SpanId"]) for row in in_store(folder, "SELECT TraceId, SpanId FROM otel_traces")}


def peak_memory_mib(collector: RunningCollector) -> float:
    """The most memory that the process had at any time."""
    status = Path(f"/proc/{collector.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def run_collector(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A collector that is expected to end at once."""
    command = [sys.executable, "-m", "collector", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})
