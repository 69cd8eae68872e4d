"""Imports go one way: each room may use the rooms below it (docs/architecture.md), and no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = {"collector.errors", "collector.model", "collector.settings"}
STORE = {"collector.store"}
CONVENTIONS = {"collector.conventions"}
QUERIES = {"collector.queries"}
MAY_IMPORT = {
    "collector.errors": set(),
    "collector.model": set(),
    "collector.settings": set(),
    "collector.conventions": set(),
    "collector.formats": {"collector.errors"},
    "collector.store": SHARED,
    "collector.receivers": SHARED | STORE,
    "collector.queries": SHARED | STORE | CONVENTIONS,
    "collector.probes": SHARED | STORE | CONVENTIONS | QUERIES,
    "collector.api": SHARED | STORE | QUERIES | {"collector.receivers", "collector.formats"},
    "collector.app": {"collector"},
    "collector.main": {"collector"},
    "collector.__main__": {"collector"},
    "dashboard": {"dashboard"},
    "demo_services": {"demo_services"},
    "spanscape": {"collector", "dashboard", "demo_services", "spanscape"},
}
"""By module or package; what is inside a package may always import the rest of it."""


def modules(room: str) -> Iterator[Path]:
    path = ROOT.joinpath(*room.split("."))
    yield from sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imports(file: Path) -> Iterator[str]:
    """The project's modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (
            name for name in names if name.split(".")[0] in {"collector", "dashboard", "demo_services", "spanscape"}
        )


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_the_rooms_below(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(room)
        for name in imports(file)
        if not any(within(name, other) for other in allowed)
    ]
    assert wrong == []


def test_every_room_of_the_collector_has_a_rule() -> None:
    rooms = {
        f"collector.{path.stem}"
        for path in (ROOT / "collector").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"collector.__init__"} <= MAY_IMPORT.keys()


def test_conventions_import_nothing_but_each_other() -> None:
    for file in modules("collector.conventions"):
        assert all(within(name, "collector.conventions") for name in imports(file))


def test_pages_and_components_of_the_dashboard_do_not_speak_http() -> None:
    """They know the collector through dashboard/client.py."""
    for room in ("dashboard.pages", "dashboard.components"):
        for file in modules(room):
            tree = ast.parse(file.read_text())
            names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
            names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert not {name.split(".")[0] for name in names} & {"requests", "urllib3", "httpx", "http"}, file
