#!/usr/bin/env python3
"""Writes docs/mutants.md from what `run.py` found.

    python tests/mutants/report.py RESULTS [REASONS] > docs/mutants.md

REASONS has, by the key of a mutant, why it is not noticed.
"""

import collections
import json
import sys

RULES = {
    "root": "a root is not pushed",
    "statement": "a statement of the compiler is left out",
    "comparison": "a comparison counts what is equal on the other side, or asks the opposite",
    "bound": "a number is one larger",
    "width-8": "a scaled index keeps 8 bits",
    "width-16": "a scaled index, a load or a store keeps 16 bits",
    "operands": "two operands are swapped",
    "early-restore": "the shadow stack is restored one instruction early",
    "early-return": "a function of the compiler returns before its last statement",
}
INVALID = ("invalid-module", "rejected", "compile-error", "crashed")


def read(name):
    with open(name, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def kind(mutant):
    """How a mutant fares: `invalid`, `noticed`, `proven` or `survivor`."""
    if mutant["exit"] != 0:
        verdicts = {verdict for _, _, verdict in mutant["failed"]}
        return "invalid" if verdicts and verdicts <= set(INVALID) else "noticed"
    return "proven" if mutant.get("proof") else "survivor"


def main():
    results = list({it["key"]: it for it in read(sys.argv[1])}.values())
    reasons = json.load(open(sys.argv[2])) if len(sys.argv) > 2 else {}
    kinds = {it["key"]: kind(it) for it in results}
    rows = collections.defaultdict(collections.Counter)
    for it in results:
        for row in (it["rule"], "all"):
            rows[row][kinds[it["key"]]] += 1
    print("# Faults in Vera's compiler\n")
    print("<!-- generated: tests/mutants/report.py -->\n")
    print(open(__file__.replace("report.py", "head.md"), encoding="utf-8").read())
    print("| rule | what it does | change a module | no valid module | noticed | of those valid |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for rule in [*RULES, "all"]:
        row = rows[rule]
        total, invalid = sum(row.values()), row["invalid"]
        if not total:
            continue
        share = f"{100 * row['noticed'] / max(1, total - invalid):.1f} %"
        print(
            f"| {rule} | {RULES.get(rule, '')} | {total} | {invalid} | {row['noticed']} | {share} |"
        )
    lanes = collections.Counter()
    for it in results:
        if kinds[it["key"]] == "noticed":
            lanes.update({lane for _, lane, _ in it["failed"]} or {"(the trial of the toolchain)"})
    everything = rows["all"]
    proven = everything["noticed"] + everything["proven"]
    survived = [it for it in results if kinds[it["key"]] == "survivor"]
    said = collections.Counter(reasons.get(it["key"], "?").split()[0] for it in survived)
    looked_at = sum(it.get("proof") is not None for it in survived)
    equivalent, gaps, noticed = said["Equivalent:"], said["A"], everything["noticed"]
    most = 100 * noticed / max(1, proven + gaps)
    least = 100 * noticed / max(1, proven + len(survived) - equivalent)
    print(
        f"\nOf {proven + len(survived)} with a valid module the default profile notices "
        f"{noticed}. Of the others {everything['proven'] + gaps} are proven, or seen by reading, to "
        f"change a result, and {equivalent} are equivalent by reading. Of the other "
        f"{len(survived) - equivalent - gaps} it is not known; {looked_at} of those that survived "
        f"were run beyond the default profile. So of the faults that change a result it notices "
        f"between {least:.0f} and {most:.0f} percent.\n"
    )
    print("Runs end at the first failure; the lanes that had one by then:\n")
    for lane, count in lanes.most_common():
        print(f"- `{lane}`: {count}")
    for title, wanted in (
        ("Shown by a run, and not noticed by the default profile", "proven"),
        ("No run shows that these change a result", "survivor"),
    ):
        print(f"\n## {title}\n")
        for it in results:
            if kinds[it["key"]] != wanted:
                continue
            was, now = (" ".join(it[key].split()) for key in ("was", "text"))
            was, now = (text if len(text) < 90 else text[:87] + "..." for text in (was, now))
            programs = [name for name, how in it["came"].items() if how == "changed"]
            print(
                f"- {it['file']}:{it['first']} `{it['function']}` ({it['rule']}): `{was}` becomes `{now}`.",
                end=" ",
            )
            print(
                f"Changes the module of {', '.join(programs[:3])}{'...' if len(programs) > 3 else ''}.",
                end="",
            )
            if wanted == "proven":
                name, lane, verdict, scale = it["proof"][0]
                print(f" Shown by `{name}` in `{lane}` at {scale}: {verdict}.", end="")
            print(f" {reasons[it['key']]}" if it["key"] in reasons else "")


if __name__ == "__main__":
    main()
