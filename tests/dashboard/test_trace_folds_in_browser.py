"""Folding on the page of one trace, in a real browser: single subtrees, levels, and an address that holds them."""

import pytest
from checkout_trace import DEEP, address, key, listed, opened

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("checkout")]


def test_subtrees_and_levels_fold(page, outline):
    opened(page)
    total = outline["span_count"]
    assert listed(page) == total
    page.locator(".wf-row", has_text="POST /orders").locator(".wf-fold").click()
    serve = outline["spans"]["id"].index(key("serve"))
    assert listed(page) == total - (outline["spans"]["end"][serve] - serve - 1)
    assert address(page) == {"fold": key("serve")}
    page.reload()
    page.locator(".wf-hidden", has_text="+83").wait_for()
    page.keyboard.press("[")
    page.keyboard.press("[")
    depth = outline["spans"]["depth"]
    level = int(address(page)["level"])
    assert level == max(depth) - 1
    assert listed(page) == sum(each < level for each in depth)
    for _ in range(3):
        page.keyboard.press("]")
    assert (listed(page), address(page)) == (total, {})


def test_an_address_holds_many_single_folds_or_says_that_it_does_not(page):
    page.set_viewport_size({"width": 1440, "height": 1500})  # they are all in sight
    opened(page)
    folded = page.evaluate("""() => {
      for (let done = 0; done < 34; done += 1) {
        const rows = Array.from(document.querySelectorAll(".wf-row[aria-expanded=true]"));
        rows.find(row => row.textContent.includes("reserve")).querySelector(".wf-fold").click();
      }
      return document.querySelectorAll(".wf-row[aria-expanded=false]").length;
    }""")
    assert (folded, listed(page)) == (34, 87 - 34)
    page.wait_for_function("new URLSearchParams(location.search).get('fold').split('*').length === 34")
    keys = address(page)["fold"].split("*")
    assert (len(keys), len(set(map(len, keys)))) == (34, 1)
    assert len(keys[0]) < len(key("root"))
    page.reload()
    page.locator(".wf-hidden").nth(33).wait_for()
    assert listed(page) == 87 - 34
    opened(page, f"?level=2&span={key('4999', 'deep')}", DEEP)
    page.get_by_text("The address does not hold the 4,998 single folds").wait_for()
    page.keyboard.press("[")
    page.get_by_text("The address does not hold").wait_for(state="detached")


def test_five_thousand_levels_are_drawn_and_folded(page):
    opened(page, f"?span={key('4999', 'deep')}", DEEP)
    page.locator(".wf-selected .wf-level", has_text="4,999").wait_for()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert listed(page) == 1
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert listed(page) == 5000
