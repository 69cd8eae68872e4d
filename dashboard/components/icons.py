"""Icons as line drawings on a 24 x 24 grid, drawn here so that nothing is fetched from elsewhere."""

from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

_PATHS = {
    "logo": '<circle cx="5" cy="12" r="2.6"/><circle cx="18.5" cy="5.5" r="2.6"/><circle cx="18.5" cy="18.5" r="2.6"/>'
    '<path d="M7.5 11 16 6.7M7.5 13l8.5 4.3"/>',
    "traces": '<path d="M4 6h9M8 12h10M12 18h8"/>',
    "sun": '<circle cx="12" cy="12" r="4"/>'
    '<path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>',
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "arrange": '<rect x="3" y="9" width="6" height="6" rx="1"/><rect x="15" y="3" width="6" height="6" rx="1"/>'
    '<rect x="15" y="15" width="6" height="6" rx="1"/><path d="M9 12h3M15 6h-3v12h3"/>',
    "services": '<rect x="4" y="4" width="7" height="7" rx="1.2"/><rect x="13" y="4" width="7" height="7" rx="1.2"/>'
    '<rect x="4" y="13" width="7" height="7" rx="1.2"/><rect x="13" y="13" width="7" height="7" rx="1.2"/>',
    "breakers": '<path d="M3 15h5M16 15h5M8 15l8-7M8 15h.1M16 15h.1"/>',
    "health": '<path d="M12 20S4 15.2 4 9.6A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.6C20 15.2 12 20 12 20z"/>',
    "doctor": '<path d="M6 4v5a4 4 0 0 0 8 0V4M10 13v2a5 5 0 0 0 9 3v-4"/><circle cx="19" cy="12" r="1.8"/>',
    "clock": '<circle cx="12" cy="12" r="8"/><path d="M12 7.5V12l3 2"/>',
    "pause": '<path d="M9 5v14M15 5v14"/>',
    "play": '<path d="M8 5l11 7-11 7z"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.6 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.5-1.2 1-1.2 1.9M12 16.6v.2"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "fit": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "full": '<path d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"/>',
    "dots": '<path d="M3 12h3"/><circle cx="10" cy="12" r="1.6"/><circle cx="16" cy="12" r="1.6"/><path d="M20 12h1"/>',
    "export": '<path d="M12 15V4M8 8l4-4 4 4M5 14v5h14v-5"/>',
    "target": '<circle cx="12" cy="12" r="7"/><circle cx="12" cy="12" r="1.5"/><path d="M12 2.5V6M12 18v3.5M2.5 12H6M18 12h3.5"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5.5 5.5"/>',
    "error": '<path d="M12 4 2.8 20h18.4z"/><path d="M12 10v4.5M12 17.3v.2"/>',
    "filter": '<path d="M4 5h16l-6.2 7.5V19l-3.6-2v-4.5z"/>',
    "away": '<path d="M9 7V3M15 7V3M6 7h12v4a6 6 0 0 1-12 0zM12 17v4"/>',
    "empty": '<path d="M3 12h4l2-6 4 12 2.5-6H21"/>',
    "service": '<rect x="4" y="4" width="16" height="7" rx="1.5"/><rect x="4" y="13" width="16" height="7" rx="1.5"/>'
    '<path d="M8 7.5h.1M8 16.5h.1"/>',
    "database": '<ellipse cx="12" cy="6" rx="7" ry="2.8"/>'
    '<path d="M5 6v12c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8V6M5 12c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8"/>',
    "messaging": '<rect x="3" y="6" width="18" height="12.5" rx="1.5"/><path d="m3.5 7.5 8.5 6 8.5-6"/>',
    "kind-server": '<path d="M20 4v16M4 12h11M10.5 7.5 15 12l-4.5 4.5"/>',
    "kind-client": '<path d="M4 4v16M9 12h11M15.5 7.5 20 12l-4.5 4.5"/>',
    "kind-producer": '<rect x="3" y="6" width="10" height="12" rx="1.5"/><path d="M15 12h6M18 9l3 3-3 3"/>',
    "kind-consumer": '<rect x="11" y="6" width="10" height="12" rx="1.5"/><path d="M2 12h6M5.5 9l3 3-3 3"/>',
    "kind-internal": '<circle cx="12" cy="12" r="4.5"/>',
    "kind-unspecified": '<circle cx="12" cy="12" r="4.5" stroke-dasharray="3 3"/>',
    "external": '<path d="M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5"/>',
}


def icon(name: str) -> Component:
    """A decorative icon in the colour of the text around it; the text beside it says what it means."""
    return html.Span(className=f"icon icon-{name}", **{"aria-hidden": "true"})


def css() -> str:
    """One class per icon; the drawing is a mask, so it takes the text's colour."""
    return "\n".join(f'.icon-{name}{{--icon:url("{data_uri(name, "#000")}")}}' for name in _PATHS)


def data_uri(name: str, colour: str) -> str:
    """The icon as an image drawn in `colour`, for places that know no CSS such as the graph."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">{_PATHS[name]}</svg>'
    )
    return "data:image/svg+xml;utf8," + quote(drawing, safe="")
