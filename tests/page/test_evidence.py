"""A failure can be read: its story, its program, and the module's text."""

import json
from pathlib import Path
from typing import Any

from conftest import DATA, Opened, Pages, make
from playwright.sync_api import Page

Event = dict[str, Any]
PROGRAM = "\n".join(f"-- line {it} <b>" for it in range(1, 31))


def evidence(it: Event) -> None:
    """A program of 30 lines, and a function around each line that a story names."""
    if it.get("event") != "case-shrunk":
        return
    calls = (it["ending"].get("finding") or {}).get("calls", [])
    line = calls[0]["text_line"] if calls else 640
    text = "\n".join(f"    i32.const {line - 5 + at}" for at in range(11))
    it["evidence"] = {
        "n": it["smallest"]["fails"] if it["smallest"] else it["n"],
        "program": [{"name": "main.vera", "line": 1, "text": PROGRAM, "left_out": 0}],
        "module": [{"name": "main", "line": line - 5, "text": text, "left_out": 3}],
        "left_out": 2,
    }


def with_evidence(opened: Opened, tmp_path: Path) -> Page:
    lines = [json.loads(it) for it in (DATA / "run.jsonl").read_text().splitlines()]
    for it in lines:
        evidence(it)
    file = tmp_path / "run.jsonl"
    file.write_text("".join(json.dumps(it) + "\n" for it in lines))
    return opened.go(make(tmp_path / "run.html", file))


def test_the_story_of_a_finding_is_open(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    stories = page.locator(".failure", has_text="✕ corrupt")
    assert stories.count() == 3
    for story in stories.all():
        assert story.locator(".story").is_visible()


def test_the_program_and_the_module_stand_in_a_failure(opened: Opened, tmp_path: Path) -> None:
    page = with_evidence(opened, tmp_path)
    group = page.locator(".group", has_text="life").first
    card = group.locator(".failure").first
    program = card.locator(".listing").first
    assert program.is_visible()
    assert program.inner_text().splitlines()[6] == "-- line 7 <b>"
    assert card.locator("summary", has_text="main.vera at n = ").inner_text().endswith("30 lines")
    text = card.locator("summary", has_text="The module's text")
    assert text.inner_text() == "The module's text: 1 function; 2 more of the program are left out"
    assert card.locator(".listing").count() == 1
    text.click()
    card.locator(".listing").nth(1).wait_for()
    assert "3 lines of it more are left out here" in card.inner_text()
    # All of it stands there once, and not among what else was recorded.
    card.locator(".more a").click()
    raw = page.locator("#run-cases .detail .recorded").all_inner_texts()
    assert raw and not any("evidence" in it for it in raw)
    assert opened.errors == []


def test_a_line_of_the_story_leads_to_the_modules_text(opened: Opened, tmp_path: Path) -> None:
    page = with_evidence(opened, tmp_path)
    group = page.locator(".group", has_text="life").first
    link = group.locator(".story a", has_text="module.wat:").first
    line = link.inner_text().split(":")[1]
    link.click()
    meant = page.locator(".listing .meant:focus")
    assert meant.inner_text().strip() == f"i32.const {line}"
    assert meant.is_visible()


def test_a_program_is_open_once_for_a_scenario(opened: Opened, tmp_path: Path) -> None:
    page = with_evidence(opened, tmp_path)
    group = page.locator(".group", has_text="array-map-nested").first
    assert group.locator(".others li").count() == 4
    group.locator(".others summary").first.click()
    group.locator(".failure").nth(1).wait_for()
    assert group.locator(".failure").count() == 2
    assert group.locator(".listing").count() == 1


def test_numbers_of_lines_are_not_copied(opened: Opened, tmp_path: Path) -> None:
    page = with_evidence(opened, tmp_path)
    listing = page.locator(".listing").first
    number = listing.locator("span").nth(6).evaluate("(it) => getComputedStyle(it, '::before')")
    assert number["content"] == "counter(line)"
    assert listing.evaluate("(it) => getComputedStyle(it, null).counterReset") == "line 0"
    assert "1-- line" not in listing.text_content()
