"""SQL: in files that are all used, with values bound and only fixed words of our own filled in."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

COLLECTOR = Path(__file__).parents[2] / "collector"
SQL_DIR = COLLECTOR / "queries" / "sql"
SQL_WORDS = re.compile(r"\b(SELECT|INSERT INTO|ALTER TABLE|CREATE|DROP|FROM|WHERE)\b")
FIXED_WORDS = (
    r"_*[A-Z_]+(\[.*\]|\.get\(.*\))?",  # constants
    r"(sources\.)?(call_spans|operations|edges|spans)\(store\)|sources\.OF_MINUTES",  # where questions read from
    r"traces\.sql|computed",  # a condition of filter_sql, a statement of our own
    r"table|date",  # a table of ours, a day that the engine reported and that was parsed
    r"_quoted\(.*\)|cluster|on_cluster",  # an identifier in quotes, a name that the settings checked
)
"""What may stand in braces in an f-string that is SQL. Whoever adds to this shows that no user's text can get there."""


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(file, ast.parse(file.read_text())) for file in sorted(COLLECTOR.rglob("*.py"))]


@cache
def texts_of_queries() -> set[str]:
    """Every string in the code that asks questions."""
    return {
        node.value
        for file, tree in trees()
        if file.is_relative_to(COLLECTOR / "queries")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("file", sorted(SQL_DIR.iterdir()), ids=lambda file: file.name)
def test_every_sql_file_is_used_by_name(file: Path) -> None:
    assert file.name.split(".")[0] in texts_of_queries()


def test_every_name_that_is_used_has_a_file() -> None:
    names = {text for text in texts_of_queries() if re.fullmatch(r"rollup_\w+", text)}
    for _, tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "statement"
                and isinstance(node.args[0], ast.Constant)
            ):
                names.add(str(node.args[0].value))
    assert names <= {file.stem for file in SQL_DIR.glob("*.sql")}
    assert len(names) > 8


def test_only_fixed_words_are_formatted_into_sql() -> None:
    wrong = [
        f"{file.relative_to(COLLECTOR)}:{node.lineno}: {expression}"
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and SQL_WORDS.search(_constant_text(node))
        for expression in (ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        if not any(re.fullmatch(allowed, expression) for allowed in FIXED_WORDS)
    ]
    assert wrong == []


def _constant_text(text: ast.JoinedStr) -> str:
    return " ".join(str(part.value) for part in text.values if isinstance(part, ast.Constant))


def test_sql_is_not_put_together_by_percent_or_format() -> None:
    for file, tree in trees():
        for node in ast.walk(tree):
            subject = None
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
                subject = node.left
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                subject = node.func.value
            if isinstance(subject, ast.Constant) and isinstance(subject.value, str):
                assert not SQL_WORDS.search(subject.value), f"{file}:{node.lineno}"


def test_the_api_holds_no_sql() -> None:
    for file in (COLLECTOR / "api").rglob("*.py"):
        assert not re.search(r"\bSELECT\b|\.query\(|\.command\(", file.read_text()), file
