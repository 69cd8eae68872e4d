"""Uploads beside each way to reach a store: seen whole, and nothing of them in a store that is not ours to make tables in."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from otlp_requests import Span, request, trace_id
from store_ways import WAYS, Way, open_way

from collector.conventions import sql as conventions
from collector.errors import NotFound
from collector.queries import sources, traces
from collector.queries.tracing.analysis import Traces
from collector.queries.uploads import about_upload
from collector.store.engine import Store
from collector.store.uploads import Uploads

TRACE = trace_id("handed in").hex()


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with open_way(request.param, tmp_path_factory.mktemp(request.param)) as opened:
        yield opened


def recording() -> bytes:
    start_ns = time.time_ns()
    root = Span("till", "root", "", "handed in", "GET /", "server", start_ns, 9000)
    return request(
        [root, Span("bank", "below", "root", "handed in", "pay", "server", start_ns, 7000)]
    ).SerializeToString()


def seen(store: Store, uploads: Uploads) -> None:
    upload = uploads.add("OTLP", recording())
    about = about_upload(upload)
    assert (about["span_count"], [one["trace_id"] for one in about["traces"]]) == (2, [TRACE])
    analysis = Traces(store._settings).get(sources.uploaded(upload), TRACE)
    assert [analysis.spans.service[row] for row in range(2)] == ["till", "bank"]
    assert traces.summaries(sources.stored(store), [TRACE]) == []
    with pytest.raises(NotFound):
        Traces(store._settings).get(sources.stored(store), TRACE)


def databases(store: Store) -> set[str]:
    return {row["name"] for row in store.query("SELECT name FROM system.databases")}


def test_an_upload_is_seen_beside_every_store(way: Way) -> None:
    uploads = Uploads(way.store, way.settings, conventions.words())
    try:
        seen(way.store, uploads)
        assert ("uploads" in databases(way.store)) == (way.name == "embedded")
        folder = uploads._folder
        assert bool(folder) == (way.name != "embedded")
    finally:
        uploads.close()
    assert not folder or not Path(folder).exists()


def test_an_upload_is_seen_beside_a_store_that_is_only_read(way: Way) -> None:
    if way.name == "embedded":
        pytest.skip("one process opens a folder once; tests/tracing runs a read-only collector")
    settings = way.settings.model_copy(update={"store_readonly": True})
    store = Store(settings, conventions.words())
    uploads = Uploads(store, settings, conventions.words())
    try:
        seen(store, uploads)
        assert "uploads" not in databases(store)
    finally:
        uploads.close()
        store.close()
