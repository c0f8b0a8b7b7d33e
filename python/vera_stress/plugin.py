"""The pytest plugin: what every run of pytest loads, and nothing more.

Whoever does not ask for stress tests pays for this file alone. All else is imported
once somebody does.
"""

from __future__ import annotations

import re

import pytest

MARKER = "stress"

# Where pytest was started below its root directory, it shows names with `../`.
_NAMED = re.compile(r"(?:\.\./)*stress::(?P<pattern>.+)", re.DOTALL)

_OPTIONS = (
    (
        "vera",
        "SPEC",
        "the Vera that stress tests run on: a release (0.2.5), `latest`, a checkout, or a "
        "Python interpreter (default: the vera of the running interpreter)",
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
    if named or _is_chosen(getattr(config.option, "markexpr", "")):
        from vera_stress._items import Stress

        config.pluginmanager.register(Stress(config, named), "vera-stress-session")


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
