"""The shop's Redis, for the supervisor: the server where one is installed, else fakeredis behind the same protocol."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from demo_services.common.process import end_with_supervisor

_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning", "--daemonize", "no")
_WAIT_S = 3.0


def main(argv: list[str] | None = None) -> int:
    """`PORT FOLDER`: serves until SIGINT or SIGTERM, or until the server ends."""
    port, folder = (argv or sys.argv[1:])[:2]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    end_with_supervisor()
    server = find_server()
    return _serve(server, port, Path(folder), stop) if server else _stand_in(int(port), stop)


def find_server() -> str | None:
    """SHOP_REDIS_SERVER names another one; "none" asks for the stand-in."""
    wanted = os.environ.get("SHOP_REDIS_SERVER", "redis-server")
    return shutil.which(wanted) if wanted != "none" else None


def _serve(server: str, port: str, folder: Path, stop: threading.Event) -> int:
    process = subprocess.Popen([server, "--port", port, "--dir", str(folder), *_OPTIONS], stdin=subprocess.DEVNULL)

    def follow() -> None:
        process.wait()
        stop.set()

    threading.Thread(target=follow, daemon=True).start()
    stop.wait()
    process.terminate()
    try:
        return process.wait(_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _stand_in(port: int, stop: threading.Event) -> int:
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", port), server_type="redis")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
