"""Which stress tests pytest has, and when."""

from __future__ import annotations

import subprocess
import sys

from conftest import Project

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
    result = three.run("-m", "stress", "-k", "one", "test_it.py")
    result.assert_outcomes(passed=1, deselected=int(_of(result, "deselected")))
    result.stdout.fnmatch_lines(["stress .*"])
    three.run("test_it.py", "stress::one").assert_outcomes(passed=2)


def _of(result: object, what: str) -> int:
    return result.parseoutcomes()[what]  # type: ignore[attr-defined]


def test_names_and_patterns_choose(three: Project) -> None:
    three.run("stress::one", "stress::two[native]", "-v").assert_outcomes(passed=2)
    three.run("stress::t?o", "stress::o?e[nat*]").assert_outcomes(passed=2)
    # As pytest shows them where it is started below its root directory.
    three.run("../stress::one").assert_outcomes(passed=1)
    result = three.run("stress::one", "-m", "not stress")
    result.assert_outcomes(deselected=1)


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
    assert "13/135 tests collected (122 deselected)" in result.outlines[-1]


def test_paths_in_the_folder_choose_among_it(three: Project) -> None:
    three.run("-m", "stress", "tests/stress").assert_outcomes(passed=2, failed=1)
    three.run("-m", "stress", "tests/stress/ours/two").assert_outcomes(passed=1)
    result = three.run("-m", "stress", "tests", "--collect-only", "-q")
    assert "135 tests collected" in result.outlines[-1]


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


def test_no_vera_to_import_is_said_with_what_to_do(three: Project) -> None:
    three.write("conftest.py", NO_VERA)
    result = three.run("stress::one")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["ERROR: stress tests need Vera, and * cannot import it", "*pip install veralang*"]
    )
    three.run("stress::one", "--stress-vera=0.2.5").assert_outcomes(passed=1)
    three.run("stress::one", "--collect-only").assert_outcomes()


def test_bad_options_are_bad_usage(three: Project) -> None:
    for option, words in [
        ("--stress-vera=no-such-vera", "no release"),
        ("--stress-profile=fast", "no profile `fast`"),
        ("--stress-scale=0", "is no scale"),
    ]:
        result = three.run("stress::one", option)
        assert result.ret == 4, option
        assert result.stderr.str().count(words) == 1, option
        assert words not in result.stdout.str(), option


def test_settings_stand_in_the_file_of_pytest(three: Project) -> None:
    three.write("pytest.ini", "[pytest]\nstress_scale = 6\nstress_vera = 0.2.4\n")
    result = three.run("stress::bad", "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["stress tests: Vera of 0.2.4", "pass  bad [[]native[]] n=6 *"])
    three.run("stress::bad", "--stress-scale=7").assert_outcomes(failed=1)
