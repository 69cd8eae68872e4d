"""Starts the notifications service: `python -m demo_services.notifications.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.common.serving import run_service
from demo_services.notifications.app import build_app


def main() -> int:
    return run_service("notifications", build_app)


if __name__ == "__main__":
    sys.exit(main())
