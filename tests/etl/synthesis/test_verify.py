"""Verdicts on honest, broken and hostile projects; everything judged runs in a real sandbox."""

import textwrap
from dataclasses import dataclass, field

import pytest

from etl.sandbox.protocol import Availability, Command, Execution, Limits, Sandbox
from etl.synthesis.inject_bugs import Candidate
from etl.synthesis.verify import Verdict, VerifyParams, module_of, verify, verify_all
from udfs.mutate import documented_functions

PARAMS = VerifyParams(limits=Limits(wall_seconds=2.0, cpu_seconds=2))

CLAMP = '''\
def clamp(value, low, high):
    """Limit a value.

    >>> clamp(5, 0, 3)
    3
    >>> clamp(-1, 0, 3)
    0
    """
    if value < low:
        return low
    return min(value, high)
'''


def _candidate(source: str, before: str, after: str, path: str = "pkg/tool.py") -> Candidate:
    source = textwrap.dedent(source)
    assert before in source
    name = source.rsplit("def ", 1)[1].split("(", 1)[0]
    docstring = dict(documented_functions(source))[name]
    buggy = source.replace(before, after, 1)
    return Candidate(path, name, docstring, "op", "", 1, source, buggy)


def _verify(sandbox: Sandbox, candidate: Candidate, **files: bytes) -> Verdict:
    return verify(candidate, {"pkg/__init__.py": b"", **files}, sandbox, PARAMS)


def test_a_bug_that_an_example_shows_is_verified(sandbox: Sandbox) -> None:
    verdict = _verify(sandbox, _candidate(CLAMP, "min(value", "max(value"))
    assert verdict.reason == "verified"
    assert verdict.examples == ("clamp(5, 0, 3)\n", "clamp(-1, 0, 3)\n")
    (failure,) = verdict.failures
    assert (failure.index, failure.expected, failure.got) == (0, "3\n", "5\n")
    assert verdict.runs == 2
    assert verdict.seconds > 0


def test_a_bug_that_no_example_shows_survives(sandbox: Sandbox) -> None:
    verdict = _verify(sandbox, _candidate(CLAMP, "value < low", "value <= low"))
    assert (verdict.reason, verdict.failures) == ("mutant_survives", ())


def test_an_original_that_fails_gives_no_verdict(sandbox: Sandbox) -> None:
    source = CLAMP.replace("    3\n    >>>", "    4\n    >>>")
    assert _verify(sandbox, _candidate(source, "min(", "max(")).reason == "original_fails"


def test_a_project_that_cannot_be_imported_is_an_environment_failure(sandbox: Sandbox) -> None:
    candidate = _candidate("import no_such_module\n" + CLAMP, "min(", "max(")
    verdict = _verify(sandbox, candidate)
    assert verdict.reason == "environment_failed"
    assert "no_such_module" in verdict.detail


def test_a_bug_that_never_ends_is_timed_out(sandbox: Sandbox) -> None:
    source = '''\
    def count(n):
        """
        >>> count(3)
        0
        """
        while n:
            n -= 1
        return n
    '''
    assert _verify(sandbox, _candidate(source, "n -= 1", "n += 1")).reason == "timed_out"


def test_a_bug_that_hits_another_limit_is_told_apart(sandbox: Sandbox) -> None:
    source = '''\
    import os
    def leave(n):
        """
        >>> leave(0)
        0
        """
        return n if n == 0 else os._exit(n)
    '''
    verdict = _verify(sandbox, _candidate(source, "n == 0", "n != 0"))
    assert (verdict.reason, verdict.runs) == ("no_report", 1)


@pytest.mark.parametrize("value", ["id(object())", "list({'a', 'b', 'c', 'd', 'e', 'f'})"])
def test_a_result_that_changes_between_runs_is_flaky(sandbox: Sandbox, value: str) -> None:
    source = f'''\
    import os
    def f(n):
        """
        >>> f(1)
        1
        """
        return n if n else ({value}, os.urandom(4))
    '''
    assert _verify(sandbox, _candidate(source, "if n", "if not n")).reason == "flaky"


def test_an_original_that_changes_between_runs_is_flaky(sandbox: Sandbox) -> None:
    source = '''\
    def f(n):
        """
        >>> f(1)
        ['a', 'b']
        """
        return list({'a', 'b', 'c', 'd', 'e', 'f'})
    '''
    assert _verify(sandbox, _candidate(source, "list(", "set(")).reason == "flaky"


def test_examples_that_do_not_reach_the_function_give_no_verdict(sandbox: Sandbox) -> None:
    source = '''\
    def f(n):
        """
        >>> 1 + 1
        2
        """
        return n
    '''
    verdict = _verify(sandbox, _candidate(source, "return n", "return -n"))
    assert verdict.reason == "environment_failed"
    assert "known-bad control" in verdict.detail


FORGER = '''\
import json, os, sys
def forge(passing):
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        if "channel" in frame.f_locals:
            nonce, channel = frame.f_locals["nonce"], frame.f_locals["channel"]
            outcome = {"stdout": "3\\\\n" if passing else "4\\\\n", "exception": None}
            line = nonce + json.dumps({"import_error": None, "outcomes": [outcome]}) + "\\\\n"
            os.write(channel, line.encode())
            os._exit(0)
TRICK
def f(n):
    """
    >>> f(3)
    3
    """
    return n
'''


def test_reports_that_are_forged_to_pass_are_caught_by_the_known_bad_control(
    sandbox: Sandbox,
) -> None:
    source = FORGER.replace("\\\\n", "\\n").replace("TRICK", "forge(True)")
    verdict = _verify(sandbox, _candidate(source, "return n", "return -n"))
    assert verdict.reason == "environment_failed"
    assert "known-bad control" in verdict.detail


def test_code_that_fails_when_it_was_edited_is_caught_by_the_known_good_control(
    sandbox: Sandbox,
) -> None:
    trick = "forge(open(__file__).read().count('\\n') == LINES)"
    source = FORGER.replace("\\\\n", "\\n").replace("TRICK", trick)
    source = source.replace("LINES", str(source.count("\n")))
    candidate = _candidate(source, "return n\n", "return n\n\n")
    verdict = _verify(sandbox, candidate)
    assert verdict.reason == "environment_failed"
    assert "known-good control" in verdict.detail


@dataclass
class _Replaying:
    """A backend that answers with what a hostile run could print, whatever it is asked to run."""

    stdout: bytes
    name: str = "replaying"
    seen: list[Command] = field(default_factory=list)

    def available(self) -> Availability:
        return Availability(True)

    def run(self, command: Command, limits: Limits) -> Execution:
        self.seen.append(command)
        return Execution(0, self.stdout, b"", None, 0.1, self.name)


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b'{"import_error": null, "outcomes": [{"stdout": "3\\n", "exception": null}]}\n',
        b"0" * 32 + b'{"import_error": null, "outcomes": []}\n',
    ],
)
def test_a_report_without_this_runs_nonce_is_no_report(stdout: bytes) -> None:
    backend = _Replaying(stdout)
    verdict = verify(_candidate(CLAMP, "min(", "max("), {}, backend, PARAMS)
    assert verdict.reason == "environment_failed"
    assert "no_report" in verdict.detail
    assert len({command.stdin for command in backend.seen}) == len(backend.seen) == 2


def test_mutants_of_one_function_share_its_baseline(sandbox: Sandbox) -> None:
    candidates = [
        _candidate(CLAMP, "min(value", "max(value"),
        _candidate(CLAMP, "value < low", "value > low"),
    ]
    results = list(verify_all(candidates, {"pkg/__init__.py": b""}, sandbox, PARAMS))
    assert [candidate for candidate, _, _ in results] == candidates
    assert [verdict.reason for _, verdict, _ in results] == ["verified", "verified"]
    assert results[0][2] is results[1][2]


def test_files_that_a_sandbox_cannot_hold_are_an_environment_failure() -> None:
    files = {"../escape.py": b""}
    verdict = verify(_candidate(CLAMP, "min(", "max("), files, _Replaying(b""), PARAMS)
    assert verdict.reason == "environment_failed"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pkg/a.py", (".", "pkg.a")),
        ("pkg/sub/b.py", (".", "pkg.sub.b")),
        ("src/lib/c.py", ("src", "lib.c")),
        ("src/lib/__init__.py", ("src", "lib")),
        ("tools/run.py", ("tools", "run")),
        ("top.py", (".", "top")),
    ],
)
def test_a_modules_place_follows_its_packages(path: str, expected: tuple[str, str]) -> None:
    packages = ["pkg/__init__.py", "pkg/sub/__init__.py", "src/lib/__init__.py"]
    assert module_of(path, dict.fromkeys(packages, b"")) == expected
