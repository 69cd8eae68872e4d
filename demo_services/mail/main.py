"""Starts the mail server: `python -m demo_services.mail.main`. Letters end in the folder `mail` of SHOP_DATA_DIR."""

import signal
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from demo_services.common.process import end_with_supervisor
from demo_services.common.settings import ServiceSettings
from demo_services.services import MAIL, SERVICES


def main() -> int:
    """Takes letters until SIGINT or SIGTERM."""
    settings = ServiceSettings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if settings.supervised:
        end_with_supervisor()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    port = settings.port or SERVICES[MAIL].port
    controller = Controller(Mailbox(settings.data_dir / "mail"), hostname=settings.host, port=port)
    controller.start()
    stop.wait()
    controller.stop(no_assert=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
