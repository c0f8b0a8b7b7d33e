#!/usr/bin/env python3
"""What the sanitizer costs, measured in one run against its bars.

    cargo build --release && python3 benches/sanitizer.py [--rounds N] [--vera RELEASE]

Each scenario runs in lanes `native`, `native+checks` and `native+sanitize=1` by
turns. The ratios are those of the medians of the time that a run takes, from the
loaded program to its result.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

RELEASE = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "target", "release", "vera-stress"
)
LANES = ("native", "native+checks", "native+sanitize=1")
# On 0.2.5 linked-list traps from 32,757 on.
SCENARIOS = {"array-map-int": None, "map-fold": None, "life": None, "linked-list": 30_000}


def seconds(vera, scenario, n):
    """How long the scenario took in each lane, and how often it collected."""
    scale = [] if n is None else ["--scale", str(n)]
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        command = [RELEASE, "run", scenario, *scale, "--lane", ",".join(LANES), "--vera", vera]
        command += ["--jobs", "1", "--no-shrink", "--json", file.name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(
                f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        with open(file.name, encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
    ended = [event for event in events if event["event"] == "case-finished"]
    return {
        event["lane"]: (event["run"]["wall"], event["measures"]["collections"]) for event in ended
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--vera", default="0.2.5")
    given = parser.parse_args()
    print(
        f"{'':16}{'native':>12}{'checks':>12}{'ratio':>8}{'sanitize':>12}{'ratio':>8}{'collections':>22}"
    )
    for scenario, n in SCENARIOS.items():
        rounds = [seconds(given.vera, scenario, n) for _ in range(given.rounds + 1)][1:]
        medians = [statistics.median(each[lane][0] for each in rounds) for lane in LANES]
        collections = " / ".join(str(rounds[0][lane][1]) for lane in LANES)
        plain, checks, whole = medians
        row = f"{scenario:16}{plain * 1000:9.1f} ms{checks * 1000:9.1f} ms{checks / plain:8.2f}"
        print(f"{row}{whole * 1000:9.1f} ms{whole / plain:8.1f}{collections:>22}")
    print("bars: checks at most 2 times native, sanitize at most 25 times")


if __name__ == "__main__":
    main()
