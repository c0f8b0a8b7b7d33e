"""On a telephone: what is a table on a wide screen stands one below the other."""

from collections.abc import Iterator

import pytest
from conftest import KINDS, Opened, Pages
from playwright.sync_api import Browser

WIDTH = 390

# What is wider than the place that it has, and can only be seen by scrolling sideways.
CUT = """() => [...document.querySelectorAll('.scroller, .detail, .failure, .cause')]
    .filter((it) => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1)
    .map((it) => `${it.className} ${it.getAttribute('aria-label')}: ${it.scrollWidth} > ${it.clientWidth}`)"""


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": WIDTH, "height": 844})
    yield Opened(context.new_page())
    context.close()


@pytest.mark.parametrize("kind", [*KINDS, "history", "all"])
def test_nothing_is_cut(pages: Pages, narrow: Opened, kind: str) -> None:
    page = narrow.go(pages[kind])
    page.evaluate(
        "() => [...document.querySelectorAll('button.open')].slice(0, 6).forEach((it) => it.click())"
    )
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    narrow.settle()
    assert page.evaluate("() => document.documentElement.scrollWidth") == WIDTH
    assert page.evaluate(CUT) == []


def test_a_table_that_does_not_stack_is_cut(pages: Pages, narrow: Opened) -> None:
    page = narrow.go(pages["run"])
    page.evaluate("() => document.querySelector('.smart').classList.remove('stacks')")
    assert page.evaluate(CUT) != []


def test_a_cell_says_what_it_is_of(pages: Pages, narrow: Opened) -> None:
    page = narrow.go(pages["run"])
    line = page.locator("#run-cases tr.line").first
    heads = line.locator("td").evaluate_all("(all) => all.map((it) => it.dataset.head)")
    assert heads[:4] == ["verdict", "lane", "axis", "n"]
    said = line.locator("td").first.evaluate("(it) => getComputedStyle(it, '::before').content")
    assert said == '"verdict "'
    top, bottom = line.evaluate(
        "(it) => [it.children[0], it.children[1]].map((cell) => cell.getBoundingClientRect().top)"
    )
    assert top < bottom


def test_a_stacked_table_can_be_sorted(pages: Pages, narrow: Opened) -> None:
    page = narrow.go(pages["run"])
    page.locator("#run-cases thead button", has_text="instructions").click()
    head = page.locator("#run-cases thead th", has_text="instructions")
    assert head.get_attribute("aria-sort") == "descending"


def test_a_chart_is_as_wide_as_there_is_room(pages: Pages, narrow: Opened) -> None:
    page = narrow.go(pages["run"])
    page.locator("#run-cases [name=lane]").select_option("native")
    page.locator("#run-cases [name=q]").fill("string-interpolation")
    page.locator("#run-cases button.open").first.click()
    narrow.draw_everything()
    drawn, letters = page.locator(".detail figure.life svg").evaluate(
        "(it) => [it.getAttribute('width'), it.getBoundingClientRect().width]"
    )
    assert float(drawn) == letters <= WIDTH
