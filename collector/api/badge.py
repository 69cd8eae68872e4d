"""A badge: a label and a status as a small picture."""

from xml.sax.saxutils import escape

_COLOURS = {"healthy": "#2e7d32", "degraded": "#b26a00", "unhealthy": "#c62828", "unknown": "#616161"}
_CHARACTER_PX = 6.6


def badge(label: str, status: str) -> str:
    """An SVG picture. `label` is untrusted text and is cut to 60 characters."""
    label = "".join(letter for letter in label[:60] if letter.isprintable())
    left, right = (round(len(text) * _CHARACTER_PX) + 12 for text in (label, status))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(label, {chr(34): "&quot;"})}: {status}">'
        f'<rect width="{left}" height="20" fill="#424242"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[status]}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14">{escape(label)}</text><text x="{left + 6}" y="14">{status}</text></g></svg>'
    )
