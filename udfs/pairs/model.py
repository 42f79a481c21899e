"""What a pair is made from, the numbers of its rules, and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from udfs.ast import Health
from udfs.bug_patterns import Pattern
from udfs.category import BUG_FIX, NEW_FEATURE, REFACTOR, Classification
from udfs.diffs import make_patch
from udfs.facets import Facet


@dataclass(frozen=True, slots=True)
class PairLimits:
    """The numbers of the rules, sizes in lines or characters; `redact`: secrets are replaced.

    `min_confidence` is by category; one that is not named there has no confidence to speak of.
    """

    max_files: int = 60
    max_response_files: int = 12
    max_changed_lines: int = 500
    max_response_chars: int = 30_000
    max_tests_chars: int = 30_000
    max_config_lines: int = 40
    max_terse_lines: int = 40
    max_context_chars: int = 60_000
    whole_file_lines: int = 250
    whole_file_chars: int = 10_000
    definition_lines: int = 120
    window_lines: int = 10
    mass_rename_files: int = 8
    min_confidence: Mapping[str, float] = field(
        default_factory=lambda: dict.fromkeys((BUG_FIX, NEW_FEATURE, REFACTOR), 0.5)
    )
    redact: bool = True

    def is_sure(self, classified: Classification) -> bool:
        """Whether a category is more than a guess."""
        return classified.confidence >= self.min_confidence.get(classified.category, 0.0)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit; `status` is git's A, M, D, R or T, `patch` git's own diff of it."""

    path_before: str | None
    path_after: str | None
    status: str
    before: str | None
    after: str | None
    patch: str
    is_binary: bool = False

    @property
    def path(self) -> str:
        """The path after the change, or before it where the file is gone."""
        return self.path_after or self.path_before or ""

    def diff(self) -> str:
        """Git's own diff of it, or one made of the texts where that is absent."""
        return self.patch or make_patch(self.path_before, self.before, self.path_after, self.after)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One commit against its first parent.

    `is_bot` and `is_assistant` say who its author is, `barred` the files, by (path, licence), that
    may not be learned from.
    """

    message: str
    parents: int
    is_bot: bool
    files: tuple[FileChange, ...]
    labels: tuple[str, ...] = ()
    is_assistant: bool = False
    barred: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a commit makes no pair: a reason code, and what it was about."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One training pair.

    `left_out` holds (path, reason) of each file that is in neither diff, and `shown_paths` those
    of them that the context shows as they were changed. `patterns` is what a bug fix changed (None
    where the change is no fix), `facets` what it is about besides its category. `health` is that of
    the source files of the response, None where none of them has trees.
    """

    instruction: str
    context: str
    response: str
    tests: str
    category: str
    confidence: float
    evidence: tuple[str, ...]
    language: str
    paths: tuple[str, ...]
    test_paths: tuple[str, ...]
    tests_touched: bool
    references: tuple[str, ...]
    additions: int
    deletions: int
    flags: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    patterns: tuple[Pattern, ...] | None = None
    shown_paths: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    health: Health | None = None
