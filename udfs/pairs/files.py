"""What each changed file is to a pair, and which files are copies of another."""

from collections.abc import Mapping, Sequence

from udfs.language import detect_language, is_source
from udfs.pairs.model import FileChange, PairLimits, Rejection
from udfs.paths import (
    is_ci_path,
    is_docs_path,
    is_generated_path,
    is_lock_file,
    is_test_path,
    is_tool_config,
    is_vendored_path,
    looks_generated,
    looks_minified,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS_BY_PATH = (
    ("lock_file", is_lock_file),
    ("vendored", is_vendored_path),
    ("generated", is_generated_path),
    ("test", is_test_path),
    ("ci", is_ci_path),
    ("docs", is_docs_path),
)
_CONFIG = _words("json yaml toml ini xml hcl nix cmake makefile dockerfile go-module")
# Share of the lines of the longer file that a copy with small differences has too.
_ALIKE = 0.5


def file_kind(item: FileChange) -> str:
    """Say what a changed file is to a pair.

    Returns:
        "source", "test", "config" (small text that belongs to the change), or what is left out:
        "binary", "typechange", "lock_file", "vendored", "generated", "ci", "docs", "other".

    """
    path = item.path
    if item.is_binary:
        return "binary"
    if item.status == "T":
        return "typechange"
    named = next((kind for kind, holds in _KINDS_BY_PATH if holds(path)), None)
    if named is not None:
        return named
    text = item.after if item.after is not None else item.before
    if text is not None and (looks_generated(text) or looks_minified(text)):
        return "generated"
    if is_tool_config(path):
        return "config"
    language = detect_language(path, text)
    return "source" if is_source(language) else "config" if language in _CONFIG else "other"


def shown_kind(item: FileChange, barred: Mapping[str, str]) -> str:
    """`file_kind`, or "licence_of_file" for what would be shown and may not be."""
    kind = file_kind(item)
    is_shown = kind in ("source", "config", "test")
    return "licence_of_file" if is_shown and item.path in barred else kind


def without_copies(kinds: Sequence[tuple[FileChange, str]]) -> list[tuple[FileChange, str]]:
    """Name "copied_file" what makes the same change as another file, which stands for all.

    Registries, templates and examples hold one file under many paths. Two changes are the same
    when both texts are, or when files of one name, alike in most of their lines, have the same
    lines removed and added. The file with the shortest path stands for the others.
    """
    kept: dict[object, list[FileChange]] = {}
    copied: set[str] = set()
    candidates = [
        (len(item.path.split("/")), len(item.path), item.path, item)
        for item, kind in kinds
        if kind in ("source", "config") and item.status in ("A", "M", "D")
        if not text_missing(item)
    ]
    for *_, path, item in sorted(candidates, key=lambda entry: entry[:3]):
        keys: list[object] = [(item.status, item.before, item.after)]
        if item.status == "M":
            keys.append((path.rsplit("/", 1)[-1], _lines_of_hunks(item.patch)))
        if any(_are_alike(item, other) for key in keys for other in kept.get(key, ())):
            copied.add(path)
        else:
            for key in keys:
                kept.setdefault(key, []).append(item)
    return [(item, "copied_file" if item.path in copied else kind) for item, kind in kinds]


def _lines_of_hunks(patch: str) -> str:
    hunks = patch[patch.find("\n@@ ") + 1 :].split("\n")
    return "\n".join(line for line in hunks if line.startswith(("-", "+")))


def _are_alike(first: FileChange, second: FileChange) -> bool:
    texts = [item.before or item.after or "" for item in (first, second)]
    if texts[0] == texts[1]:
        return True
    left, right = (set(text.split("\n")) for text in texts)
    return len(left & right) >= _ALIKE * max(len(left), len(right))


def refuse_barred(
    kinds: Sequence[tuple[FileChange, str]], barred: Mapping[str, str]
) -> Rejection | None:
    """Whether all code that a change holds may not be learned from."""
    if any(kind == "source" for _, kind in kinds):
        return None
    paths = [item.path for item, kind in kinds if kind == "licence_of_file"]
    return Rejection("licence_of_file", f"{paths[0]}: {barred[paths[0]]}") if paths else None


def refuse_files(kinds: Sequence[tuple[FileChange, str]], limits: PairLimits) -> Rejection | None:
    """Why the files of a change, with their kinds, make no pair."""
    if not kinds:
        return Rejection("no_files")
    renames = [item for item, _ in kinds if item.status == "R"]
    if len(renames) >= limits.mass_rename_files and 2 * len(renames) >= len(kinds):
        return Rejection("mass_rename", f"{len(renames)} of {len(kinds)} files")
    if all(item.status == "R" and item.before == item.after for item, _ in kinds):
        return Rejection("rename_only")
    present = {kind for _, kind in kinds}
    if "source" not in present:
        names = {
            "binary": "binary_only", "lock_file": "lock_file_only", "vendored": "vendored_only",
            "generated": "generated_only", "test": "tests_only", "ci": "ci_only",
            "docs": "docs_only", "config": "config_only",
        }  # fmt: skip
        for kind in (
            "test",
            "docs",
            "ci",
            "config",
            "vendored",
            "generated",
            "lock_file",
            "binary",
        ):
            if kind in present and present <= {kind, "docs", "lock_file", "copied_file"}:
                return Rejection(names[kind])
        return Rejection("not_source", ", ".join(sorted(present)))
    if len(kinds) > limits.max_files:
        return Rejection("too_many_files", f"{len(kinds)} files")
    responses = sum(kind in ("source", "config") for _, kind in kinds)
    if responses > limits.max_response_files:
        return Rejection("too_many_files", f"{responses} source files")
    return None


def text_missing(item: FileChange) -> bool:
    """Whether a text that the change has is not at hand."""
    return (item.path_before is not None and item.before is None) or (
        item.path_after is not None and item.after is None
    )
