"""Finds the scale at which Vera programs break, before their users do.

The package brings the command ``vera-stress`` and a plugin for pytest; see
``docs/pytest.md`` of the project.
"""

from __future__ import annotations

__all__ = ["BinaryNotFound", "find_binary", "version"]


class BinaryNotFound(RuntimeError):
    """The command ``vera-stress`` is not where the package was installed."""


def version() -> str:
    """The version of the installed package."""
    from importlib.metadata import version

    return version("vera-stress")


def find_binary() -> str:
    """The path of the command ``vera-stress`` that belongs to this package.

    Raises :class:`BinaryNotFound` where the command was removed.
    """
    import os
    import sysconfig

    name = "vera-stress" + (sysconfig.get_config_var("EXE") or "")
    user = sysconfig.get_preferred_scheme("user")
    folders = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", scheme=user)]
    # An installation with `pip install --target` has its commands beside the package.
    here = os.path.dirname(os.path.abspath(__file__))
    folders.append(os.path.join(os.path.dirname(here), "bin"))
    for folder in folders:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    raise BinaryNotFound(
        f"the command {name} is in none of {', '.join(folders)}\n"
        "     next: install it again: pip install --force-reinstall vera-stress"
    )
