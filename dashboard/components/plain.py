"""Long lists as plain HTML. Dash follows every component it draws, which takes minutes for a thousand rows; a list of
rows that only shows text and links is sent as data instead and drawn by `drawPlain` in assets/plain.js."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from dash.development.base_component import Component

# Text, or [tag, attributes, child, …] with attributes such as {"class": …, "style": {"--left": …}}.
Plain: TypeAlias = str | list[Any]

_ATTRIBUTE_NAMES = {"className": "class", "colSpan": "colspan", "tabIndex": "tabindex"}


def plain(component: Any) -> Plain:
    """A tree of `html` components and `dcc.Link`s as data. Texts and attributes stay texts, never parsed.

    What is data already, such as a chart, stays as it is.
    """
    if isinstance(component, list):
        return component
    if not isinstance(component, Component):
        return "" if component is None else str(component)
    described = component.to_plotly_json()
    tag = "a" if described["type"] == "Link" else described["type"].lower()
    given = described["props"]
    attributes = {_ATTRIBUTE_NAMES.get(name, name): value for name, value in given.items() if name != "children"}
    return [tag, attributes, *(plain(child) for child in _children(given.get("children")))]


def plain_list(components: Iterable[Any]) -> list[Plain]:
    """Each component as data."""
    return [plain(component) for component in components]


def _children(children: Any) -> list[Any]:
    if children is None:
        return []
    return list(children) if isinstance(children, list | tuple) else [children]
