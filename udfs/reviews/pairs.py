"""From one review thread to pairs: from hunk to comment, and from comment to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from udfs.ast import SUPPORTED, Source, enclosing_definitions
from udfs.category import Classification
from udfs.diffs import FilePatch, PatchError, apply_patch, parse_patch, split_lines
from udfs.identities import is_by_bot
from udfs.instruction import Instruction, clean_message
from udfs.language import detect_language
from udfs.odd_characters import odd_characters
from udfs.pairs import (
    FileChange,
    Pair,
    PairLimits,
    Rejection,
    block,
    file_kind,
    pair_of_files,
    redact_pair,
)
from udfs.reviews.comments import Comment, clean_comment, is_answer
from udfs.reviews.hunks import ReviewedHunk, Span
from udfs.reviews.resolution import (
    TOUCHED,
    Resolution,
    confidence_of,
    distance_to,
    evidence_of,
)

CODE_REVIEW = "code_review"
_REVIEWED_KINDS = ("source", "test", "config")
_MAX_QUOTED_CHARS = 120


@dataclass(frozen=True, slots=True)
class ReviewLimits:
    """The numbers of the rules; sizes in lines, characters or files."""

    max_hunk_lines: int = 60
    max_comment_chars: int = 4_000
    near_lines: int = 3
    whole_commit_files: int = 3
    min_confidence: float = 0.5


@dataclass(frozen=True, slots=True)
class Note:
    """One comment of a thread: who wrote it, what it says, and when (seconds since 1970)."""

    login: str | None
    kind: str | None
    association: str | None
    body: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment on a hunk, and what was answered, oldest first.

    Attributes:
        path: file that it is about.
        hunk: where it stands; None where GitHub gave no hunk.
        first: the comment that began it.
        replies: the others.
        number: number of the pull request.
        title: title of the pull request; None where it is not known.
        author: login of who asked for the pull; None where that is not known.
        state: state of the review that the comment belongs to; None where it is not known.
    """

    path: str
    hunk: ReviewedHunk | None
    first: Note
    replies: tuple[Note, ...]
    number: int
    title: str | None
    author: str | None
    state: str | None


def refuse_thread(thread: Thread, limits: ReviewLimits) -> Rejection | None:
    """The first reason why a thread gives no pair, by what it says and where it stands.

    The reasons are `bot`, `author_own_comment`, `not_source`, `no_hunk`, `comment_too_long`,
    `suggests_layout`, and those of `clean_comment`.
    """
    first = thread.first
    if is_by_bot(first.login, first.kind):
        return Rejection("bot")
    if first.login is not None and first.login == thread.author:
        return Rejection("author_own_comment")
    comment = clean_comment(first.body)
    if comment.reason is not None:
        return Rejection(comment.reason)
    if len(comment.text) > limits.max_comment_chars:
        return Rejection("comment_too_long", f"{len(comment.text)} characters")
    kind = file_kind(FileChange(thread.path, thread.path, "M", None, None, ""))
    if kind not in _REVIEWED_KINDS or detect_language(thread.path) is None:
        return Rejection("not_source", kind)
    if thread.hunk is None:
        return Rejection("no_hunk")
    return Rejection("suggests_layout") if _suggests_layout(comment, thread.hunk) else None


def _suggests_layout(comment: Comment, hunk: ReviewedHunk) -> bool:
    """Whether all that a comment proposes is other white space."""
    there = "".join("".join(hunk.commented()).split())
    return bool(comment.suggestions) and all(
        "".join(proposed.split()) == there for proposed in comment.suggestions
    )


def comment_pair(
    thread: Thread, hunk: ReviewedHunk, after: str, before: str | None, limits: ReviewLimits,
    sizes: PairLimits, found: Sequence[str], barred: Mapping[str, str] = MappingProxyType({}),
) -> Pair | Rejection:  # fmt: skip
    """The pair that asks for a review of a hunk, and whose response is the comment.

    Args:
        thread: the thread.
        hunk: its hunk.
        after: the text that was reviewed.
        before: the text before the change, where it is known to hold the hunk.
        limits: the numbers of the rules about reviews.
        sizes: the numbers of the rules about pairs.
        found: what is known about how the comment was resolved.
        barred: the licence of the file, by its path, where it may not be learned from.

    Returns:
        The pair, in whose texts secrets and personal data are placeholders; or the reason against
        it: `licence_of_file`, `hunk_not_in_history`, `not_source`, `context_too_large`.
    """
    if thread.path in barred:
        return Rejection("licence_of_file", f"{thread.path}: {barred[thread.path]}")
    pair = _comment_pair(thread, hunk, after, before, limits, sizes, found)
    if isinstance(pair, Rejection) or not sizes.redact:
        return pair
    is_before = before is not None and hunk.fits(before, "-")

    def build(said: Sequence[str], _: Sequence[FileChange]) -> Pair | Rejection:
        title, body, heading, removed, new, *rest = said
        old = rest[0] if rest else None
        shown = hunk.over(new, old if is_before else None, removed.split("\n"))
        # Git cuts the line that it shows above a hunk, and with it perhaps a secret.
        stands = any(heading.strip() in text for text in (new, *rest))
        first = replace(thread.first, body=body)
        clean = replace(thread, title=title if thread.title else None, first=first)
        shown = replace(shown, heading=heading if stands else "")
        return _comment_pair(clean, shown, new, old, limits, sizes, found)

    # No file is redacted for what its change does: the reviewed one is shown whatever it changes.
    heads = [thread.title or "", thread.first.body or "", hunk.heading]
    texts = ["\n".join(hunk.removed()), after, *([] if before is None else [before])]
    return redact_pair(pair, [*heads, *texts], (), build)


def _comment_pair(
    thread: Thread, hunk: ReviewedHunk, after: str, before: str | None, limits: ReviewLimits,
    sizes: PairLimits, found: Sequence[str],
) -> Pair | Rejection:  # fmt: skip
    if not hunk.fits(after, "+"):
        return Rejection("hunk_not_in_history")
    if file_kind(FileChange(thread.path, thread.path, "M", before, after, "")) == "generated":
        return Rejection("not_source", "generated")
    comment = clean_comment(thread.first.body)
    language = detect_language(thread.path, after) or ""
    context = _definitions(thread.path, language, hunk, before, sizes) + block(
        f"{thread.path} (change under review)", "diff", hunk.shown(limits.max_hunk_lines)
    )
    if len(context) > sizes.max_context_chars:
        return Rejection("context_too_large", f"{len(context)} characters")
    what = "the new file" if hunk.is_new_file else "this change to"
    title = _title(thread.title)
    part = f', part of the pull request "{title}"' if title else ""
    place = _place(hunk.span, hunk.commented())
    flags = (
        ("hunk_cut", len(hunk.lines) > limits.max_hunk_lines),
        ("new_file", hunk.is_new_file),
        ("title_unknown", not title),
    )
    odd = odd_characters(context + comment.text)
    return Pair(
        instruction=f"Review {what} `{thread.path}`{part}. What is there to say about {place}?",
        context=context,
        response=comment.text,
        tests="",
        category=CODE_REVIEW,
        confidence=1.0,
        evidence=("hunk_to_comment", *_circumstances(thread), *found),
        language=language,
        paths=(thread.path,),
        test_paths=(),
        tests_touched=False,
        references=(f"#{thread.number}",),
        additions=0,
        deletions=0,
        flags=(*(name for name, holds in flags if holds), *odd),
        left_out=(),
    )


def change_pair(
    thread: Thread, resolution: Resolution, files: Sequence[FileChange], message: str,
    committed_at: int, limits: ReviewLimits, sizes: PairLimits, *, is_shared: bool,
    barred: Mapping[str, str] = MappingProxyType({}),
) -> Pair | Rejection:  # fmt: skip
    """The pair that asks for what a reviewer asked for, and whose response is the change.

    Args:
        thread: the thread.
        resolution: the change that answers it.
        files: all that its commit changed.
        message: the commit's message.
        committed_at: the commit's time, seconds since 1970.
        limits: the numbers of the rules about reviews.
        sizes: the numbers of the rules about pairs.
        is_shared: the commit answers other threads too, so that only the hunks at this one count.
        barred: the licence of each path that may not be learned from.

    Returns:
        The pair, in whose texts secrets and personal data are placeholders; or the reason against
        it: `suggestion_only`, `resolution_unclear`, `context_missing`, `only_secrets_changed`, or
        one of `pair_of_files`.
    """

    def build(said: Sequence[str], files: Sequence[FileChange]) -> Pair | Rejection:
        first, *replies = (
            replace(note, body=body)
            for note, body in zip((thread.first, *thread.replies), said, strict=True)
        )
        clean = replace(thread, first=first, replies=tuple(replies))
        return _change_pair(
            clean, resolution, files, message, committed_at, limits, sizes, is_shared, barred
        )

    said = [note.body or "" for note in (thread.first, *thread.replies)]
    pair = build(said, files)
    if isinstance(pair, Rejection) or not sizes.redact:
        return pair
    # Of this file only secrets changed, where it is missing when the pair is built again.
    found = redact_pair(pair, said, files, build)
    is_gone = found == Rejection("context_missing", thread.path)
    return Rejection("only_secrets_changed") if is_gone else found


def _change_pair(
    thread: Thread, resolution: Resolution, files: Sequence[FileChange], message: str,
    committed_at: int, limits: ReviewLimits, sizes: PairLimits, is_shared: bool,
    barred: Mapping[str, str],
) -> Pair | Rejection:  # fmt: skip
    comment = clean_comment(thread.first.body)
    if clean_comment(comment.request).reason is not None:
        return Rejection("suggestion_only")
    own = next((item for item in files if item.path_before == thread.path), None)
    if own is None or own.before is None or own.after is None:
        return Rejection("context_missing", thread.path)
    try:
        (patch,) = parse_patch(own.diff())
        chosen, is_part = _chosen_files(own, patch, files, resolution, limits, is_shared)
        patch = parse_patch(chosen[0].diff())[0] if is_part else patch
    except (PatchError, ValueError):
        return Rejection("response_does_not_apply", thread.path)
    evidence = evidence_of(
        resolution, patch, message, comment.text, comment.suggestions,
        is_answered=any(
            note.login == thread.author and is_answer(note.body or "")
            for note in thread.replies
            if note.login is not None
        ),
    )  # fmt: skip
    confidence = confidence_of(evidence)
    if confidence < limits.min_confidence:
        return Rejection("resolution_unclear", f"{confidence:.2f}")
    lines = split_lines(own.before)[resolution.span.first - 1 : resolution.span.last]
    place = _place(resolution.span, [] if resolution.span.is_gap else lines)
    said = [comment.request, *_refinements(thread, committed_at)]
    text = "\n\n".join([f"Review of `{thread.path}`, {place}:", *said])
    named = Instruction(
        title=said[0].partition("\n")[0], body="", text=text, type=None, scope=None,
        breaking=False, references=(f"#{thread.number}",), reason=None,
    )  # fmt: skip
    circumstances = ("comment_to_change", *_circumstances(thread), *evidence)
    classified = Classification(CODE_REVIEW, confidence, circumstances, CODE_REVIEW, (0, 0, 0))
    pair = pair_of_files(chosen, named, classified, sizes, barred)
    if isinstance(pair, Rejection) or not is_part:
        return pair
    others = tuple((item.path, "other_change") for item in files if item is not own)
    return replace(pair, flags=(*pair.flags, "part_of_commit"), left_out=(*pair.left_out, *others))


def _chosen_files(
    own: FileChange,
    patch: FilePatch,
    files: Sequence[FileChange],
    resolution: Resolution,
    limits: ReviewLimits,
    is_shared: bool,
) -> tuple[Sequence[FileChange], bool]:
    """The whole commit where it is about this comment alone, else its hunks at the comment."""
    kinds = [file_kind(item) for item in files]
    is_small = sum(kind in ("source", "config") for kind in kinds) <= limits.whole_commit_files
    if (is_small and not is_shared) or own.status != "M":
        return files, False
    most = 0 if resolution.how == TOUCHED else limits.near_lines
    hunks = []
    for hunk in patch.hunks:
        distance = distance_to(resolution.span, replace(patch, hunks=(hunk,)))
        if distance is not None and distance <= most:
            hunks.append(hunk)
    after = apply_patch(own.before, replace(patch, hunks=tuple(hunks)))
    return [replace(own, after=after, patch="")], True


def _definitions(
    path: str, language: str, hunk: ReviewedHunk, before: str | None, sizes: PairLimits
) -> str:
    """The definition around the change as it was before it; empty where there is none."""
    if before is None or hunk.is_new_file or language not in SUPPORTED:
        return ""
    if not hunk.fits(before, "-") or len(before) > sizes.max_context_chars * 5:
        return ""
    lines = split_lines(before)
    spans = enclosing_definitions(
        Source(before, language),
        [hunk.before_line()],
        max_lines=sizes.definition_lines,
        window=sizes.window_lines,
    )
    return "".join(
        block(
            f"{path} (before, lines {span.start_line}-{span.end_line} of {len(lines)})",
            language,
            "".join(lines[span.start_line - 1 : span.end_line]),
        )
        + "\n"
        for span in spans
    )


def _circumstances(thread: Thread) -> tuple[str, ...]:
    depth = 1 + len(thread.replies)
    found = [f"thread_of_{depth}"]
    if thread.first.association:
        found.append(f"reviewer_{thread.first.association.lower()}")
    if thread.state:
        found.append(f"review_{thread.state.lower()}")
    return tuple(found)


def _refinements(thread: Thread, until: int) -> list[str]:
    """What was said in the thread before the change, besides that it is done."""
    found = []
    for note in thread.replies:
        reply: Comment = clean_comment(note.body)
        if note.at > until or is_by_bot(note.login, note.kind):
            continue
        if reply.reason is None and reply.request and not is_answer(reply.text):
            who = "Author" if note.login == thread.author else "Reviewer"
            found.append(f"{who}: {reply.request}")
    return found


def _title(title: str | None) -> str:
    return clean_message(title or "").title.replace('"', "'")


def _place(span: Span, lines: Sequence[str]) -> str:
    """Say which lines are meant, with the text of a single one."""
    if span.first != span.last:
        return f"lines {span.first} to {span.last}"
    code = lines[0].strip() if lines else ""
    shown = f"`{code}`" if code and "`" not in code and len(code) <= _MAX_QUOTED_CHARS else ""
    if span.is_gap:
        return f"the removed line {shown}".rstrip() if shown else f"what was under line {span.last}"
    return f"line {span.last}, {shown}" if shown else f"line {span.last}"
