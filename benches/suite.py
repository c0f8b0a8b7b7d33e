#!/usr/bin/env python3
"""How much the harness costs, as ratios to one start of `vera version`.

    cargo build --release && python3 benches/suite.py [--rounds N] [--vera RELEASE]

Each round starts, one after the other: `vera version`, the suite with an empty
compile cache, the suite with a warm one, and `vera-stress list`. The suite is
the ten scenarios of the seed but map-fold, in both lanes. What is printed is the median of each
over the rounds, its ratio to `vera version` of the same rounds, and what that may be.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.path.join(HERE, "..", "target", "release", "vera-stress")
# map-fold carries its own cost on old releases; the others are none of the ten
# scenarios that the bars were set for.
LEFT_OUT = ("map-fold", "state-cell-heap", "read-lines")


def timed(command, expected=0):
    """Wall-clock seconds of a command that must end as expected."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    took = time.perf_counter() - start
    if done.returncode != expected:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--vera", default="0.2.5")
    chosen = options.parse_args()

    cache = os.path.join(
        os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "vera-stress"
    )
    listed = subprocess.run([BINARY, "list", "--json"], capture_output=True, text=True, check=True)
    names = [s["name"] for s in json.loads(listed.stdout) if s["name"] not in LEFT_OUT]
    run = [BINARY, "run", *names, "--lane", "reference", "--lane", "reference+eager"]
    run += ["--vera", chosen.vera]
    timed(run)  # installs the release, and fills the page cache
    vera = os.path.join(cache, "toolchains", chosen.vera, "bin", "vera")

    times = {"vera version": [], "suite, cold": [], "suite, warm": [], "list": []}
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        # The same toolchains, another compile cache.
        empty = os.path.join(work, "cache")
        os.mkdir(empty)
        os.symlink(os.path.join(cache, "toolchains"), os.path.join(empty, "toolchains"))
        for _ in range(chosen.rounds):
            times["vera version"].append(timed([vera, "version"]))
            shutil.rmtree(os.path.join(empty, "modules"), ignore_errors=True)
            times["suite, cold"].append(timed([*run, "--cache-dir", empty]))
            times["suite, warm"].append(timed([*run, "--cache-dir", empty]))
            times["list"].append(timed([BINARY, "list"]))

    bars = {"suite, cold": "at most 6", "suite, warm": "at most 4", "list": "under 30 ms"}
    base = statistics.median(times["vera version"])
    print(f"{len(names)} scenarios, 2 lanes, {chosen.rounds} rounds, {os.cpu_count()} cores")
    for what, seconds in times.items():
        middle = statistics.median(seconds)
        spread = f"{min(seconds) * 1000:.0f}..{max(seconds) * 1000:.0f}"
        ratio = f"{middle / base:5.2f} x" if what != "vera version" else ""
        print(f"{what:14} {middle * 1000:7.0f} ms ({spread:>12})  {ratio:8} {bars.get(what, '')}")


if __name__ == "__main__":
    main()
