#!/usr/bin/env python3
"""What the native engine is for, measured in one run against its bars.

    cargo build && cargo build --release && python3 benches/native.py [--rounds N] [--vera RELEASE]

Host calls: a million prints and a million State operations in lanes `reference`
and `native` by turns, as ratios. The suite: the ten scenarios of the seed in
lane `native` with a warm cache, as whole processes, beside a bare start of the
same binary; how much memory the process holds beside its guests; and whether it
starts another process. Counts: each native case twice and on the debug build,
which must give the same. What the engine adds to one run is measured by
`cargo bench --bench overhead`.
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
TARGET = os.path.join(HERE, "..", "target")
RELEASE = os.path.join(TARGET, "release", "vera-stress")
DEBUG = os.path.join(TARGET, "debug", "vera-stress")
# Two carry a cost of their own on 0.2.5, and two are none of the ten.
LEFT_OUT = ("map-fold", "linked-list", "state-cell-heap", "read-lines")


def run(command):
    """Seconds, peak resident bytes and output of a command that must succeed."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    output = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    took = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}:\n{output}")
    return took, usage.ru_maxrss * 1024, output


def cases(command):
    """The records of a run's cases, by scenario and lane."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        run([*command, "--json", file.name])
        with open(file.name, encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
    ended = [event for event in events if event.get("event") == "case-finished"]
    return {(event["scenario"], event["lane"]): event for event in ended}


def shown(seconds):
    return f"{statistics.median(seconds) * 1000:9.1f} ms ({min(seconds) * 1000:.1f}..{max(seconds) * 1000:.1f})"


def host_calls(vera, rounds):
    catalogue = os.path.join(HERE, "scenarios")
    for name, least in (("million-prints", 50), ("million-state-operations", 300)):
        times = {"reference": [], "native": []}
        for _ in range(rounds):
            for lane, seconds in times.items():
                command = [
                    RELEASE,
                    "run",
                    name,
                    "--catalogue",
                    catalogue,
                    "--lane",
                    lane,
                    "--vera",
                    vera,
                ]
                seconds.append(cases(command)[name, lane]["run"]["wall"])
        ratio = statistics.median(times["reference"]) / statistics.median(times["native"])
        print(f"{name}:")
        for lane, seconds in times.items():
            print(f"    {lane:10} {shown(seconds)}")
        print(f"    ratio      {ratio:9.0f} x  at least {least}")


def suite(vera, names, rounds):
    groups = {
        "the ten but map-fold and linked-list": names,
        "and without string-interpolation": [n for n in names if n != "string-interpolation"],
    }
    bare = [run([RELEASE, "--version"])[0] for _ in range(rounds)]
    print(f"start of the binary          {shown(bare)}")
    for what, chosen in groups.items():
        command = [RELEASE, "run", *chosen, "--lane", "native", "--vera", vera]
        run(command)
        measured = [run(command) for _ in range(rounds)]
        print(
            f"{what}:\n    whole process {shown([took for took, _, _ in measured])}  at most 150 ms"
        )
        guests = max(record["run"]["peak_memory"] for record in cases(command).values())
        beside = max(memory for _, memory, _ in measured) - guests
        print(f"    memory beside the largest guest {beside / 2**20:.1f} MiB  below 100 MB")
    if shutil.which("strace"):
        trace = ["strace", "-f", "-e", "trace=execve", "-o", "/dev/stdout", *command]
        started = run(trace)[2].count("execve(") - 1
        print(f"    processes started by it: {started}  none")


def counts(vera, names):
    lanes = ["native", "native+eager", "native+random=7", "native+per-stack"]
    arguments = [word for lane in lanes for word in ("--lane", lane)]
    arguments = ["run", *names, *arguments, "--vera", vera, "--scale", "x0.1"]
    first, again = (cases([RELEASE, *arguments]) for _ in range(2))
    debug = cases([DEBUG, *arguments])
    keys = ("measures", "peak_heap")
    for what, other in (("a second run", again), ("the debug build", debug)):
        differ = [k for k in first if any(first[k][key] != other[k][key] for key in keys)]
        print(
            f"counts of {what}: {len(first) - len(differ)} of {len(first)} cases are the same  all"
        )


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--vera", default="0.2.5")
    chosen = options.parse_args()
    listed = run([RELEASE, "list", "--json"])[2]
    names = [s["name"] for s in json.loads(listed) if s["name"] not in LEFT_OUT]
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        run(
            [RELEASE, "run", *names, "--lane", "native", "--vera", chosen.vera]
        )  # installs the release
        suite(chosen.vera, names, 4 * chosen.rounds)
        counts(chosen.vera, names)
        host_calls(chosen.vera, chosen.rounds)


if __name__ == "__main__":
    main()
