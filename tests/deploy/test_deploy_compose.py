"""docker-compose.yml and the Dockerfile: valid, and true to the code in everything they name."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from deploy_files import DATABASE_SERVICES, PORTS, ROOT, SCHEMAS, SETTINGS, compose, hosts_and_ports, served_paths

from demo_services.services import SERVICES

DOCKERFILE = (ROOT / "Dockerfile").read_text()
HEALTHCHECK = ROOT / "deploy" / "healthcheck.py"
SERVED = compose()["services"]
OURS = {name: service for name, service in SERVED.items() if "build" in service}


def target_of(service: dict[str, Any]) -> str:
    return str(service["build"]["target"])


def filled(text: str, variables: dict[str, str] | None = None) -> str:
    """With `${NAME:-default}` replaced, as compose does."""
    given = variables or {}
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda match: given.get(match[1]) or match[2], text)


def stages() -> dict[str, str]:
    """The text of each stage of the Dockerfile."""
    parts = re.split(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_compose_file_follows_the_specification() -> None:
    schema = json.loads((SCHEMAS / "compose-spec.json").read_text())
    errors = [
        f"{'/'.join(map(str, e.instance_path))}: {e.message}"
        for e in jsonschema_rs.validator_for(schema).iter_errors(compose())
    ]
    assert errors == []


def test_compose_has_every_service_of_the_shop_and_what_it_needs() -> None:
    expected = {*SERVICES, "collector", "dashboard", "traffic", "redis", "postgres", "clickhouse-1", "clickhouse-2"}
    assert set(SERVED) == expected


def test_only_the_cluster_waits_for_its_profile() -> None:
    assert {name: service["profiles"] for name, service in SERVED.items() if "profiles" in service} == {
        "clickhouse-1": ["cluster"],
        "clickhouse-2": ["cluster"],
    }


@pytest.mark.parametrize("name", OURS)
def test_a_service_builds_a_target_of_the_dockerfile_and_runs_a_module(name: str) -> None:
    service = OURS[name]
    assert target_of(service) in stages()
    command = service["command"]
    assert command[:2] == ["python", "-m"]
    assert command[2] == (SERVICES[name].module if name in SERVICES else dict(MODULES)[name])
    assert importlib.util.find_spec(command[2])


MODULES = {"collector": "collector", "dashboard": "dashboard", "traffic": "demo_services.traffic"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_is_a_setting_of_its_program(name: str) -> None:
    assert set(OURS[name]["environment"]) <= SETTINGS[target_of(OURS[name])]


def test_every_variable_of_an_image_is_a_setting_of_its_program() -> None:
    for target, settings in SETTINGS.items():
        assert set(re.findall(r"\b(?:SPANSCAPE|SHOP)_\w+(?==)", stages()[target])) <= settings, target


@pytest.mark.parametrize("name", OURS)
def test_every_address_that_a_service_is_told_has_a_service_that_listens_there(name: str) -> None:
    service = OURS[name]
    texts = [filled(str(value)) for value in [*service["environment"].values(), *service["command"]]]
    for host, port in hosts_and_ports("\n".join(texts)):
        assert port in PORTS[host], (name, host, port)
    if "SHOP_MAIL_HOST" in service["environment"]:
        assert int(service["environment"]["SHOP_MAIL_PORT"]) in PORTS[service["environment"]["SHOP_MAIL_HOST"]]


@pytest.mark.parametrize("name", [name for name in OURS if "healthcheck" in OURS[name] and name != "traffic"])
def test_a_health_check_asks_the_service_itself_where_it_answers(name: str) -> None:
    kind, *command, url = OURS[name]["healthcheck"]["test"]
    assert (kind, command) == ("CMD", ["python", "/opt/spanscape/healthcheck.py"])
    place = urlsplit(url)
    assert place.hostname == "127.0.0.1"
    assert place.port in PORTS[name]
    if name != "mail":
        assert place.path in served_paths(target_of(OURS[name]))


def test_an_image_s_own_health_check_asks_where_its_program_answers() -> None:
    for target, host in (("collector", "collector"), ("dashboard", "dashboard"), ("shop", "gateway")):
        url = urlsplit(re.findall(r'healthcheck.py", "(\S+)"\]', stages()[target])[0])
        assert url.port in PORTS[host]
        assert url.path in served_paths(target)


def test_an_image_exposes_where_its_program_listens() -> None:
    exposed = {target: re.findall(r"^EXPOSE (.+)$", stages()[target], re.M)[0].split() for target in SETTINGS}
    assert {target: set(map(int, ports)) for target, ports in exposed.items()} == {
        "collector": PORTS["collector"],
        "dashboard": PORTS["dashboard"],
        "shop": PORTS["gateway"],
    }


def test_published_ports_are_those_of_the_service_and_open_to_this_machine_only() -> None:
    published = {(name, port) for name, service in SERVED.items() for port in service.get("ports", [])}
    for name, text in published:
        address, outside, inside = text.rsplit(":", 2)
        assert address == "127.0.0.1"
        assert outside == inside
        assert int(inside) in PORTS[name]
    assert {name for name, _ in published} == {"collector", "dashboard", "gateway", "registry"}


def test_images_run_as_another_user_than_root_and_install_locked_versions() -> None:
    assert re.search(r"^USER 10001:10001$", stages()["base"], re.M)
    assert all("USER" not in stages()[target] for target in SETTINGS)
    installs = re.findall(r"pip install (.+?)(?: \\)?$", DOCKERFILE, re.M)
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    for file in re.findall(r"-r (\S+)", DOCKERFILE):
        assert (ROOT / file).is_file()


def test_the_build_context_has_what_the_dockerfile_needs() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = re.findall(r'"(\w+)\*"', (ROOT / "pyproject.toml").read_text())
    needed = {*packages, "pyproject.toml", "README.md", "LICENSE", "deploy/healthcheck.py"}
    assert allowed == needed | {"requirements/build.txt", "requirements/runtime.txt"}
    assert all((ROOT / name).exists() for name in allowed)


def test_mounted_files_exist() -> None:
    mounts = [text for service in SERVED.values() for text in service.get("volumes", []) if text.startswith("./")]
    assert mounts
    for text in mounts:
        assert (ROOT / text.split(":")[0]).is_file(), text


def test_each_service_with_data_has_a_database_of_its_own() -> None:
    urls = {name: filled(s["environment"].get("SHOP_DATABASE_URL", "")) for name, s in OURS.items()}
    assert {name: url for name, url in urls.items() if url} == {
        name: f"postgresql+psycopg://{name}:shop@postgres:5432/{name}" for name in DATABASE_SERVICES
    }
    script = (ROOT / "deploy" / "kubernetes" / "base" / "create-databases.sh").read_text()
    assert set(re.findall(r"for service in (.+);", script)[0].split()) == DATABASE_SERVICES


def test_a_service_with_data_starts_after_the_database() -> None:
    for name in DATABASE_SERVICES:
        assert SERVED[name]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_what_a_service_waits_for_says_when_it_is_healthy() -> None:
    for name, service in SERVED.items():
        for other in service.get("depends_on", {}):
            assert "test" in SERVED[other]["healthcheck"], (name, other)


def test_as_many_instances_run_as_the_shop_has() -> None:
    replicas = {name: SERVED[name].get("deploy", {}).get("replicas", 1) for name in SERVICES}
    assert replicas == {name: service.instances for name, service in SERVICES.items()}


def test_the_cluster_s_settings_are_taken_by_the_collector() -> None:
    lines = (ROOT / "deploy" / "clickhouse" / "cluster.env").read_text().splitlines()
    variables = {name: filled(value) for name, value in (line.split("=", 1) for line in lines)}
    told = {name: filled(str(value), variables) for name, value in OURS["collector"]["environment"].items()}
    settings = collector_settings(told)
    assert settings.cluster == "spanscape"
    assert hosts_and_ports(settings.store_url) == [("clickhouse-1", 8123)]
    server = SERVED["clickhouse-1"]["environment"]
    user, password = server["CLICKHOUSE_USER"], filled(server["CLICKHOUSE_PASSWORD"])
    assert settings.store_url == f"clickhouse://{user}:{password}@clickhouse-1:8123/{server['CLICKHOUSE_DB']}"
    assert f"<{settings.cluster}>" in (ROOT / "deploy" / "clickhouse" / "cluster.xml").read_text()


def collector_settings(environment: dict[str, str]) -> Any:
    from collector.settings import Settings

    return Settings(**{name.removeprefix("SPANSCAPE_").lower(): value for name, value in environment.items()})


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def answering() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_health_check_tells_well_from_unwell_and_from_absent() -> None:
    def code(url: str) -> int:
        command = [sys.executable, str(HEALTHCHECK), url]
        proxy = {**os.environ, "http_proxy": "http://127.0.0.1:1"}
        return subprocess.run(command, env=proxy, capture_output=True, timeout=60, check=False).returncode

    with answering() as place:
        found = [code(f"http://{place}/well"), code(f"http://{place}/unwell"), code(f"tcp://{place}")]
    assert [*found, code(f"http://{place}/well"), code(f"tcp://{place}")] == [0, 1, 0, 1, 1]
