"""Which later commit of a branch changed the lines that a comment is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import re2

from udfs.diffs import FilePatch, PatchError, changed_lines, parse_patch
from udfs.reviews.hunks import Span

TOUCHED, NEAR = "touches_lines", "near_lines"
SUGGESTED, ANSWERED, ANNOUNCED, NAMED, LARGE = (
    "suggestion_applied",
    "author_answers",
    "message_names_review",
    "names_what_changes",
    "large_change",
)
# A change of more lines around a comment rarely has it as its only purpose.
_LARGE_LINES = 100
# Chosen by eye on public pull requests: that a later commit changes just those lines makes it more
# likely than not that it answers the comment; text that GitHub applied for the author is proof.
_CONFIDENCE = {
    TOUCHED: 0.6, NEAR: 0.3, SUGGESTED: 0.35, ANSWERED: 0.2, ANNOUNCED: 0.15, NAMED: 0.15,
    LARGE: -0.15,
}  # fmt: skip
EVIDENCE = tuple(_CONFIDENCE)
_REVIEW_WORDS = re2.compile(
    r"(?i)\b(?:review(?:s|er|ers)?|feedback|suggestions?|comments?|address(?:es|ed|ing)?|nits?"
    r"|requested changes)\b"
)
_NAME = re2.compile(r"[A-Za-z_$][\w$]{2,80}")
_IN_CODE = re2.compile(r"`([^`\n]{1,200})`")


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit after the reviewed one did to the file.

    Attributes:
        commit_oid: the commit.
        committed_at: its committer time, seconds since 1970.
        old_oid: object id of the text before; None where it added the file.
        new_oid: object id of the text after; None where it deleted the file.
        patch: git's diff of the file; empty where there is none.
    """

    commit_oid: str
    committed_at: int
    old_oid: str | None
    new_oid: str | None
    patch: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The change that answers a comment.

    Attributes:
        commit_oid: its commit.
        span: the lines that were commented on, in the text before the change.
        how: TOUCHED or NEAR.
    """

    commit_oid: str
    span: Span
    how: str


def find_resolution(
    span: Span, oid: str | None, steps: Sequence[Step], commented_at: int, near: int
) -> Resolution | str:
    """Follow the lines of a comment through the later commits of its branch.

    Args:
        span: the lines in the text that was reviewed.
        oid: object id of that text.
        steps: what the later commits did to the file, oldest first.
        commented_at: time of the comment, seconds since 1970.
        near: lines between which and the comment a change still counts as near it.

    Returns:
        The first change of the lines themselves; else the first one near them; else the reason:
        `no_later_change`, `no_resolving_change`, `changed_before_comment`, `changed_by_merge` (the
        lines cannot be followed), `file_deleted`, `patch_missing`.
    """
    nearby: Resolution | None = None
    reason = "no_resolving_change" if steps else "no_later_change"
    for step in steps:
        if step.old_oid != oid:
            reason = "changed_by_merge"
            break
        if step.new_oid is None:
            reason = "file_deleted"
            break
        try:
            files = parse_patch(step.patch)
        except PatchError:
            files = ()
        if len(files) != 1 or files[0].is_binary:
            reason = "patch_missing"
            break
        distance = distance_to(span, files[0])
        is_later = step.committed_at > commented_at
        if distance == 0:
            if is_later:
                return Resolution(step.commit_oid, span, TOUCHED)
            return "changed_before_comment"
        if distance is not None and distance <= near and is_later and nearby is None:
            nearby = Resolution(step.commit_oid, span, NEAR)
        span, oid = moved(span, files[0]), step.new_oid
    return nearby or reason


def distance_to(span: Span, patch: FilePatch) -> int | None:
    """Lines between a span and the nearest change of its text; 0 where it is changed itself.

    Text that is put right before or right behind the span counts as a change of it. None where the
    patch changes no line.
    """
    touched = changed_lines(patch)
    last = span.last + 1 if span.is_gap else span.last
    gaps = [max(span.first - line, line - last, 0) for line in touched.removed]
    # What is put in under the line before the span is right before it. Text under a removed line
    # takes that one's place.
    inserted = set(touched.anchors) - set(touched.removed)
    gaps += [max(span.first - 1 - anchor, anchor - span.last, 0) for anchor in inserted]
    return min(gaps, default=None)


def moved(span: Span, patch: FilePatch) -> Span:
    """Where a span that a patch does not change stands afterwards."""
    shift = 0
    for hunk in patch.hunks:
        line = hunk.offset
        for mark, _ in hunk.lines:
            line += mark != "+"
            if mark == "-" and line < span.first:
                shift -= 1
            elif mark == "+" and line < span.first:
                shift += 1
    return Span(span.first + shift, span.last + shift, span.is_gap)


def evidence_of(
    resolution: Resolution,
    patch: FilePatch,
    message: str,
    comment: str,
    suggestions: Iterable[str],
    *,
    is_answered: bool,
) -> tuple[str, ...]:
    """What speaks for a change being the answer to a comment.

    Args:
        resolution: the change.
        patch: its diff of the file, or what of it is at the comment.
        message: message of its commit.
        comment: what was asked for.
        suggestions: text that the reviewer proposed.
        is_answered: the author said in the thread that it is done.
    """
    lines = [(mark, line.strip()) for hunk in patch.hunks for mark, line in hunk.lines]
    added = {line for mark, line in lines if mark == "+"}
    changed = {
        name for mark, line in lines if mark != " " for name in _NAME.findall(line) if len(name) > 2
    }
    named = {name for code in _IN_CODE.findall(comment) for name in _NAME.findall(code)}
    wanted = [{line.strip() for line in text.split("\n")} - {""} for text in suggestions]
    # A suggestion without text asks to delete the lines.
    is_deleted = resolution.how == TOUCHED and all(mark != "+" for mark, _ in lines)
    is_applied = any(text <= added if text else is_deleted for text in wanted)
    found = (
        (resolution.how, True),
        (SUGGESTED, is_applied),
        (ANSWERED, is_answered),
        (ANNOUNCED, _REVIEW_WORDS.search(message) is not None),
        (NAMED, bool(named & changed)),
        (LARGE, sum(mark != " " for mark, _ in lines) > _LARGE_LINES),
    )
    return tuple(name for name, holds in found if holds)


def confidence_of(evidence: Iterable[str]) -> float:
    """How likely a change answers a comment, 0 to 1, from what `evidence_of` found."""
    return min(0.99, sum(_CONFIDENCE[name] for name in evidence))
