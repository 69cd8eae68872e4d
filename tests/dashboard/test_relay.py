"""The relay of the collector's API: what passes, what does not, and what it says when the collector does not answer."""

import json
import socket
import urllib.error
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from otlp_requests import Span, request, trace_id
from running_dashboard import running_dashboard

from dashboard.relay import target_of

TRACE = "5a" * 16


@pytest.mark.parametrize(
    ("raw_path", "query"),
    [
        (f"/api/v1/traces/{TRACE}/outline", "skew=as_sent"),
        ("/api/v1/traces", "q=a%3Db%26c"),
        ("/api/v1/services/a%20%C3%A9/operations", ""),
        ("/api/v1/attributes/http.route/values", "prefix=%2Fpay"),
    ],
)
def test_a_call_of_the_api_passes_as_it_came(raw_path, query):
    assert target_of(raw_path, query) == (f"{raw_path}?{query}" if query else raw_path)


@pytest.mark.parametrize(
    "raw_path",
    [
        "/api/v1/",
        "/api/v1/stream",
        "/api/v1/metrics",
        "/api/v1/traces/../../metrics",
        "/api/v1/traces/%2e%2e/%2E%2E/metrics",
        "/api/v1/traces/..%2f..%2fmetrics",
        "/api/v1/traces/./x",
        "/api/v1//traces",
        "/api/v1/traces//evil.example/x",
        "/api/v1/traces/..%5cmetrics",
        "/api/v1/traces/a%0d%0aHost:x",
        "/api/v1/http://evil.example/traces",
        "/api/v1/traces@evil.example/",
        "/api/v1/traces?x",
        "/api/v1/traces#x",
    ],
)
def test_nothing_else_passes(raw_path):
    assert target_of(raw_path, "") is None


def raw(url: str, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """The answer to exactly this path, which no client library has tidied up."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    said = answer.status, answer.read()
    connection.close()
    return said


def test_a_script_may_have_its_mistakes_as_data_but_no_failure(dashboard_url):
    def asked(path: str, **headers: str) -> tuple[int, int, str]:
        answer = requests.get(dashboard_url + path, headers=headers, timeout=60)
        return answer.status_code, answer.json()["status"], answer.headers["Content-Type"]

    wanted = {"X-Problems": "as-data"}
    kind = "application/problem+json"
    assert asked("/api/v1/traces?q=((") == (400, 400, kind)
    assert asked("/api/v1/traces?q=((", **wanted) == (200, 400, kind)
    assert asked(f"/api/v1/traces/{'77' * 16}", **wanted) == (404, 404, kind)


def test_answers_and_errors_are_the_collectors_own(collector, dashboard_url):
    collector.send(request([Span("web", "a", kind="server"), *(Span("web", f"{n}", "a") for n in range(50))]))
    for path in (f"/api/v1/traces/{trace_id('t1').hex()}/outline", "/api/v1/traces/nothing", "/api/v1/services?end=x"):
        own, passed = (requests.get(base + path, timeout=60) for base in (collector.api, dashboard_url))
        assert (passed.status_code, passed.content) == (own.status_code, own.content)
        assert passed.headers["Content-Type"] == own.headers["Content-Type"]


def test_a_large_answer_is_compressed_for_who_takes_it(dashboard_url, collector):
    collector.send(request([Span("web", "a", trace="big"), *(Span("web", f"{n}", "a", "big") for n in range(50))]))
    url = f"{dashboard_url}/api/v1/traces/{trace_id('big').hex()}/outline"
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=60)
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=60)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_only_get_from_the_own_origin_and_no_way_around_the_path(dashboard_url):
    path = "/api/v1/services"
    assert raw(dashboard_url, "GET", path)[0] == 200
    assert raw(dashboard_url, "POST", path)[0] == 405
    assert raw(dashboard_url, "GET", path, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    for tricky in ("/api/v1/traces/../../metrics", "/api/v1/traces/%2e%2e/%2e%2e/metrics", "/api/v1/health/badge.svg"):
        status, body = raw(dashboard_url, "GET", tricky)
        assert status in (404, 502), tricky
        assert json.loads(body)["status"] == status


def test_an_answer_past_the_limit_is_refused_in_words(collector, monkeypatch):
    monkeypatch.setenv("SPANSCAPE_DASHBOARD_MAX_ANSWER_BYTES", "100")
    collector.send(request([Span("web", "a", trace="large", kind="server")]))
    with running_dashboard(collector.api) as url:
        answer = requests.get(f"{url}/api/v1/traces/{trace_id('large').hex()}/outline", timeout=60)
    assert answer.status_code == 502
    assert "SPANSCAPE_DASHBOARD_MAX_ANSWER_BYTES allows 100" in answer.json()["detail"]


def test_a_collector_that_is_away_is_told_and_a_stranger_is_not_passed_on():
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with running_dashboard(nobody) as url:
        answer = requests.get(f"{url}/api/v1/services", timeout=60)
        assert (answer.status_code, answer.json()["title"]) == (502, "Collector is away")
        assert nobody in answer.json()["detail"]
        with running_dashboard(url) as other, pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{other}/api/v1/services")  # that dashboard's collector is a dashboard
        assert json.load(refused.value)["title"] == "Collector is away"


TOKEN = "0a" * 16


def test_only_recordings_are_handed_in(dashboard_url):
    for path in ("/api/v1/traces", "/api/v1/health", f"/api/v1/traces/uploads/{TOKEN}", "/api/v1/traces/upload/../x"):
        assert raw(dashboard_url, "POST", path)[0] == 405
    for path in ("/api/v1/traces/upload", f"/api/v1/traces/uploads/{TOKEN}/store"):
        assert raw(dashboard_url, "POST", path, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
        assert raw(dashboard_url, "POST", path, Origin="http://evil.example")[0] == 403
    assert raw(dashboard_url, "POST", f"/api/v1/traces/uploads/{TOKEN}/store")[0] == 404
    status, said = raw(dashboard_url, "POST", "/api/v1/traces/upload", Origin=dashboard_url)
    assert (status, json.loads(said)["status"]) == (400, 400)


def test_a_recording_that_is_too_large_is_refused(collector):
    with running_dashboard(collector.api, {"SPANSCAPE_UPLOAD_MAX_BYTES": "2000"}) as url:
        answer = requests.post(f"{url}/api/v1/traces/upload", b"x" * 2001, timeout=60)
    assert answer.status_code == 413
    assert "SPANSCAPE_UPLOAD_MAX_BYTES" in answer.json()["detail"]
