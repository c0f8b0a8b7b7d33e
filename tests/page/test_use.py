"""What a reader does on the page: filter, sort, open, follow, copy, save."""

import json
from pathlib import Path
from urllib.parse import quote

from conftest import DATA, KINDS, Opened, Pages, make
from playwright.sync_api import Locator, Page


def rows(page: Page) -> Locator:
    return page.locator("#run-cases tr.line")


def test_it_says_what_ran_on_what_and_how_it_came_out(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    assert page.locator("h1").inner_text() == "10 of 25 cases failed on Vera 0.1.5"
    lead = page.locator(".lead").inner_text()
    for part in [
        "vera-stress 0.1.0 ran 25 cases on Vera 0.1.5: 5 scenarios in 5 lanes",
        "21 November 2026 at 21:03 UTC",
        "profile default",
        "2 jobs",
        "linux x86_64",
    ]:
        assert part in lead
    assert page.title().startswith("10 of 25 cases failed on Vera 0.1.5")


def test_failures_come_first_with_all_that_a_reader_needs(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    sections = page.locator("main > section").evaluate_all("(all) => all.map((it) => it.id)")
    assert sections == ["run-failures", "run-known", "run-cases"]
    told = page.locator(".others summary", has_text="expected 499439995, got 506325169").first
    told.click()
    card = page.locator(".failure", has_text="expected 499439995, got 506325169").first
    text = card.inner_text()
    assert "91,482 (91,481 passes)" in text
    assert (
        "vera-stress run string-interpolation --lane reference --scale 91482 --vera 0.1.5" in text
    )
    assert ".vera-stress/failures/string-interpolation/" in text
    assert "256 MiB of memory" in text
    guard = page.locator(".group", has=card).locator(".guards a").first
    assert guard.get_attribute("href") == "https://github.com/aallan/vera/issues/1382"


def test_a_finding_tells_the_story_of_its_block(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator("#run-cases input").fill("state-cell-heap sanitize")
    rows(page).first.locator("button.open").click()
    story = page.locator(".detail .story")
    titles = story.locator(".steps > li > .part").all_inner_texts()
    assert titles == [
        "What was found",
        "The block: allocated",
        "The block: freed",
        "Before, the latest last",
    ]
    text = story.inner_text()
    for part in [
        "load of 4 bytes at byte 4 of the freed block of 16 bytes at 0x140d1",
        "shifted main.vera:7",
        "by collection 7",
        "0x14079 0x14091",
        "collection 1, scheduled",
    ]:
        assert part in text


def test_a_trap_shows_its_frames(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator(".others summary", has_text="trap unreachable").first.click()
    card = page.locator(".failure", has_text="✕ trap").first
    card.locator("summary", has_text="The trap and its").click()
    assert card.locator(".calls li").count() >= 1


def test_cases_are_filtered_by_text_verdict_lane_and_axis(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    assert rows(page).count() == 25
    page.locator("#run-cases [name=q]").fill("STRING-inter native")
    assert rows(page).count() == 3
    assert page.locator(".count").inner_text() == "3 of 25 cases"
    page.locator("#run-cases [name=q]").press("Escape")
    assert rows(page).count() == 25
    page.locator("#run-cases [name=verdict]").select_option("trap")
    assert rows(page).count() == 4
    page.locator("#run-cases [name=lane]").select_option("native")
    assert rows(page).count() == 1
    page.get_by_role("button", name="show all").click()
    assert rows(page).count() == 25
    page.locator("#run-cases [name=axis]").select_option("churn")
    assert rows(page).count() < 25
    page.locator("#run-cases [name=q]").fill("nothing is called so")
    assert "No case is like that." in page.locator("#run-cases tbody").inner_text()


def test_cases_are_sorted_both_ways(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    head = page.locator("#run-cases thead th", has_text="time")

    def values() -> list[str]:
        shown: list[str] = page.evaluate(
            "() => [...document.querySelectorAll('#run-cases tr.line')].map((it) => it.children[5].textContent)"
        )
        return shown

    def size(text: str) -> float:
        amount, unit = text.split(" ")[:2]
        return float(amount) * {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60}[unit]

    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    known = [size(it) for it in values() if it != "–"]
    assert known == sorted(known, reverse=True) and len(known) > 10
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    known = [size(it) for it in values() if it != "–"]
    assert known == sorted(known)


def test_a_view_is_in_the_address(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator("#run-cases [name=verdict]").select_option("trap")
    page.locator("#run-cases [name=q]").fill("life")
    page.locator("#run-cases thead button", has_text="heap").click()
    left = rows(page).all_inner_texts()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    assert rows(page).all_inner_texts() == left
    assert page.locator("#run-cases [name=q]").input_value() == "life"


def test_a_case_has_an_address(pages: Pages, opened: Opened) -> None:
    place = quote("run-state-cell-heap-native+sanitize=20261121-5000", safe="")
    page = opened.go(pages["run"], f"#{place}")
    button = page.locator("button.open[aria-expanded=true]")
    assert button.count() == 1 and button.inner_text() == "state-cell-heap"
    assert page.evaluate("() => document.activeElement.textContent") == "state-cell-heap"


def test_a_link_to_a_case_opens_it_also_where_a_filter_hides_it(
    pages: Pages, opened: Opened
) -> None:
    page = opened.go(pages["run"], "#?run.verdict=pass")
    assert rows(page).count() == 5
    page.locator(".failure .more a").first.click()
    assert page.locator("#run-cases .detail").count() == 1
    assert page.locator("#run-cases .detail").is_visible()


def test_every_link_on_the_page_leads_somewhere(pages: Pages, opened: Opened) -> None:
    for kind, path in pages.items():
        page = opened.go(path)
        links = page.locator("main a[href^='#'], nav a").evaluate_all(
            "(all) => all.map((it) => decodeURIComponent(it.getAttribute('href').slice(1)))"
        )
        there = set(page.locator("[id]").evaluate_all("(all) => all.map((it) => it.id)"))
        assert set(links) - there == set(), kind
        ids = page.locator("[id]").evaluate_all("(all) => all.map((it) => it.id)")
        assert len(ids) == len(set(ids)), kind


def test_a_count_above_shows_its_cases(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator(".tally a", has_text="known").click()
    assert rows(page).count() == 10


def test_a_broken_address_shows_the_page(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"], "#%E0%A4?run.verdict=no-such&x")
    assert opened.errors == []
    page.get_by_role("button", name="show all").click()
    assert rows(page).count() == 25


def test_the_command_is_copied(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator(".failure .copy").first.click()
    page.wait_for_selector("text=copied")
    command = page.locator(".failure .command code").first.inner_text()
    assert command.startswith("vera-stress run ")
    assert page.evaluate("() => navigator.clipboard.readText()") == command


def test_a_climb_has_its_charts_and_their_numbers(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    card = page.locator(".failure").first
    card.scroll_into_view_if_needed()
    page.wait_for_selector(".failure svg[role=img]")
    opened.draw_everything()
    label = card.locator("svg").first.get_attribute("aria-label")
    assert label == "life: instructions, n^1.03 (1.01 to 1.06) measured, n declared"
    assert card.locator(".panel.over figcaption").inner_text().startswith("shadow stack")
    page.get_by_role("button", name="map-fold").click()
    detail = page.locator(".detail")
    opened.draw_everything()
    assert detail.locator("caption", has_text="What each n cost").count() == 1
    assert detail.locator("figure.life svg").count() == 1


def test_each_line_of_a_chart_is_drawn(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    opened.draw_everything()
    svg = page.locator(".failure .panel svg").first
    for stroke in ["var(--accent)", "var(--quiet)", "var(--good)", "var(--bad)"]:
        assert svg.locator(f"[stroke='{stroke}']").count() >= 1, stroke
    assert svg.locator("circle").count() >= 5


def test_the_saw_tooth_falls_at_each_collection(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator("#run-cases [name=lane]").select_option("native")
    page.locator("#run-cases [name=q]").fill("string-interpolation")
    rows(page).first.locator("button.open").click()
    opened.draw_everything()
    figure = page.locator(".detail figure.life")
    assert "7 collections; at most 526.2 KiB in use" in figure.locator("figcaption").inner_text()
    assert figure.locator("svg circle").count() == 7
    figure.locator("summary").click()
    figure.locator("tbody tr").first.wait_for()
    assert figure.locator("tbody tr").count() == 7


def test_left_out_collections_are_not_drawn_as_if_nothing_happened(
    opened: Opened, tmp_path: Path
) -> None:
    lines = [json.loads(it) for it in (DATA / "run.jsonl").read_text().splitlines()]
    for it in lines:
        if "heap_life" in it:
            it["heap_life"] |= {"every": 8, "collections": 56}
    sparse = tmp_path / "sparse.jsonl"
    sparse.write_text("".join(json.dumps(it) + "\n" for it in lines))
    page = opened.go(make(tmp_path / "sparse.html", sparse))
    page.locator("#run-cases [name=lane]").select_option("native")
    page.locator("#run-cases [name=q]").fill("string-interpolation")
    rows(page).first.locator("button.open").click()
    opened.draw_everything()
    figure = page.locator(".detail figure.life")
    assert (
        "each 8th of them drawn (7), with no line between"
        in figure.locator("figcaption").inner_text()
    )
    assert (
        figure.locator(
            "svg [stroke='var(--accent)'] path, svg path[stroke='var(--accent)']"
        ).count()
        == 0
    )


def test_a_comparison_lists_what_got_worse_and_maps_every_case(
    pages: Pages, opened: Opened
) -> None:
    page = opened.go(pages["compare"])
    first = page.locator("main > section").first
    assert first.locator("h2").inner_text().startswith("Got worse")
    assert "0.1.9" in first.inner_text()
    table = page.locator(".heatmap")
    assert table.locator("thead th").count() == 16
    assert table.locator("td.heat.fails").count() > 5
    assert all(it.strip() for it in table.locator("td.heat").all_inner_texts())
    counts = table.locator("td.heat").all_inner_texts()
    page.locator("[name=by]").select_option("heap")
    assert table.locator("td.heat").all_inner_texts() != counts
    table.locator("button.open").first.click()
    assert table.locator(".detail caption").first.inner_text() == "On each version"


def test_known_limits_and_a_bisection_have_pages(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["known"])
    assert page.locator("tr.line").count() >= 2
    page = opened.go(pages["bisect"])
    assert "first bad: 0.1.9" in page.locator("h1").inner_text()
    assert page.locator(".probes > li").count() == 5


def test_several_recordings_are_sections_of_one_page(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["all"])
    assert page.locator("h1").inner_text() == "5 recordings"
    ids = page.locator(".recording[id]").evaluate_all("(all) => all.map((it) => it.id)")
    assert ids == KINDS
