"""The texts around the map: what is wrong, what is shown, what to do when nothing is."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard import theme
from dashboard.api_types import Topology
from dashboard.components.breaker_words import worst_state
from dashboard.components.graph_reasoning import Suspect
from dashboard.components.icons import icon
from dashboard.components.plain import Plain, plain
from dashboard.components.releases import Releases, told

SUSPECTS_SHOWN = 3
_NOUNS = {
    "service": ("service",),
    "database": ("database",),
    "messaging": ("broker",),
    "external": ("external", "external"),
}


def texts(
    shown: Topology, suspects: Sequence[Suspect], range_label: str, hidden: int, latest: Releases
) -> dict[str, Any]:
    """By part of the page, ready to be sent."""
    ranked = enumerate(suspects[:SUSPECTS_SHOWN], 1)
    return {
        "summary": _summary(shown, range_label, hidden),
        "suspects": [_suspect(rank, suspect, told(latest.get(suspect.id), shown)) for rank, suspect in ranked],
        "more_suspects": max(len(suspects) - SUSPECTS_SHOWN, 0),
        "calm": _calm(shown),
        "empty": not shown["nodes"],
        "hidden": hidden,
        "traces": _traces(shown),
    }


def _traces(shown: Topology) -> str:
    """Of which traces the map is, where a filter chose them."""
    count = shown.get("traces")
    if count is None:
        return ""
    newest = "newest " if shown["more_traces"] else ""
    return f"Only {newest}{theme.counted(count, 'trace')}"


def _summary(shown: Topology, range_label: str, hidden: int) -> str:
    counts = Counter(node["kind"] for node in shown["nodes"])
    parts = [theme.counted(counts[kind], *nouns) for kind, nouns in _NOUNS.items() if counts[kind]]
    parts += [f"{hidden} hidden"] if hidden else []
    return " · ".join([*parts, range_label])


def _suspect(rank: int, suspect: Suspect, release: str) -> Plain:
    """A button: pressing it selects the node, pointing at it shows who depends on it."""
    felt = f"felt by {theme.counted(suspect.felt_by, 'service that calls', 'services that call')} it"
    words = [*suspect.reasons[:1], release, *suspect.reasons[1:], felt if suspect.felt_by else ""]
    reasons = "; ".join(filter(None, words))
    look = "suspect-explained" if suspect.blames else "suspect-source"
    return plain(
        html.Button(
            [
                html.Span("①②③"[rank - 1], className="suspect-rank"),
                html.Span(
                    [
                        html.Span(
                            [icon(suspect.kind), html.Strong(theme.shorten(suspect.name, 40))], className="suspect-name"
                        ),
                        html.Span(reasons, className="suspect-reasons", title=reasons),
                    ]
                ),
            ],
            className=f"suspect {look}",
            **{"data-node": suspect.id, "aria-label": f"Suspect {rank}: {suspect.name}. {reasons}"},
        )
    )


def _calm(shown: Topology) -> str:
    """Said when there is no suspect."""
    calls = sum(edge["calls"] for edge in shown["edges"])
    failed = sum(edge["errors"] for edge in shown["edges"])
    guarded = sum(bool(worst_state(edge.get("breakers") or ())) for edge in shown["edges"])
    breakers = f"; {theme.counted(guarded, 'breaker lets', 'breakers let')} calls through" if guarded else ""
    least = theme.format_share(1, round(1 / theme.SHARE_NOTED))
    return f"No service fails {least} of its calls or more: {theme.format_share(failed, calls)} of all{breakers}."
