"""Starts the registry service: `python -m demo_services.registry.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.common.serving import run_service
from demo_services.registry.app import build_app


def main() -> int:
    return run_service("registry", build_app)


if __name__ == "__main__":
    sys.exit(main())
