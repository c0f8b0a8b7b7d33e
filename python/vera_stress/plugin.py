"""The pytest plugin: what every run of pytest loads, and nothing more.

Whoever does not ask for stress tests pays for this file alone. All else is imported
once somebody does.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

MARKER = "stress"

# Where pytest was started below its root directory, it shows names with `../`.
_NAMED = re.compile(r"(?:\.\./)*stress::(?P<pattern>.+)", re.DOTALL)

_OPTIONS = (
    (
        "vera",
        "SPEC",
        (
            "the Vera that stress tests run on: a release (0.2.5), `latest`, a checkout, or a "
            "Python interpreter (default: that of the checkout here, else of this interpreter)"
        ),
    ),
    ("profile", "NAME", "the profile of stress tests: quick, default, nightly, or your own"),
    ("scale", "N|xK", "the scale of stress tests: a number, or a multiple (x2, x0.1)"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--stress-vera`` and the like, and settings of the same names."""
    group = parser.getgroup("vera-stress", "stress tests of Vera programs (pytest -m stress)")
    for name, metavar, text in _OPTIONS:
        group.addoption(f"--stress-{name}", metavar=metavar, default=None, help=text)
        parser.addini(f"stress_{name}", text, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Takes names of stress tests out of the arguments, and sees whether any are wanted."""
    config.addinivalue_line(
        "markers", f"{MARKER}: a Vera program at scale, run and judged by vera-stress"
    )
    named = [match["pattern"] for match in map(_NAMED.fullmatch, config.args) if match]
    if named:
        # pytest would look for a file of that name.
        config.args[:] = [arg for arg in config.args if not _NAMED.fullmatch(arg)]
    expression = getattr(config.option, "markexpr", "")
    is_chosen = _is_chosen(expression)
    if named and expression and not is_chosen:
        # Whoever names a test wants it run: `-m` may stand in addopts.
        config.option.markexpr = f"({expression}) or {MARKER}"
    if named or is_chosen:
        from vera_stress._stress import Stress

        config.pluginmanager.register(Stress(config, named), "vera-stress-session")
    else:
        _hint(config)


def _hint(config: pytest.Config) -> None:
    """Says how to get stress tests where they were hardly meant to be left out."""
    here = config.invocation_params.dir
    for arg in config.args:
        if arg == f"{MARKER}::" or (arg == MARKER and not (here / arg).exists()):
            raise pytest.UsageError(
                f"not found: {arg}\n"
                f"     next: all stress tests are pytest -m {MARKER}, and one is "
                f"pytest {MARKER}::NAME"
            )
        if f"/tests/{MARKER}/" in f"{here / arg}/".replace("\\", "/"):
            from vera_stress._paths import holds_scenarios

            if holds_scenarios(here / arg):
                config.pluginmanager.register(_Hint(arg), "vera-stress-hint")
                return


class _Hint:
    """The line about a folder of scenarios that was named without ``-m``."""

    def __init__(self, arg: str) -> None:
        self._arg = arg

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Shows it."""
        terminalreporter.write_line(
            f"the scenarios there are stress tests: pytest -m {MARKER} {self._arg}"
        )


def _is_chosen(expression: str) -> bool:
    """Whether ``-m`` names the marker, and holds for a test that has it and no other."""
    if not re.search(rf"\b{MARKER}\b", expression or ""):
        return False
    try:
        from _pytest.mark.expression import Expression

        compiled = Expression.compile(expression)
    except ImportError:
        return not re.search(rf"\bnot\s+{MARKER}\b", expression)
    except Exception:  # The expression is wrong, which pytest itself says better.
        return False
    return bool(compiled.evaluate(lambda name, /, **_: name == MARKER))
