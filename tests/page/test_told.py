"""What a reader is told: what a scenario does, what was not measured, of which
recording something is, and that an address leads nowhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, KINDS, Opened, Pages, make
from playwright.sync_api import Page

Event = dict[str, Any]


def changed(tmp_path: Path, kind: str, change: Callable[[Event], None]) -> Path:
    """A page of a recording whose events were changed."""
    lines = [json.loads(it) for it in (DATA / f"{kind}.jsonl").read_text().splitlines()]
    for it in lines:
        change(it)
    file = tmp_path / f"{kind}.jsonl"
    file.write_text("".join(json.dumps(it) + "\n" for it in lines))
    return make(tmp_path / f"{kind}.html", file)


def in_view(page: Page, place: str) -> bool:
    top, bottom = page.locator(place).evaluate(
        "(it) => [it.getBoundingClientRect().top, innerHeight]"
    )
    return bool(0 <= top < bottom)


def test_an_address_that_only_filters_shows_its_table(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"], "#?run.verdict=trap&run.sort=-instructions")
    assert page.locator("#run-cases tr.line").count() == 4
    assert in_view(page, "#run-cases")
    assert not page.locator("#astray").is_visible()


def test_a_filter_writes_the_place_of_its_table(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    page.locator("#run-cases [name=verdict]").select_option("trap")
    assert page.url.endswith("#run-cases?run.verdict=trap")
    page = opened.go(pages["compare"])
    page.locator("[name=by]").select_option("heap")
    assert page.url.endswith("#compare-map?compare.by=heap")


@pytest.mark.parametrize("place", ["run-nonexistent", "%E0%A4"])
def test_an_address_that_leads_nowhere_says_so(pages: Pages, opened: Opened, place: str) -> None:
    page = opened.go(pages["run"], f"#{place}")
    assert f"“{place}”" in page.locator("#astray").inner_text()
    page.locator("nav a").first.click()
    assert not page.locator("#astray").is_visible()


def test_a_filter_that_nothing_has_is_named(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"], "#?run.verdict=no-such")
    assert page.locator("#run-cases .count").inner_text() == "0 of 25 cases"
    assert "none has the verdict “no-such”" in page.locator("#run-cases tbody").inner_text()
    assert page.locator("#run-cases [name=verdict]").input_value() == "no-such"


def test_what_was_followed_is_taken_back(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    start = page.url
    page.locator(".tally a", has_text="known").click()
    assert page.locator("#run-cases tr.line").count() == 10
    page.go_back()
    assert page.url == start
    assert page.locator("#run-cases tr.line").count() == 25


@pytest.mark.parametrize(("kind", "rows"), [("run", "#run-cases"), ("compare", ".heatmap")])
def test_escape_closes_the_row_whose_button_has_the_focus(
    pages: Pages, opened: Opened, kind: str, rows: str
) -> None:
    page = opened.go(pages[kind])
    button = page.locator(f"{rows} button.open").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(f"{rows} .detail").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(f"{rows} .detail").count() == 0
    assert button.evaluate("(it) => it === document.activeElement")


def test_a_scenario_says_what_it_does(opened: Opened, tmp_path: Path) -> None:
    def tell(it: Event) -> None:
        if it["event"] in ("case-finished", "case-shrunk"):
            it["title"] = f"Runs `fold` in {it['scenario']}"
            if it["verdict"] != "pass":
                it["why"] = "So that a `closure` is seen."

    page = opened.go(changed(tmp_path, "run", tell))
    about = page.locator(".about").first
    assert "Runs fold in array-map-nested" in about.inner_text()
    assert about.locator("code").first.inner_text() == "fold"
    assert "So that a closure is seen." in about.inner_text()
    assert page.locator("#run-cases tr.line .title").count() == 25
    page.locator("#run-cases button.open").last.click()
    assert "Runs fold in" in page.locator("#run-cases .detail").inner_text()
    page.locator("#run-cases [name=q]").fill("runs")
    assert page.locator("#run-cases tr.line").count() == 25


def test_what_stands_in_quotes_is_not_changed(opened: Opened, tmp_path: Path) -> None:
    def quote(it: Event) -> None:
        if it.get("verdict") == "trap":
            it["message"] = 'expected "a `b` c", in `main`'

    page = opened.go(changed(tmp_path, "run", quote))
    message = page.locator(".others summary", has_text='expected "a').first
    assert message.inner_text().endswith('expected "a `b` c", in main')
    message.click()
    message = page.locator(".failure .message", has_text='expected "a').first
    assert message.inner_text() == 'expected "a `b` c", in main'


def test_the_first_words_can_be_read_without_opening_anything(pages: Pages, opened: Opened) -> None:
    assert (
        "is one Vera program with a scale n"
        in opened.go(pages["run"]).locator(".essence").inner_text()
    )


def test_what_was_not_measured_is_no_zero(opened: Opened, tmp_path: Path) -> None:
    def rejected(it: Event) -> None:
        if it["event"].startswith("case-") and it["verdict"] == "trap":
            it["run"] = {"wall": 0.0, "cpu": 0.0, "peak_memory": 0}
            it["ending"] = {"how": "rejected", "message": "no"}
            it["verdict"] = "rejected"

    page = opened.go(changed(tmp_path, "run", rejected), "#?run.verdict=rejected")
    lines = page.locator("#run-cases tr.line")
    assert lines.count() == 4
    for line in lines.all():
        assert line.locator("td").all_inner_texts()[4:] == ["–"] * 5


def test_failures_of_all_recordings_stand_first(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["all"])
    first = page.locator("main > *").evaluate_all("(all) => all.map((it) => it.id)")
    assert first == ["run-failures", "climb-failures", "compare-regressions", *KINDS]
    assert page.locator("#climb-failures h2").inner_text().endswith("climb.jsonl")
    assert page.locator(".overview li").count() == 5
    assert (
        "run.jsonl (run): 10 of 25 cases failed on Vera 0.1.5"
        in page.locator(".overview").inner_text()
    )
    assert page.locator(".recording > h2").all_inner_texts()[0].startswith("run.jsonl")
    assert page.locator("nav .lines > li").all_inner_texts()[1].startswith("climb.jsonl")
    assert len(page.title()) < 40


def test_a_known_growth_is_named(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    cells = dict(
        page.locator("#climb-known tbody tr").evaluate_all(
            "(all) => all.map((it) => [it.children[0].textContent, it.children[2].textContent])"
        )
    )
    assert cells["import-depth"] == "growth: compile time"
    assert cells["match-arms"] == "rejected; growth: instructions, compile time"


def test_a_count_of_limits_says_of_how_many_scenarios(pages: Pages, opened: Opened) -> None:
    assert (
        opened.go(pages["run"]).locator("#run-known h2").inner_text()
        == "Known limits (10 cases of 2 scenarios)"
    )


def test_charts_of_a_climb_share_their_axis_and_say_why_there_is_no_exponent(
    opened: Opened, tmp_path: Path
) -> None:
    def unnamed(it: Event) -> None:
        for measured in it.get("growth", []):
            if measured["cost"] == "heap":
                measured["fit"] = None
                measured["unnamed"] = "too small to be judged"

    page = opened.go(changed(tmp_path, "climb", unnamed))
    opened.draw_everything()
    panels = page.locator(".failure .panel")
    assert "no exponent: too small to be judged" in panels.nth(1).inner_text()
    ticks = panels.locator("svg").evaluate_all(
        "(all) => all.map((it) => [...it.querySelectorAll('text')].map((text) => text.textContent).filter((text) => /^\\d+k?$/.test(text)).slice(-4).join(' '))"
    )
    assert len(set(ticks)) == 1, ticks


def test_where_the_next_n_fails_both_lines_are_seen(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    opened.draw_everything()
    svg = page.locator(".failure .panel svg").first
    left, right = [
        svg.locator(f"[stroke='var(--{it})']").first.bounding_box()["x"] for it in ("good", "bad")
    ]
    assert right - left >= 2


def test_the_map_of_versions_tells_how_a_case_fails(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["compare"])
    cells = page.locator(".heatmap td.heat").all_inner_texts()
    assert any(it.split() == ["✕", "growth", "×1.00"] for it in cells)
    plain = page.locator(".heatmap td.heat.bad:not(.fails):not([class*=worse])")
    assert plain.count() == 0
    change = (
        page.locator(".changes li", has_text="processor")
        .or_(page.locator(".changes li", has_text="time"))
        .first.inner_text()
    )
    assert " ms → " in change
    assert page.locator(".heatmap").evaluate(
        "(it) => it.scrollWidth <= it.parentElement.clientWidth"
    )


def test_a_time_that_a_budget_ended_is_at_least_that(opened: Opened, tmp_path: Path) -> None:
    def ended(it: Event) -> None:
        if it["event"] == "row-finished" and it["cells"][1] and it["cells"][1]["time"]:
            it["cells"][1] |= {"time_at_least": True, "verdict": "over-time"}

    page = opened.go(changed(tmp_path, "compare", ended), "#?compare.by=time")
    assert any("≥ ×" in it for it in page.locator("td.heat").all_inner_texts())


def test_numbers_of_a_wide_record_stay_whole(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    page.get_by_role("button", name="array-map-int").click()
    lines = page.locator(".detail .recorded .plain td").evaluate_all(
        "(all) => all.filter((it) => /^[\\d.]+$/.test(it.textContent)).map((it) => { const range = document.createRange(); range.selectNodeContents(it); return range.getClientRects().length; })"
    )
    assert len(lines) > 100 and max(lines) == 1


def test_a_finding_without_a_block_has_no_story_of_one(opened: Opened, tmp_path: Path) -> None:
    def blockless(it: Event) -> None:
        if (it.get("ending") or {}).get("how") == "corrupt":
            it["ending"]["finding"]["blocks"] = []

    page = opened.go(changed(tmp_path, "run", blockless))
    card = page.locator(".failure", has_text="✕ corrupt").first
    card.locator("summary", has_text="What the sanitizer saw").wait_for()
    text = card.inner_text()
    assert "story of the block" not in text
    assert "module.wat is the compiled module as text, in the failure's folder" in text


@pytest.mark.parametrize("kind", ["run", "climb", "compare"])
def test_what_could_not_be_loaded_stands_first(opened: Opened, tmp_path: Path, kind: str) -> None:
    def unload(it: Event) -> None:
        if it["event"].endswith("-started"):
            what = "`n` must be a number"
            it["unloaded"] = [
                {
                    "file": "maps/mine/scenario.toml",
                    "line": 3,
                    "what": what,
                    "next": "write n = 10",
                },
                {"file": "maps/yours", "what": "it has no `main.vera`"},
            ]

    page = opened.go(changed(tmp_path, kind, unload))
    section = page.locator("main > section").first
    assert section.get_attribute("id") == f"{kind}-unloaded"
    assert section.locator("h2").inner_text() == "Could not be loaded (2)"
    told = section.locator("li").all_inner_texts()
    assert told[0].splitlines()[0] == "maps/mine/scenario.toml:3"
    assert "n must be a number" in told[0] and "next: write n = 10" in told[0]
    assert told[1].splitlines()[0] == "maps/yours"


def test_a_run_of_which_nothing_could_be_loaded_is_no_success(
    opened: Opened, tmp_path: Path
) -> None:
    file = tmp_path / "run.jsonl"
    lines = [json.loads(it) for it in (DATA / "run.jsonl").read_text().splitlines()]
    lines[0]["unloaded"] = [{"file": "mine", "what": "it has no `main.vera`"}]
    lines[-1] |= {"cases": 0, "passed": 0, "failed": 0}
    file.write_text("".join(json.dumps(it) + "\n" for it in (lines[0], lines[-1])))
    page = opened.go(make(tmp_path / "run.html", file))
    assert page.locator("h1").inner_text() == "1 scenario could not be loaded for Vera 0.1.5"
    assert page.locator("h1.bad").count() == 1


def test_a_climb_has_no_profile(pages: Pages, opened: Opened) -> None:
    lead = opened.go(pages["climb"]).locator(".lead").inner_text()
    assert "profile" not in lead and "2 jobs" in lead


def test_a_change_between_versions_is_told_once(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["compare"])
    assert page.locator("main > section h2").all_inner_texts() == [
        "Got worse (3)",
        "Fail in another way (5)",
        "Were mended (4)",
        "Every case on every version",
    ]
    lines = page.locator(".changes li b").all_inner_texts()
    assert len(lines) == 12 == len(set(lines)) + 1  # array-map-nested got worse, then mended


def test_what_got_worse_once_more_is_told(opened: Opened, tmp_path: Path) -> None:
    def again(it: Event) -> None:
        if it["event"] == "compare-finished":
            it["changes"].append(dict(it["regressions"][-1], **{"from": 9, "to": 13}))

    page = opened.go(changed(tmp_path, "compare", again))
    assert page.locator("#compare-regressions li").count() == 4
    assert page.locator("#compare-regressions h2").inner_text() == "Got worse (3)"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_cut_off_on_paper(pages: Pages, opened: Opened, kind: str) -> None:
    """In landscape A4 a line of 277 mm; what is wider than that is cut."""
    page = opened.go(pages[kind])
    page.evaluate(
        "() => [...document.querySelectorAll('button.open')].slice(0, 2).forEach((it) => it.click())"
    )
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1047, "height": 718})
    wide = page.locator("table").evaluate_all(
        "(all) => all.filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > 1048).map((it) => it.className)"
    )
    assert wide == []


def test_a_table_too_wide_for_paper_is_seen(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["compare"])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1047, "height": 718})
    page.evaluate("() => { document.querySelector('.heatmap').style.width = '1200px'; }")
    assert page.locator(".heatmap").evaluate("(it) => it.getBoundingClientRect().right") > 1048
