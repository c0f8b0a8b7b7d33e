"""A page in a browser, for each test: made by the binary from recordings in
`data/`, which are parts of real runs (and a seed that no JavaScript number
holds)."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATA = HERE / "data"
KINDS = ["run", "climb", "compare", "known", "bisect"]

# Nothing but the page: no first run, no updates, no look-ups of its own.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]


def chromium():
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    path = next(filter(None, found), None)
    assert path, "no Chromium: install it, or name it in CHROMIUM"
    return path


def make(out, *recordings):
    """A page of these files."""
    binary = os.environ.get("VERA_STRESS", ROOT / "target/release/vera-stress")
    subprocess.run([binary, "report", *recordings, "--html", out], check=True, capture_output=True)
    return Path(out)


class Opened:
    """A page in the browser, and what went wrong in it."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        self.requests = []
        page.on("console", lambda it: it.type in ("error", "warning") and self.errors.append(it.text))
        page.on("pageerror", lambda it: self.errors.append(str(it)))
        page.on("request", lambda it: self.requests.append(it.url))

    def go(self, path, place="", wait=True):
        self.page.goto(f"file://{path}{place}")
        if wait:
            self.page.wait_for_selector("html[data-ready]", timeout=60_000)
        return self.page

    def loads(self):
        """What it asked for beside itself; what it saves is made in the browser."""
        return [it for it in self.requests[1:] if not it.startswith("blob:")]

    def open_everything(self):
        """Opens all rows and folds, also those that open inside of others."""
        self.page.evaluate("""() => {
            for (let round = 0; round < 6; round++) {
                document.querySelectorAll('button.open[aria-expanded="false"]').forEach((it) => it.click());
                document.querySelectorAll('details:not([open])').forEach((it) => { it.open = true; });
                document.querySelectorAll('details').forEach((it) => it.dispatchEvent(new Event('toggle')));
            }
        }""")

    def draw_everything(self):
        """Has all charts drawn, as they are before the page is printed."""
        self.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")

    def texts(self):
        """Each text of the page by itself: neighbours must not run together."""
        return self.page.evaluate("""() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT,
                (it) => it.parentElement.closest('script, noscript') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
            const texts = [];
            while (walker.nextNode()) texts.push(walker.currentNode.data);
            return texts;
        }""")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """A page for each kind of recording, and one of all of them."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {it: make(folder / f"{it}.html", DATA / f"{it}.jsonl") for it in KINDS}
    pages["all"] = make(folder / "all.html", *(DATA / f"{it}.jsonl" for it in KINDS))
    return pages


@pytest.fixture
def opened(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield Opened(context.new_page())
    context.close()
