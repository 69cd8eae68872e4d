"""deploy/kubernetes: valid manifests, true to the code in everything they name."""

import json
import re
import shutil
import subprocess
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import yaml
from deploy_files import (
    DATABASE_SERVICES,
    KUBERNETES,
    PORTS,
    SCHEMAS,
    SETTINGS,
    documents,
    hosts_and_ports,
    kustomization,
    module_of,
    served_paths,
)

from demo_services.services import SERVICES

BASE = documents("base")
ALL = [*BASE, *documents("blue-green")]
PROGRAMS = {"collector": "collector", "dashboard": "dashboard", "traffic": "demo_services.traffic"}
STORES = {"redis", "postgres"}
STORE_VARIABLES = {"POSTGRES_USER", "POSTGRES_PASSWORD", "DATABASE_PASSWORD", "PGDATA"}
SECRET_KEYS = {"database-password", "postgres-password", "jwt-secret"}


def of_kind(*kinds: str, among: list[dict[str, Any]] = ALL) -> dict[str, dict[str, Any]]:
    return {document["metadata"]["name"]: document for document in among if document["kind"] in kinds}


WORKLOADS = of_kind("Deployment", "StatefulSet")
OURS = {name: workload for name, workload in WORKLOADS.items() if name not in STORES}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return dict(only)


def service_of(name: str) -> str:
    """Of a workload: a release's second deployment is the same service."""
    return str(WORKLOADS[name]["metadata"]["labels"]["app.kubernetes.io/name"])


def target_of(name: str) -> str:
    return str(container(OURS[name])["image"]).removeprefix("spanscape-")


def environment(name: str) -> dict[str, Any]:
    """Variable to value; None where it comes from a secret or the pod."""
    own = {entry["name"]: entry.get("value") for entry in container(WORKLOADS[name]).get("env", [])}
    shared = [
        of_kind("ConfigMap")[ref["configMapRef"]["name"]] for ref in container(WORKLOADS[name]).get("envFrom", [])
    ]
    return {key: value for config in shared for key, value in config["data"].items()} | own


@cache
def schema() -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / "kubernetes-1.37.json").read_text()))


@cache
def validator(kind: str) -> Any:
    return jsonschema_rs.validator_for({**schema()["kinds"][kind], "$defs": schema()["$defs"]})


def problems(document: dict[str, Any]) -> list[str]:
    errors = validator(document["kind"]).iter_errors(document)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in errors]


@pytest.mark.parametrize("document", ALL, ids=lambda document: f"{document['kind']} {document['metadata']['name']}")
def test_a_manifest_follows_the_schema_of_its_kind(document: dict[str, Any]) -> None:
    assert problems(document) == []


def test_the_schema_refuses_what_is_misspelt() -> None:
    document = json.loads(json.dumps(of_kind("Deployment")["users"]).replace("readinessProbe", "readyProbe"))
    assert len(problems(document)) == 1


def test_the_base_lists_every_file_beside_it() -> None:
    files = {file.name for file in (KUBERNETES / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization("base")["resources"]) == files


def test_the_base_runs_every_service_of_the_shop_and_what_it_needs() -> None:
    assert set(of_kind("Deployment", "StatefulSet", among=BASE)) == {*SERVICES, *PROGRAMS, *STORES}
    replicas = {name: OURS[name]["spec"]["replicas"] for name in SERVICES}
    assert replicas == {name: service.instances for name, service in SERVICES.items()}


@pytest.mark.parametrize("name", OURS)
def test_a_workload_runs_its_module_from_an_image_that_is_tagged(name: str) -> None:
    service = service_of(name)
    expected = SERVICES[service].module if service in SERVICES else PROGRAMS[service]
    assert module_of(container(OURS[name])["command"]) == expected
    assert target_of(name) == (service if service in SETTINGS else "shop")
    assert container(OURS[name])["image"] in {image["name"] for image in kustomization("base")["images"]}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_workload_is_a_setting_of_its_program(name: str) -> None:
    helpers = {"POD_IP", "DATABASE_PASSWORD"}
    assert set(environment(name)) - helpers <= SETTINGS[target_of(name)]
    used = set(re.findall(r"\$\((\w+)\)", json.dumps(environment(name))))
    assert used == set(environment(name)) & helpers


@pytest.mark.parametrize("name", OURS)
def test_every_address_that_a_workload_is_told_is_a_service_that_listens_there(name: str) -> None:
    texts = [str(value) for value in [*environment(name).values(), *container(OURS[name])["command"]]]
    services = of_kind("Service")
    for host, port in hosts_and_ports("\n".join(texts)):
        assert port in {entry["port"] for entry in services[host]["spec"]["ports"]}, (name, host, port)


@pytest.mark.parametrize("name", sorted(set(OURS) - {"traffic"}))
def test_probes_ask_a_path_that_the_program_answers_at_a_port_where_it_listens(name: str) -> None:
    ports = {port["name"]: port["containerPort"] for port in container(OURS[name])["ports"]}
    assert set(ports.values()) == PORTS[service_of(name)]
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = container(OURS[name])[kind]
        asked = probe.get("httpGet") or probe["tcpSocket"]
        assert asked["port"] in ports
        if name != "mail":
            assert asked["path"] in served_paths(target_of(name))


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"mail"}))
def test_liveness_of_a_shop_s_service_does_not_depend_on_others(name: str) -> None:
    assert container(OURS[name])["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container(OURS[name])["readinessProbe"]["httpGet"]["path"] == "/health/ready"


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_has_bounds_and_no_rights(name: str) -> None:
    pod, only = WORKLOADS[name]["spec"]["template"]["spec"], container(WORKLOADS[name])
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert set(only["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in only["resources"]["limits"]
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {mount["name"] for mount in only["volumeMounts"]}
    claimed = [claim["metadata"]["name"] for claim in WORKLOADS[name]["spec"].get("volumeClaimTemplates", [])]
    assert mounted == {*claimed, *(volume["name"] for volume in pod["volumes"])}


@pytest.mark.parametrize("name", of_kind("Service"))
def test_a_service_selects_pods_and_names_ports_that_they_have(name: str) -> None:
    spec = of_kind("Service")[name]["spec"]
    selected = [
        workload
        for workload in WORKLOADS.values()
        if spec["selector"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert selected
    for workload in selected:
        ports = {port["name"]: port["containerPort"] for port in container(workload)["ports"]}
        assert {port["targetPort"]: port["port"] for port in spec["ports"]} == ports


def test_no_two_workloads_select_the_same_pods() -> None:
    for name, workload in WORKLOADS.items():
        labels = workload["spec"]["template"]["metadata"]["labels"].items()
        selecting = [o for o, other in WORKLOADS.items() if other["spec"]["selector"]["matchLabels"].items() <= labels]
        assert selecting == [name]


def test_secrets_are_only_referred_to() -> None:
    assert not of_kind("Secret")
    entries = [entry for workload in WORKLOADS.values() for entry in container(workload).get("env", [])]
    secret = [entry for entry in entries if re.search("PASSWORD|SECRET", entry["name"])]
    references = [entry["valueFrom"]["secretKeyRef"] for entry in secret]
    assert {reference["name"] for reference in references} == {"shop"}
    assert {reference["key"] for reference in references} == SECRET_KEYS
    documented = (KUBERNETES.parents[1] / "docs" / "deployment.md").read_text()
    assert set(re.findall(r"--from-literal=([\w-]+)=", documented)) == SECRET_KEYS


def test_each_service_with_data_has_a_database_of_its_own() -> None:
    urls = {name: environment(name).get("SHOP_DATABASE_URL") for name in SERVICES}
    assert {name: url for name, url in urls.items() if url} == {
        name: f"postgresql+psycopg://{name}:$(DATABASE_PASSWORD)@postgres:5432/{name}" for name in DATABASE_SERVICES
    }
    assert set(environment("postgres")) == STORE_VARIABLES


def test_the_embedded_store_is_never_open_in_two_pods() -> None:
    spec = OURS["collector"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_green_is_blue_but_for_its_name_and_version() -> None:
    blue, green = WORKLOADS["gateway"], WORKLOADS["gateway-green"]
    as_blue = json.loads(json.dumps(green).replace("green", "blue"))
    as_blue["metadata"]["name"] = "gateway"
    env = container(as_blue)["env"]
    version = next(entry for entry in env if entry["name"] == "SHOP_VERSION")
    env.remove(version)
    assert version["value"] != SERVICES["gateway"].version
    assert as_blue == blue


def test_the_switch_names_one_of_the_two_releases() -> None:
    switch = yaml.safe_load((KUBERNETES / "blue-green" / "gateway-live.yaml").read_text())
    assert kustomization("blue-green")["patches"] == [{"path": "gateway-live.yaml"}]
    assert (switch["kind"], switch["metadata"]["name"]) == ("Service", "gateway")
    releases = [WORKLOADS[name]["spec"]["template"]["metadata"]["labels"] for name in ("gateway", "gateway-green")]
    assert [labels for labels in releases if switch["spec"]["selector"].items() <= labels.items()] == releases[:1]


@pytest.mark.skipif(not shutil.which("kustomize"), reason="kustomize is not installed")
@pytest.mark.parametrize("folder", ["base", "blue-green"])
def test_kustomize_builds_valid_manifests(folder: str) -> None:
    built = subprocess.run(["kustomize", "build", KUBERNETES / folder], capture_output=True, text=True, check=True)
    found = list(yaml.safe_load_all(built.stdout))
    assert {document["metadata"]["namespace"] for document in found} == {"spanscape"}
    assert [problem for document in found for problem in problems(document)] == []
