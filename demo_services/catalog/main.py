"""Starts the catalog service: `python -m demo_services.catalog.main`, settings from `SHOP_…` variables."""

import sys

from demo_services.catalog.app import build_app
from demo_services.common.serving import run_service


def main() -> int:
    return run_service("catalog", build_app)


if __name__ == "__main__":
    sys.exit(main())
