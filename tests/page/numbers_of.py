"""The numbers of a recording, and those that a page shows."""

import json
import re

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def key(text):
    """The same for the same number however it is written; all digits of an
    integer count."""
    return str(int(text)) if re.fullmatch(r"-?\d+", text) else str(float(text)).removesuffix(".0")


def of_json(text):
    """Every number that stands in these lines by itself, not within a text."""
    found = set()
    for line in text.splitlines():
        take = lambda it: found.add(key(it))
        json.loads(line, parse_int=take, parse_float=take)
    return found


def of_texts(texts):
    """Every number that a reader can find."""
    return {key(it) for text in texts for it in NUMBER.findall(text)}
