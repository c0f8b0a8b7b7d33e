"""What the tests of the package share: a project that has stress tests of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

# pytester has another home; what is installed already need not be installed again.
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "vera-stress"

# How many scenarios are built in.
BUILT_IN = len(list(Path(__file__).parents[2].glob("scenarios/*/*/scenario.toml")))

CONFIG = f"""
cache_dir = "{CACHE}"

[profiles.native]
lanes = ["native"]

[profiles.reference]
lanes = ["reference"]
"""

SCENARIO = """
title = "A scenario of a test"
why = "A test needs it."
n = {n}
tags = ["mine"]

[[guards]]
class = "tests of the package"
history = "Written by a test."

[expect]
value = "1"
{more}
"""

MAIN = """
public fn main(@Nat -> @Int)
  requires(true) ensures(true) effects({effects})
{{
  {body}
}}
"""


class Project:
    """A folder that pytest runs in."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.write("vera-stress.toml", CONFIG)
        self.write("pytest.ini", "[pytest]\n")

    def write(self, name: str, text: str) -> Path:
        """Writes a file of the project."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def scenario(
        self, name: str, *, body: str = "1", n: int = 10, effects: str = "pure", more: str = ""
    ) -> None:
        """A scenario that must return 1."""
        folder = f"tests/stress/ours/{name}"
        self.write(f"{folder}/scenario.toml", SCENARIO.format(n=n, more=more))
        self.write(f"{folder}/main.vera", MAIN.format(body=body, effects=effects))

    def broken(self, name: str) -> None:
        """A scenario that cannot be loaded."""
        self.write(f"tests/stress/ours/{name}/scenario.toml", "colour = 1\n")
        self.write(f"tests/stress/ours/{name}/main.vera", "")

    def run(self, *args: str) -> pytest.RunResult:
        """Runs pytest in a process of its own; stress tests in lane native only."""
        profile = () if any(it.startswith("--stress-profile") for it in args) else ("native",)
        options = [f"--stress-profile={name}" for name in profile]
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, *args)

    def cached(self, *args: str) -> pytest.RunResult:
        """The same, with what pytest remembers of the last time."""
        return self.pytester.runpytest_subprocess("--stress-profile=native", *args)

    def below(self, folder: str, *args: str) -> pytest.RunResult:
        """The same in a folder of the project."""
        os.chdir(self.path / folder)
        try:
            return self.run(*args)
        finally:
            os.chdir(self.path)


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """A folder with nothing but its configuration."""
    return Project(pytester)


@pytest.fixture
def three(project: Project) -> Project:
    """A project with two scenarios that pass, and one that is wrong from n = 7 on."""
    project.scenario("bad", body="if @Nat.0 < 7 then { 1 } else { 2 }", n=1000)
    project.scenario("one")
    project.scenario("two")
    return project
