"""Runs the program in this folder with Vera and compares with what is expected.

Exit code: 1 the failure showed again, 0 it did not, 2 it could not be told: Vera
cannot be imported, or the program fails in another way.
"""

import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# What Python itself wants of an environment; the program is to see no more of it.
KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")

# Vera's command line does not tell these apart as the harness does.
ENDED = dict.fromkeys(("trap", "crashed", "rejected", "invalid-module"), "ended")


def environment(case):
    """What the program was given, and what Python and the lane need."""
    kept = (k for k in os.environ if k in KEPT or k.startswith("PYTHON"))
    variables = {**{k: os.environ[k] for k in kept}, **case["env"]}
    package = os.path.join(HERE, "vera-package")
    if os.path.isdir(package):
        variables["PYTHONPATH"] = package
    if case["eager"]:
        variables["VERA_EAGER_GC"] = "1"
    return variables


def given(case):
    """What the program reads: the file of its input, or nothing."""
    return open(os.path.join(HERE, case["stdin"]) if case["stdin"] else os.devnull, "rb")


def files_in(folder):
    """The bytes of all files in a folder, by their paths."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def vera(case, *flags):
    """`vera run` within the case's budgets, in a folder of its own: exit code, output,
    messages and the files that were written. An exit code of None means that it was
    still running when its time was over."""
    with tempfile.TemporaryDirectory() as folder:
        if case["files"]:
            shutil.copytree(
                os.path.join(HERE, case["files"]), folder, symlinks=True, dirs_exist_ok=True
            )
        before = files_in(folder)
        ended = run_in(folder, case, flags)
        after = files_in(folder)
        return *ended, {k: v for k, v in after.items() if before.get(k) != v}, after


def run_in(folder, case, flags):
    """The command, with that working directory."""
    program = os.path.join(HERE, "program", "main.vera")
    command = [sys.executable, "-m", "vera.cli", "run", *flags, program]
    if case["arguments"]:
        command += ["--", *case["arguments"]]
    most = min(8 * case["output"] + (64 << 20), 1 << 62)
    # Compiling and running have the budget each; imports are nobody's.
    time = math.ceil(2 * case["time"]) + 1

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (time, time + 1))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, given(case) as stdin:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(case),
            stdin=stdin,
            stdout=out,
            stderr=err,
            preexec_fn=limit,
        )
        try:
            code = process.wait(timeout=2 * case["wall"])
            if code == -signal.SIGXCPU:
                code = None
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        out.seek(0)
        err.seek(0)
        return code, out.read(most), err.read(most)


def shown(value):
    """Floats as Python writes them, since JSON cannot write all of them."""
    return {"float": repr(value)} if isinstance(value, float) else value


def same(expected, got):
    if isinstance(expected, dict) and isinstance(got, dict):
        a, b = float(expected["float"]), float(got["float"])
        return a.hex() == b.hex()
    return type(expected) is type(got) and expected == got


def failure(case):
    """How the program fails, and the sentence about it; None if it does not."""
    code, out, err, written, files = vera(case, "--json")
    if code is None:
        return "over-time", f"still running after twice its budget of {case['time']} s"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    if peak > case["memory"]:
        return "over-memory", f"took {peak} bytes of memory, the budget is {case['memory']}"
    # In JSON a character can take six bytes.
    if len(out) + len(err) + sum(map(len, written.values())) > 6 * case["output"]:
        return "over-output", f"printed more than its budget of {case['output']} bytes"
    if code < 0:
        return "ended", f"killed by signal {-code}"
    try:
        result = json.loads(out)
    except ValueError:
        lines = err.decode(errors="replace").strip().splitlines()
        return "ended", f"exit code {code}: {lines[-1] if lines else 'nothing was printed'}"
    if not result.get("ok"):
        first = (result.get("diagnostics") or [{}])[0]
        return "ended", f"{first.get('trap_kind', 'rejected')}: {first.get('description')}"
    value = shown(result.get("value"))
    if result.get("exit_code"):
        return "wrong", f"the program ended itself with exit code {result['exit_code']}"
    if not same(case["value"], value):
        return "wrong", f"expected {case['value']}, got {value}"
    for name in ("stdout", "stderr"):
        if case[name] != result.get(name, ""):
            return "wrong", f"{name} differs from what is expected"
    expected_files = case["expected_files"] or {}
    for name, text in expected_files.items():
        if files.get(name) != text.encode():
            return "wrong", f"the file {name} differs from what is expected"
    for name in written:
        if name not in expected_files:
            return "wrong", f"the file {name} was written, and none is expected"
    # The live copy: what `vera run` prints in text mode, which ends its last
    # line where the program does not.
    if case["stdout"]:
        expected = case["stdout"].encode()
        expected += b"" if expected.endswith(b"\n") else b"\n"
        if vera(case)[1] != expected:
            return "wrong", "the live copy of stdout differs from what is expected"
    return None


def main():
    with open(os.path.join(HERE, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    command = [sys.executable, "-c", "import vera.cli"]
    probe = subprocess.run(command, env=environment(case), capture_output=True, text=True)
    if probe.returncode != 0:
        lines = probe.stderr.strip().splitlines() or ["it says nothing"]
        print(f"{sys.executable} cannot import Vera: {lines[-1]}")
        print("     next: install what requirements.txt names, or run repro.sh, which does")
        sys.exit(2)
    try:
        given(case).close()
    except OSError as why:
        print(f"the program's input cannot be read: {why}")
        print("     next: put the file back, or run the case again with vera-stress")
        sys.exit(2)
    print(case["title"])
    print("     reported:", case["message"])
    found = failure(case)
    if found is None:
        print("     now:      as expected; the failure did not show")
        sys.exit(0)
    kind, sentence = found
    print("     now:     ", sentence)
    reported = ENDED.get(case["verdict"], case["verdict"])
    if kind != reported:
        print(f"     that is another failure than the one reported, which was: {case['verdict']}")
        sys.exit(2)
    sys.exit(1)


if __name__ == "__main__":
    main()
