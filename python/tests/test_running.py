"""How stress tests run, and what pytest says of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from conftest import Project
from vera_stress import find_binary

BAD = [
    "FAIL bad [native] n=1000: expected 1, got 2",
    "     smallest failing n: 7 (6 passes)   guards tests of the package",
    "     again: vera-stress run bad --lane native --scale 7 --vera {vera} --catalogue tests/stress",
    "     reduce: vera-stress reduce bad --lane native --scale 7 --vera {vera} --catalogue tests/stress",
    "     folder: .vera-stress/failures/bad/native-n7-vera-0.2.5",
]
SPIN = """
private fn spin(@Nat -> @Int)
  requires(true) ensures(true) effects(<Diverge>)
{ spin(@Nat.0 + 1) }
"""


def failure(result: pytest.RunResult, name: str) -> list[str]:
    """What is said below the name of a test that failed."""
    lines = result.outlines
    start = next(at for at, line in enumerate(lines) if line.startswith("___") and name in line)
    below = lines[start + 1 :]
    end = next(at for at, line in enumerate(below) if line.startswith(("___", "===")))
    return below[:end]


def history(project: Project) -> list[dict[str, Any]]:
    """The recorded runs, the newest first."""
    listed = subprocess.run(
        [find_binary(), "history", "--json"], cwd=project.path, capture_output=True, text=True
    )
    runs: list[dict[str, Any]] = json.loads(listed.stdout)
    return runs


def endless(project: Project, name: str) -> None:
    """A scenario that ends with its budget only."""
    more = '[budget]\nwall = "5m"\n'
    project.scenario(name, body="spin(@Nat.0)", effects="<Diverge>", more=more)
    main = project.path / f"tests/stress/ours/{name}/main.vera"
    main.write_text(SPIN + main.read_text())


def test_a_failure_shows_what_the_command_shows(three: Project) -> None:
    result = three.run("stress::bad", "stress::one", "--stress-vera=0.2.5")
    result.assert_outcomes(passed=1, failed=1)
    assert failure(result, "bad[native]") == [line.format(vera="0.2.5") for line in BAD]
    result.stdout.fnmatch_lines(["FAILED stress::bad[[]native[]] - n=1000: expected 1, got 2"])


@pytest.mark.parametrize("style", ["auto", "long", "short", "native", "line", "no"])
def test_each_style_of_traceback_shows_no_insides(three: Project, style: str) -> None:
    result = three.run("stress::bad", f"--tb={style}", "-rA", "-v")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert ("smallest failing n: 7" in text) == (style != "no")
    assert "Traceback" not in text and "_items.py" not in text
    result.stdout.fnmatch_lines(["FAILED stress::bad[[]native[]] - n=1000: *"])


def test_an_old_vera_fails_with_the_words_of_the_command(project: Project) -> None:
    names = ["linked-list", "cross-module-strings"]
    options = ["--stress-profile=reference", "--stress-vera=0.1.5"]
    result = project.run(*options, *(f"stress::{name}" for name in names))
    result.assert_outcomes(failed=2)
    ran = subprocess.run(
        [find_binary(), "run", *names, "--profile=reference", "--vera=0.1.5"],
        cwd=project.path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    for name in names:
        block = failure(result, name)
        assert block[0].startswith(f"FAIL {name} [reference] n=")
        assert "\n".join(block) in ran.stdout


def test_a_known_limit_is_expected_to_fail(project: Project) -> None:
    more = """[[known]]
vera = ">=0.1.5"
lanes = ["native"]
from_n = {from_n}
verdict = "wrong"
because = "Seven is too many."
"""
    body = "if @Nat.0 < 7 then { 1 } else { 2 }"
    project.scenario("limit", body=body, more=more.format(from_n=7))
    project.scenario("gone", more=more.format(from_n=3))
    result = project.run("stress::limit", "-rx")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["XFAIL stress::limit[[]native[]] - *Seven is too many.*"])
    # As pytest has it: known failures are failures.
    project.run("stress::limit", "--runxfail").assert_outcomes(failed=1)
    if "--xfail-tb" in project.run("--help").stdout.str():
        result = project.run("stress::limit", "--xfail-tb", "-rx")
        result.stdout.fnmatch_lines(["known limit [[]native[]] n=10: *"])
        result.stdout.no_fnmatch_line("*_items.py*")
    result = project.run("stress::gone")
    result.assert_outcomes(failed=1)
    assert failure(result, "gone")[0].startswith("FIXED gone [native] n=10: passes")


def test_what_a_lane_cannot_run_is_skipped_with_the_reason(project: Project) -> None:
    parse = 'match json_parse("x") { Ok(@Json) -> 1, Err(@String) -> 1 }'
    project.scenario("parses", body=parse)
    result = project.run("stress::parses", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED [[]1[]] *scenario.toml:1: *json_parse*"])


def test_an_oracle_that_fails_fails_the_test(project: Project) -> None:
    project.scenario("oracle")
    file = project.path / "tests/stress/ours/oracle/scenario.toml"
    file.write_text(file.read_text().replace('value = "1"', 'value = "1 / (n - n)"'))
    result = project.run("stress::oracle")
    result.assert_outcomes(failed=1)
    assert failure(result, "oracle")[0].startswith("NOT RUN oracle [native] n=10: ")
    result.stdout.fnmatch_lines(["FAILED *- not run: n=10: the scenario cannot be judged*"])


def test_the_first_failure_ends_the_session_if_it_is_to(three: Project) -> None:
    result = three.run("-m", "stress", "tests/stress", "-x")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*stopping after 1 failures*"])


def test_durations_are_those_of_the_cases(three: Project) -> None:
    three.write(
        "conftest.py",
        """
import pytest

@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call":
        record = item.ran["record"]
        parts = [record["run"]["wall"], (record["compile"] or {"wall": 0})["wall"]]
        assert report.duration == sum(parts) > 0
        print("as long as its case")
""",
    )
    result = three.run("stress::one", "--durations=0", "-vv", "-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*as long as its case*", "*s call     stress::one[[]native[]]"])


def test_junit_xml_has_the_message(three: Project) -> None:
    three.run("-m", "stress", "tests/stress", "--junitxml=out.xml").assert_outcomes(
        passed=2, failed=1
    )
    cases = ElementTree.parse(three.path / "out.xml").iter("testcase")
    found = {case.get("name"): case for case in cases}
    assert set(found) == {"bad[native]", "one[native]", "two[native]"}
    told = found["bad[native]"].find("failure")
    assert told is not None and told.text is not None
    assert told.get("message") == "n=1000: expected 1, got 2"
    assert told.text.startswith(BAD[0] + "\n" + BAD[1])


def test_workers_of_xdist_share_the_tests_out(three: Project) -> None:
    options = ["-n", "2", "-m", "stress", "tests/stress", "--stress-vera=0.2.5"]
    for dist in ["load", "worksteal", "loadscope"]:
        result = three.run(*options, "--dist", dist)
        result.assert_outcomes(passed=2, failed=1)
        below = [line for line in failure(result, "bad[native]") if not line.startswith("[gw")]
        assert below == [line.format(vera="0.2.5") for line in BAD]
        result.stdout.fnmatch_lines(["FAILED *bad[[]native[]]* - n=1000: expected 1, got 2"])


def test_workers_have_the_same_seed_in_their_lanes(three: Project) -> None:
    three.write(
        "vera-stress.toml",
        (three.path / "vera-stress.toml").read_text()
        + """
[profiles.random]
lanes = ["native+random", "native+random=5"]
""",
    )
    options = ["-n", "2", "--stress-profile=random", "stress::one", "stress::two"]
    result = three.run(*options, "-v")
    result.assert_outcomes(passed=4)
    assert "[native+random=5]" in result.stdout.str()


def test_a_harness_that_was_killed_fails_the_test_that_waited(three: Project) -> None:
    three.write(
        "conftest.py",
        """
import os, signal, pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish(nodeid):
    if "one" in nodeid:
        os.kill(the.harness.pid, signal.SIGKILL)

def pytest_collection_finish(session):
    global the
    the = session.config.pluginmanager.get_plugin("vera-stress-session")
""",
    )
    result = three.run("stress::one", "stress::two", "stress::bad")
    result.assert_outcomes(passed=1, failed=1)
    assert failure(result, "two")[0] == (
        "NOT RUN two [native] n=10: vera-stress was ended by SIGKILL before it answered "
        "and said nothing"
    )
    result.stdout.fnmatch_lines(["!!!* vera-stress was ended by SIGKILL *!!!"])


def test_a_vera_that_cannot_be_set_up_ends_the_session(three: Project) -> None:
    python = three.write("python", "#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    for more in [[], ["-n", "2"]]:
        result = three.run("stress::one", "stress::two", f"--stress-vera={python}", *more)
        assert result.ret == 4
        assert result.stderr.str().count("cannot import Vera: it is no Python interpreter") == 1
        assert "next:" in result.stderr.str()


def test_what_the_harness_says_beside_is_shown_once(three: Project) -> None:
    three.write(".vera-stress/history.db/in-the-way", "")
    for more in [[], ["-n", "2"]]:
        result = three.run("stress::one", "stress::two", *more)
        result.assert_outcomes(passed=2)
        lines = [line for line in result.outlines if "the history .vera-stress/history.db" in line]
        assert len(lines) == 1, result.stdout.str()
    (three.path / ".vera-stress/history.db/in-the-way").unlink()


def test_a_session_is_recorded_as_one_run(three: Project) -> None:
    three.run("-m", "stress", "tests/stress")
    [run] = history(three)
    summary = run["summary"]
    assert (summary["cases"], summary["passed"], summary["failed"]) == (3, 2, 1)


def test_ctrl_c_ends_pytest_and_what_is_under_way(project: Project) -> None:
    project.scenario("first")
    endless(project, "second")
    args = [sys.executable, "-m", "pytest", "-v", "stress::first", "stress::second"]
    command = [*args, "--stress-profile=native", "-p", "no:cacheprovider"]
    process = subprocess.Popen(
        command,
        cwd=project.path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # In the background of a shell, Ctrl-C is ignored from the start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "stress::first[native] PASSED" in line:
            break
    [child] = _children(process.pid)
    os.kill(process.pid, signal.SIGINT)
    said += process.stdout.readlines()
    assert process.wait() == 2, said
    assert "KeyboardInterrupt" in "".join(said)
    assert not Path(f"/proc/{child}").exists()
    [run] = history(project)
    summary = run["summary"]
    assert (summary["cases"], summary["passed"], summary["interrupted"]) == (1, 1, True)
    assert "Warning" not in "".join(said)


def test_what_another_plugin_says_of_a_test_is_shown_without_insides(project: Project) -> None:
    project.scenario("one")
    project.write(
        "conftest.py",
        """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.runtest = lambda: pytest.fail("Timeout (>1.0s)")
""",
    )
    result = project.run("stress::one")
    assert failure(result, "one") == ["Timeout (>1.0s)"]
    result.stdout.fnmatch_lines(["FAILED stress::one[[]native[]] - Timeout (>1.0s)"])


def test_warnings_that_are_errors_find_nothing(three: Project) -> None:
    three.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    for more in [[], ["-n", "2"]]:
        result = three.run("stress::one", "stress::two", *more)
        result.assert_outcomes(passed=2)
        assert result.ret == 0
        assert "Warning" not in result.stdout.str() + result.stderr.str()


def test_a_scenario_that_nobody_has_written_is_noted(project: Project) -> None:
    command = [find_binary(), "new", "fresh", "--axis", "maps"]
    subprocess.run(command, cwd=project.path, check=True, capture_output=True)
    project.scenario("one")
    for more in [[], ["-n", "2"]]:
        result = project.run("stress::fresh", "stress::one", *more)
        result.assert_outcomes(passed=2)
        assert result.stdout.str().count("fresh is not written yet: ") == 1
        result.stdout.fnmatch_lines(["*next: edit the files in tests/stress/maps/fresh"])
    project.run("stress::one").stdout.no_fnmatch_line("*not written yet*")


def _children(parent: int) -> list[int]:
    """The processes that one has started."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        if text.split():
            return [int(word) for word in text.split()]
    raise AssertionError(f"{parent} has started nothing")


def test_the_module_is_the_command() -> None:
    by_module = [sys.executable, "-m", "vera_stress", "--version"]
    printed = [subprocess.check_output(it) for it in (by_module, [find_binary(), "--version"])]
    assert printed[0] == printed[1]
