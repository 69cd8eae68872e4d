"""docs/configuration.md describes every setting with its default, and none that does not exist."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

import collector.settings
import dashboard.settings
from collector.main import _OPTIONS

TEXT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
FIELDS: dict[str, FieldInfo] = {**collector.settings.Settings.model_fields, **dashboard.settings.Settings.model_fields}
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| `(SPANSCAPE_\w+)` \|[^|]*\| ([^|]*) \|", TEXT, re.M)}
OTHERS = {"SPANSCAPE_TEST_CLICKHOUSE_URL", "SPANSCAPE_SAMPLES"}


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_is_documented_with_its_default(field: str) -> None:
    assert ROWS[f"SPANSCAPE_{field.upper()}"] == shown(FIELDS[field].default)


def shown(default: Any) -> str:
    match default:
        case "":
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case float():
            return f"`{default:g}`"
        case _:
            return f"`{default}`"


def test_no_other_setting_is_documented() -> None:
    documented = set(re.findall(r"SPANSCAPE_[A-Z_]+[A-Z]", TEXT))
    assert documented <= {f"SPANSCAPE_{field.upper()}" for field in FIELDS} | OTHERS


def test_options_of_the_command_line_are_documented() -> None:
    for option, (field, *_) in _OPTIONS.items():
        assert re.search(rf"^\| `SPANSCAPE_{field.upper()}` \| `{option}` \|", TEXT, re.M), option
