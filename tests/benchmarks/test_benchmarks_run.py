"""Every benchmark runs to its table. How fast anything is, is no matter here."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

PROJECT = Path(__file__).resolve().parents[2]
TINY = ["--quick", "--runs", "1", "--duration", "1", "--spans", "4000"]
CASES = ("50x370", "trace by id", "rare attribute", "24 hours")


def test_all_benchmarks_run_and_write_their_tables(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    cases = [option for case in CASES for option in ("--case", case)]
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "all",
        *TINY,
        *cases,
        "--data",
        str(tmp_path),
        "--results",
        str(results),
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    text = results.read_text()
    for title in (
        "Ingest",
        "Soak, 1 s",
        "Export to answer",
        "Queries over 8,000 spans",
        "Size and opening, 8,000 spans",
    ):
        assert f"## {title}" in text
    for figure in ("http 50x370", "grpc / http 50x370", "trace seen p99", "topology of 24 hours p50", "start to ready"):
        assert f"| {figure} |" in text
    assert "| refused or failed requests | ≤ 0 | 0  | yes |" in text
    assert "| failed or wrongly empty answers | ≤ 0 | 0  | yes |" in text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("run-")] == []
