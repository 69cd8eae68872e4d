"""Starts the users service: `python -m demo_services.users.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.common.serving import run_service
from demo_services.users.app import build_app


def main() -> int:
    return run_service("users", build_app)


if __name__ == "__main__":
    sys.exit(main())
