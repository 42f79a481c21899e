import doctest
import io
from contextlib import redirect_stdout

import pytest

from etl.synthesis.doctest_examples import MAX_DOCSTRING_CHARS, Outcome, failure, parse_examples


def _one(docstring: str) -> doctest.Example:
    (example,) = parse_examples(docstring)
    return example


@pytest.mark.parametrize(
    "docstring",
    [
        "No examples.",
        ">>>f()\n",
        ">>> f()  # doctest: +SKIP\n1\n",
        ">>> f()\n1\n" + "x" * MAX_DOCSTRING_CHARS,
    ],
    ids=["none", "malformed", "skipped", "too long"],
)
def test_a_docstring_that_cannot_be_judged_has_no_examples(docstring: str) -> None:
    assert parse_examples(docstring) == ()


@pytest.mark.parametrize(
    ("docstring", "stdout", "exception", "passes"),
    [
        (">>> 1\n1\n", "1\n", None, True),
        (">>> 1\n1\n", "2\n", None, False),
        (">>> 1\n", "", None, True),
        (">>> 1\n1\n", "1\n", "ValueError: x\n", False),
        (">>> f()  # doctest: +ELLIPSIS\na...z\n", "abcz\n", None, True),
        (">>> f()\na...z\n", "abcz\n", None, False),
        (">>> print('')\n<BLANKLINE>\n", "\n", None, True),
        (">>> f()\nTraceback (most recent call last):\nKeyError: 1\n", "", "KeyError: 1\n", True),
        (">>> f()\nTraceback (most recent call last):\nKeyError: 1\n", "", "KeyError: 2\n", False),
        (">>> f()\nTraceback (most recent call last):\nKeyError: 1\n", "", None, False),
        (
            ">>> f()  # doctest: +IGNORE_EXCEPTION_DETAIL\n"
            "Traceback (most recent call last):\nKeyError: 1\n",
            "",
            "m.KeyError: other\n",
            True,
        ),
    ],
)
def test_an_outcome_is_judged_as_doctest_does(
    docstring: str, stdout: str, exception: str | None, passes: bool
) -> None:
    found = failure(0, _one(docstring), Outcome(stdout, exception))
    assert (found is None) == passes


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("6 * 7", "42"),
        ("6 * 7", "41"),
        ("print('a\\n\\nb')", "a\n<BLANKLINE>\nb"),
        ("1 / 0", "Traceback (most recent call last):\n  ...\nZeroDivisionError: division by zero"),
        ("1 / 0", "Traceback (most recent call last):\nZeroDivisionError: other"),
        ("1 / 0", "7"),
        ("None", "None"),
        ("True", "1"),
    ],
)
def test_the_standard_runner_agrees(source: str, want: str) -> None:
    """The oracle runs these harmless examples; the rule only sees their outcome."""
    docstring = f">>> {source}\n{want}\n"
    test = doctest.DocTestParser().get_doctest(docstring, {}, "t", None, 0)
    failed = doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None).failed
    written, exception = io.StringIO(), None
    with redirect_stdout(written):
        try:
            exec(compile(source, "t", "single"), {})
        except ZeroDivisionError as error:
            exception = f"ZeroDivisionError: {error}\n"
    found = failure(0, _one(docstring), Outcome(written.getvalue(), exception))
    assert (found is not None) == bool(failed)
