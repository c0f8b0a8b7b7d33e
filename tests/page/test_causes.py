"""Failures with one cause are told once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import DATA, Opened, Pages, make
from playwright.sync_api import Page

Event = dict[str, Any]


def failed(lines: list[Event]) -> list[Event]:
    """The failed cases, those that the sanitizer saw first."""
    last = {(it["scenario"], it["lane"]): it for it in lines if it["event"].startswith("case-")}
    good = ("pass", "known", "unsupported")
    found = [it for it in last.values() if it["verdict"] not in good]
    return sorted(found, key=lambda it: it["verdict"] != "corrupt")


def cause(cases: list[Event], **signature: str) -> Event:
    keys = ("scenario", "lane", "n")
    names = ("scenario", "lane", "scale")
    return {
        "signature": {"verdict": cases[0]["verdict"], "message": "", **signature},
        "cases": [dict(zip(names, (it[key] for key in keys), strict=True)) for it in cases],
    }


def with_causes(
    opened: Opened, tmp_path: Path, causes: Callable[[list[Event]], list[Event]]
) -> Page:
    lines = [json.loads(it) for it in (DATA / "run.jsonl").read_text().splitlines()]
    lines[-1]["causes"] = causes(failed(lines))
    file = tmp_path / "run.jsonl"
    file.write_text("".join(json.dumps(it) + "\n" for it in lines))
    return opened.go(make(tmp_path / "run.html", file))


def test_one_cause_is_told_once_with_its_cases_under_it(opened: Opened, tmp_path: Path) -> None:
    page = with_causes(
        opened,
        tmp_path,
        lambda it: [cause(it, kind="load in a freed block", function="map_insert")],
    )
    section = page.locator("#run-failures")
    assert section.locator("h2").inner_text() == "Failures (10 cases, 1 cause)"
    assert section.locator(".cause").count() == section.locator(".failure").count() == 1
    what = section.locator(".what").inner_text()
    assert what == "✕ corrupt: load in a freed block, in map_insert in 10 cases of 3 scenarios"
    assert section.locator(".story").is_visible()
    others = section.locator(".others li")
    assert others.count() == 9
    others.last.locator("summary").click()
    assert others.last.locator(".failure").is_visible()
    assert section.locator(".failure .lane").all_inner_texts()[0] == "native+sanitize"


def test_causes_stand_in_their_order(opened: Opened, tmp_path: Path) -> None:
    page = with_causes(opened, tmp_path, lambda it: [cause(it[3:4]), cause(it[:3] + it[4:])])
    causes = page.locator("#run-failures .cause")
    assert causes.count() == 2
    assert "✕ corrupt" not in causes.first.inner_text()
    assert causes.first.locator(".others").count() == 0
    assert "✕ corrupt" in causes.last.inner_text()


def test_a_failure_without_a_cause_is_there(opened: Opened, tmp_path: Path) -> None:
    page = with_causes(opened, tmp_path, lambda it: [cause(it[:9])])
    assert page.locator("#run-failures h2").inner_text() == "Failures (10 cases, 2 causes)"
    assert page.locator("#run-failures .cause").count() == 2


def test_without_recorded_causes_a_scenario_is_one(pages: Pages, opened: Opened) -> None:
    page = opened.go(pages["run"])
    assert page.locator("#run-failures h2").inner_text() == "Failures (10 cases, 3 causes)"
    first = page.locator("#run-failures .cause .failure").evaluate_all(
        "(all) => all.map((it) => it.querySelector('.verdict').textContent)"
    )
    assert first == ["✕ corrupt"] * 3


def test_many_cases_are_folded(opened: Opened, tmp_path: Path) -> None:
    def many(it: list[Event]) -> list[Event]:
        return [cause(it)]

    lines = [json.loads(it) for it in (DATA / "run.jsonl").read_text().splitlines()]
    lines[-1]["causes"] = many(failed(lines))
    trap = next(it for it in lines if it.get("verdict") == "trap")
    for n in range(20):
        more = trap | {"scenario": f"more-{n}"}
        lines.insert(2, more)
        lines[-1]["causes"][0]["cases"].append(
            {"scenario": f"more-{n}", "lane": more["lane"], "scale": more["n"]}
        )
    file = tmp_path / "many.jsonl"
    file.write_text("".join(json.dumps(it) + "\n" for it in lines))
    page = opened.go(make(tmp_path / "many.html", file))
    others = page.locator("#run-failures .others")
    assert others.locator("li").count() == 12
    others.locator("summary", has_text="17 cases more").click()
    assert others.locator("li").count() == 29
