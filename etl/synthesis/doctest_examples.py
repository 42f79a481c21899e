"""Doctest examples as text: read, and compared with what was observed, without running anything."""

import doctest
from dataclasses import dataclass

MAX_DOCSTRING_CHARS = 20_000
"""The standard parser's expressions are not all linear, so longer docstrings are not read."""


@dataclass(frozen=True)
class Outcome:
    """What one example did: what it wrote, and the last line of its traceback if it raised."""

    stdout: str
    exception: str | None


@dataclass(frozen=True)
class Failure:
    """An example whose outcome is not the documented one; `expected` and `got` as doctest shows.

    `index` is that of the example; -1 stands for the import of the module, before all examples.
    """

    index: int
    source: str
    expected: str
    got: str


def parse_examples(docstring: str) -> tuple[doctest.Example, ...]:
    """Examples of a docstring, in order; none if it is malformed, too long, or skips one.

    The format is that of the standard library's `doctest`.
    """
    if len(docstring) > MAX_DOCSTRING_CHARS:
        return ()
    try:
        examples = tuple(doctest.DocTestParser().get_examples(docstring))
    except ValueError:
        return ()
    if any(example.options.get(doctest.SKIP) for example in examples):
        return ()
    return examples


def failure(index: int, example: doctest.Example, outcome: Outcome) -> Failure | None:
    """The failure of one example, by the rules of `doctest.DocTestRunner`; None if it passed."""
    flags = sum(flag for flag, is_on in example.options.items() if is_on)
    check = doctest.OutputChecker().check_output
    if outcome.exception is None:
        passed = check(example.want, outcome.stdout, flags)
        return None if passed else Failure(index, example.source, example.want, outcome.stdout)
    expected = example.exc_msg
    if expected is not None:
        if check(expected, outcome.exception, flags):
            return None
        if flags & doctest.IGNORE_EXCEPTION_DETAIL:
            kinds = (text.split(":")[0].strip() for text in (expected, outcome.exception))
            if len({kind.rsplit(".", 1)[-1] for kind in kinds}) == 1:
                return None
    return Failure(index, example.source, expected or example.want, outcome.exception)
