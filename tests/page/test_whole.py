"""The page holds what was recorded, and asks nobody for anything."""

import json
from pathlib import Path

import numbers_of as numbers
import pytest
from conftest import DATA, KINDS, Opened, Pages, make
from playwright.sync_api import Browser


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_it_opens_without_an_error_and_loads_nothing(
    pages: Pages, opened: Opened, kind: str
) -> None:
    opened.go(pages[kind])
    opened.open_everything()
    opened.draw_everything()
    assert opened.errors == []
    assert opened.loads() == []


def test_a_broken_script_is_an_error(pages: Pages, opened: Opened, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(pages["run"].read_text().replace("view.read();", "view.reed();", 1))
    refused = "Content Security Policy"
    with opened.page.expect_console_message(lambda it: refused in it.text, timeout=60_000):
        opened.go(broken, wait=False)
    assert any(refused in it for it in opened.errors)


def test_what_would_be_loaded_is_refused(pages: Pages, opened: Opened, tmp_path: Path) -> None:
    asking = tmp_path / "asking.html"
    image = '<img src="file:///nowhere.png" alt=""><footer'
    asking.write_text(pages["run"].read_text().replace("<footer", image, 1))
    opened.go(asking)
    assert any("Content Security Policy" in it for it in opened.errors)


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_is_on_the_page(pages: Pages, opened: Opened, kind: str) -> None:
    opened.go(pages[kind])
    opened.open_everything()
    shown = numbers.of_texts(opened.texts())
    assert numbers.of_json((DATA / f"{kind}.jsonl").read_text()) - shown == set()


def test_a_number_that_is_not_there_is_missed(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["climb"])
    opened.open_everything()
    page.evaluate("() => document.querySelectorAll('.recorded').forEach((it) => it.remove())")
    shown = numbers.of_texts(opened.texts())
    assert numbers.of_json((DATA / "climb.jsonl").read_text()) - shown != set()


def test_an_integer_keeps_all_its_digits(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    assert "seed 18446744073709551615" in page.locator(".lead").inner_text()


@pytest.mark.parametrize("kind", KINDS)
def test_the_recording_is_saved_byte_for_byte(pages: Pages, opened: Opened, kind: str) -> None:
    page = opened.go(pages[kind])
    with page.expect_download() as download:
        page.locator("button.save").click()
    assert download.value.suggested_filename == f"{kind}.jsonl"
    with open(download.value.path(), "rb") as saved:
        assert saved.read() == (DATA / f"{kind}.jsonl").read_bytes()


def test_a_recording_that_was_cut_off_says_so_and_is_saved_whole(
    opened: Opened, tmp_path: Path
) -> None:
    whole = (DATA / "run.jsonl").read_bytes()
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(whole[: len(whole) // 2])
    page = opened.go(make(tmp_path / "cut.html", cut))
    warning = page.locator(".warning").inner_text()
    assert "This recording ends before its run did" in warning
    assert "of 25 are in it" in warning
    assert "cut off" in warning
    with page.expect_download() as download:
        page.locator("button.save").click()
    with open(download.value.path(), "rb") as saved:
        assert saved.read() == cut.read_bytes()


def test_a_whole_recording_has_no_warning(pages: Pages, opened: Opened) -> None:
    assert opened.go(pages["run"]).locator(".warning").count() == 0


def test_what_is_recorded_is_never_html(opened: Opened, tmp_path: Path) -> None:
    evil = "</script><script>document.title='evil'</script><!--<img src=x onerror=alert(1)>\u2028"
    lines = (DATA / "run.jsonl").read_text().splitlines()
    event = json.loads(next(it for it in lines if '"verdict":"trap"' in it))
    event["message"] = event["again"] = event["ending"]["message"] = evil
    event["guards"][0]["class"] = event["scenario"] = evil
    bad = tmp_path / 'evil<b>&".jsonl'
    bad.write_text("\n".join([lines[0], json.dumps(event), lines[-1]]) + "\n")
    page = opened.go(make(tmp_path / "evil.html", bad))
    opened.open_everything()
    assert opened.errors == []
    assert "evil" not in page.title()
    assert page.locator("img").count() == 0
    assert evil in page.locator(".failure .message").first.text_content()
    assert "evil<b>&" in page.locator("button.save").inner_text()


def test_what_a_later_version_wrote_is_kept(opened: Opened, tmp_path: Path) -> None:
    lines = (DATA / "run.jsonl").read_text().splitlines()
    event = json.loads(lines[1]) | {"later_field": {"deep": [12345.678]}}
    later = tmp_path / "later.jsonl"
    later.write_text(
        "\n".join(
            [lines[0], json.dumps(event), '{"event":"later-event","value":4711.25}', lines[-1]]
        )
        + "\n"
    )
    opened.go(make(tmp_path / "later.html", later))
    opened.open_everything()
    shown = " ".join(opened.texts())
    assert "later_field.deep" in shown and "12345.678" in shown
    assert "later-event" in shown and "4711.25" in shown
    assert opened.errors == []


def test_without_a_script_the_failures_are_there(browser: Browser, pages: Pages) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{pages['all']}")
    text = page.locator("main").inner_text()
    assert "does not run here" in text
    assert "FAIL string-interpolation [reference] n=100000: expected" in text
    assert "smallest failing n: 91482 (91481 passes)" in text
    assert "FAIL life [native]" in text
    context.close()
