"""Which stress tests pytest has, and when."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from conftest import BUILT_IN, Project

NO_VERA = """
import importlib.util

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "vera" else find_spec(name, *more)
"""


def test_nothing_is_collected_unless_it_is_asked_for(three: Project) -> None:
    three.write("test_it.py", "def test_it(): pass\n")
    for args in [[], ["-m", "not slow"], ["-m", "not stress"], ["-k", "one or it"]]:
        result = three.run(*args)
        result.assert_outcomes(passed=1)
        result.stdout.no_fnmatch_line("*stress*deselected*")
        assert not (three.path / ".vera-stress").exists()


def test_what_is_not_asked_for_imports_nothing(project: Project) -> None:
    ours = "{name for name in sys.modules if name.startswith('vera')}"
    project.write(
        "test_it.py",
        f"import sys\n\n\ndef test_it():\n"
        f"    assert {ours} == {{'vera_stress', 'vera_stress.plugin'}}\n",
    )
    project.run().assert_outcomes(passed=1)
    # The canary: it is noticed where something is imported.
    project.run("-m", "stress or not stress", "-k", "test_it").assert_outcomes(failed=1)


def test_the_plugin_alone_needs_nothing_but_pytest() -> None:
    code = "import re, sys, pytest; before = set(sys.modules); import vera_stress.plugin; "
    code += "print(sorted(set(sys.modules) - before))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "['vera_stress', 'vera_stress.plugin']"


def test_the_marker_brings_the_whole_catalogue(project: Project) -> None:
    result = project.run("-m", "stress", "--collect-only", "-q", "--strict-markers")
    assert "stress::linked-list[native]" in result.outlines
    assert sum(line.startswith("stress::") for line in result.outlines) > 100
    assert result.ret == 0


def test_the_default_profile_has_five_lanes_without_the_seed(project: Project) -> None:
    result = project.run("--stress-profile=default", "stress::life", "--collect-only", "-q")
    lanes = ["reference", "reference+eager", "native", "native+random", "native+sanitize"]
    assert result.outlines[:5] == [f"stress::life[{lane}]" for lane in lanes]


def test_tests_of_the_project_run_beside_it(three: Project) -> None:
    three.write("test_it.py", "def test_it(): pass\n")
    result = three.run("-m", "stress or not stress", "-k", "one or test_it")
    result.assert_outcomes(passed=2, deselected=int(_of(result, "deselected")))
    result.stdout.fnmatch_lines(["stress .*"])
    three.run("test_it.py", "stress::one").assert_outcomes(passed=2)


def _of(result: pytest.RunResult, what: str) -> int:
    return result.parseoutcomes()[what]


def test_names_and_patterns_choose(three: Project) -> None:
    three.run("stress::one", "stress::two[native]", "-v").assert_outcomes(passed=2)
    three.run("stress::t?o", "stress::o?e[nat*]").assert_outcomes(passed=2)
    # As pytest shows them where it is started below its root directory.
    three.run("../stress::one").assert_outcomes(passed=1)
    # As a failure names its lane.
    seeded = ["--stress-profile=default", "--collect-only", "-q"]
    result = three.run(f"stress::one[native+random={_seed()}]", *seeded)
    assert result.outlines[0] == "stress::one[native+random]"


def _seed() -> str:
    return datetime.now(UTC).strftime("%Y%m%d")


def test_what_is_named_runs_whatever_m_says(three: Project) -> None:
    three.write("test_it.py", "def test_it(): pass\n")
    three.write("pytest.ini", "[pytest]\naddopts = -m 'not stress'\n")
    three.run().assert_outcomes(passed=1)
    for more in [[], ["-n", "2"]]:
        three.run("stress::one", "test_it.py", *more).assert_outcomes(passed=2)
    # What pytest has itself stays as `-m` has it.
    result = three.run("stress::one", "test_it.py", "-m", "slow")
    result.assert_outcomes(passed=1, deselected=1)


def test_a_name_that_does_not_exist_is_bad_usage(three: Project) -> None:
    for args in [["stress::oen"], ["stress::one", "stress::oen", "-n", "2"]]:
        result = three.run(*args)
        assert result.ret == 4
        result.stderr.fnmatch_lines(
            ["ERROR: not found: stress::oen", "(did you mean stress::one*)"]
        )
    result = three.run("stress::one[natve]")
    result.stderr.fnmatch_lines(["ERROR: not found: *", "(did you mean stress::one[[]native[]]*)"])


def test_keywords_are_names_axes_and_tags(three: Project) -> None:
    for keyword, passed, failed in [("one", 1, 0), ("ours", 2, 1), ("mine and not bad", 2, 0)]:
        result = three.run("-m", "stress", "-k", keyword)
        result.assert_outcomes(passed=passed, failed=failed, deselected=_of(result, "deselected"))
    result = three.run("-m", "stress", "-k", "seed", "--collect-only", "-q")
    assert f"13/{BUILT_IN + 3} tests collected ({BUILT_IN - 10} deselected)" in result.outlines[-1]


def test_paths_in_the_folder_choose_among_it(three: Project) -> None:
    three.run("-m", "stress", "tests/stress").assert_outcomes(passed=2, failed=1)
    three.run("-m", "stress", "tests/stress/ours/two").assert_outcomes(passed=1)
    for path in ["tests", "."]:
        result = three.run("-m", "stress", path, "--collect-only", "-q")
        assert f"{BUILT_IN + 3} tests collected" in result.outlines[-1]


def test_paths_elsewhere_bring_no_stress_tests(three: Project) -> None:
    three.write("tests/unit/test_it.py", "def test_it(): pass\n")
    for path in ["tests/unit", "tests/unit/test_it.py", "tests/unit/test_it.py::test_it"]:
        for more in [[], ["-n", "2"]]:
            result = three.run("-m", "stress or not stress", path, *more)
            result.assert_outcomes(passed=1)
            result.stdout.fnmatch_lines(["stress tests: none, *"])
    shutil.rmtree(three.path / "tests/stress")
    three.run("-m", "stress or not stress", "tests/unit").assert_outcomes(passed=1)
    result = three.run("-m", "stress", "tests", "--collect-only", "-q")
    assert f"{BUILT_IN}/{BUILT_IN + 1} tests collected" in result.outlines[-1]


def test_testpaths_limit_nothing(three: Project) -> None:
    three.write("tests/unit/test_it.py", "def test_it(): pass\n")
    three.write("pytest.ini", "[pytest]\ntestpaths = tests/unit\n")
    result = three.run("-m", "stress", "--collect-only", "-q")
    assert f"{BUILT_IN + 3}/{BUILT_IN + 4} tests collected" in result.outlines[-1]


def test_the_folder_is_found_without_a_file_of_pytest(three: Project) -> None:
    (three.path / "pytest.ini").unlink()
    three.write("tests/unit/test_it.py", "def test_it(): pass\n")
    for below, path in [("tests", "stress"), ("tests/unit", "../stress"), (".", "tests/stress")]:
        result = three.below(below, "-m", "stress", path)
        result.assert_outcomes(passed=2, failed=1)
        shown = os.path.relpath("tests/stress", below)
        result.stdout.fnmatch_lines([f"stress tests: *; built-in scenarios and those of {shown}"])
    result = three.below("tests/unit", "stress::one")
    result.assert_outcomes(passed=1)
    # A repository is as far as it goes.
    (three.path / "tests/unit/.git").mkdir()
    result = three.below("tests/unit", "stress::one")
    assert result.ret == 4


def test_a_folder_of_other_tests_is_none_of_ours(project: Project) -> None:
    project.write("tests/stress/test_it.py", "def test_it(): pass\n")
    project.write("tests/stress/data/deep/x.json", "{}")
    result = project.run("-m", "stress", "-k", "life")
    result.assert_outcomes(passed=1, deselected=_of(result, "deselected"))
    result.stdout.fnmatch_lines(["stress tests: *; built-in scenarios"])
    project.run("tests/stress").assert_outcomes(passed=1)
    # Beside scenarios too.
    project.scenario("one")
    project.write("tests/stress/ours/data/x.json", "{}")
    project.run("-m", "stress", "tests/stress").assert_outcomes(passed=1, deselected=1)


def test_a_folder_that_was_named_without_the_marker_is_hinted_at(three: Project) -> None:
    for path in ["tests/stress", "tests/stress/ours", "tests/stress/ours/one/"]:
        result = three.run(path)
        assert result.ret == 5
        hint = f"the scenarios there are stress tests: pytest -m stress {path}"
        assert hint in result.outlines
        assert not (three.path / ".vera-stress").exists()
    result = three.run("tests")
    result.stdout.no_fnmatch_line("*pytest -m stress*")


def test_the_name_of_the_plugin_alone_is_hinted_at(three: Project) -> None:
    for arg in ["stress", "stress::"]:
        result = three.run(arg)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: not found: {arg}", "*pytest stress::NAME"])
    three.write("stress/test_it.py", "def test_it(): pass\n")
    three.run("stress").assert_outcomes(passed=1)


def test_a_name_that_is_built_in_is_an_error_also_where_it_is_named(three: Project) -> None:
    three.scenario("life")
    for args in [["-m", "stress", "-k", "one"], ["stress::life"], ["stress::life", "-n", "2"]]:
        result = three.run(*args)
        assert result.parseoutcomes()["errors"] >= 1
        text = result.stdout.str()
        assert "tests/stress/ours/life: there is a built-in scenario `life` already" in text
    three.run("stress::one").assert_outcomes(passed=1)


def test_failed_tests_are_found_again(three: Project) -> None:
    args = ["-m", "stress", "tests/stress"]
    three.cached(*args).assert_outcomes(passed=2, failed=1)
    result = three.cached(*args, "--lf")
    result.assert_outcomes(failed=1, deselected=2)
    result = three.cached(*args, "--ff", "-v")
    assert "stress::bad" in next(line for line in result.outlines if line.startswith("stress::"))
    three.cached(*args, "--sw").assert_outcomes(failed=1)


def test_editors_find_a_file_below_the_root_directory(three: Project) -> None:
    three.write(
        "conftest.py",
        """
def pytest_collection_finish(session):
    [item] = session.items
    print("path", item.parent.path.relative_to(session.path))

def pytest_runtest_setup(item):
    print("a hook of", item.nodeid)
""",
    )
    result = three.run("stress::one", "-s")
    result.stdout.fnmatch_lines(["*path pytest.ini", "*a hook of stress::one[[]native[]]*"])
    (three.path / "pytest.ini").unlink()
    result = three.run("stress::one", "-s")
    result.stdout.fnmatch_lines(["*path conftest.py", "*a hook of stress::one[[]native[]]*"])
    result = three.run("stress::one", "-vv")
    [line] = [line for line in result.outlines if line.startswith("stress::one")]
    assert line.split()[:4] == [
        "stress::one[native]", "<-", "tests/stress/ours/one/scenario.toml", "PASSED"
    ]  # fmt: skip
    result = three.run("stress::life", "-vv")
    [line] = [line for line in result.outlines if line.startswith("stress::life")]
    assert line.split()[:2] == ["stress::life[native]", "PASSED"]


def test_the_folder_is_found_from_below(three: Project) -> None:
    (three.path / "deep").mkdir()
    three.pytester.chdir()
    code = "import os, sys, pytest; os.chdir('deep'); sys.exit(pytest.main(sys.argv[1:]))"
    ran = subprocess.run(
        [sys.executable, "-c", code, "stress::bad", "--stress-profile=native"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "--catalogue ../tests/stress" in ran.stdout
    assert "FAILED ../stress::bad[native]" in ran.stdout
    assert (three.path / "deep/.vera-stress/failures/bad").is_dir()


def test_a_scenario_that_cannot_be_loaded_is_an_error_of_collection(three: Project) -> None:
    three.broken("wrong")
    result = three.run("-m", "stress", "-k", "one or two")
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting tests/stress/ours/wrong/scenario.toml*",
            "*wrong/scenario.toml:1: *colour*",
            "*1 error*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result = three.run("-m", "stress", "-k", "one", "--continue-on-collection-errors")
    assert result.ret == 1
    assert result.parseoutcomes()["passed"] == 1
    # Whoever names another test wants that one.
    three.run("stress::one").assert_outcomes(passed=1)
    result = three.run("stress::wrong")
    result.stderr.fnmatch_lines(
        ["ERROR: not found: stress::wrong", "(not loaded: *scenario.toml:1*"]
    )
    three.run("-m", "stress", "tests/stress/ours/one").assert_outcomes(passed=1)


def test_without_a_vera_to_import_the_default_is_tested(
    three: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    three.write("conftest.py", NO_VERA)
    result = three.run("stress::one")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["stress tests: Vera of 0.2.5 (the default, as no other is here); *"]
    )
    three.run("stress::one", "--stress-vera=0.2.5").assert_outcomes(passed=1)
    three.run("stress::one", "--collect-only").assert_outcomes()


def test_bad_options_are_bad_usage(three: Project) -> None:
    for option, words in [
        ("--stress-vera=no-such-vera", "no release"),
        ("--stress-profile=fast", "no profile `fast`"),
        ("--stress-scale=0", "is no scale"),
        ("--stress-scale=abc", "ERROR: invalid value 'abc' for --stress-scale: "),
    ]:
        result = three.run("stress::one", option)
        assert result.ret == 4, option
        assert "--help" not in result.stderr.str()
        assert result.stderr.str().count(words) == 1, option
        assert words not in result.stdout.str(), option


def test_settings_stand_in_the_file_of_pytest(three: Project) -> None:
    three.write("pytest.ini", "[pytest]\nstress_scale = 6\nstress_vera = 0.2.4\n")
    result = three.run("stress::bad", "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["stress tests: Vera of 0.2.4 (as asked); *", "pass  bad [[]native[]] n=6 *"]
    )
    three.run("stress::bad", "--stress-scale=7").assert_outcomes(failed=1)


def test_programs_need_no_more_than_to_stand_there(project: Project) -> None:
    project.write(
        "tests/stress/programs/double.vera",
        "public fn main(@Nat -> @Int)\n  requires(true) ensures(true) effects(pure)\n"
        "{\n  nat_to_int(@Nat.0) * 2\n}\n",
    )
    project.write(
        "tests/stress/programs/helper.vera",
        "public fn help(@Int -> @Int)\n  requires(true) ensures(true) effects(pure)\n{ 1 }\n",
    )
    result = project.run("-m", "stress", "tests/stress", "--stress-profile=native", "-k", "double")
    result.assert_outcomes(passed=5)
    result = project.run("-m", "stress", "tests/stress/programs/double.vera", "-k", "helper")
    result.assert_outcomes(passed=0)
