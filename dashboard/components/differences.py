"""What must be sent so that a page which shows one state shows another."""

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]


def changed_elements(before: Mapping[str, Fields], after: Mapping[str, Fields]) -> dict[str, dict[str, Any]]:
    """By id: all fields of what is new, the changed fields of what is not; a field that is gone is None."""
    changes = {}
    for id_, fields in after.items():
        old = before.get(id_)
        change = dict(fields) if old is None else changed_fields(old, fields)
        if change or old is None:
            changes[id_] = change
    return changes


def changed_fields(before: Fields, after: Fields) -> dict[str, Any]:
    """The fields of `after` that differ, and None for those that only `before` has."""
    if before == after:
        return {}
    gone = {name: None for name in before if name not in after}
    return gone | {name: value for name, value in after.items() if name not in before or before[name] != value}


def gone_elements(before: Mapping[str, Fields], after: Mapping[str, Fields]) -> list[str]:
    """Ids that `after` lacks, sorted."""
    return sorted(before.keys() - after.keys())


def applied(before: Mapping[str, Fields], changes: Mapping[str, Fields], gone: list[str]) -> dict[str, dict[str, Any]]:
    """`before` with the changes made, as the page does it."""
    state = {id_: dict(fields) for id_, fields in before.items() if id_ not in gone}
    for id_, change in changes.items():
        fields = state.setdefault(id_, {}) | dict(change)
        state[id_] = {name: value for name, value in fields.items() if value is not None}
    return state
