"""The list of breakers in a real browser: what it shows is what the collector answers, and it follows changes."""

import time
from collections.abc import Iterator

import pytest
from otlp_signals import Point, metrics
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from dashboard import ids
from dashboard.components.breaker_words import state_word

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'
SCOPE = "spanscape.circuit_breaker"
STATES = ("closed", "open", "half_open")
MANY = 2000
RANGE = "1h"
"""So long that nothing leaves it while the tests run."""
ROWS = f"#{ids.BREAKERS_LIST} .lamp-row"


def state_points(name: str, state: str, target: str = "", ago_s: float = 0.0) -> list[Point]:
    words = {"circuit_breaker.name": name, **({"circuit_breaker.target": target} if target else {})}
    at_ns = time.time_ns() - int(ago_s * 10**9)
    return [
        Point("circuit_breaker.state", float(one == state), {**words, "circuit_breaker.state": one}, "updown", at_ns)
        for one in STATES
    ]


def send(collector: RunningCollector, service: str, points: list[Point], instance: str = "i1", **resource: str) -> None:
    body = metrics(service, points, instance, SCOPE, **resource).SerializeToString()
    assert collector.post(body, "metrics").status_code == 200


def calls(name: str, outcome: str, count: float, ago_s: float) -> Point:
    words = {"circuit_breaker.name": name, "circuit_breaker.outcome": outcome}
    at_ns = time.time_ns() - int(ago_s * 10**9)
    return Point("circuit_breaker.calls", count, words, "counter", at_ns, at_ns // 10**18 * 10**18)


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """A few breakers of each sort. Nothing becomes stale by itself while the tests run."""
    with running_collector(tmp_path_factory.mktemp("collector"), breakers_stale_min_s="1800") as running:
        web = state_points("pay", "open", "till") + state_points("find", "closed", "search")
        web += [calls("pay", "success", 10, 20), calls("pay", "success", 40, 5)]
        web += [calls("pay", "failure", 0, 20), calls("pay", "failure", 20, 5)]
        send(running, "web", web)
        send(running, "web", state_points("pay", "closed", "till"), "i2")
        send(running, HOSTILE, state_points(HOSTILE, "half_open", HOSTILE))
        send(running, "cart", [*state_points("loose", "closed"), Point("circuit_breaker_state", 1, {"name": "odd"})])
        send(running, "shop", state_points("spaced", "closed", "till"), **{"service.namespace": "shop"})
        send(running, "cart", state_points("gone", "open", "till", ago_s=2400))
        limit = {"envoy.cluster_name": "stock"}
        send(running, "proxy", [Point("cluster.circuit_breakers.default.rq_open", 1, limit)])
        poll_until(lambda: len(running.get("/breakers/lamps", start=f"-{RANGE}")["lamps"]) == 8, "the breakers")
        poll_until(lambda: any(lamp["calls_failed"] for lamp in running.get("/breakers/lamps")["lamps"]), "calls")
        yield running


def shown(page) -> dict[str, tuple[str, ...]]:
    """By id: word, path, rejected calls and note of instances, as texts of the page."""
    return page.eval_on_selector_all(
        ROWS,
        """rows => Object.fromEntries(rows.map(row => [row.dataset.id, [
            row.querySelector('.cell-state strong').textContent, row.querySelector('.lamp-link').textContent,
            row.querySelector('.cell-name .two > small').textContent, row.querySelector('.cell-rejected').textContent]]))""",
    )


def opened(page, address: str = f"/breakers?range={RANGE}"):
    page.goto(address)
    page.locator(ROWS).first.wait_for()
    return page


def test_lamps_equal_the_api(page, collector):
    opened(page)
    expected = {
        lamp["id"]: [
            state_word(lamp),
            lamp["name"],
            f"{lamp['group'] + ' · ' if lamp['group'] else ''}{lamp['service']} → {lamp['target'] or 'unbound'}",
            f"{lamp['rejected']:,}",
        ]
        for lamp in collector.get("/breakers/lamps", start=f"-{RANGE}")["lamps"]
    }
    assert shown(page) == expected
    assert next(iter(shown(page).values()))[0] in ("Open", "At its limit")
    pay = page.locator(ROWS).filter(has_text="web → till")
    assert pay.locator(".cell-text").inner_text().startswith("1 of 2 open")
    assert pay.locator(".cell-traffic").inner_text().endswith("⚠ 40 % failed")


def test_what_is_not_known_is_said_with_its_reason(page, collector):
    opened(page)
    gone = page.locator(ROWS).filter(has_text="gone")
    assert gone.locator(".cell-state").inner_text().startswith("Unknown\nlast seen ")
    odd = page.locator(ROWS).filter(has_text="odd")
    assert odd.locator(".tag").inner_text() == "unrecognised"
    assert "say what it means in" in odd.locator(".tag").get_attribute("title")
    loose = page.locator(ROWS).filter(has_text="loose")
    assert "names no target" in loose.locator(".cell-name .two > small").get_attribute("title")


def test_a_lamp_follows_its_breaker_and_the_others_stay_as_they_are(page, collector):
    send(collector, "mail", state_points("smtp", "closed", "relay"))
    opened(page, f"/breakers?range={RANGE}&find=smtp")
    lamp = page.locator(ROWS)
    lamp.get_by_text("Closed", exact=True).wait_for()
    page.locator(f"#{ids.BREAKERS_FIND}").fill("")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 9")
    page.evaluate(
        f"""() => {{
          document.querySelectorAll('{ROWS}').forEach(row => row.kept = true);
          window.received = [];
          dash_clientside.spanscape.live.on('lamps', message => window.received.push(message));
        }}"""
    )
    mail = page.locator(ROWS).filter(has_text="mail → relay")
    for state, word in (("open", "Open"), ("half_open", "Half-open"), ("closed", "Closed")):
        send(collector, "mail", state_points("smtp", state, "relay"))
        mail.get_by_text(word, exact=True).wait_for()
        page.locator(f"#{ids.BREAKERS_CHANGES} li").filter(has_text="smtp").filter(has_text=word).first.wait_for()
    assert page.eval_on_selector_all(ROWS, "rows => rows.every(row => row.kept)")
    assert not any(message.get("whole") for message in page.evaluate("window.received"))
    assert page.locator(f"#{ids.BREAKERS_CHANGES} li").filter(has_text="smtp").count() == 3


def test_evidence_that_disagrees_is_said_in_the_list_and_on_the_page(page, collector):
    """A state set says closed, a number of the same breaker open; then they agree."""
    name = "resilience4j_circuitbreaker_state"
    points = [Point(name, 1, {"name": "torn", "state": "closed"}), Point(name, 1, {"name": "torn"})]
    send(collector, "torn", points)
    opened(page, "/breakers?find=torn")
    lamp = page.locator(ROWS)
    lamp.get_by_text("conflicting evidence").wait_for()
    assert lamp.locator(".cell-state strong").inner_text() == "Closed"
    lamp.locator(".lamp-link").click()
    page.get_by_text("The evidence disagrees").wait_for()
    states = page.locator("table:has(caption:text('Evidence')) tbody td:nth-child(4)")
    assert sorted(states.all_inner_texts()) == ["Closed", "Open"]
    send(collector, "torn", [Point(name, 0, {"name": "torn"})])
    page.get_by_text("The evidence disagrees").wait_for(state="detached")


def test_filters_and_groups_are_in_the_address(page, collector):
    opened(page)
    page.fill(f"#{ids.BREAKERS_FIND}", "web")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 2")
    page.locator("[data-state=open]").click()
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 1")
    page.locator("[data-group]").click()
    page.locator(".lamp-group").get_by_text("1 open").wait_for()
    assert page.evaluate("location.search") == f"?range={RANGE}&find=web&state=open&group=service"
    opened(page, f"/breakers?range={RANGE}&kind=concurrency_limit")
    assert [words[:2] for words in shown(page).values()] == [["At its limit", "stock"]]
    opened(page, f"/breakers?range={RANGE}&ns=shop")
    assert [words[1] for words in shown(page).values()] == ["spaced"]
    page.goto("/breakers?find=nowhere")
    page.get_by_text("No breaker matches.").wait_for()


def test_hostile_names_are_text_in_both_schemes(browser, dashboard_url, page, collector):
    opened(page)
    assert HOSTILE in [words[1] for words in shown(page).values()]
    dark = browser.new_page(base_url=dashboard_url, color_scheme="dark")
    opened(dark, f"/breakers?range={RANGE}&group=service")
    dark.locator(".lamp-group").get_by_text(HOSTILE).wait_for()
    colours = [
        each.evaluate(f"() => getComputedStyle(document.querySelector('{ROWS} strong')).color") for each in (page, dark)
    ]
    assert colours[0] != colours[1]
    assert [each.evaluate("window.hacked") for each in (page, dark)] == [None, None]
    dark.close()


def test_a_time_without_breakers_says_how_they_show_themselves(page):
    page.goto("/breakers?range=2026-01-01T00:00:00Z/2026-01-01T01:00:00Z")
    page.get_by_text("No circuit breaker was reported in this time range.").wait_for()


def test_of_thousands_only_those_in_view_are_in_the_document(page, collector):
    points = [point for n in range(MANY) for point in state_points(f"many-{n:04d}", "closed", "till")]
    send(collector, "zoo", points)
    opened(page, f"/breakers?range={RANGE}&find=many")
    page.locator(f"#{ids.BREAKERS_SHOWN}").get_by_text(f"{MANY:,} of ").wait_for()
    assert page.locator(ROWS).count() < 60
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.locator(ROWS).get_by_text(f"many-{MANY - 1:04d}").wait_for()
    assert page.locator(ROWS).count() < 60
