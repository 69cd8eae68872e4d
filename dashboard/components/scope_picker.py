"""One control for the environment and the namespace that every page shows."""

from collections.abc import Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components.icons import icon
from dashboard.scope import Scope

EVERYTHING_WORDS = "All services"


def scope_picker() -> Component:
    """A button that says what is chosen; pressed, it lets choose."""
    button = html.Button(
        [icon("filter"), html.Span(EVERYTHING_WORDS, id=ids.SCOPE_WORDS)],
        id=ids.SCOPE_BUTTON,
        className="plain-button scope-button",
        title="Show one environment or namespace only",
    )
    fields = [_select(ids.ENVIRONMENT, "Environment", "All"), _select(ids.NAMESPACE, "Namespace", "All")]
    note = html.P("As services say in deployment.environment.name and service.namespace.", className="muted")
    return dmc.Popover(
        [dmc.PopoverTarget(button), dmc.PopoverDropdown(html.Div([*fields, note], className="scope-fields"))],
        position="bottom-start",
        withArrow=True,
        trapFocus=True,
        keepMounted=True,
    )


def choices(services: Iterable[Mapping[str, Any]], chosen: Scope) -> tuple[list[str], list[str]]:
    """Environments and namespaces of the services, with what is chosen though no service is in it."""
    known = list(services)
    environments = {each for service in known for each in service["environments"]} | {chosen.environment}
    namespaces = {service["namespace"] for service in known} | {chosen.namespace}
    return sorted(environments - {""}), sorted(namespaces - {""})


def _select(id_: str, label: str, placeholder: str) -> Component:
    return dmc.Select(
        id=id_,
        label=label,
        placeholder=placeholder,
        data=[],
        clearable=True,
        searchable=True,
        size="xs",
        w=210,
        nothingFoundMessage="No service says one",
        comboboxProps={"withinPortal": False},
    )
