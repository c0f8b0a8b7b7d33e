#!/usr/bin/env python3
"""Runs the default profile on mutants of Vera's compiler, and says which are noticed.

    python tests/mutants/run.py MADE RESULTS --vera-stress BINARY --package DIR --work DIR

MADE has what `inside.py` wrote, RESULTS gets a line for each mutant, the last of which
counts, and what is in it already is not done again; with `--prove`, what survived is. DIR of `--package` is a release's `vera`, which is copied.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import time

# So many programs are run first; all others that become another module only where
# these do not notice anything.
FIRST, ALL = 3, 7

# What the default profile does not notice may be no fault at all. These runs of a few
# programs show whether it is one: other lanes, and ten times the n.
PROVEN = 4
PROOFS = (
    ["--lane", "native+checks,native+tight,native+per-stack", "--budget", "60s", "--scale", "x0.1"],
    ["--lane", "native,native+sanitize", "--budget", "60s", "--scale", "x10"],
)


def spread(all_of_them, count):
    some = min(count, len(all_of_them))
    return [all_of_them[it * len(all_of_them) // some] for it in range(some)]


class Bench:
    """A copy of Vera that is changed, and what runs on it."""

    def __init__(self, given):
        self.binary, self.work = os.path.abspath(given.vera_stress), os.path.abspath(given.work)
        self.package = given.package
        # By program, what it fails in the proofs without a fault.
        self.base = {}
        self.copy = os.path.join(self.work, "vera")
        self.cache = os.path.join(self.work, "cache")
        os.makedirs(self.work, exist_ok=True)
        # One that was ended may have left a mutant.
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.package, self.copy, ignore=shutil.ignore_patterns("__pycache__"))
        os.makedirs(self.cache, exist_ok=True)
        link = os.path.join(self.cache, "toolchains")
        if not os.path.exists(link):
            home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
            os.symlink(os.path.join(home, "vera-stress", "toolchains"), link)
        project = os.path.join(self.work, "pyproject.toml")
        pathlib.Path(project).write_text(
            f'[project]\nname = "veralang"\nversion = "{given.version}"\n', encoding="utf-8"
        )

    def mutate(self, mutant):
        name = os.path.join(self.package, mutant["file"])
        source = pathlib.Path(name).read_text(encoding="utf-8")
        if source[mutant["start"] : mutant["end"]] != mutant["was"]:
            raise SystemExit(f"{name} is not what the mutants were made of")
        changed = source[: mutant["start"]] + mutant["text"] + source[mutant["end"] :]
        self.write(mutant, changed)

    def restore(self, mutant):
        name = os.path.join(self.package, mutant["file"])
        self.write(mutant, pathlib.Path(name).read_text(encoding="utf-8"))

    def write(self, mutant, text):
        name = os.path.join(self.copy, mutant["file"])
        pathlib.Path(name).write_text(text, encoding="utf-8")

    def run(self, names, options=(), package=None):
        """How a run of these ends: its exit code, and the cases that failed."""
        recording = os.path.join(self.work, "run.jsonl")
        command = [
            self.binary,
            "run",
            *names,
            "--vera",
            package or self.work,
            "--cache-dir",
            self.cache,
        ]
        command += ["--no-shrink", "--json", recording, "--force", "--seed", "1"]
        command += ["--history", os.path.join(self.work, "history.db"), *options]
        if os.path.exists(recording):
            os.remove(recording)
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.work)
        failed, cases = [], []
        if os.path.exists(recording):
            with open(recording, encoding="utf-8") as lines:
                events = [json.loads(line) for line in lines]
            cases = [event for event in events if event["event"] == "case-finished"]
        for event in cases:
            if event["verdict"] not in ("pass", "known", "unsupported", "not-run"):
                lane = event["lane"].split("=")[0]
                failed.append([event["scenario"], lane, event["verdict"]])
        shutil.rmtree(os.path.join(self.cache, "modules"), ignore_errors=True)
        shutil.rmtree(os.path.join(self.work, ".vera-stress"), ignore_errors=True)
        said = (done.stdout + done.stderr).strip().splitlines()
        return done.returncode, failed, said[-1] if said else ""

    def proof(self, names):
        """What these fail beyond the default profile. What unchanged Vera fails as well
        proves nothing."""
        failed = [
            [*case, options[-1]] for options in PROOFS for case in self.run(names, options)[1]
        ]
        missing = [name for name in names if name not in self.base]
        if failed and missing:
            for options in PROOFS:
                for case in self.run(missing, options, self.package)[1]:
                    self.base.setdefault(case[0], []).append([*case, options[-1]])
            for name in missing:
                self.base.setdefault(name, [])
        return [case for case in failed if case not in self.base.get(case[0], ())]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("made")
    parser.add_argument("results")
    parser.add_argument("--vera-stress", required=True)
    parser.add_argument("--package", required=True)
    parser.add_argument("--version", default="0.2.5")
    parser.add_argument("--work", required=True)
    parser.add_argument("--part", default="0/1", help="which part of them: K/N, from 0")
    parser.add_argument("--prove", action="store_true", help="run what survived in the proofs")
    given = parser.parse_args()
    bench = Bench(given)
    done, survived = set(), set()
    if os.path.exists(given.results):
        with open(given.results, encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                if not (given.prove and line["exit"] == 0 and line["proof"] is None):
                    done.add(line["key"])
                else:
                    survived.add(line["key"])
    with open(given.made, encoding="utf-8") as lines, open(given.results, "a") as results:
        for number, mutant in enumerate(map(json.loads, lines)):
            part, parts = (int(it) for it in given.part.split("/"))
            if number % parts != part:
                continue
            came = mutant.get("came", {})
            changed = [name for name, how in came.items() if how == "changed"]
            if mutant.get("key") in done or not changed:
                continue
            began = time.monotonic()
            bench.mutate(mutant)
            first = spread(changed, FIRST)
            code, failed, said = 0, [], ""
            if mutant["key"] not in survived:
                code, failed, said = bench.run(first, ["--fail-fast"])
            if code == 0 and mutant["key"] not in survived:
                rest = [it for it in spread(changed, ALL) if it not in first]
                if rest:
                    code, failed, said = bench.run(rest, ["--fail-fast"])
            proof = bench.proof(spread(changed, PROVEN)) if code == 0 and given.prove else None
            bench.restore(mutant)
            line = {**mutant, "exit": code, "failed": failed, "said": said, "proof": proof}
            line["seconds"] = round(time.monotonic() - began, 1)
            results.write(json.dumps(line) + "\n")
            results.flush()


if __name__ == "__main__":
    main()
