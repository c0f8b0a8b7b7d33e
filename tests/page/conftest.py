"""A page in a browser, for each test: made by the binary from recordings in
`data/`, which are parts of real runs (and a seed that no JavaScript number
holds)."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATA = HERE / "data"
Pages = dict[str, Path]

KINDS = ["run", "climb", "compare", "known", "bisect"]

# Nothing but the page: no first run, no updates, no look-ups of its own.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    path = next(filter(None, found), None)
    assert path, "no Chromium: install it, or name it in CHROMIUM"
    return path


def make(out: Path, *recordings: Path) -> Path:
    """A page of these files."""
    binary = os.environ.get("VERA_STRESS", ROOT / "target/release/vera-stress")
    subprocess.run([binary, "report", *recordings, "--html", out], check=True, capture_output=True)
    return out


class Opened:
    """A page in the browser, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda it: self.errors.append(str(it)))
        page.on("request", lambda it: self.requests.append(it.url))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def go(self, path: Path, place: str = "", wait: bool = True) -> Page:
        self.page.goto(f"file://{path}{place}")
        if wait:
            self.page.wait_for_selector("html[data-ready]", timeout=60_000)
        return self.page

    def settle(self) -> None:
        """Waits until what was opened is laid out: the events of that have come by then."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )

    def loads(self) -> list[str]:
        """What it asked for beside itself; what it saves is made in the browser."""
        return [it for it in self.requests[1:] if not it.startswith("blob:")]

    def open_everything(self) -> None:
        """Opens all rows and folds, also those that open inside of others."""
        self.page.evaluate("""() => {
            for (let round = 0; round < 6; round++) {
                document.querySelectorAll('button.open[aria-expanded="false"]').forEach((it) => it.click());
                document.querySelectorAll('details:not([open])').forEach((it) => { it.open = true; });
                document.querySelectorAll('details').forEach((it) => it.dispatchEvent(new Event('toggle')));
            }
        }""")

    def draw_everything(self) -> None:
        """Has all charts drawn, as they are before the page is printed."""
        self.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")

    def texts(self) -> list[str]:
        """Each text of the page by itself: neighbours must not run together."""
        texts: list[str] = self.page.evaluate("""() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT,
                (it) => it.parentElement.closest('script, noscript') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
            const texts = [];
            while (walker.nextNode()) texts.push(walker.currentNode.data);
            return texts;
        }""")
        return texts


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """A page for each kind of recording, and one of all of them."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {it: make(folder / f"{it}.html", DATA / f"{it}.jsonl") for it in KINDS}
    pages["history"] = make(folder / "history.html", DATA / "history.jsonl")
    pages["all"] = make(folder / "all.html", *(DATA / f"{it}.jsonl" for it in KINDS))
    return pages


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield Opened(context.new_page())
    context.close()
