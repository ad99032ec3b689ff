"""``pytest --jacfuzz PATH``: an item per target, readable failures, and nothing for anyone else."""

from __future__ import annotations

import numpy as np
import pytest
from pages import DOUBLE, STUB, WRONG, page

import jacfuzz
from jacfuzz import records

QUICK = ("--jacfuzz-max-examples", "20", "-p", "no:cacheprovider")


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import all that a run imports: pytester forgets what its run has imported, and jax cannot be imported twice."""
    jacfuzz.check(lambda x: x**2, lambda x: 2 * x, at=np.ones(2), max_examples=20)
    jacfuzz.check(lambda x: 2 * x, lambda x: 2 * np.eye(2), at=np.ones(2), max_examples=20)


@pytest.fixture
def folder(pytester: pytest.Pytester) -> pytest.Pytester:
    """Give a folder with a page of three pairs and a test of the project's own."""
    (pytester.path / "pairs.md").write_text(page({"Double": DOUBLE, "Square": WRONG, "Todo": STUB}))
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    return pytester


def test_an_item_per_target_and_the_own_tests_left_out(folder: pytest.Pytester) -> None:
    result = folder.runpytest("--jacfuzz", "pairs.md", "-v", "-p", "no:randomly", *QUICK)
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["pairs.md::Double PASSED*", "pairs.md::Square FAILED*", "pairs.md::Todo SKIPPED (not filled in yet)*"]
    )
    result.stdout.no_fnmatch_line("*test_own*")


def test_a_failure_is_the_finding_and_no_traceback(folder: pytest.Pytester) -> None:
    result = folder.runpytest("--jacfuzz", "pairs.md", *QUICK)
    text = result.stdout.str()
    assert "The Jacobian has shape (2,); expected (2, 2)" in text
    assert "Reproduce with:" in text
    assert "pair = jacfuzz.load('pairs.md::Square')" in text
    for inside in ("Traceback", "search.py", "plugin.py", "TargetFailedError"):
        assert inside not in text


def test_own_tests_run_beside_where_they_are_named(folder: pytest.Pytester) -> None:
    result = folder.runpytest("--jacfuzz", "pairs.md", "--jacfuzz-select", "double", "test_own.py", *QUICK)
    result.assert_outcomes(passed=2)


def test_without_the_option_nothing_changes(folder: pytest.Pytester) -> None:
    folder.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_several_paths_and_a_choice(folder: pytest.Pytester) -> None:
    (folder.path / "more.md").write_text(page({"Double": DOUBLE}))
    options = ("--jacfuzz", "pairs.md", "--jacfuzz", "more.md", "--jacfuzz-select", "double")
    folder.runpytest(*options, *QUICK).assert_outcomes(passed=2)


def test_junit_and_selection_of_pytest_work(folder: pytest.Pytester) -> None:
    result = folder.runpytest("--jacfuzz", "pairs.md", "--junitxml", "out.xml", "-k", "Square", *QUICK)
    result.assert_outcomes(failed=1, deselected=2)
    assert "expected (2, 2)" in (folder.path / "out.xml").read_text()


@pytest.mark.parametrize("name", ["pears.md", "no.module:f"])
def test_a_name_that_stands_for_nothing_is_one_message(folder: pytest.Pytester, name: str) -> None:
    result = folder.runpytest("--jacfuzz", name, *QUICK)
    assert result.ret != pytest.ExitCode.OK
    assert name.partition(":")[0] in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_on_workers_the_same_outcomes_and_messages(folder: pytest.Pytester) -> None:
    result = folder.runpytest_subprocess("--jacfuzz", "pairs.md", "-n", "2", *QUICK)
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    assert "The Jacobian has shape (2,); expected (2, 2)" in result.stdout.str()


def test_on_workers_a_name_that_stands_for_nothing_is_told(folder: pytest.Pytester) -> None:
    result = folder.runpytest_subprocess("--jacfuzz", "pears.md", "-n", "1", *QUICK)
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*pears.md: no such file or folder*did you mean pairs.md?*"])


def test_a_strict_configuration_does_not_turn_the_code_s_warnings_into_failures(folder: pytest.Pytester) -> None:
    folder.makeini("[pytest]\nfilterwarnings = error\n")
    noisy = DOUBLE.replace("return 2 * x", "return np.where(x == 0, 0, 2 * x * x / x)")  # warns at 0
    noisy = f"import warnings\nwarnings.warn('old', DeprecationWarning)\nfactor = 2\n\n\n{noisy}"
    (folder.path / "noisy.md").write_text(page({"Noisy": noisy}))
    folder.runpytest("--jacfuzz", "noisy.md", *QUICK).assert_outcomes(passed=1)


def test_failures_are_saved_beside_or_where_asked(folder: pytest.Pytester) -> None:
    for options, place in (((), ".jacfuzz"), (("--jacfuzz-records", "saved"), "saved")):
        folder.runpytest("--jacfuzz", "pairs.md", *options, *QUICK)
        assert [record.id for record in records.saved(folder.path / place)] == ["pairs.md::Square"]
