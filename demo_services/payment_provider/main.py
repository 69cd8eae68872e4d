"""Starts the payment-provider service: `python -m demo_services.payment_provider.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.common.serving import run_service
from demo_services.payment_provider.app import build_app


def main() -> int:
    return run_service("payment-provider", build_app)


if __name__ == "__main__":
    sys.exit(main())
