"""Stress tests as pytest sees them: items, and the collector that has them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import (
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

from vera_stress._session import HarnessError
from vera_stress.plugin import MARKER

if TYPE_CHECKING:
    from vera_stress._stress import Stress


class CaseFailed(Exception):
    """A case did not come out as it should."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(text)
        self.text = text
        """What vera-stress shows of it."""
        self.message = message
        """The same in one line, for the short summary."""


class StressCollector(pytest.Collector):
    """All stress tests; in pytest's tree it stands beside the files."""

    def __init__(self, *, stress: Stress, **more: Any) -> None:
        super().__init__(**more)
        self.stress = stress
        self.add_marker(MARKER)

    @classmethod
    def of(cls, session: pytest.Session, stress: Stress) -> StressCollector:
        """The one of a session."""
        collector: StressCollector = cls.from_parent(
            session, name=MARKER, nodeid=MARKER, path=_path(session.config), stress=stress
        )
        return collector

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """An item for each case, and a collector for each scenario that has none."""
        here = self.config.invocation_params.dir
        for error in self.stress.unusable:
            file = os.path.relpath(here / error["file"], self.config.rootpath)
            name = Path(file).as_posix()
            yield Unusable.from_parent(self, name=name, nodeid=name, text=error["text"])
        for case in self.stress.cases:
            # pytest 9 would take a lane apart as parameters, and find no test again by
            # the id that it has cached as text.
            name = case["name"]
            yield StressItem.from_parent(self, name=name, nodeid=f"{MARKER}::{name}", case=case)


def _path(config: pytest.Config) -> Path:
    """The path of all stress tests: a file in the root directory.

    pytest has loaded the conftest.py there, and those of folders only where it looks for
    tests of its own. Editors look for the folder of a test above its path, so the root
    directory itself would not do.
    """
    files = [config.rootpath / "conftest.py"]
    if config.inipath is not None and config.inipath.parent == config.rootpath:
        files.insert(0, config.inipath)
    return next((file for file in files if file.is_file()), config.rootpath / MARKER)


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
            # The others would hear the same.
            self.session.shouldfail = str(why).splitlines()[0].rstrip(":")
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
        if isinstance(failed, CaseFailed):
            text, message = failed.text, failed.message
        elif isinstance(failed, pytest.xfail.Exception) and self.ran is not None:
            text, message = self.ran["text"], str(failed.msg)
        elif isinstance(failed, (pytest.fail.Exception, pytest.skip.Exception)):
            # Whoever raised that, as a plugin for timeouts does, has said it all.
            message = str(failed.msg)
            text = f"{message}\n"
        else:
            return super().repr_failure(excinfo, style)
        entry = ReprEntryNative([text])
        return ReprExceptionInfo(
            ReprTraceback([entry], extraline=None, style="native"),
            ReprFileLocation(self.nodeid, 1, message),
        )

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Where the scenario stands, and the name of the case."""
        # A built-in one has none: pytest then shows its id alone.
        return self.case["file"] or self.config.rootpath / MARKER, 0, self.name
