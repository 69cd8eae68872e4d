"""Every page with an environment chosen in the header: nothing of another one is seen, and a way out where there is nothing."""

import pytest
from running_collector import RunningCollector
from two_environments import PRODUCTION, STAGING, send_system
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def system(collector: RunningCollector) -> None:
    send_system(collector)


def marks(page) -> str:
    """What the marks of the line of time say."""
    page.locator(".timeline-mark").first.wait_for()
    return " ".join(
        page.locator(".timeline-mark").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    )


@pytest.mark.parametrize(("environment", "status"), [(PRODUCTION, "healthy"), (STAGING, "unhealthy")])
def test_health_is_that_of_the_environment(page, environment: str, status: str):
    page.goto(f"/health?env={environment}")
    page.locator(f".health-row-{status}[data-service=till]").wait_for()
    names = page.locator(".health-row").evaluate_all("rows => rows.map(row => row.dataset.service).sort()")
    assert names == (["mailer", "till"] if environment == PRODUCTION else ["cellar", "mailer", "till"])
    page.locator("summary", has_text="Embed this status").click()
    page.locator(".snippets code", has_text=f"summary?environment={environment}").wait_for()
    page.goto(f"/health/till?env={environment}")
    page.locator(".breaker-head .health-words", has_text=status.capitalize()).wait_for()
    assert page.locator(".instance > summary code").all_text_contents() == [f"till-{environment}"]


def test_the_line_of_time_has_only_what_happened_there(page):
    page.goto(f"/?env={STAGING}")
    there = poll_until(lambda: "Fault" in (told := marks(page)) and told, "the fault that was injected")
    assert "vault" in there
    page.goto(f"/?env={PRODUCTION}")
    here = marks(page)
    assert "mailer" in here
    assert not any(word in here for word in ("vault", "Fault", "cellar", "till 1"))


def test_the_doctor_judges_the_environment_and_says_so(page):
    page.goto(f"/doctor?env={STAGING}")
    page.get_by_text("scribe: only logs").wait_for()
    page.goto(f"/doctor?env={PRODUCTION}")
    page.locator(".doctor-verdict").wait_for()
    assert page.get_by_text("scribe: only logs").count() == 0
    note = page.locator(".doctor .scope-note")
    note.wait_for()
    assert PRODUCTION in note.locator(".scope-words").evaluate("one => getComputedStyle(one, '::after').content")
    note.get_by_role("button", name="Show all").click()
    page.get_by_text("scribe: only logs").wait_for()
    assert "env=" not in page.url
    note.wait_for(state="hidden")


@pytest.mark.parametrize("path", ["/", "/services", "/traces", "/breakers", "/service/till", "/health/till"])
def test_where_nothing_is_shown_the_choice_is_named_and_can_be_cleared(page, path: str):
    page.goto(f"{path}?env=nowhere")
    page.locator(".scope-note:visible").first.wait_for()
    page.locator(".scope-clear:visible").first.click()
    page.locator(".scope-note:visible").first.wait_for(state="detached")
    assert "env=" not in page.url


def test_completion_offers_what_is_said_there(page):
    page.goto(f"/traces?env={PRODUCTION}")
    box = page.locator(f"#{ids.TRACES_SEARCH} [role=combobox]")
    box.fill("common=")
    page.get_by_role("option", name=PRODUCTION).wait_for()
    assert page.get_by_role("option", name=STAGING).count() == 0
