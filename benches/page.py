"""What a page weighs, and how long it takes to open: from the start of the
navigation until everything that is not opened yet stands there.

    .ci/check-page      # once: it sets up the environment
    target/check-page/bin/python benches/page.py RECORDING.jsonl...

Each recording becomes a page by `vera-stress report`, and is opened eleven times
in a fresh context; the median counts.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/page"))

from conftest import QUIET, chromium, make
from playwright.sync_api import sync_playwright

TIMES = 11


def opened(browser, page):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"file://{page}")
    tab.wait_for_selector("html[data-ready]")
    took = tab.evaluate("() => performance.getEntriesByName('drawn')[0].startTime")
    context.close()
    return took


def main(recordings):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        print(f"{'recording':24} {'JSON':>10} {'page':>10} {'opens in':>9} {'slowest':>9}")
        for recording in map(Path, recordings):
            page = make(Path(folder) / f"{recording.name}.html", recording)
            times = [opened(browser, page) for _ in range(TIMES)]
            sizes = [f"{it.stat().st_size / 1e3:.0f} kB" for it in (recording, page)]
            print(
                f"{recording.name:24} {sizes[0]:>10} {sizes[1]:>10} {statistics.median(times):6.0f} ms {max(times):6.0f} ms"
            )
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
