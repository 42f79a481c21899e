"""Verdicts on planted bugs, by running doctest examples in a sandbox and judging outside of it.

What the judged code can forge. It runs in the interpreter that reports on it, so code written for
the purpose can find the nonce in memory and report any outcome it likes. The judge therefore
believes no single report, only that reports differ where the texts differ:

- known-bad control: the function raises a fresh nonce before doing anything. A report without that
  nonce among its failures did not come from running the text that was sent (forged, cached, or the
  examples don't reach the function), and the environment gives no verdict;
- known-good control: the same place holds a fresh comment. Code that fails because it notices that
  it was edited fails here too, and the environment gives no verdict;
- the nonce that frames a report is new for each run, so a report cannot be prepared.

What remains: code that parses its own text, and tells a planted bug from both controls by meaning.
It can then only turn its own mutants into pairs, or refuse to; the diff of such a pair is still the
planted bug and its removal.
"""

import doctest
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etl.sandbox.protocol import Command, Execution, Limits, Sandbox
from etl.synthesis.doctest_examples import Failure, Outcome, failure, parse_examples
from etl.synthesis.inject_bugs import Candidate
from udfs.mutate import insert_first

VERIFIED = "verified"
ORIGINAL_FAILS = "original_fails"
MUTANT_SURVIVES = "mutant_survives"
FLAKY = "flaky"
ENVIRONMENT_FAILED = "environment_failed"
TIMED_OUT = "timed_out"
LIMIT_EXCEEDED = "limit_exceeded"
NO_REPORT = "no_report"

_DRIVER = Path(__file__).with_name("sandboxed_driver.py")
_PROJECT_DIR = "project"


class VerifyParams(BaseModel):
    """`runs` repetitions of original and mutant, each with another hash seed; limits of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runs: int = Field(default=2, ge=2)
    limits: Limits = Limits(wall_seconds=10.0, cpu_seconds=5)


class _ReportedOutcome(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stdout: str
    exception: str | None


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    import_error: str | None
    outcomes: tuple[_ReportedOutcome, ...]


@dataclass(frozen=True)
class Baseline:
    """What the untouched function showed; `reason` is `verified` if mutants of it can be judged."""

    reason: str
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate is a bug that its examples show.

    `reason` is `verified` or the code of what stood against it; `failures` are the failing
    examples; `seconds` is the sandbox's wall time, without that of a baseline that was given.
    """

    reason: str
    detail: str = ""
    failures: tuple[Failure, ...] = ()
    examples: tuple[str, ...] = ()
    runs: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Run:
    """One execution: a problem (reason code), or the failures of the examples."""

    problem: str = ""
    detail: str = ""
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0


@dataclass
class Judge:
    """Judges candidates of one project; `files` are what the sandbox gets, by relative path."""

    files: Mapping[str, bytes]
    sandbox: Sandbox
    params: VerifyParams
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16))

    def baseline(self, candidate: Candidate) -> Baseline:
        """Run the original and both controls of the candidate's function."""
        return _Baselines(self, candidate).judge()

    def verify(self, candidate: Candidate, baseline: Baseline) -> Verdict:
        """Run the mutant, whose function gave `baseline`."""
        examples = tuple(example.source for example in _examples(candidate))
        if baseline.reason != VERIFIED:
            return Verdict(baseline.reason, baseline.detail, (), examples)
        runs: list[_Run] = []
        for index in range(self.params.runs):
            runs.append(self.run(candidate, candidate.buggy_source, index))
            if runs[-1].problem or not runs[-1].failures:
                break
        seconds = sum(run.seconds for run in runs)
        last = runs[-1]
        if last.problem:
            reason, detail = last.problem, last.detail
        elif len({run.failures for run in runs}) > 1:
            reason, detail = FLAKY, "runs of the mutant differ"
        else:
            reason, detail = (VERIFIED if last.failures else MUTANT_SURVIVES), ""
        failures = last.failures if reason == VERIFIED else ()
        return Verdict(reason, detail, failures, examples, len(runs), seconds)

    def run(self, candidate: Candidate, source: str, index: int) -> _Run:
        """Run the function's examples on one version of its file."""
        nonce = self.nonce()
        root, module = module_of(candidate.path, self.files)
        request = {
            "nonce": nonce,
            "root": str(PurePosixPath("/work", _PROJECT_DIR, root)),
            "module": module,
            "examples": [example.source for example in _examples(candidate)],
        }
        files = {f"{_PROJECT_DIR}/{path}": content for path, content in self.files.items()}
        files[f"{_PROJECT_DIR}/{candidate.path}"] = source.encode("utf-8")
        files["driver.py"] = _DRIVER.read_bytes()
        try:
            command = Command(
                ("python3", "-s", "-B", "driver.py"),
                files=files,
                stdin=json.dumps(request).encode() + b"\n",
                # What depends on the order of a set shows as a difference between runs.
                env={"PYTHONHASHSEED": str(index)},
            )
            execution = self.sandbox.run(command, self.params.limits)
        except ValueError as error:
            return _Run(ENVIRONMENT_FAILED, str(error))
        return _judge(candidate, execution, nonce)


class _Baselines:
    """The original and its controls, in the order in which a failure says most."""

    def __init__(self, judge: Judge, candidate: Candidate) -> None:
        self._judge, self._candidate = judge, candidate
        self._seconds = 0.0

    def judge(self) -> Baseline:
        runs = [self._run(self._candidate.fixed_source, i) for i in range(self._judge.params.runs)]
        if problem := next((run for run in runs if run.problem), None):
            reason = TIMED_OUT if problem.problem == TIMED_OUT else ENVIRONMENT_FAILED
            return self._end(reason, f"original: {problem.problem} {problem.detail}")
        if len({run.failures for run in runs}) > 1:
            return self._end(FLAKY, "runs of the original differ")
        if imported := next((f for f in runs[0].failures if f.index < 0), None):
            return self._end(ENVIRONMENT_FAILED, f"import: {imported.got.strip()}")
        if runs[0].failures:
            return self._end(ORIGINAL_FAILS, runs[0].failures[0].source.strip())
        return self._controls()

    def _controls(self) -> Baseline:
        mark = self._judge.nonce()
        name, source = self._candidate.function, self._candidate.fixed_source
        good = insert_first(source, name, f"# {mark}")
        bad = insert_first(source, name, f"raise RuntimeError({mark!r})")
        if good is None or bad is None:
            return self._end(ENVIRONMENT_FAILED, "no place for a control")
        shown = self._run(good, 0)
        if shown.problem or shown.failures:
            return self._end(ENVIRONMENT_FAILED, "the known-good control fails")
        shown = self._run(bad, 0)
        if shown.problem or not any(mark in item.got for item in shown.failures):
            return self._end(ENVIRONMENT_FAILED, "the known-bad control does not fail as it must")
        return self._end(VERIFIED, "")

    def _run(self, source: str, index: int) -> _Run:
        run = self._judge.run(self._candidate, source, index)
        self._seconds += run.seconds
        return run

    def _end(self, reason: str, detail: str) -> Baseline:
        return Baseline(reason, detail.strip(), self._seconds)


def verify(
    candidate: Candidate, files: Mapping[str, bytes], sandbox: Sandbox, params: VerifyParams
) -> Verdict:
    """Judge one candidate; `files` are its project's, by path relative to the repository.

    Raises:
        SandboxUnavailable: the sandbox could not start anything.
    """
    judge = Judge(files, sandbox, params)
    return judge.verify(candidate, judge.baseline(candidate))


def verify_all(
    candidates: Sequence[Candidate],
    files: Mapping[str, bytes],
    sandbox: Sandbox,
    params: VerifyParams,
) -> Iterator[tuple[Candidate, Verdict, Baseline]]:
    """Judge candidates of one project in their order, running each function's baseline once.

    Raises:
        SandboxUnavailable: the sandbox could not start anything.
    """
    judge = Judge(files, sandbox, params)
    baselines: dict[tuple[str, str], Baseline] = {}
    for candidate in candidates:
        key = (candidate.path, candidate.function)
        if key not in baselines:
            baselines[key] = judge.baseline(candidate)
        yield candidate, judge.verify(candidate, baselines[key]), baselines[key]


def module_of(path: str, paths: Mapping[str, bytes]) -> tuple[str, str]:
    """(folder to import from, dotted module name) of a Python file.

    Packages are told by their `__init__.py`, from the file upwards; the folder above the topmost
    one is the root (`src` layouts need no rule of their own).
    """
    place = PurePosixPath(path)
    parts = [] if place.name == "__init__.py" else [place.stem]
    folder = place.parent
    while folder.name and str(folder / "__init__.py") in paths:
        parts.insert(0, folder.name)
        folder = folder.parent
    return str(folder), ".".join(parts)


def _examples(candidate: Candidate) -> tuple[doctest.Example, ...]:
    return parse_examples(candidate.docstring)


def _judge(candidate: Candidate, execution: Execution, nonce: str) -> _Run:
    seconds = execution.wall_seconds
    if execution.timed_out:
        return _Run(TIMED_OUT, f"{execution.killed_for} limit", (), seconds)
    if execution.killed_for is not None:
        return _Run(LIMIT_EXCEEDED, f"{execution.killed_for} limit", (), seconds)
    examples = _examples(candidate)
    report = _read_report(execution.stdout, nonce)
    if report is None:
        error = execution.stderr.decode("utf-8", "replace").strip()[-200:]
        return _Run(NO_REPORT, f"exit code {execution.exit_code} {error}".strip(), (), seconds)
    if report.import_error is not None:
        failures = (Failure(-1, "", "", report.import_error),)
        return _Run("", "", failures, seconds)
    if len(report.outcomes) != len(examples):
        return _Run(NO_REPORT, "the report is not complete", (), seconds)
    found = (
        failure(index, example, Outcome(outcome.stdout, outcome.exception))
        for index, (example, outcome) in enumerate(zip(examples, report.outcomes, strict=True))
    )
    return _Run("", "", tuple(item for item in found if item is not None), seconds)


def _read_report(stdout: bytes, nonce: str) -> _Report | None:
    """The one line framed by the nonce; None if there is none, two, or one of another shape."""
    lines = [line for line in stdout.split(b"\n") if line.startswith(nonce.encode())]
    if len(lines) != 1:
        return None
    try:
        return _Report.model_validate_json(lines[0][len(nonce) :])
    except ValidationError:
        return None
