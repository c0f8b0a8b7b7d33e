"""The stress tests of one session of pytest, and the hooks that they need."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from vera_stress import BinaryNotFound, _paths, find_binary
from vera_stress._items import StressCollector, StressItem
from vera_stress._names import is_of, matches, not_found
from vera_stress._session import Harness, HarnessError, HarnessGone
from vera_stress._vera import Vera, imported
from vera_stress.plugin import MARKER

SECTION = "vera-stress"
# What workers of xdist are given by the process that started them, and give back to it.
_GIVEN = "vera_stress_given"
_NOTES = "vera_stress_notes"
# An option of the command in what it says: `'--scale <N|xK>'`, or `--scale`.
_OPTION = re.compile(r"'--(vera|profile|scale)(?: <[^>]*>)?'|--(vera|profile|scale)\b")


class Stress:
    """The stress tests of one session: their process, and the hooks that they need."""

    def __init__(self, config: pytest.Config, named: list[str]) -> None:
        """For tests by these patterns of names, or all of them where there is none."""
        self.config = config
        self.named = named
        self.harness: Harness | None = None
        self.cases: list[dict[str, Any]] = []
        self.unusable: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self._seed: int | None = None
        self._collected: dict[str, Any] | None = None
        self._vera: dict[str, Any] = {}
        self._environment: Vera | None = None
        self._ahead: int | None = None
        self._next: pytest.Item | None = None
        # Workers do what the process says that started them.
        self._given: dict[str, Any] | None = getattr(config, "workerinput", {}).get(_GIVEN)
        paths = _paths.given(config)
        folder, holds = _paths.folder(config, paths)
        self._folder = folder if holds else None
        if self._given is not None:
            self._folder = Path(self._given["folder"]) if self._given["folder"] else None
        self._limit = _paths.Limit(folder, [] if named else paths)

    # What is collected.

    def pytest_report_header(self) -> str:
        """Names the Vera under test, and where scenarios come from."""
        if self._limit.is_none:
            return "stress tests: none, since the given paths do not hold tests/stress"
        text = f"stress tests: Vera of {self._under_test()}"
        scenarios = "built-in scenarios"
        if self._folder is not None:
            scenarios += f" and those of {self._relative(self._folder)}"
        return f"{text}; {scenarios}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Asks for the cases before anything is collected, so that what was asked for and
        does not exist ends pytest like a test that does not exist."""
        self._collect()

    def _asked(self) -> dict[str, Any] | None:
        """What there is, once it was asked for; ``None`` where nothing is wanted."""
        if self._collected is not None or self._has_none():
            return self._collected
        self.harness = harness = self._start()
        try:
            collected = harness.ask("collect")
        except HarnessError as why:
            harness.close()
            self.harness = None
            # Bad options: what it said of them says it all.
            raise pytest.UsageError(_as_pytest(harness.notes()) or str(why)) from None
        self._collected = collected
        self._vera = collected["vera"]
        return collected

    def _collect(self) -> None:
        collected = self._asked()
        if collected is None or self._seed is not None:
            return
        harness = self.harness
        assert harness is not None, "it was asked just now"
        self._seed = collected["seed"]
        if self._given is not None:
            names = {case["name"]: case for case in collected["cases"]}
            self.cases = [names[name] for name in self._given["cases"]]
            self.unusable = self._given["unusable"]
            return
        self._choose(collected["cases"], collected["errors"])
        if self.config.pluginmanager.has_plugin("dsession"):
            # The workers of xdist have processes of their own. Where Vera cannot be
            # set up, that is said once, and before they start.
            if self.cases:
                self._expect(harness.send("set-up"))
            self._stop()

    def _has_none(self) -> bool:
        """Whether there is nothing to ask for."""
        if self._given is not None:
            return not self._given["cases"] and not self._given["unusable"]
        return self._limit.is_none

    def _choose(self, cases: list[dict[str, Any]], errors: list[dict[str, Any]]) -> None:
        here = self.config.invocation_params.dir
        if not self.named:
            self.cases = [
                case
                for case in cases
                if self._limit.holds(Path(case["file"]).resolve() if case["file"] else None)
            ]
            self.unusable = [
                error for error in errors if self._limit.holds((here / error["file"]).resolve())
            ]
            return
        chosen: dict[str, dict[str, Any]] = {}
        for pattern in self.named:
            found = [case for case in cases if matches(case, pattern)]
            if not found:
                raise pytest.UsageError(not_found(pattern, cases, errors))
            chosen.update((case["name"], case) for case in found)
        self.cases = list(chosen.values())
        # Another of that name may have been meant.
        self.unusable = [
            error for error in errors if any(is_of(error, pattern) for pattern in self.named)
        ]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, None]:
        """Adds the collector of stress tests to those of the session."""
        outcome = yield
        if isinstance(collector, pytest.Session) and outcome.excinfo is None:
            report = outcome.get_result()
            if report.passed and (self.cases or self.unusable):
                ours = StressCollector.of(collector, self)
                report.result = [*report.result, ours]

    # The process.

    def _relative(self, path: Path) -> str:
        return os.path.relpath(path, self.config.invocation_params.dir.resolve())

    def _option(self, name: str) -> str | None:
        given: str | None = self.config.getoption(f"stress_{name}")
        return given or self.config.getini(f"stress_{name}") or None

    def _under_test(self) -> str:
        """The Vera under test, and why it is that one, as the header names it."""
        self._asked()
        spec, why = self._vera["spec"], self._vera["why"]
        if self._vera["chosen"] == "environment" and self._environment is not None:
            spec = self._environment.shown
        return f"{spec} ({why})"

    def _start(self) -> Harness:
        try:
            command = [find_binary(), "serve", "--color", "never"]
        except BinaryNotFound as why:
            raise pytest.UsageError(str(why)) from None
        # The environment that these tests run in is the active one.
        if self._given is None:
            self._environment = imported(self.config.invocation_params.dir)
        environment = self._environment.spec if self._environment else None
        if self._given is not None:
            environment = self._given["environment"]
        for option, value in (
            ("--vera", self._option("vera")),
            ("--environment", environment),
            ("--profile", self._option("profile")),
            ("--scale", self._option("scale")),
        ):
            if value:
                command.append(f"{option}={value}")
        if self._folder is not None:
            command.append(f"--catalogue={self._relative(self._folder)}")
        if self._given is not None:
            # The same names in all workers, each of which is one job.
            command += ["--jobs=1", f"--seed={self._given['seed']}"]
        return Harness(command, str(self.config.invocation_params.dir))

    def _expect(self, number: int) -> None:
        """Ends the session where a request is refused that needs Vera."""
        assert self.harness is not None, "something was asked of it"
        try:
            self.harness.reply(number)
        except HarnessGone:
            raise
        except HarnessError as why:
            self._stop()
            raise pytest.UsageError(str(why)) from None

    def _stop(self, *, interrupted: bool = False) -> None:
        if self.harness is not None:
            self.harness.close(interrupted=interrupted)
            self.notes += self.harness.notes().splitlines()
            self.harness = None

    # Running.

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Announces what will be asked for, so that it runs side by side."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return
        if self.harness is None or session.config.option.collectonly or self._given:
            return
        ahead = [item.case["name"] for item in session.items if isinstance(item, StressItem)]
        if ahead:
            self._ahead = self.harness.send("ahead", cases=ahead)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Knows what will be asked for next, where xdist gives the tests out; and sees,
        before the first stress test, whether Vera could be set up."""
        self._next = nextitem
        if isinstance(item, StressItem) and self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            try:
                self._expect(ahead)
            except HarnessGone:
                pass  # The test will say so.

    def examine(self, case: dict[str, Any]) -> dict[str, Any]:
        """What came of a case."""
        assert self.harness is not None, "tests are run while the session lasts"
        number = self.harness.send("run", case=case["name"])
        if self._given and isinstance(self._next, StressItem):
            self.harness.send("ahead", cases=[self._next.case["name"]])
        self.notes += (case.get("note") or "").splitlines()
        return self.harness.reply(number)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, None]:
        """Gives a report the time that its case took, which may have run ahead."""
        outcome = yield
        if outcome.excinfo is not None:  # Ctrl-C passes through.
            return
        if isinstance(item, StressItem) and call.when == "call" and item.ran is not None:
            report = outcome.get_result()
            report.duration = item.seconds()
            if report.passed:
                report.sections.append((SECTION, item.ran["text"]))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Ends the process, whatever is under way."""
        self._stop(interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
        if self._given:
            self.config.workeroutput[_NOTES] = self.notes  # type: ignore[attr-defined]

    def pytest_unconfigure(self) -> None:
        """Ends the process where the session never finished."""
        self._stop(interrupted=True)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Shows what the process said beside its results."""
        if self.notes:
            terminalreporter.section(SECTION)
            for line in dict.fromkeys(self.notes):
                terminalreporter.write_line(line)

    # Workers of xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Gives a worker the seed, the Vera and the tests of the session."""
        self._collect()
        node.workerinput[_GIVEN] = {
            "seed": self._seed,
            "environment": self._environment.spec if self._environment else None,
            "folder": str(self._folder) if self._folder else None,
            "cases": [case["name"] for case in self.cases],
            "unusable": self.unusable,
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes what the process of a worker said."""
        self.notes += getattr(node, "workeroutput", {}).get(_NOTES, [])


def _as_pytest(said: str) -> str:
    """What the command says of its options, for those that the user gave to pytest."""
    said = said.strip().removeprefix("vera-stress: ").removeprefix("error: ")
    # Its own help is not that of pytest.
    said = said.partition("\n\nFor more information")[0]
    return _OPTION.sub(lambda it: f"--{MARKER}-{it[1] or it[2]}", said)
