"""The list of keyboard shortcuts; assets/keys.js acts on them."""

from dash import html
from dash.development.base_component import Component

SHORTCUTS = (
    ("?", "this list"),
    ("/", "find on the map, or filter traces"),
    ("g t", "topology"),
    ("g s", "services"),
    ("g r", "traces"),
    ("g b", "breakers"),
    ("g h", "health"),
    ("g d", "doctor"),
    ("p", "pause updates, or go on"),
    ("f", "map: show everything"),
    ("+  −", "map: nearer, further"),
    ("w", "map: next suspect"),
    ("o", "map: focus on what is selected, or end that"),
    ("↑ ↓ ← →", "trace: previous and next span; fold, unfold"),
    ("[  ]", "trace: one level less, more"),
    ("n  N", "trace: next match, previous"),
    ("e  E", "trace: next error, previous"),
    ("+ − 0 z", "trace: zoom in, out, not at all, to the span"),
    ("⇧← ⇧→", "trace: earlier, later"),
    ("l", "trace: log records below their spans"),
    ("1 … 9", "trace: views"),
    ("Enter", "trace: open the span's panel"),
    ("Esc", "close, deselect"),
)


def shortcuts_dialog(dialog_id: str) -> Component:
    """A native dialog: the browser keeps the focus in it and closes it on Escape."""
    rows = [html.Div([html.Dt(html.Kbd(keys)), html.Dd(meaning)]) for keys, meaning in SHORTCUTS]
    close = html.Button("Close", className="plain-button", **{"data-close": "help"})
    return html.Dialog(
        [html.H2("Keyboard shortcuts", id=f"{dialog_id}-title"), html.Dl(rows, className="shortcuts"), close],
        id=dialog_id,
        className="dialog",
        **{"aria-labelledby": f"{dialog_id}-title"},
    )
