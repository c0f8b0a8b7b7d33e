"""The page of a history: what changed, and a chart for each scenario over the runs."""

import json
from pathlib import Path

from conftest import DATA, Opened, Pages, make


def lines() -> list[dict[str, object]]:
    return [json.loads(it) for it in (DATA / "history.jsonl").read_text().splitlines()]


def test_it_says_how_many_runs_and_what_changed(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["history"])
    assert page.locator("h1").inner_text() == "3 scenarios over 10 runs"
    sections = page.locator("main > section").evaluate_all("(all) => all.map((it) => it.id)")
    assert sections == ["history-changes", "history-scenarios", "history-runs"]
    assert page.locator(".warning").count() == 0
    changes = page.locator("#history-changes li").all_inner_texts()
    mended = next(it for it in changes if "life [native+sanitize]" in it and "corrupt" in it)
    assert "✕ corrupt → ✓ pass" in mended
    # The costs of what did not come to its end say nothing.
    assert "heap" not in mended
    # Where versions are compared, there are no known limits: that is no change.
    assert not any("known → ✕ trap" in it for it in changes)


def test_a_scenario_has_a_chart_for_each_count_with_failures_marked(
    pages: Pages, opened: Opened
) -> None:
    page = opened.go(pages["history"], "#history-linked-list")
    opened.draw_everything()
    native = page.locator(".detail .trend", has_text="native").first
    names = native.locator(".panel figcaption b").all_inner_texts()
    assert "heap" in names
    label = native.locator("svg[role=img]").first.get_attribute("aria-label") or ""
    assert label.startswith("linked-list [native]: ") and "not as expected in" in label
    marks = native.locator("svg").first.locator("text", has_text="✕")
    assert marks.count() >= 2
    signs = page.locator(".trend .verdicts").first.locator("li")
    assert "run 1, Vera 0.1.5: " in signs.first.text_content()


def test_each_run_has_a_point_and_each_version_its_place(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["history"], "#history-life")
    opened.draw_everything()
    trend = (
        page.locator(".detail .trend").filter(has=page.locator(".lane", has_text="native")).first
    )
    svg = trend.locator("svg").first
    assert svg.locator("circle").count() == 7
    shown = svg.locator("text").all_text_contents()
    assert "0.1.5" in shown and "0.1.9" in shown
    page.locator("summary", has_text="All of it as a table").click()
    page.locator(".detail caption", has_text="What each run recorded").wait_for()


def test_it_loads_nothing_and_is_saved(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["history"])
    opened.open_everything()
    opened.draw_everything()
    assert opened.errors == []
    assert opened.loads() == []
    with page.expect_download() as download:
        page.locator("button.save").click()
    with open(download.value.path(), "rb") as saved:
        assert saved.read() == (DATA / "history.jsonl").read_bytes()


def test_nothing_changed_says_so(opened: Opened, tmp_path: Path) -> None:
    some = lines()
    for it in some:
        if it["event"] == "series":
            it["points"] = it["points"][-1:]  # type: ignore[index]
    file = tmp_path / "history.jsonl"
    file.write_text("".join(json.dumps(it) + "\n" for it in some))
    page = opened.go(make(tmp_path / "history.html", file))
    assert "No verdict and no count is another" in page.locator("#history-changes").inner_text()
