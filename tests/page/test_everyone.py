"""For those who use a keyboard, a screen reader, a dark room, or paper."""

from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import KINDS, Opened, Pages
from playwright.sync_api import Page


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(it["id"], [node["html"][:120] for node in it["nodes"]][:3]) for it in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(pages: Pages, opened: Opened, kind: str, scheme: str) -> None:
    opened.page.emulate_media(color_scheme=scheme)
    page = opened.go(pages[kind])
    page.evaluate(
        "() => [...document.querySelectorAll('button.open')].slice(0, 4).forEach((it) => it.click())"
    )
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    opened.settle()
    opened.draw_everything()
    assert violations(page) == []


def test_axe_finds_what_is_wrong(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.evaluate(
        "() => { document.querySelector('main').append(document.createElement('input')); document.querySelector('.lead').style.color = '#ccc'; }"
    )
    assert {it for it, _ in violations(page)} >= {"label", "color-contrast"}


def test_colours_follow_the_system_and_the_choice(pages: Pages, opened: Opened) -> None:
    def paper() -> str:
        colour: str = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        return colour

    opened.page.emulate_media(color_scheme="light")
    page = opened.go(pages["run"])
    light = paper()
    page.emulate_media(color_scheme="dark")
    dark = paper()
    assert light != dark
    page.get_by_label("colours").select_option("light")
    assert paper() == light
    page.emulate_media(color_scheme="light")
    page.get_by_label("colours").select_option("dark")
    assert paper() == dark


def focused(page: Page) -> str:
    text: str = page.evaluate("() => document.activeElement.textContent.trim().slice(0, 60)")
    return text


def test_the_page_can_be_used_by_keyboard_alone(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the results"
    assert page.evaluate("() => document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    page.locator("[name=q]").focus()
    page.keyboard.type("life")
    assert page.locator("tr.line").count() == 5
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.matches('button.open')"):
            break
    assert focused(page) == "life"
    page.keyboard.press("Enter")
    assert page.locator(".detail").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".detail").count() == 0
    assert focused(page) == "life"


def test_whatever_can_be_clicked_can_be_reached_and_seen(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    wanted = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input, select, summary')].filter((it) => it.checkVisibility()).length"
    )
    page.evaluate(
        "() => { document.activeElement.blur(); window.reached = new Set(); window.unseen = 0; }"
    )
    for _ in range(wanted + 30):
        page.keyboard.press("Tab")
        page.evaluate("""() => {
            const it = document.activeElement;
            if (!it.matches('a[href], button, input, select, summary')) return;
            window.reached.add(it);
            if (getComputedStyle(it).outlineStyle === 'none') window.unseen++;
        }""")
    assert page.evaluate("() => [window.reached.size, window.unseen]") == [wanted, 0]


def test_nothing_stands_out_of_order(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["all"])
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all(
        "(all) => all.map((it) => Number(it.tagName[1]))"
    )
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints(pages: Pages, opened: Opened, tmp_path: Path, kind: str) -> None:
    page = opened.go(pages[kind])
    pdf = tmp_path / "page.pdf"
    page.pdf(path=str(pdf), prefer_css_page_size=True)
    assert pdf.read_bytes().startswith(b"%PDF")
    page.emulate_media(media="print")
    for controls in [".filters", ".copy", ".theme", "nav"]:
        for it in page.locator(controls).all():
            assert not it.is_visible()
    assert page.locator("h1").is_visible()


def test_charts_of_failures_are_drawn_for_the_printer(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    page.pdf()
    assert (
        page.locator(".failure .panel").count() == page.locator(".failure .panel svg").count() > 3
    )
