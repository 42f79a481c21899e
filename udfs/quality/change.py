"""A pair's response, context and tests, read once for all parts of its quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udfs.quality.patch import FileChange, file_changes
from udfs.quality.tokens import all_words, stems, vocabulary

_HUNK: Final = "\n@@ -"


class Change:
    """What a response adds, removes and shows, in which files, beside which context and tests."""

    __slots__ = (
        "added",
        "added_bare",
        "added_words",
        "context",
        "context_words",
        "files",
        "folder_stems",
        "name_stems",
        "paths",
        "removed",
        "removed_bare",
        "removed_words",
        "shown",
        "shown_words",
        "test_words",
        "tests",
        "vocabularies",
        "words",
    )

    def __init__(
        self, response: str, paths: Sequence[str], context: str = "", tests: str | None = None
    ) -> None:
        self.files: list[FileChange] = file_changes(response)
        hunked = [file for file in self.files if file.hunks]
        if hunked:
            self.added = [line for file in hunked for line in file.added]
            self.removed = [line for file in hunked for line in file.removed]
            self.shown = [line for file in hunked for line in file.context]
            sides = [
                (vocabulary("\n".join(file.added)), vocabulary("\n".join(file.removed)))
                for file in hunked
            ]
            self.vocabularies = [added | removed for added, removed in sides]
            self.added_words: set[str] = set().union(*(added for added, _ in sides))
            self.removed_words: set[str] = set().union(*(removed for _, removed in sides))
        else:
            self.added, self.removed, self.shown = response.split("\n"), [], []
            self.added_words, self.removed_words = vocabulary(response), set()
            self.vocabularies = [self.added_words]
        self.words = self.added_words | self.removed_words
        # Lines that are not blank, without the blanks around them.
        self.added_bare = [*filter(None, map(str.strip, self.added))]
        self.removed_bare = [*filter(None, map(str.strip, self.removed))]
        # What git shows after the numbers of a hunk: the definition that it stands in.
        heads = [hunk.partition("\n")[0].rpartition("@@")[2] for hunk in response.split(_HUNK)[1:]]
        self.shown_words = all_words("\n".join([*self.shown, *heads]))
        self.paths = sorted({*paths, *(file.path for file in self.files)} - {""})
        names = "\n".join(path.rpartition("/")[2] for path in self.paths)
        folders = "\n".join(path.rpartition("/")[0] for path in self.paths)
        self.name_stems = stems(vocabulary(names))
        self.folder_stems = stems(vocabulary(folders))
        self.context, self.tests = context, tests or ""
        self.context_words = all_words(context)
        self.test_words = all_words(
            "\n".join(
                line
                for file in file_changes(self.tests)
                for line in (file.path, *file.added, *file.removed)
            )
        )
