"""Names of cases, and patterns of them."""

from __future__ import annotations

import difflib
import fnmatch
from pathlib import Path
from typing import Any

from vera_stress.plugin import MARKER


def matches(case: dict[str, Any], pattern: str) -> bool:
    """Whether a case is meant: by ``scenario``, or by ``scenario[lane]``, or by patterns
    of the two. The lane may have its seed, as the text of a failure has it."""
    wanted, bracket, wanted_lane = pattern.partition("[")
    lanes = (case["name"].partition("[")[2].removesuffix("]"), case["lane"])
    return fnmatch.fnmatchcase(case["scenario"], wanted) and (
        not bracket
        or any(fnmatch.fnmatchcase(lane, wanted_lane.removesuffix("]")) for lane in lanes)
    )


def is_of(error: dict[str, Any], pattern: str) -> bool:
    """Whether what could not be loaded has the name of the scenario that is meant."""
    file = Path(error["file"])
    wanted = pattern.partition("[")[0]
    return any(fnmatch.fnmatchcase(name, wanted) for name in (file.name, file.parent.name))


def not_found(pattern: str, cases: list[dict[str, Any]], errors: list[dict[str, Any]]) -> str:
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
