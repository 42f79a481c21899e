"""A repository with a reviewed pull request, and what GitHub says of the review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.collaboration import TALLY, person, pull, review, review_comment
from tests.repositories import ADA, GRACE, MIT, START, RepositoryBuilder

NUMBER = 7
PATH = "tally/money.py"
BEFORE = '''"""Sums of money in one currency."""

import math


def total(entries, currency):
    """Add up the entries of one currency."""
    return math.fsum(entry.value for entry in entries if entry.currency == currency)


def largest(entries):
    """The entry with the largest value."""
    best = None
    for entry in entries:
        if best is None or entry.value > best.value:
            best = entry
    return best
'''
_MEAN = '''

def mean(entries, currency):
    """Mean value of the entries of one currency."""
    values = [entry.value for entry in entries if entry.currency == currency]
    tmp = 0
    for v in values:
        tmp += v
    return tmp / len(values)


def median(entries, currency):
    """Middle value of the entries of one currency."""
    values = sorted([entry.value for entry in entries if entry.currency == currency])
    return values[len(values) // 2]
'''
REVIEWED = BEFORE + _MEAN
ANSWERED = REVIEWED.replace(
    "    tmp = 0\n    for v in values:\n        tmp += v\n    return tmp / len(values)\n",
    "    if not values:\n        return 0.0\n    return math.fsum(values) / len(values)\n",
)
SUGGESTED = ANSWERED.replace(
    "sorted([entry.value for entry in entries if entry.currency == currency])",
    "sorted(entry.value for entry in entries if entry.currency == currency)",
)


@dataclass(frozen=True)
class Reviewed:
    """The repository; the reviewed commit, those that answer it, and what GitHub says."""

    repo: RepositoryBuilder
    first: str
    answer: str
    suggestion: str
    pull: dict[str, Any]
    review: dict[str, Any]
    comments: list[dict[str, Any]]


def line_of(part: str, text: str = REVIEWED) -> int:
    """Number of the first line of a text that holds a part."""
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)


def hunk_to(last: int, start: int = line_of("def mean") - 4) -> str:
    """The hunk of the pull's first commit, up to a line of the text after."""
    lines = REVIEWED.split("\n")[start - 1 : last]
    added = line_of("return best") + 1
    marked = [("+" if n >= added else " ") + line for n, line in enumerate(lines, start)]
    return "\n".join([f"@@ -{start},3 +{start},18 @@ def largest(entries):", *marked])


def reviewed_project(path: Path) -> Reviewed:
    """A pull with one commit that was reviewed, and two that answer the review."""
    repo = RepositoryBuilder(path)
    repo.git("remote", "add", "origin", f"https://github.com/{TALLY}")
    repo.write("LICENSE", MIT)
    repo.write(PATH, BEFORE)
    repo.commit("Add sums of money", author=GRACE)
    repo.branch("mean")
    repo.write(PATH, REVIEWED)
    first = repo.commit("Add mean and median", author=ADA)
    repo.write("README.md", "# tally\n")
    repo.commit("Start a page", author=ADA)
    repo.write(PATH, ANSWERED)
    repo.write(
        "tests/test_money.py", "def test_mean_of_nothing():\n    assert mean([], 'EUR') == 0\n"
    )
    answer = repo.commit("Address review comments", author=ADA)
    repo.write(PATH, SUGGESTED)
    suggestion = repo.commit("Update money.py", author=ADA)
    repo.checkout("main")
    repo.git("update-ref", f"refs/pull/{NUMBER}/head", suggestion)
    head = {"ref": "mean", "sha": suggestion, "repo": None}
    asked = pull(
        NUMBER, title="Add the mean and the median of entries", user=person("ada"), head=head
    )
    return Reviewed(repo, first, answer, suggestion, asked, review(70, NUMBER), _comments(first))


def _comments(first: str) -> list[dict[str, Any]]:
    loop, middle = line_of("tmp += v"), line_of("values = sorted(")
    # After the reviewed commit and before those that answer it.
    at = (START + timedelta(hours=2, minutes=30)).isoformat().replace("+00:00", "Z")

    def said(id: int, body: str, last: int = loop, **changes: Any) -> dict[str, Any]:
        place = {
            "path": PATH, "diff_hunk": hunk_to(last), "original_line": last, "line": None,
            "original_commit_id": first, "commit_id": first, "in_reply_to_id": None,
            "created_at": at, "updated_at": at,
        }  # fmt: skip
        return review_comment(id, NUMBER, body=body, **{**place, **changes})

    return [
        said(1, "This fails with `ZeroDivisionError` for no entries; `math.fsum` sums exactly."),
        said(2, "What should it give then, 0?", in_reply_to_id=1, user=person("ada")),
        said(3, "Yes, like `total` does.", in_reply_to_id=1),
        said(4, "Done.", in_reply_to_id=1, user=person("ada")),
        said(
            5,
            "No need for a list:\n```suggestion\n"
            "    values = sorted(entry.value for entry in entries if entry.currency == currency)\n"
            "```",
            middle,
        ),
        said(6, "Please say in the docstring which of two middle values it is.", middle - 1),
        said(7, "LGTM :+1:"),
        said(8, "I had to write a loop, `sum` was slower here.", user=person("ada")),
        said(9, "Coverage of this line fell by 2 %.", user=person("codecov[bot]")),
        said(10, "Please say in the docstring which of two middle values it is.", middle),
        said(11, "So it should be.", in_reply_to_id=404),
        said(12, "This name says nothing about the value.", original_commit_id="c" * 40),
        said(13, "Where does the number 2 come from?", diff_hunk="@@ -1,2 +1,2 @@\n-x = 1\n+x = 2"),
        said(14, "Use the name of the currency here.", path="docs/money.md"),
    ]
