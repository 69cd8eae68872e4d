"""`spanscape collector`: the command line."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
import time

import uvloop
from pydantic import ValidationError

from collector.errors import CollectorError
from collector.settings import Settings

_OPTIONS = {
    "--store": ("store_url", str, "chdb://PATH, or clickhouse://user:password@host:8123/database"),
    "--host": ("host", str, "address to listen on"),
    "--otlp-http-port": ("otlp_http_port", int, "OTLP over HTTP; 0 picks a free port"),
    "--otlp-grpc-port": ("otlp_grpc_port", int, "OTLP over gRPC; 0 picks a free port"),
    "--api-port": ("api_port", int, "the API; 0 picks a free port"),
}

_COLLECT_AFTER = (10_000, 20, 20)
"""Objects, then generations. An answer about a large map makes 10,000 lists, which is no reason to look for garbage 14 times."""


def main(argv: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM. Returns 0 after a clean drain, 1 when it could not start, 2 for wrong settings."""
    parser = argparse.ArgumentParser(
        prog="spanscape collector", description="Receives OpenTelemetry data, stores it, answers questions."
    )
    for option, (field, kind, text) in _OPTIONS.items():
        default = Settings.model_fields[field].default
        parser.add_argument(
            option, dest=field, type=kind, help=f"{text} (SPANSCAPE_{field.upper()}, default {default})"
        )
    given = {field: value for field, value in vars(parser.parse_args(argv)).items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for one in error.errors():
            print(f"spanscape collector: {'.'.join(map(str, one['loc']))}: {one['msg']}", file=sys.stderr)
        return 2
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ["TZ"] = "UTC"  # the engine takes its time zone from the process; days of retention are UTC days
    time.tzset()
    try:
        uvloop.run(_run(settings))
    except CollectorError as error:
        print(f"spanscape collector: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(settings: Settings) -> None:
    from collector.app import Collector  # the engine reads the time zone when it is loaded

    collector = Collector(settings)
    gc.collect()
    gc.freeze()  # what is here stays. To walk through it with every few answers of a large map stops everything for 100 ms
    gc.set_threshold(*_COLLECT_AFTER)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, collector.stop)
    await collector.serve(lambda addresses: print(addresses.ready_line(), flush=True))
