"""The Vera of the environment that the tests run in: what the interpreter would import."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

# What an interpreter prints of itself, without the working directory on its path.
_ASK = (
    "import importlib.util; it = importlib.util.find_spec('vera'); "
    "print(it.origin if it and it.origin else '')"
)


@dataclass(frozen=True)
class Vera:
    """A Vera that could be tested."""

    spec: str
    """What ``vera-stress --vera`` takes."""
    shown: str
    """What the header says of it."""


def imported(here: Path) -> Vera | None:
    """The Vera that this interpreter imports, started in ``here``; ``None`` without one.

    Where it is one that other processes of the interpreter would not find, as in the
    working directory or on ``pythonpath`` of pytest, its folder is named.
    """
    package = _package()
    if package is None:
        return None
    installed = [Path(sysconfig.get_path(it)).resolve() for it in ("purelib", "platlib")]
    if package.parent not in installed and _package_of(sys.executable, here) != package:
        return Vera(str(package.parent), str(package))
    return Vera(sys.executable, f"{package}, {_version(package)}")


def _package() -> Path | None:
    """The folder of the package."""
    try:
        found = importlib.util.find_spec("vera")
    except ValueError:  # Somebody put a module without a spec in its place.
        return None
    # A folder that happens to be called `vera`, and a file `vera.py`, are no package.
    if found is None or found.origin is None or not found.submodule_search_locations:
        return None
    return Path(found.origin).resolve().parent


def _package_of(python: str, here: Path) -> Path | None:
    """The folder of the package that another process of an interpreter imports."""
    # vera-stress starts it with -P as well: without the working directory.
    asked = subprocess.run([python, "-P", "-c", _ASK], cwd=here, capture_output=True, text=True)
    origin = asked.stdout.strip()
    return Path(origin).resolve().parent if origin else None


def _version(package: Path) -> str:
    """Its version, where it is an installed one; else where it comes from."""
    try:
        installed = importlib.metadata.distribution("veralang")
    except importlib.metadata.PackageNotFoundError:
        installed = None
    # Another may be installed beside the one that is imported.
    if installed is None or Path(str(installed.locate_file("vera"))).resolve() != package:
        return f"imported by {sys.executable}"
    return installed.version
