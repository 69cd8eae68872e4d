"""The map at other times, in a real browser: the line of time, comparisons, deployments, services that fell silent."""

import re

import pytest
from otlp_requests import request
from playwright.sync_api import expect
from shop_calls import CY, RANGE, SHOP, call, opened, send_shop, shop_is_counted

from dashboard import ids

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector):
    send_shop(collector, "first")
    shop_is_counted(collector)


def test_an_earlier_time_is_shown_and_compared(page, collector):
    send_shop(collector, "again")
    calls_of_retired = f"{CY}.edges('[target = \"service:retired\"]').length"
    opened(page, "/?range=5m")
    page.locator("#timeline-slider").wait_for()
    page.wait_for_function("document.querySelectorAll('#timeline svg').length === 2")
    page.evaluate(
        "(() => { const s = document.getElementById('timeline-slider'); s.value = String(Number(s.max) - 58);"
        "s.dispatchEvent(new Event('change')) })()"
    )
    page.wait_for_function(f"{calls_of_retired} === 1")
    assert re.search(r"at=\d{4}-", page.evaluate("location.search"))
    page.locator("#timeline").get_by_text("Now").click()
    page.wait_for_function(f"{calls_of_retired} === 0")
    page.locator("#timeline-compare").select_option("3600")
    page.wait_for_function(f"{CY}.edges('[target = \"service:retired\"]').hasClass('lost')")
    page.wait_for_function(f"{CY}.getElementById('service:stock').hasClass('new')")
    page.locator(f"#{ids.TOPOLOGY_SUMMARY}").get_by_text("lost connections").wait_for()


def test_a_deployment_is_marked_and_compared_with_the_time_before(page, collector):
    """Half an hour ago: what is there for other tests is not touched."""
    for version, ago_s in (("1.4.0", 2000), ("1.5.0", 1800)):
        about = {**SHOP, "service.version": version, "service.instance.id": f"deployed-{version}"}
        for n in range(4):
            spans = call("asks", "deployed", f"{version} {n}", failed=version == "1.5.0", ago_s=ago_s - n)
            collector.send(request([span for span in spans if span.service == "deployed"], about))
            collector.send(request([span for span in spans if span.service == "asks"], SHOP))
    opened(page, "/?range=5m")
    mark = page.locator(".timeline-mark.mark-deployment")
    expect(mark).to_have_count(1, timeout=60_000)
    mark.hover()
    tip = page.locator(".timeline-tip")
    expect(tip).to_contain_text("Deployments")
    expect(tip).to_contain_text(re.compile(r"\d\d:\d\d:\d\d · deployed 1\.4\.0 → 1\.5\.0"))
    mark.click()
    page.wait_for_function(f"{CY}.getElementById('service:deployed').length === 1")
    assert "at=" in page.evaluate("location.search")
    choice = page.locator("#timeline-compare optgroup option")
    expect(choice).to_have_text(re.compile("deployed 1.4.0 → 1.5.0"))
    page.locator("#timeline-compare").select_option(choice.get_attribute("value"))
    page.wait_for_function(f"/0 % → 100 %/.test({CY}.getElementById('service:deployed').data('label'))")
    expect(page.locator("#timeline-compare")).to_have_value(choice.get_attribute("value"))


def test_a_silent_service_tells_when_it_was_last_seen(page):
    opened(page)
    page.wait_for_function(
        f"/silent, last seen \\d\\d:\\d\\d UTC/.test({CY}.getElementById('service:retired').data('label'))"
    )
    page.goto(f"/services?range={RANGE}")
    page.locator(".ag-row", has_text="retired").get_by_text("silent, last seen").wait_for()
    page.goto("/service/retired")
    page.get_by_text("It sent nothing in this time range").wait_for()
