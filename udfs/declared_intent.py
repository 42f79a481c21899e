"""What a conventional prefix says a commit is, and the message without any such prefix.

Conventional Commits 1.0.0 (conventionalcommits.org). Commits that carry a prefix label themselves:
a rule that never saw the prefix can be learned from them, and measured.
"""

import re2

_PREFIX = re2.compile(
    r"(?i)^([ \t]*(?:[*+-][ \t]+|\d+[.)][ \t]+)?)"
    r"(feat|feature|feats|fix|bugfix|hotfix|refactor|refact|refactoring|perf|docs?|style|tests?"
    r"|build|ci|chore)[ \t]*(?:\([^()\n]*\)|\[[^\[\]\n]*\])?[ \t]*!?:[ \t]*"
)
_INTENTS = {
    "feat": "new_feature", "feature": "new_feature", "feats": "new_feature",
    "fix": "bug_fix", "bugfix": "bug_fix", "hotfix": "bug_fix",
    "refactor": "refactor", "refact": "refactor", "refactoring": "refactor",
}  # fmt: skip


def declared_intent(message: str) -> str | None:
    """Bug fix, feature or refactor, as the prefix of the first line says; None for all others."""
    match = _PREFIX.match(message)
    return _INTENTS.get(match.group(2).lower()) if match is not None else None


def without_prefixes(message: str) -> str:
    """The message without the prefixes of its lines and of the items in its lists."""
    return "\n".join(map(_without_prefix, message.replace("\r\n", "\n").split("\n")))


def _without_prefix(line: str) -> str:
    while (match := _PREFIX.match(line)) is not None:
        line = match.group(1) + line[match.end() :]
    return line
