#!/usr/bin/env python3
"""What the pytest plugin costs, as ratios within one run.

    .ci/wheel && python3 benches/plugin.py [--rounds N] [--python PATH]

PATH is an interpreter that has the wheel, veralang and pytest; .ci/wheel leaves one
in target/wheel-test. What is printed is the least of N rounds (of eight times
as many where a command is quick), whose commands take turns:

- `pytest` in an empty project with the plugin, and without it;
- the scenarios with tag `seed`, warm, through pytest and through the command, on
  the same Vera.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, "..", "target", "wheel-test", "bin", "python")
# How often the quick commands are timed for each time that the others are.
QUICK = 8
# pytest ends with 5 where it has collected nothing.
NOTHING = 5


def timed(command, expected):
    """Wall-clock seconds of a command that must end as expected."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    took = time.perf_counter() - start
    if done.returncode != expected:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--python", default=PYTHON)
    chosen = options.parse_args()

    # Not resolved: an environment is known by the path of its interpreter.
    python = os.path.abspath(chosen.python)
    pytest = [python, "-m", "pytest", "-p", "no:cacheprovider"]
    stress = [python, "-m", "vera_stress", "run", "--tag", "seed", "--vera", python]
    commands = {
        "empty, without": ([*pytest, "-p", "no:vera_stress"], NOTHING),
        "empty, with": (pytest, NOTHING),
        "seed, command": (stress, 0),
        "seed, pytest": ([*pytest, "-m", "stress", "-k", "seed"], 0),
    }
    least = {}
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for command, expected in commands.values():
            timed(command, expected)
        for number in range(chosen.rounds * QUICK):
            for what, (command, expected) in commands.items():
                if what.startswith("empty") or number % QUICK == 0:
                    least[what] = min(timed(command, expected), least.get(what, float("inf")))
    for what, seconds in least.items():
        print(f"{what:15} {seconds * 1000:7.0f} ms")
    slower = (least["empty, with"] - least["empty, without"]) * 1000
    print(f"an empty project: {slower:.0f} ms more; at most 50 ms")
    ratio = least["seed, pytest"] / least["seed, command"]
    print(f"the seed suite: {ratio:.2f} times the command; at most 1.3")


if __name__ == "__main__":
    main()
