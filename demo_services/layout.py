"""Which processes a shop consists of, where each listens, and what each is told: from the words of the command line."""

import argparse
import errno
import os
import re
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from demo_services.common.settings import OtlpProtocol
from demo_services.services import GATEWAY, MAIL, PROVIDER, REDIS, REGISTRY, SERVICES

HOST = "127.0.0.1"
_DEFAULT_ENDPOINTS = {"http/protobuf": f"http://{HOST}:4318", "grpc": f"http://{HOST}:4317"}
_MOST_INSTANCES = 8
_SINGLE = frozenset({GATEWAY, REGISTRY, PROVIDER, MAIL})


class ShopDidNotStart(Exception):
    """Why, in one line for the user."""


@dataclass(frozen=True)
class Part:
    """One process of the shop. `label` names it on the console, `instance` in telemetry and the registry."""

    label: str
    instance: str
    service: str
    module: str
    port: int
    arguments: tuple[str, ...] = ()


def parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spanscape services", description="Run the demo shop until Ctrl-C.")
    parser.add_argument(
        "--otlp-endpoint", metavar="URL", help="where to report (default: port 4318 here, or 4317 for grpc)"
    )
    parser.add_argument("--otlp-protocol", choices=get_args(OtlpProtocol), default="http/protobuf")
    parser.add_argument(
        "--collector-api", metavar="URL", default=f"http://{HOST}:4320", help='where health is pushed; "": nowhere'
    )
    parser.add_argument("--gateway-port", type=int, default=SERVICES[GATEWAY].port, help="0: any free one")
    parser.add_argument("--registry-port", type=int, default=SERVICES[REGISTRY].port, help="0: any free one")
    parser.add_argument("--traffic-rate", type=float, default=5.0, help="journeys per second; 0: no traffic")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic's choices and of the random faults")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SERVICES),
        default=list(SERVICES),
        help="start just these; they look for the others at SHOP_REGISTRY_URL, or else at its usual port",
    )
    parser.add_argument(
        "--scale", nargs="+", type=_scale, default=[], metavar="SERVICE=N", help="instances, like users=3"
    )
    parser.add_argument("--no-faults", action="store_true", help="no service takes PUT /_faults")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the databases here (default: a temporary folder)"
    )
    arguments = parser.parse_args(argv)
    if arguments.traffic_rate < 0:
        parser.error("--traffic-rate: 0 or more expected")
    for option in ("gateway_port", "registry_port"):
        if not 0 <= getattr(arguments, option) <= 65535:
            parser.error(f"--{option.replace('_', '-')}: 0 to 65535 expected")
    if not (arguments.otlp_endpoint or "http://").startswith(("http://", "https://")):
        parser.error(f"--otlp-endpoint: a URL like http://{HOST}:4318 expected, got {arguments.otlp_endpoint}")
    return arguments


def _scale(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"([\w-]+)=(\d+)", text)
    if match is None or match[1] not in SERVICES or not 1 <= int(match[2]) <= _MOST_INSTANCES:
        raise argparse.ArgumentTypeError(f"SERVICE=1 to {_MOST_INSTANCES} expected, got {text}")
    if match[1] in _SINGLE and int(match[2]) > 1:
        raise argparse.ArgumentTypeError(f"{match[1]}: there is only one")
    return match[1], int(match[2])


def lay_out(arguments: argparse.Namespace, data_dir: Path) -> list[Part]:
    """In the order of starting. Raises ShopDidNotStart if the gateway's or the registry's port is taken."""
    scale = {name: SERVICES[name].instances for name in arguments.only} | dict(arguments.scale)
    wanted = [(name, number) for name in SERVICES if name in arguments.only for number in range(1, scale[name] + 1)]
    fixed = {GATEWAY: arguments.gateway_port, REGISTRY: arguments.registry_port}
    with ExitStack() as held:  # all at once, so that no two get the same
        sockets = [held.enter_context(_listen(fixed.get(name, 0), name)) for name, _ in wanted]
        broker = [] if os.environ.get("SHOP_REDIS_URL") else [held.enter_context(_listen(0, REDIS))]
        parts = [
            Part(
                label=name if scale[name] == 1 else f"{name}-{number}",
                instance=f"{name}-{number}",
                service=name,
                module=SERVICES[name].module,
                port=listening.getsockname()[1],
            )
            for (name, number), listening in zip(wanted, sockets, strict=True)
        ]
        redis = [_redis(listening.getsockname()[1], data_dir) for listening in broker]
    return redis + parts


def _redis(port: int, data_dir: Path) -> Part:
    return Part(REDIS, f"{REDIS}-1", REDIS, "demo_services.redis_process", port, (str(port), str(data_dir)))


def _listen(port: int, name: str) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        problem = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
        raise ShopDidNotStart(f"port {port} {problem}; choose another with --{name}-port") from error


def child_env(arguments: argparse.Namespace, parts: Sequence[Part], data_dir: Path) -> dict[str, str]:
    """What all parts are told; what the user set in the environment stays."""
    ports = {part.service: part.port for part in parts}
    env = {
        "SHOP_SUPERVISED": "1",
        "SHOP_FAULTS": str(int(not arguments.no_faults)),
        "SHOP_DATA_DIR": str(data_dir),
        "SHOP_SEED": str(arguments.seed),
        "SHOP_OTLP_PROTOCOL": arguments.otlp_protocol,
        "SHOP_OTLP_ENDPOINT": arguments.otlp_endpoint or _DEFAULT_ENDPOINTS[arguments.otlp_protocol],
        "SHOP_COLLECTOR_URL": arguments.collector_api,
    }
    if REGISTRY in ports:
        env["SHOP_REGISTRY_URL"] = f"http://{HOST}:{ports[REGISTRY]}"
    if REDIS in ports:
        env["SHOP_REDIS_URL"] = f"redis://{HOST}:{ports[REDIS]}/0"
    if PROVIDER in ports:
        env["SHOP_PROVIDER_URL"] = f"http://{HOST}:{ports[PROVIDER]}"
    if MAIL in ports:
        env["SHOP_MAIL_PORT"] = str(ports[MAIL])
    return env
