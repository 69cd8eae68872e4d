"""`spanscape demo`, as `make demo` starts it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from waiting import poll_until

pytestmark = pytest.mark.alone

PORTS = [f"--{name}-port=0" for name in ("otlp-http", "otlp-grpc", "api", "dashboard", "gateway", "registry")]


def started_by(process_id: int) -> Iterator[int]:
    """The ids of all processes that it started, and that those started."""
    for tasks in Path(f"/proc/{process_id}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            yield child
            yield from started_by(child)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "terminal closed"])
def test_the_demo_prints_where_its_map_is_and_ends_with_all_that_it_started(
    tmp_path: Path, ending: signal.Signals
) -> None:
    command = [sys.executable, "-m", "spanscape.demo", "--data", str(tmp_path / "store"), *PORTS]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert demo.stdout is not None
    try:
        ready = next(line for line in demo.stdout if "The map is ready: " in line)
        page = requests.get(ready.split(": ")[1].strip(), timeout=60)
        assert (page.status_code, "Spanscape" in page.text) == (200, True)
        parts = list(started_by(demo.pid))
        assert len(parts) > 10
    finally:
        if ending == signal.SIGHUP:
            demo.stdout.close()
        demo.send_signal(ending)
        code = demo.wait(120)
    assert code == 0
    poll_until(lambda: not any(Path(f"/proc/{part}").exists() for part in parts), "all its processes to end")
