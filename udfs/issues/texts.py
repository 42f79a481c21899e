"""What an issue asks for: its author's words without the forms and numbers around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from udfs.markdown import FENCE, HIDDEN, IMAGE, TAG, closes, paragraphs, plain_lines

MAX_BODY_CHARS = 65_536

_HEADING = re2.compile(r"^#{1,6}[ \t]+(.*?)[ \t#]*$|^\*\*([^*]{2,80}?)\*\*[ \t]*:?[ \t]*$")
_CHECKBOX = re2.compile(r"^[ \t]*[*+-][ \t]+\[[ xX]?\][ \t]*(.*)$")
# What a form asks its reader to confirm, rather than a task of the change.
_ASSENT = re2.compile(
    r"(?i)\b(?:i|i'm|i've|i'd|i'll|my|we|you|your)\b|search|duplicate|conduct|contribut|guideline"
    r"|\bread\b|latest version|up[- ]to[- ]date|reproduc|bug report|feature request|troubleshoot"
)
_ENVIRONMENT = re2.compile(
    r"(?i)\b(?:environment|system info\w*|versions?|platform|desktop|smartphone|device|browsers?"
    r"|operating system|os|setup|dependencies|checklist|validations?|code of conduct|prerequisites"
    r"|screenshots?|pre-?flight|affected packages?)\b"
)
# A line of an environment: a key with a short value, a row of a table, a name with a version.
_FACT = re2.compile(
    r"^[ \t]*(?:[*+-][ \t]+)?(?:\*{0,2}[\w .()/-]{1,40}\*{0,2}[ \t]*[:=].{0,80}|\|.*\|[ \t]*"
    r"|[\w .@/-]{1,40}[ \t]v?\d[\w.+-]*|[ \t|:-]+)$"
)
_NOTHING = re2.compile(r"(?i)^[\W_]*(?:no response|none|n/?a|nothing|no|not applicable|-)?[\W_]*$")
_REF = (
    r"(?:(?:[\w-]+/[\w.-]+)?#\d{1,9}\b|\bgh-\d{1,9}\b"
    r"|https?://(?:www\.)?github\.com/[\w-]+/[\w.-]+/(?:issues|pulls?|commits?|discussions)/"
    r"[\w#-]+)"
)
_REF_PHRASE = re2.compile(
    r"(?i)[(\[]?\b(?:see(?: also)?|related(?: to)?|relates to|refs?|references|cf\.?|same as"
    r"|similar to|duplicate of|continu\w+ (?:of|from)|follow[- ]?up (?:to|of|on)|fix(?:es|ed)?"
    r"(?: for)?|clos(?:es|ed|e)|resolves?|as (?:per|in)|per|split (?:from|out of)|from|via|also)"
    rf"[: ]+(?:the )?(?:issues?|prs?|pull requests?)? ?{_REF}(?:(?:,| and|,? ?&) ?{_REF})*[)\]]?"
)
_BARE_REF = re2.compile(rf"(^|[\s,;:(\[])(?:[(\[]?{_REF}[)\]]?)")
_SPACE = re2.compile(r"(\S)[ \t]{2,}")
# Marks that stood around what was taken away.
_MARKS = re2.compile(
    r"[ \t]*(?:[,;(\[][ \t]*)*[ \t]([,.;:!?)\]])|[,;]+([,.;])|\([ \t]*\)|\[[ \t]*\]"
)
_TITLE_TAG = re2.compile(
    r"(?i)^(?:\[[\w /:.-]{2,30}\]|(?:bug(?: report)?|feature(?: request)?|question|regression"
    r"|enhancement|proposal|rfc)[ \t]*[:-])[ \t:-]*"
)
_WORD = re2.compile(r"[A-Za-z_][\w'-]+")


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, and the lines under it; the first one has none."""

    heading: str
    lines: tuple[str, ...]


def clean_title(title: str) -> str:
    """A title without the name of its form (`[Bug]: `) and numbers that mean nothing alone."""
    text = _without_numbers(IMAGE.sub("", title.replace("\0", "")))
    return str(_TITLE_TAG.sub("", text.strip())).strip(" \t-:")


def clean_body(body: str) -> str:
    """A body in Markdown without what its form asked for, hidden text, images and numbers.

    Code stays as it was written. A section is left out with its heading where it is empty, or names
    versions and machines alone.
    """
    text = plain_lines(body[:MAX_BODY_CHARS])
    kept: list[str] = []
    for section in _sections(_without_hidden(text)):
        lines = section.lines
        if all(_NOTHING.match(line) for line in lines) and section.heading:
            continue
        if _ENVIRONMENT.search(section.heading) and all(
            _NOTHING.match(line) or _FACT.match(line) for line in lines
        ):
            continue
        if section.heading:
            kept += ["", f"{section.heading.strip(' :')}:"]
        kept += lines
    return paragraphs("\n".join(kept))


def words(text: str) -> int:
    """Words of a text, code included."""
    return len(_WORD.findall(text))


def _without_hidden(text: str) -> str:
    """A text without HTML comments, but for those in its code."""
    pieces: list[str] = []
    for is_code, lines in _runs(text.split("\n")):
        block = "\n".join(lines)
        pieces.append(block if is_code else HIDDEN.sub("", block))
    return "\n".join(pieces)


def _runs(lines: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Runs of lines inside and outside of code fences; a fence belongs to its code."""
    held: list[str] = []
    fence = ""
    for line in lines:
        found = FENCE.match(line)
        if not fence and found is not None:
            if held:
                yield False, held
            held, fence = [line], found.group(1)
        elif fence and closes(line, fence):
            yield True, [*held, line]
            held, fence = [], ""
        else:
            held.append(line)
    if held:
        yield bool(fence), held


def _sections(text: str) -> Iterator[_Section]:
    heading, held = "", list[str]()
    for is_code, lines in _runs(text.split("\n")):
        if is_code:
            held += lines
            continue
        for line in lines:
            found = _HEADING.match(line)
            if found is not None:
                yield _Section(heading, tuple(held))
                heading, held = found.group(1) or found.group(2) or "", []
                continue
            cleaned = _clean_line(line)
            if cleaned is not None:
                held.append(cleaned)
    yield _Section(heading, tuple(held))


def _clean_line(line: str) -> str | None:
    """A line of prose; None where it only confirmed something."""
    box = _CHECKBOX.match(line)
    if box is not None:
        if _ASSENT.search(box.group(1)) or not box.group(1).strip():
            return None
        line = f"- {box.group(1)}"
    cleaned = _without_numbers(TAG.sub("", IMAGE.sub("", line))).rstrip()
    # What named a number and nothing else.
    return None if line.strip() and not words(cleaned) and _BARE_REF.search(line) else cleaned


def _without_numbers(line: str) -> str:
    """A line without numbers of issues, but for those in its code."""
    if not _BARE_REF.search(line):
        return line
    pieces = line.split("`")
    return "`".join(x if place % 2 else _plain(x) for place, x in enumerate(pieces))


def _plain(prose: str) -> str:
    """Prose without numbers of issues and the marks around them."""
    text = _BARE_REF.sub(r"\1", _REF_PHRASE.sub("", prose))
    text = _MARKS.sub(r"\1\2", _SPACE.sub(r"\1 ", text))
    return str(text if text[:1] == prose[:1] else text.lstrip(" ,;:"))
