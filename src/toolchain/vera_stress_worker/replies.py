"""What jobs have in common: writing what they reply, and asking Vera's functions."""

import inspect
import json
import os
import sys


def write_json(directory, name, value):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def write_text(directory, name, text):
    data = text.encode("utf-8", errors="surrogatepass")
    with open(os.path.join(directory, name), "wb") as file:
        file.write(data)


def sentence(error):
    """An exception of Vera's own code in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def takes(function, name):
    """Whether a function takes an option of this name: releases differ in what theirs
    take."""
    parameters = inspect.signature(function).parameters.values()
    return any(it.name == name or it.kind is it.VAR_KEYWORD for it in parameters)


def peak_memory(usage):
    """The largest resident set in bytes: Linux counts in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
