"""A real dashboard in a process of its own, on a free port, for tests."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def running_dashboard(collector_url: str, variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """Address of a dashboard in a process of its own, stopped by SIGTERM, which must end it cleanly."""
    command = [sys.executable, "-m", "dashboard", "--collector", collector_url, "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(variables or {})}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("ready dashboard="), f"the dashboard said {line!r}"
        yield line.removeprefix("ready dashboard=").strip()
    finally:
        process.terminate()
        code = process.wait(timeout=60)
        if process.stdout:
            process.stdout.close()
    assert code == 0
