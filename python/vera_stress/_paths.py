"""Where the scenarios of a project stand, and which of them the given paths mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

# The scenarios of a project, from its root.
FOLDER = Path("tests", "stress")
# Each of these files makes a folder a scenario, if maybe an unfinished one.
_SHAPE = ("scenario.toml", "main.vera", "program.rhai")
# Each of these files is a program, which needs no more.
_PROGRAMS = "programs/*.vera"


def holds_scenarios(folder: Path) -> bool:
    """Whether a folder is a scenario, or an axis, or holds axes: else it is not ours."""
    shapes = [f"{below}{name}" for below in ("", "*/", "*/*/") for name in _SHAPE]
    return any(next(folder.glob(shape), None) for shape in [*shapes, _PROGRAMS])


def given(config: pytest.Config) -> list[Path]:
    """The paths that the user gave; ``testpaths`` are none."""
    here = config.invocation_params.dir
    args = list(config.args)
    source = getattr(config, "args_source", None)  # pytest 7.2 and later
    if source is not None:
        if source is not type(source).ARGS:
            return []
    else:
        typed = {str(arg) for arg in config.invocation_params.args}
        args = [arg for arg in args if arg in typed]
    return [(here / arg.split("::")[0]).resolve() for arg in args]


def folder(config: pytest.Config, paths: list[Path]) -> tuple[Path, bool]:
    """The folder of the project's scenarios, and whether it holds any.

    Without a file of its own, pytest takes a folder that its arguments share for its
    root directory, so the folder is looked for above them too.
    """
    here = config.invocation_params.dir.resolve()
    root = config.rootpath.resolve() if config.inipath else here
    candidates = [root]
    if config.inipath is None:
        for start in [*paths, here]:
            candidates += _upwards(start)
    for above in candidates:
        if holds_scenarios(above / FOLDER):
            return (above / FOLDER).resolve(), True
    return root / FOLDER, False


def _upwards(start: Path) -> Iterator[Path]:
    """A path and those above it, as far as a repository goes."""
    for above in (start, *start.parents):
        yield above
        if (above / ".git").exists():
            return


class Limit:
    """What the given paths leave of the stress tests.

    All of them stand in the folder of the project's scenarios, the built-in ones too.
    """

    def __init__(self, folder: Path, paths: list[Path]) -> None:
        self._inside = [path for path in paths if path.is_relative_to(folder)]
        self.is_all = not paths or any(path in folder.parents for path in paths)
        """Whether they limit nothing."""

    @property
    def is_none(self) -> bool:
        """Whether they leave nothing."""
        return not self.is_all and not self._inside

    def holds(self, file: Path | None) -> bool:
        """Whether a scenario is left; ``None`` stands for one that is built in."""
        if self.is_all:
            return True
        return file is not None and any(file.is_relative_to(path) for path in self._inside)
