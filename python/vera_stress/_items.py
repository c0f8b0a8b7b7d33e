"""Stress tests as pytest sees them: collected, run and reported."""

from __future__ import annotations

import difflib
import fnmatch
import importlib.util
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import (
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

from vera_stress import BinaryNotFound, find_binary
from vera_stress._session import Harness, HarnessError
from vera_stress.plugin import MARKER

# Scenario folders of a project, from pytest's root directory.
FOLDER = Path("tests", "stress")
SECTION = "vera-stress"
# What workers of xdist are given by, and give back to, the process that started them.
_SEED = "vera_stress_seed"
_NOTES = "vera_stress_notes"


class CaseFailed(Exception):
    """A case did not come out as it should."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(text)
        self.text = text
        """What vera-stress shows of it."""
        self.message = message
        """The same in one line, for the short summary."""


class Stress:
    """The stress tests of one session: their process, and the hooks that they need."""

    def __init__(self, config: pytest.Config, named: list[str]) -> None:
        """For tests by these patterns of names, or all of them where there is none."""
        self.config = config
        self.named = named
        self.harness: Harness | None = None
        self.cases: list[dict[str, Any]] = []
        self.unusable: list[dict[str, Any]] = []
        self.seed: int | None = None
        self.notes: list[str] = []
        self._next: pytest.Item | None = None

    # What is collected.

    def pytest_report_header(self) -> str:
        """Names the Vera under test."""
        return f"stress tests: Vera of {self._vera() or 'vera-stress'}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Asks for the cases before anything is collected, so that what was asked for and
        does not exist ends pytest like a test that does not exist."""
        self._collect()

    def _collect(self) -> None:
        if self.seed is not None:
            return
        self.harness = harness = self._start()
        try:
            collected = harness.ask("collect")
        except HarnessError as why:
            harness.close()
            self.harness = None
            # Bad options: what it said of them says it all.
            said = harness.notes().removeprefix("vera-stress: ").strip()
            raise pytest.UsageError(said or str(why)) from None
        self.seed = collected["seed"]
        self.unusable = [] if self.named else collected["errors"]
        self.cases = self._chosen(collected["cases"], collected["errors"])
        if self.config.pluginmanager.has_plugin("dsession"):
            # The workers of xdist have processes of their own.
            self._stop()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, None]:
        """Adds the collector of stress tests to those of the session."""
        outcome = yield
        if isinstance(collector, pytest.Session):
            report = outcome.get_result()
            if report.passed:
                ours = StressCollector.from_parent(
                    collector, name=MARKER, nodeid=MARKER, stress=self
                )
                report.result = [*report.result, ours]

    def _chosen(self, cases: list[dict[str, Any]], errors: list[Any]) -> list[dict[str, Any]]:
        if self.named:
            chosen: dict[str, dict[str, Any]] = {}
            for pattern in self.named:
                found = [case for case in cases if _matches(case["name"], pattern)]
                if not found:
                    raise pytest.UsageError(_not_found(pattern, cases, errors))
                chosen.update((case["name"], case) for case in found)
            return list(chosen.values())
        folder = self._folder()
        paths = [(self._here() / arg.split("::")[0]).resolve() for arg in self.config.args]
        inside = [path for path in paths if path.is_relative_to(folder)]
        if not inside:
            return cases
        self.unusable = [
            error
            for error in self.unusable
            if any((self._here() / error["file"]).resolve().is_relative_to(it) for it in inside)
        ]
        files = [(case, Path(case["file"]).resolve()) for case in cases if case["file"]]
        return [case for case, file in files if any(file.is_relative_to(it) for it in inside)]

    # The process.

    def _here(self) -> Path:
        return self.config.invocation_params.dir

    def _folder(self) -> Path:
        return (self.config.rootpath / FOLDER).resolve()

    def _option(self, name: str) -> str | None:
        given: str | None = self.config.getoption(f"stress_{name}")
        return given or self.config.getini(f"stress_{name}") or None

    def _vera(self) -> str | None:
        """The Vera under test; none is needed to list the tests."""
        chosen = self._option("vera")
        if chosen:
            return chosen
        found = importlib.util.find_spec("vera")
        # A folder that happens to be called `vera` is no package.
        if found is not None and found.origin is not None:
            return sys.executable
        if self.config.option.collectonly:
            return None
        raise pytest.UsageError(
            f"stress tests need Vera, and {sys.executable} cannot import it\n"
            "     next: pip install veralang, or name a Vera: --stress-vera 0.2.5"
        )

    def _start(self) -> Harness:
        try:
            command = [find_binary(), "serve", "--color", "never"]
        except BinaryNotFound as why:
            raise pytest.UsageError(str(why)) from None
        for option, value in (
            ("--vera", self._vera()),
            ("--profile", self._option("profile")),
            ("--scale", self._option("scale")),
        ):
            if value:
                command.append(f"{option}={value}")
        folder = self._folder()
        if folder.is_dir() and any(folder.iterdir()):
            command.append(f"--catalogue={os.path.relpath(folder, self._here().resolve())}")
        given = getattr(self.config, "workerinput", None)
        if given is not None:
            # The same names in all workers, each of which is one job.
            command += ["--jobs=1", f"--seed={given[_SEED]}"]
        return Harness(command, str(self._here()))

    def _stop(self) -> None:
        if self.harness is not None:
            self.harness.close()
            self.notes += self.harness.notes().splitlines()
            self.harness = None

    # Running.

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Announces what will be asked for, so that it runs side by side."""
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return
        if self.harness is None or session.config.option.collectonly or self._is_worker():
            return
        ahead = [item.case["name"] for item in session.items if isinstance(item, StressItem)]
        if ahead:
            # A Vera that cannot be set up fails the tests, each of which is told so.
            self.harness.send("ahead", cases=ahead)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, nextitem: pytest.Item | None) -> None:
        """Knows what will be asked for next, where xdist gives the tests out."""
        self._next = nextitem

    def examine(self, case: dict[str, Any]) -> dict[str, Any]:
        """What came of a case."""
        assert self.harness is not None, "tests are run while the session lasts"
        number = self.harness.send("run", case=case["name"])
        if self._is_worker() and isinstance(self._next, StressItem):
            self.harness.send("ahead", cases=[self._next.case["name"]])
        return self.harness.reply(number)

    def _is_worker(self) -> bool:
        return hasattr(self.config, "workerinput")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, None]:
        """Gives a report the time that its case took, which may have run ahead."""
        outcome = yield
        if isinstance(item, StressItem) and call.when == "call" and item.ran is not None:
            report = outcome.get_result()
            report.duration = item.seconds()
            if report.passed:
                report.sections.append((SECTION, item.ran["text"]))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Ends the process, whatever is under way."""
        self._stop()
        if self._is_worker():
            self.config.workeroutput[_NOTES] = self.notes  # type: ignore[attr-defined]

    def pytest_unconfigure(self) -> None:
        """Ends the process where the session never finished."""
        self._stop()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Shows what the process said beside its results."""
        self._stop()
        if self.notes:
            terminalreporter.section(SECTION)
            for line in dict.fromkeys(self.notes):
                terminalreporter.write_line(line)

    # Workers of xdist.

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Gives a worker the seed of the session."""
        self._collect()
        node.workerinput[_SEED] = self.seed

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes what the process of a worker said."""
        self.notes += getattr(node, "workeroutput", {}).get(_NOTES, [])


class StressCollector(pytest.Collector):
    """All stress tests; in pytest's tree it stands beside the files."""

    def __init__(self, *, stress: Stress, **more: Any) -> None:
        super().__init__(**more)
        self.stress = stress
        self.add_marker(MARKER)

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """An item for each case, and a collector for each scenario that has none."""
        here = self.config.invocation_params.dir
        for error in self.stress.unusable:
            file = os.path.relpath(here / error["file"], self.config.rootpath)
            name = Path(file).as_posix()
            yield Unusable.from_parent(self, name=name, nodeid=name, text=error["text"])
        # All have the root directory for their path: pytest has loaded the conftest.py
        # there, and those of folders only where it looks for tests of its own.
        for case in self.stress.cases:
            yield StressItem.from_parent(self, name=case["name"], case=case)


class Unusable(pytest.Collector):
    """A scenario that cannot be used: an error of collection."""

    def __init__(self, *, text: str, **more: Any) -> None:
        super().__init__(**more)
        self.text = text

    def collect(self) -> Iterator[pytest.Item]:
        """Says what is wrong."""
        raise self.CollectError(self.text)


class StressItem(pytest.Item):
    """One case: a scenario in a lane."""

    def __init__(self, *, case: dict[str, Any], **more: Any) -> None:
        super().__init__(**more)
        self.case = case
        self.ran: dict[str, Any] | None = None
        self.extra_keyword_matches.update([case["axis"], *case["tags"]])

    @property
    def _stress(self) -> Stress:
        assert isinstance(self.parent, StressCollector)
        return self.parent.stress

    def runtest(self) -> None:
        """Asks what came of the case."""
        title = f"{self.case['scenario']} [{self.case['lane']}] n={self.case['n']}"
        try:
            self.ran = ran = self._stress.examine(self.case)
        except HarnessError as why:
            text = f"NOT RUN {title}: {why}\n"
            raise CaseFailed(text, f"not run: {str(why).splitlines()[0]}") from None
        record = ran["record"]
        outcome = ran["outcome"]
        if outcome == "passed":
            return
        if outcome == "unsupported":
            # Without this, the summary would name a line of this file.
            raise pytest.skip.Exception(record["message"], _use_item_location=True)
        if outcome == "known" and not self.config.option.runxfail:
            pytest.xfail(record["message"])
        label = "not run: " if outcome == "not-run" else ""
        raise CaseFailed(ran["text"], f"{label}n={record['n']}: {record['message']}")

    def seconds(self) -> float:
        """How long compiling and running the case took."""
        record = (self.ran or {}).get("record", {})
        usages = [record.get("run"), record.get("compile")]
        return float(sum(usage["wall"] for usage in usages if usage))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A failure is what vera-stress says of it, without a traceback."""
        failed = excinfo.value
        if not isinstance(failed, CaseFailed):
            return super().repr_failure(excinfo, style)
        entry = ReprEntryNative([failed.text])
        return ReprExceptionInfo(
            ReprTraceback([entry], extraline=None, style="native"),
            ReprFileLocation(self.nodeid, 1, failed.message),
        )

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Where the scenario stands, and the name of the case."""
        return self.case["file"] or self.path, 0, self.name


def _matches(name: str, pattern: str) -> bool:
    """Whether a case is meant: by ``scenario``, or by ``scenario[lane]``, or by patterns
    of the two."""
    scenario, lane = name[:-1].split("[", 1)
    wanted, bracket, wanted_lane = pattern.partition("[")
    return fnmatch.fnmatchcase(scenario, wanted) and (
        not bracket or fnmatch.fnmatchcase(lane, wanted_lane.removesuffix("]"))
    )


def _not_found(pattern: str, cases: list[dict[str, Any]], errors: list[Any]) -> str:
    """The sentence about a name that nothing has."""
    text = f"not found: {MARKER}::{pattern}"
    names = [case["name"] for case in cases]
    if "[" not in pattern:
        names = list(dict.fromkeys(case["scenario"] for case in cases))
    near = difflib.get_close_matches(pattern, names, n=3)
    if near:
        text += f"\n(did you mean {', '.join(f'{MARKER}::{name}' for name in near)}?)"
    for error in errors:
        text += f"\n(not loaded: {error['text']})"
    return text
