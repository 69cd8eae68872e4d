"""The supervisor's small parts, and what it says when it cannot start."""

import logging
import re
import socket
from pathlib import Path

import pytest

from demo_services.children import Backoff
from demo_services.common.faults import KINDS
from demo_services.common.logs import OncePer
from demo_services.common.settings import ServiceSettings
from demo_services.fault_command import main as fault
from demo_services.scenarios import SCENARIOS
from demo_services.services import SERVICES
from demo_services.supervisor import main


def test_restarts_wait_longer_each_time_up_to_a_limit() -> None:
    backoff = Backoff(first_s=1, longest_s=4, long_life_s=30)
    assert [backoff.after_life_of(0.1) for _ in range(4)] == [1, 2, 4, 4]


def test_a_long_life_makes_the_next_restart_quick_again() -> None:
    backoff = Backoff(first_s=1, longest_s=4, long_life_s=30)
    assert [backoff.after_life_of(lived_s) for lived_s in (0, 0, 30, 0)] == [1, 2, 1, 2]


def test_complaints_pass_once_per_period() -> None:
    now_s = 0.0
    complaint = logging.makeLogRecord({"msg": "collector is gone"})
    once = OncePer(60, now=lambda: now_s)
    passed = []
    for now_s in (0.0, 1.0, 59.9, 60.0, 61.0):  # noqa: B007 - the clock reads it
        passed.append(once.filter(complaint))
    assert passed == [True, False, False, True, False]


def test_a_taken_port_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--gateway-port", str(port), "--registry-port", "0"]) == 1
    assert capsys.readouterr().err == f"shop: port {port} is in use; choose another with --gateway-port\n"


def test_a_data_folder_that_cannot_be_made_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main(["--data", str(file)]) == 1
    assert capsys.readouterr().err == f"shop: {file} cannot hold the databases (File exists)\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--traffic-rate", "-1"], "--traffic-rate: 0 or more expected"),
        (["--gateway-port", "70000"], "--gateway-port: 0 to 65535 expected"),
        (["--otlp-endpoint", "collector:4318"], "a URL like http://127.0.0.1:4318 expected, got collector:4318"),
        (["--only", "warehouse"], "invalid choice: 'warehouse'"),
        (["--scale", "users=0"], "SERVICE=1 to 8 expected, got users=0"),
        (["--scale", "gateway=2"], "gateway: there is only one"),
    ],
)
def test_a_wrong_option_says_what_is_expected(
    options: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert complaint in capsys.readouterr().err


DOC = (Path(__file__).parents[2] / "docs" / "demo-shop.md").read_text()


def test_the_settings_in_the_docs_have_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `SHOP_(\w+)` \| `?([^|` ]*)`? \|", DOC, re.M))
    assert len(rows) > 20
    del rows["REDIS_SERVER"]  # the supervisor's own
    fields = ServiceSettings.model_fields
    assert rows == {name: str(fields[name.lower()].default) or "none" for name in rows}


def test_the_docs_name_every_service_fault_and_scenario() -> None:
    for name in (*SERVICES, *KINDS, *SCENARIOS):
        assert f"| `{name}`" in DOC, name


def test_a_fault_for_a_shop_that_does_not_run_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert fault(["payments", "latency", "2s", "--for", "5s", "--registry", url]) == 1
    assert capsys.readouterr().err == (
        f"spanscape fault: {url}/services/payments does not answer: does the shop run?\n"
    )
