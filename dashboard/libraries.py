"""Component libraries that few pages use. Dash has every page load and run every library: a third of what a page takes to open.

These are left out of the page. assets/libraries.js has a stand-in for each, which fetches the library when Dash draws it; a page
that needs one has it fetched beside Dash's own scripts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash_ag_grid
import dash_cytoscape
import plotly
from dash import dash_table
from dash.fingerprint import build_fingerprint

_ADDRESS = "/_dash-component-suites/{}/{}"


@dataclass(frozen=True)
class Library:
    """A package of components, or of what a component fetches by itself."""

    package: Any
    files: tuple[str, ...]
    pages: str
    """Paths of pages that need it at once, as a regular expression of the browser."""
    component: str = ""
    """Has a stand-in until the files are there. Empty: its component does the fetching, pages only have it ready."""


_LIBRARIES = (
    Library(dash_cytoscape, ("dash_cytoscape.min.js",), r"^/$", "Cytoscape"),
    Library(dash_ag_grid, ("dash_ag_grid.min.js", "async-community.js"), r"^/services$", "AgGrid"),
    Library(plotly, ("package_data/plotly.min.js",), r"^/service/"),
)


def leave_out() -> None:
    """Dash goes on to serve them, but pages do not name them. Its own table, which nothing here uses, neither."""
    files = {file for library in _LIBRARIES for file in library.files} | {"dash_table/bundle.js"}
    for package in (dash_ag_grid, dash_cytoscape, dash_table):
        for script in package._js_dist:
            if script.get("relative_package_path") in files:
                script["async"] = "lazy"


def for_browser() -> list[dict[str, Any]]:
    """What assets/libraries.js needs to know: name, component, pages, and addresses of the files."""
    return [
        {
            "name": library.package.__name__,
            "component": library.component,
            "pages": library.pages,
            "files": [_address(library.package, file) for file in library.files],
        }
        for library in _LIBRARIES
    ]


def _address(package: Any, file: str) -> str:
    """As Dash itself names a file and its version."""
    changed = int((Path(package.__file__).parent / file).stat().st_mtime)
    return _ADDRESS.format(package.__name__, build_fingerprint(file, package.__version__, changed))
