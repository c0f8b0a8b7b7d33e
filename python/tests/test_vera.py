"""Which Vera stress tests run on."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Project

PINNED = "0.2.5 (the default, as no other is here)"
BROKEN = "raise SystemError('the Vera of the checkout')"


@pytest.fixture
def checkout(project: Project) -> Project:
    """A project that is a checkout of Vera, whose Vera cannot be imported."""
    project.scenario("one")
    found = importlib.util.find_spec("vera")
    assert found is not None and found.origin is not None
    shutil.copytree(Path(found.origin).parent, project.path / "vera")
    init = project.path / "vera/__init__.py"
    init.write_text(init.read_text() + f"\n{BROKEN}\n")
    return project


def run(project: Project, *command: str) -> subprocess.CompletedProcess[str]:
    """pytest without the PYTHONPATH that a Project gives it."""
    options = ["stress::one", "-p", "no:cacheprovider", "--stress-profile=native"]
    command = (sys.executable, *command, *options)
    return subprocess.run(command, cwd=project.path, capture_output=True, text=True)


def test_the_one_that_is_installed_is_tested_by_default(checkout: Project) -> None:
    # `pytest` alone does not put the working directory on the path.
    code = "import sys, pytest; sys.path.remove(''); sys.exit(pytest.main(sys.argv[1:]))"
    ran = run(checkout, "-c", code)
    assert ran.returncode == 0, ran
    assert "site-packages/vera, 0." in ran.stdout
    assert " (of the active environment); " in ran.stdout


@pytest.mark.parametrize("more", [[], ["-n", "2"]])
def test_one_in_the_working_directory_is_tested(checkout: Project, more: list[str]) -> None:
    ran = run(checkout, "-m", "pytest", *more)
    assert ran.returncode == 4, ran
    header = f"stress tests: Vera of {checkout.path}/vera (of the active environment); "
    assert header in ran.stdout
    assert "the Vera of the checkout" in ran.stderr


def test_one_on_the_path_of_pytest_is_tested(checkout: Project) -> None:
    (checkout.path / "src").mkdir()
    (checkout.path / "vera").rename(checkout.path / "src/vera")
    command = ["-m", "pytest", "-o", "pythonpath=src"]
    assert run(checkout, *command[:2]).returncode == 0
    assert "the Vera of the checkout" in run(checkout, *command).stderr
    # One that is whole passes.
    init = checkout.path / "src/vera/__init__.py"
    init.write_text(init.read_text().replace(BROKEN, ""))
    ran = run(checkout, *command)
    assert ran.returncode == 0, ran
    assert f"Vera of {checkout.path}/src/vera (of the active environment)" in ran.stdout


def test_one_that_every_process_imports_is_that_of_the_interpreter(
    checkout: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout.path / "src").mkdir()
    (checkout.path / "vera").rename(checkout.path / "src/vera")
    monkeypatch.setenv("PYTHONPATH", str(checkout.path / "src"))
    result = checkout.run("stress::one")
    result.stdout.fnmatch_lines([f"stress tests: Vera of {checkout.path}/src/vera, * (*); *"])
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {sys.executable} cannot import Vera: *checkout*"])


def test_a_module_of_that_name_is_no_vera(checkout: Project) -> None:
    shutil.rmtree(checkout.path / "vera")
    checkout.write("vera.py", BROKEN)
    result = checkout.run("stress::one")
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"stress tests: Vera of {PINNED}; *"])


@pytest.mark.parametrize("more", [[], ["-n", "2"]])
def test_a_checkout_is_nearer_than_the_environment(checkout: Project, more: list[str]) -> None:
    checkout.write("pyproject.toml", '[project]\nname = "veralang"\nversion = "9.8.7"\n')
    ran = run(checkout, "-m", "pytest", *more)
    assert ran.returncode == 4, ran
    assert f"stress tests: Vera of {checkout.path} (the checkout here); " in ran.stdout
    assert "the Vera of the checkout" in ran.stderr
    # What is named is nearer still: in the configuration, and for pytest.
    settings = (checkout.path / "vera-stress.toml").read_text()
    checkout.write("vera-stress.toml", f'vera = "0.2.4"\n{settings}')
    ran = run(checkout, "-m", "pytest", *more)
    assert ran.returncode == 0, ran
    assert "stress tests: Vera of 0.2.4 (as configured); " in ran.stdout
    ran = run(checkout, "-m", "pytest", "--stress-vera=0.2.5", *more)
    assert "stress tests: Vera of 0.2.5 (as asked); " in ran.stdout
