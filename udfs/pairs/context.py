"""What stood there before a change, as far as the change needs it, and without its answer."""

from collections.abc import Sequence

from udfs.ast import SUPPORTED, Source, enclosing_definitions, import_lines
from udfs.diffs import changed_lines, split_lines
from udfs.pairs.model import PairLimits
from udfs.pairs.parts import MAX_AST_CHARS, Part, changed_texts

# Of a large file in a language without a grammar, what stands for its imports.
_HEAD_LINES = 20
_ANSWER_CHARS = 40


def build_context(parts: Sequence[Part], limits: PairLimits) -> str:
    """Write the text before the change that the change needs.

    A file of up to `whole_file_lines` lines and `whole_file_chars` characters stands whole. Of a
    larger one stand its imports, the definition around each changed line (or, where that is longer
    than `definition_lines`, a window), the heads of the types around it, and every line the hunks
    show, each excerpt headed by its line range. A file that the change adds is named only.
    """
    blocks: list[str] = []
    for part in parts:
        source, path = part.before, part.change.path_before
        if source is None or path is None:
            blocks.append(f"### {part.change.path_after} (new file)\n")
            continue
        if stands_whole(source.text, limits):
            blocks.append(block(f"{path} (whole file)", part.language, source.text))
            continue
        lines = split_lines(source.text)
        for start, end in _excerpts(part, source, lines, limits):
            heading = f"{path} (lines {start}-{end} of {len(lines)})"
            blocks.append(block(heading, part.language, "".join(lines[start - 1 : end])))
    return "\n".join(blocks)


def stands_whole(before: str, limits: PairLimits) -> bool:
    """Whether a file is small enough to be shown whole."""
    return len(before) <= limits.whole_file_chars and before.count("\n") <= limits.whole_file_lines


def block(heading: str, language: str | None, text: str) -> str:
    """Write one excerpt of a context: its heading, and its text in a fence that it cannot end."""
    fence = "```"
    while fence in text:
        fence += "`"
    ending = "" if text.endswith("\n") or not text else "\n"
    return f"### {heading}\n{fence}{language or ''}\n{text}{ending}{fence}\n"


def _excerpts(
    part: Part, source: Source, lines: Sequence[str], limits: PairLimits
) -> list[tuple[int, int]]:
    """Line ranges from 1, both ends included, sorted, merged where at most 3 lines lie between."""
    total = len(lines)
    touched = changed_lines(part.patch)
    wanted = sorted({*touched.removed, *(min(max(line, 1), total) for line in touched.anchors)})
    ranges = [(hunk.offset + 1, hunk.offset + hunk.before_count) for hunk in part.patch.hunks]
    if source.language in SUPPORTED and len(source.text) <= MAX_AST_CHARS:
        ranges += import_lines(source)
        ranges += [
            (span.start_line, span.end_line)
            for span in enclosing_definitions(
                source,
                wanted,
                max_lines=limits.definition_lines,
                window=limits.window_lines,
            )
        ]
    else:
        ranges.append((1, _HEAD_LINES))
        ranges += [(line - limits.window_lines, line + limits.window_lines) for line in wanted]
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(start, 1), min(end, total)) for start, end in ranges):
        if end < start:
            continue
        if merged and start <= merged[-1][1] + 4:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def answer_in_context(parts: Sequence[Part], context: str) -> bool:
    """Whether every run of new lines already stands in the context, line for line.

    Lines that the change only moves (they are removed elsewhere) are no answer; neither are runs
    with fewer than `_ANSWER_CHARS` characters.
    """
    removed = {line for part in parts for mark, line in changed_texts(part) if mark == "-"}
    shown = "\n".join(["", *(line.strip() for line in context.split("\n") if line.strip()), ""])
    found = False
    for part in parts:
        for hunk in part.patch.hunks:
            run: list[str] = []
            for mark, line in (*hunk.lines, (" ", "")):
                stripped = line.strip()
                if mark == "+":
                    if stripped and stripped not in removed:
                        run.append(stripped)
                elif run:
                    if sum(map(len, run)) >= _ANSWER_CHARS:
                        if "\n" + "\n".join(run) + "\n" not in shown:
                            return False
                        found = True
                    elif "\n" + "\n".join(run) + "\n" not in shown:
                        return False
                    run = []
    return found
