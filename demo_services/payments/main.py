"""Starts the payments service: `python -m demo_services.payments.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.common.serving import run_service
from demo_services.payments.app import build_app


def main() -> int:
    return run_service("payments", build_app)


if __name__ == "__main__":
    sys.exit(main())
