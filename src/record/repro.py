"""Runs the program in this folder with Vera and compares with what is expected.

Exit code: 1 the failure showed again, 0 it did not.
"""

import json
import os
import resource
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def vera(case, *flags):
    """`vera run` within the case's budgets; gives the process, or how it ended."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VERA_")}
    package = os.path.join(HERE, "vera-package")
    if os.path.isdir(package):
        environment["PYTHONPATH"] = package
    if case["eager"]:
        environment["VERA_EAGER_GC"] = "1"
    command = [sys.executable, "-m", "vera.cli", "run", *flags, "main.vera"]
    if case["arguments"]:
        command += ["--", *case["arguments"]]
    try:
        # Half a second of imports is not the program's.
        return subprocess.run(
            command,
            cwd=os.path.join(HERE, "program"),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=case["wall"] + 1,
        )
    except subprocess.TimeoutExpired:
        return f"still running after its budget of {case['wall']} s"


def shown(value):
    """Floats as Python writes them, since JSON cannot write all of them."""
    return {"float": repr(value)} if isinstance(value, float) else value


def same(expected, got):
    if isinstance(expected, dict) and isinstance(got, dict):
        a, b = float(expected["float"]), float(got["float"])
        return a.hex() == b.hex()
    return type(expected) is type(got) and expected == got


def failure(case):
    """What is wrong, in one sentence; None where all is as expected."""
    ended = vera(case, "--json")
    if isinstance(ended, str):
        return ended
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    if peak > case["memory"]:
        return f"took {peak} bytes of memory, the budget is {case['memory']}"
    if len(ended.stdout) + len(ended.stderr) > 8 * case["output"]:
        return f"printed more than its budget of {case['output']} bytes"
    if ended.returncode < 0:
        return f"killed by signal {-ended.returncode}"
    try:
        result = json.loads(ended.stdout)
    except ValueError:
        lines = ended.stderr.decode(errors="replace").strip().splitlines()
        return f"exit code {ended.returncode}: {lines[-1] if lines else 'nothing was printed'}"
    if not result.get("ok"):
        first = (result.get("diagnostics") or [{}])[0]
        return f"{first.get('trap_kind', 'rejected')}: {first.get('description')}"
    value = shown(result.get("value"))
    if not same(case["value"], value):
        return f"expected {case['value']}, got {value}"
    if result.get("exit_code"):
        return f"the program ended itself with exit code {result['exit_code']}"
    for name in ("stdout", "stderr"):
        if case[name] != result.get(name, ""):
            return f"{name} differs from what is expected"
    # The live copy: what `vera run` prints in text mode, which ends its last
    # line where the program does not.
    if case["stdout"]:
        live = vera(case)
        expected = case["stdout"].encode()
        expected += b"" if expected.endswith(b"\n") else b"\n"
        if isinstance(live, str):
            return live
        if live.stdout != expected:
            return "the live copy of stdout differs from what is expected"
    return None


def main():
    with open(os.path.join(HERE, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    print(case["title"])
    print("     reported:", case["message"])
    wrong = failure(case)
    if wrong is None:
        print("     now:      as expected; the failure did not show")
        sys.exit(0)
    print("     now:     ", wrong)
    sys.exit(1)


if __name__ == "__main__":
    main()
