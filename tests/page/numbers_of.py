"""The numbers of a recording, and those that a page shows."""

import json
import re

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def key(text: str) -> str:
    """The same for the same number however it is written; all digits of an
    integer count."""
    return str(int(text)) if re.fullmatch(r"-?\d+", text) else str(float(text)).removesuffix(".0")


def of_json(text: str) -> set[str]:
    """Every number that stands in these lines by itself, not within a text."""
    found: set[str] = set()

    def take(it: str) -> None:
        found.add(key(it))

    for line in text.splitlines():
        json.loads(line, parse_int=take, parse_float=take)
    return found


def of_texts(texts: list[str]) -> set[str]:
    """Every number that a reader can find."""
    return {key(it) for text in texts for it in NUMBER.findall(text)}
