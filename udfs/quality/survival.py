"""Whether a change is likely to stand: not taken back or corrected within 30 days.

Learned from commits that a repository itself took back (`Revert "…"`, `Fixes: <id>`, `fixup!`),
beside others of the same repository. What is seen of a change is what studies of just-in-time
defect prediction use (Kamei et al. 2013): its size, how far it is spread, its purpose, and how much
its author had done; nothing that was known only later. File history is not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from udfs.quality.change import Change
from udfs.quality.finding import Finding
from udfs.quality.instruction import Instruction
from udfs.quality.parts import Known
from udfs.quality.survival_model import default_model
from udfs.quality.tokens import remembered, stems

_FIXES: Final = frozenset({"fix", "fixes", "fixed", "bug", "correct", "handle", "avoid", "prevent"})
_ADDS: Final = frozenset({"add", "adds", "added", "implement", "support", "introduce", "allow"})
_TIDIES: Final = frozenset(
    {"refactor", "rename", "remove", "move", "clean", "simplify", "use", "replace", "extract"}
)
_BRANCHES: Final = frozenset(
    {"if", "else", "elif", "for", "while", "case", "switch", "match", "catch", "except", "unless"}
)
# Words of what is hard to get right at once, met as stems in the title or the changed lines.
_TOPICS: Final = {
    "speed": frozenset({"perf", "performance", "optimiz", "optimise", "fast", "slow", "speed"}),
    "cache": frozenset({"cach", "cache", "memo", "buffer", "pool"}),
    "concurrency": frozenset({"async", "await", "lock", "thread", "mutex", "race", "deadlock"}),
    "default": frozenset({"default", "enable", "disabl", "flag", "option"}),
    "upgrade": frozenset(
        {"upgrade", "upgrad", "bump", "migrat", "depend", "dependency", "version"}
    ),
    "types": frozenset({"type", "typ", "generic", "cast"}),
}
_TOPIC_OF: Final = {word: topic for topic, told in _TOPICS.items() for word in told}
FEATURES: Final = (
    "added",
    "removed",
    "tests",
    "files",
    "folders",
    "entropy",
    "hunks",
    "new files",
    "added share",
    "title words",
    "body words",
    "has a body",
    "fixes",
    "adds",
    "tidies",
    "has tests",
    "branches",
    "vocabulary",
    "shown",
    *(f"title {topic}" for topic in _TOPICS),
    *(f"code {topic}" for topic in _TOPICS),
    "earlier",
    "first",
)
"""Names of what the model sees, in order."""


def features(instruction: Instruction, change: Change, known: Known) -> list[float]:
    """The values of `FEATURES`; of an author who is not known the last two are NaN."""
    asked = set(map(str.lower, instruction.title))
    files = [file for file in change.files if file.hunks]
    sizes = [len(file.added) + len(file.removed) for file in files]
    added, removed = len(change.added), len(change.removed)
    title_topics = {*map(_topic, stems(asked))}
    code_topics = {*map(_topic, change.words)}
    return [
        math.log1p(added),
        math.log1p(removed),
        math.log1p(len(change.test_words)),
        math.log1p(len(files)),
        math.log1p(len({file.path.rpartition("/")[0] for file in files})),
        _entropy(sizes),
        math.log1p(sum(file.hunks for file in files)),
        sum(not file.removed and not file.context for file in files) / (len(files) + 1e-6),
        added / (added + removed + 1.0),
        math.log1p(len(instruction.title)),
        math.log1p(len(instruction.body)),
        float(bool(instruction.body)),
        *[float(not told.isdisjoint(asked)) for told in (_FIXES, _ADDS, _TIDIES)],
        float(bool(change.tests)),
        float(len(change.added_words & _BRANCHES)) - len(change.removed_words & _BRANCHES),
        math.log1p(len(change.words)),
        math.log1p(len(change.shown_words)),
        *[float(topic in title_topics) for topic in _TOPICS],
        *[float(topic in code_topics) for topic in _TOPICS],
        math.nan if known.earlier is None else math.log1p(known.earlier),
        math.nan if known.earlier is None else float(not known.earlier),
    ]


@remembered
def _topic(word: str) -> str | None:
    return _TOPIC_OF.get(word.lower())


def survival(instruction: Instruction, change: Change, known: Known) -> Finding:
    """How sure it is that a change stands, where one half is usual.

    The model's odds of a change that stood against one that did not, as if there were as many of
    both: few are taken back, so that the share itself would be near 1 for all.
    """
    odds, told = default_model().log_odds(features(instruction, change, known))
    return Finding(1.0 / (1.0 + math.exp(-odds)), f"{told} weighs most")


def _entropy(sizes: Sequence[int]) -> float:
    """How evenly the changed lines are spread over the files, 0 to 1 (Hassan 2009)."""
    whole = sum(sizes)
    if len(sizes) < 2 or not whole:
        return 0.0
    shares = [size / whole for size in sizes if size]
    return -math.fsum(share * math.log2(share) for share in shares) / math.log2(len(sizes))
