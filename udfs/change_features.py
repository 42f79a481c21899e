"""What can be told of a change for saying which kind it is: named facts, each true or absent.

A name without a colon is about the diff ("new_tests_1": at least one test more than before); with
one, it is a word and where it stood ("title:crash", "adds:null"). A learned model weighs them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import re2

from udfs.ast import SUPPORTED, Source, SymbolChanges, symbol_changes
from udfs.change_lines import (
    SHARES,
    Lines,
    changed_lines,
    run_features,
    steps,
)
from udfs.change_words import (
    AROUND_WORD,
    COMMON,
    named_code,
    verb_class,
    word_classes,
    words,
)
from udfs.diffs import FilePatch
from udfs.instruction import Instruction
from udfs.language import detect_language, is_source
from udfs.paths import (
    is_ci_path,
    is_docs_path,
    is_generated_path,
    is_lock_file,
    is_test_path,
    is_vendored_path,
)

MAX_AST_FILES = 20
MAX_AST_CHARS = 200_000
_MAX_BODY_CHARS = 2_000
_MAX_NAME_CHARS = 20
_MAX_TITLE_WORDS = 40


def _short(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for lines and names, which are cut to a few hundred characters.

    That bounds Python's own engine, which is several times faster than re2 at many short texts.
    """
    return re.compile(pattern, re.ASCII)


_CLOSES = re2.compile(
    r"(?i)\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\b:? (?:[\w./-]*#|https?://\S+/issues/)\d"
)
_NAME = _short(r"[A-Za-z_]\w*")
_PART = _short(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_LONG_WORD = _short(r"[a-z]{4,}")
_COMMENT = _short(r"(?:^|\s)(?:#|//|/\*|\*|<!--|--)\s(.*)")
_COMMENT_WHY = _short(
    r"(?i)\b(?:otherwise|prevent|avoid|ensure|make sure|workaround|because|instead|must|skip|ignore"
    r"|bug|wrong|broken|fail\w*|crash\w*|missing|edge case)\b"
)
_COMMENT_API = _short(
    r"(?i)\b(?:deprecated|since|@param|:param|returns?|default|optional|example)\b"
)
_ISSUE = _short(r"#\d{2,}|issues/\d+|GH-?\d+")
_CONDITION = _short(
    r"\b(?:if|else|elif|unless|switch|case|while|match)\b|&&|\|\||[=!]==?|\?\.|\?\?"
)
_GUARD = _short(
    r"\b(?:if|unless|guard|when)\b.*\b(?:return|continue|break|throw|raise|panic|bail)\b"
    r"|^(?:return|continue|break|throw|raise)\b"
)
_NULL = _short(
    r"\b(?:null|undefined|None|nil|nullptr|NULL|is_none|is_some|Option|Some|unwrap_or\w*|isEmpty"
    r"|is_empty|len|length|size)\b|\?\.|\?\?"
)
_TRY = _short(r"\b(?:try|catch|except|rescue|finally|recover)\b")
_FLAG = _short(r"['\"`]--?[a-z][\w-]+")
_STRING = _short(r'"[^"\n]{2,}"|\'[^\'\n]{2,}\'')
_TEST = _short(
    r"\b(?:it|test|describe|specify)\s*(?:\.\w+)?\(|\bdef test_|\bfunc Test|#\[test\]|@Test\b"
    r"|\bTEST(?:_F|_P)?\(|t\.Run\(|\bfn test_|#\[tokio::test"
)
_IMPORT = _short(
    r"^(?:import\b|from\b.*\bimport\b|use\b.*;|#include|package\b|const .*= require\(|mod \w+;"
    r"|export .* from)"
)
_DEFINITION = _short(
    r"^(?:export |default |pub(?:\([a-z]+\))? |public |private |protected |static |async "
    r"|final |abstract )*"
    r"(?:def |function\b|class |fn |func |interface |enum |struct |trait |impl\b|type \w+"
    r"|(?:const|let|var) \w+ = (?:async )?"
    r"(?:function|\([^()]*\) =>|\w+ =>)|(?:public|private|protected) [\w<>\[\], ]+\()"
)
_EXPORT = _short(r"^(?:export |pub |public |module\.exports|exports\.|__all__)")
_LOG = re2.compile(r"(?i)(?:^|/)(?:\.changeset/|change(?:s|log)|history|news)")
_PATH_WORD = _short(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Change:
    """One change as the rules see it.

    Attributes:
        instruction: the cleaned message.
        message: the message as it was.
        files: parsed patches.
        before: text by path before the change, where it is at hand.
        after: text by path after the change.
        labels: labels of the linked issue or pull request.
    """

    instruction: Instruction
    message: str
    files: Sequence[FilePatch]
    before: Mapping[str, Source] = field(default_factory=dict)
    after: Mapping[str, Source] = field(default_factory=dict)
    labels: Sequence[str] = ()


def change_features(change: Change) -> frozenset[str]:
    """Name what holds for a change."""
    sources = [item for item in change.files if is_main(item)]
    lines = changed_lines(sources)
    names = _Names(lines)
    title = bare_title(change.instruction.title)
    return frozenset(
        (
            *message_features(change.instruction, change.message),
            *_file_features(change.files, sources),
            *_size_features(sources, lines),
            *_test_features([f for f in change.files if is_test_path(f.path)], lines),
            *_line_features(lines),
            *run_features(sources),
            *_name_features(names, lines, title),
            *_symbol_features(_symbols(sources, change.before, change.after), title),
        )
    )


def is_main(item: FilePatch) -> bool:
    """Whether a changed file is code that people wrote and that is no test."""
    path = item.path
    return (
        not item.is_binary
        and is_source(detect_language(path))
        and not is_test_path(path)
        and not is_vendored_path(path)
        and not is_generated_path(path)
        and not is_lock_file(path)
    )


def bare_title(title: str) -> str:
    """A title without the "area: " that it begins with."""
    scope, separator, rest = title.partition(": ")
    return rest if separator and len(scope) <= 30 and rest else title


def message_features(instruction: Instruction, message: str) -> Iterator[str]:
    """Name what holds for the message alone."""
    title_text, body_text = bare_title(instruction.title), instruction.body[:_MAX_BODY_CHARS]
    title, body = words(title_text)[:_MAX_TITLE_WORDS], words(body_text)
    verb = title_text.lower().replace("'", "").replace("do not", "dont").split(" ", 1)[0]
    yield f"first_is_{verb_class(verb.strip(AROUND_WORD)) or 'other_word'}"
    yield from (f"title_has_{name}" for name in word_classes(title_text))
    yield from (f"body_has_{name}" for name in word_classes(body_text))
    if title:
        yield f"first:{title[0]}"
        yield f"last:{title[-1]}"
        yield from (f"first:{title[0]} {word}" for word in title[1:2])
        yield from (f"title:{title[0]} .. {word}" for word in title[2:12] if word not in COMMON)
    yield from (f"title:{word}" for word in title)
    yield from (f"title:{a} {b}" for a, b in pairwise(title))
    yield from (f"title:{a} {b} {c}" for a, b, c in zip(title, title[1:], title[2:], strict=False))
    yield from (f"code:{name}" for name in named_code(title_text))
    yield from (f"body:{word}" for word in body)
    yield from (f"body:{a} {b}" for a, b in pairwise(body))
    yield from steps("title_words", len(title), (3, 5, 8, 12))
    yield from steps("body_words", len(body), (1, 15, 50, 150))
    if _CLOSES.search(message[:20_000]):
        yield "closes_issue"
    if "```" in message:
        yield "body_shows_code"
    if instruction.breaking:
        yield "breaking"


def _file_features(files: Sequence[FilePatch], sources: Sequence[FilePatch]) -> Iterator[str]:
    if not sources:
        yield "no_sources"
    yield from steps("source_files", len(sources), (2, 3, 5, 8))
    status = Counter(item.status for item in sources)
    yield from steps("new_source_files", status["A"], (1, 2, 4))
    yield from steps("deleted_source_files", status["D"], (1,))
    yield from steps("renamed_source_files", status["R"] + status["C"], (1, 2))
    if status["A"] and status["A"] == len(sources):
        yield "all_sources_new"
    for word in {w for item in sources for w in _PATH_WORD.findall(item.path.lower())}:
        yield f"path:{word}"
    for item in files:
        if is_test_path(item.path):
            continue
        if _LOG.search(item.path):
            yield "changelog_touched"
        elif is_docs_path(item.path):
            yield "docs_touched"
            if item.status == "A":
                yield "docs_new"
        elif is_lock_file(item.path):
            yield "lock_file_touched"
        elif is_generated_path(item.path):
            yield "generated_touched"
        elif is_ci_path(item.path):
            yield "ci_touched"
        elif not is_source(detect_language(item.path)):
            yield "config_touched"


def _size_features(sources: Sequence[FilePatch], lines: Lines) -> Iterator[str]:
    added, removed = len(lines.added), len(lines.removed)
    sizes = (1, 2, 4, 8, 16, 32, 64, 128, 256)
    yield from steps("added_lines", added, sizes)
    yield from steps("removed_lines", removed, sizes)
    yield from steps("hunks", sum(len(item.hunks) for item in sources), (2, 3, 5, 9, 17))
    if added + removed:
        share = added / (added + removed)
        cuts = (0.05, 0.3, 0.45, 0.5, 0.55, 0.65, 0.75, 0.85, 0.95, 0.999)
        yield from steps("added_share", share, cuts)


def _test_features(tests: Sequence[FilePatch], lines: Lines) -> Iterator[str]:
    if not tests:
        return
    changed = changed_lines(tests)
    added, removed = changed.added, changed.removed
    size = len(lines.added) + len(lines.removed)
    yield "tests_touched"
    yield from steps("test_lines_added", len(added), (1, 10, 30, 100))
    yield from steps("test_lines_removed", len(removed), (1, 5, 20))
    yield from steps("test_files", len(tests), (2, 4, 8))
    yield from steps("new_tests", _more(_TEST, changed), (1, 2, 4, 8))
    yield from steps("test_lines_per_source_line", len(added) / (size + 1), (0.3, 1, 3))
    if added and not removed:
        yield "tests_only_added"
    if removed and len(removed) >= len(added):
        yield "tests_shrink"
    if any(item.status == "A" for item in tests):
        yield "test_file_added"
    if any(item.status in "RD" for item in tests):
        yield "test_file_moved"
    if size <= 15:
        yield "tests_with_small_change"
    if any(_ISSUE.search(line) for line in added):
        yield "tests_name_issue"


def _count(pattern: re.Pattern[str], lines: Iterable[str]) -> int:
    return sum(pattern.search(line) is not None for line in lines)


def _more(pattern: re.Pattern[str], lines: Lines) -> int:
    return _count(pattern, lines.added) - _count(pattern, lines.removed)


def _line_features(lines: Lines) -> Iterator[str]:
    added, removed = lines.added, lines.removed
    size = len(added) + len(removed)
    come, gone = _count(_CONDITION, added), _count(_CONDITION, removed)
    if added:
        yield from steps("condition_share", come / len(added), (0.1, 0.2, 0.3, 0.5))
    yield from steps("conditions_added", come - gone, (1, 3, 8))
    if come < gone:
        yield "conditions_removed"
    if come and gone and abs(come - gone) <= 1 and size <= 12:
        yield "condition_changed"
    for name, pattern in (
        ("guards", _GUARD), ("null_checks", _NULL), ("error_handlers", _TRY), ("options", _FLAG),
    ):  # fmt: skip
        more = _more(pattern, lines)
        yield from steps(f"{name}_added", more, (1, 3))
        if more < 0:
            yield f"{name}_removed"
    come, gone = _count(_DEFINITION, added), _count(_DEFINITION, removed)
    yield from steps("definitions_added", come - gone, (1, 2, 4, 8))
    if come < gone:
        yield "definitions_removed"
    if come and come == gone:
        yield "definitions_rewritten"
    more = _more(_EXPORT, lines)
    yield from steps("exports_added", more, (1, 3))
    if more < 0:
        yield "exports_removed"
    come, gone = _count(_IMPORT, added), _count(_IMPORT, removed)
    yield from steps("imports_added", come - gone, (1, 3))
    if come < gone:
        yield "imports_removed"
    if come and gone:
        yield "imports_replaced"
    if size:
        yield from steps("import_share", (come + gone) / size, (0.1, 0.25, 0.5))
    strings = [sum(len(_STRING.findall(line)) for line in side) for side in (added, removed)]
    yield from steps("strings_added", strings[0] - strings[1], (1, 4, 12))
    comments = [match.group(1) for line in added if (match := _COMMENT.search(line))]
    yield from steps("comment_share", len(comments) / (len(added) + 1), (0.05, 0.2, 0.4))
    for name, pattern in (
        ("comment_gives_reason", _COMMENT_WHY),
        ("comment_names_issue", _ISSUE),
        ("comment_describes_api", _COMMENT_API),
    ):
        if any(pattern.search(comment) for comment in comments[:100]):
            yield name
    old, new = set(removed), set(added)
    if len(new) >= 3:
        yield from steps("lines_moved", len(old & new) / len(new), (0.1, 0.25, 0.4, 0.6))
    if added and removed:
        shapes = [Counter(_NAME.sub("i", line) for line in side) for side in (added, removed)]
        same = sum((shapes[0] & shapes[1]).values())
        share = same / max(len(added), len(removed))
        yield from steps("lines_of_same_shape", share, (0.2, 0.4, 0.6, 0.8, 0.95))


class _Names:
    """The names in the lines: how often they are added and removed, and those around."""

    def __init__(self, lines: Lines) -> None:
        self.added, self.removed = (
            Counter(name for line in side for name in _NAME.findall(line))
            for side in (lines.added, lines.removed)
        )
        self.around = {name for line in lines.kept for name in _NAME.findall(line)}
        self.novel = [n for n in self.added if n not in self.removed and n not in self.around]
        self.gone = [n for n in self.removed if n not in self.added]


def _name_features(names: _Names, lines: Lines, title: str) -> Iterator[str]:
    both = sum((names.added & names.removed).values())
    if names.added:
        share = both / sum(names.added.values())
        yield from steps("reused_of_added", share, (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95))
    if names.removed:
        share = both / sum(names.removed.values())
        yield from steps("kept_of_removed", share, (0.3, 0.5, 0.7, 0.85, 0.95, 0.999))
    yield from steps("novel_names", len(names.novel), (1, 3, 6, 12, 25, 50, 100))
    share = len(names.novel) / (len(names.added) + 1)
    yield from steps("novel_name_share", share, (0.1, 0.25, 0.4, 0.55, 0.7))
    yield from steps("names_gone", len(names.gone), (1, 3, 8, 20, 50))
    for name in names.added:
        if name not in names.removed and len(name) < _MAX_NAME_CHARS:
            yield f"adds:{name}"
    for name in names.gone:
        if len(name) < _MAX_NAME_CHARS:
            yield f"removes:{name}"
    wanted = set(_LONG_WORD.findall(title.lower()))
    novel, gone, around = _parts(names.novel), _parts(names.gone), _parts(names.around)
    yield from steps("title_names_new_code", len(wanted & novel), (1, 2, 3))
    yield from steps("title_names_removed_code", len((wanted & gone) - novel), (1,))
    yield from steps("title_names_code_around", len((wanted & around) - novel), (1, 2))


def _parts(names: Iterable[str]) -> set[str]:
    return {part.lower() for part in _PART.findall(" ".join(names))}


def _symbols(
    sources: Sequence[FilePatch], before: Mapping[str, Source], after: Mapping[str, Source]
) -> SymbolChanges | None:
    seen: list[tuple[Source | None, Source | None]] = []
    for item in sources[:MAX_AST_FILES]:
        old = before.get(item.path_before or "")
        new = after.get(item.path_after or "")
        known = [source for source in (old, new) if source is not None and _is_readable(source)]
        if len(known) == (item.path_before is not None) + (item.path_after is not None):
            seen.append((old, new))
    return symbol_changes(seen) if seen else None


def _is_readable(source: Source) -> bool:
    return source.language in SUPPORTED and 0 < len(source.text) <= MAX_AST_CHARS


def _symbol_features(symbols: SymbolChanges | None, title: str) -> Iterator[str]:
    if symbols is None:
        yield "symbols_unknown"
        return
    added, removed, changed = symbols.added, symbols.removed, symbols.changed
    moved, signatures = symbols.moved_or_renamed, symbols.signature_changed
    yield from steps("symbols_added", len(added), (1, 2, 4, 8))
    yield from steps("symbols_removed", len(removed), (1, 2, 4))
    yield from steps("symbols_changed", len(changed), (1, 2, 4, 8))
    yield from steps("symbols_moved", len(moved), (1, 2))
    yield from steps("signatures_changed", len(signatures), (1, 2, 4))
    if not (added or removed or changed or moved or signatures):
        yield "symbols_same"
    elif added and removed:
        yield "symbols_added_and_removed"
    elif added:
        yield "symbols_only_added"
    elif removed:
        yield "symbols_only_removed"
    elif changed:
        yield "symbols_only_changed"
        if len(changed) == 1 and not signatures:
            yield "one_symbol_changed"
    count = len(added) + len(removed) + len(changed) + len(moved)
    for name, group in (
        ("added", added), ("removed", removed), ("changed", changed), ("moved", moved),
        ("resigned", signatures),
    ):  # fmt: skip
        if count:
            yield from steps(f"symbol_share_{name}", len(group) / count, SHARES)
    public = [name for name in added if not name.split(".")[-1].startswith("_")]
    yield from steps("public_symbols_added", len(public), (1, 3))
    squeezed = "".join(character for character in title.lower() if character.isalnum())
    for name, symbols_named in (
        ("title_names_added_symbol", added),
        ("title_names_changed_symbol", changed),
        ("title_names_removed_symbol", removed),
    ):
        last = (symbol.split(".")[-1].replace("_", "").lower() for symbol in symbols_named)
        if any(len(symbol) > 3 and symbol in squeezed for symbol in last):
            yield name
