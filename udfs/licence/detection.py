"""What one file says about its licence: by text, by an identifier in its head, or as metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import re2

from udfs.licence.expressions import join, normalise, parse
from udfs.licence.manifests import declared_licence, is_manifest
from udfs.licence.names import UNKNOWN, UNVERSIONED, named, offers_choice, words
from udfs.licence.texts import MIN_SIMILARITY, TextMatch, match_text

Method = Literal["text", "identifier", "metadata"]

HEADER_LINES: Final = 50
"""Where an identifier is looked for; REUSE and the kernel want it in the first lines."""

HEADER_CHARS: Final = 16_000

NOTICE_SCORE: Final = 0.9
"""Score of a licence that the notice in a file's head names."""

MAX_EVIDENCE_CHARS: Final = 300

REUSE_FOLDER: Final = "LICENSES/"
"""Holds each licence in use as `<SPDX id>.txt` (https://reuse.software/spec-3.3/)."""

_IDENTIFIER: Final = re2.compile(
    r"(?m)^[\s/*#;%!<>\-\"'.({|\\]{0,20}(?:@?license )?SPDX-License-Identifier:[ \t]*"
    r"([A-Za-z0-9.+:() \-]{1,300})"
)
_LICENCE_NAME: Final = re2.compile(
    r"(?i)^(?:"
    r"(?:un)?licen[cs]es?(?:[-_.][\w.+-]*)?"
    r"|copying(?:[-_.][\w.+-]*)?"
    r"|[\w.+]{1,20}[-_.](?:licen[cs]e|copying)(?:\.(?:txt|md|rst))?"
    r")$"
)
_OTHER_FILE: Final = re2.compile(
    r"(?i)(?:third|3rd|vendor|bundled|dependenc|external|header|template|checker)"
    r"|\.(?:c|cc|cfg|cpp|css|csv|go|h|hpp|html?|ini|java|jinja2?|js|json|jsx|kt|lock|mjs|php|pl"
    r"|png|py|pyi|rb|rs|scss|sh|spdx|sql|svg|swift|tmpl|toml|ts|tsx|vue|xml|ya?ml)$"
)
_NOTICE: Final = re2.compile(
    r"(?:under|subject to) (?:the )?(?:(?:terms|conditions)(?: and conditions)? of (?:the )?)?$"
)
_BUNDLED: Final = re2.compile(
    r"(?im)^[#=* \t]{0,6}(?:licen[cs]es? (?:of|for) (?:bundled|included|third)"
    r"|bundled (?:dep|licen)"
    r"|third[- ]party (?:licen[cs]es|notices|software))"
)
_MAY_SPEAK: Final = re2.compile(r"(?i)\b(?:under|subject)\b|SPDX-License-Identifier")
_GNU_VERSION: Final = re2.compile(
    r"^ as published by the free software foundation (?:either )?version ([0-9])( [0-9])?\b"
)
_GNU_LATER: Final = re2.compile(r"\bany later version\b")
_NOTICE_REACH: Final = 240
"""Characters after a GNU licence's name in which a notice gives its version."""


@dataclass(frozen=True)
class LicenceFinding:
    """What one file says about its licence.

    Attributes:
        expression: SPDX expression; `LicenseRef-unknown` for terms that were not identified.
        method: `text` (a licence text or a notice), `identifier` (SPDX tag), `metadata`.
        path: path of the file in its repository.
        score: how sure, 0..1; the similarity where a text was matched.
        evidence: the words that say so, or the texts matched and how well.
    """

    expression: str
    method: Method
    path: str
    score: float
    evidence: str


def is_licence_path(path: str) -> bool:
    """Whether the file at `path` can speak for the repository's licence.

    Licence files and package manifests in the root, and what lies in `LICENSES/`. Lists of third
    parties' licences and source files with such a name (`license.py`) don't.
    """
    if path.startswith(REUSE_FOLDER):
        return "/" not in path.removeprefix(REUSE_FOLDER)
    return "/" not in path and (is_manifest(path) or is_licence_file(path))


def is_licence_file(path: str) -> bool:
    """Whether a file of this name holds a licence text, in whatever folder."""
    if path.startswith(REUSE_FOLDER):
        return True
    name = path.rsplit("/", 1)[-1]
    return _LICENCE_NAME.match(name) is not None and _OTHER_FILE.search(name) is None


def detect(path: str, text: str) -> LicenceFinding | None:
    """The licence that the file at `path` with this `text` declares; None where it says nothing.

    A licence file (LICENSE, COPYING, UNLICENSE, with suffixes, and `LICENSES/*`) is matched with
    the SPDX texts, and always gives a finding unless it is empty or a link to another file. A
    manifest gives its metadata. Any other file gives the `SPDX-License-Identifier` (several are
    joined by AND, as REUSE has it) or the notice in its first 50 lines.
    """
    if is_licence_file(path):
        return _from_licence_file(path, text)
    if is_manifest(path):
        declared = declared_licence(path, text)
        if declared is None:
            return None
        score = 0.0 if declared[0] == UNKNOWN else 1.0
        return LicenceFinding(declared[0], "metadata", path, score, declared[1])
    return detect_head(path, text)


def detect_head(path: str, text: str) -> LicenceFinding | None:
    """What the first 50 lines of any file say: an SPDX identifier, else a notice."""
    head = "\n".join(text[:HEADER_CHARS].splitlines()[:HEADER_LINES])
    # Most files say nothing, and to look for every licence's name takes a hundred times as long.
    if _MAY_SPEAK.search(head) is None:
        return None
    return _from_identifier(path, head) or _from_notice(path, head)


def _from_licence_file(path: str, text: str) -> LicenceFinding | None:
    if "/" in path and not path.startswith(REUSE_FOLDER):
        # A package's file goes on with what it bundles when it is published.
        bundled = _BUNDLED.search(text)
        text = text if bundled is None else text[: bundled.start()]
    stripped = text.strip()
    if "/" in stripped and len(stripped.split()) == 1:
        return None
    matched = match_text(text)
    if matched is None:
        return None
    if matched.expression == UNKNOWN or matched.score < MIN_SIMILARITY:
        tagged = _from_identifier(path, "\n".join(text[:HEADER_CHARS].splitlines()[:HEADER_LINES]))
        if tagged is not None:
            return tagged
    if matched.expression == UNKNOWN:
        matched = _by_file_name(path, matched)
    evidence = matched.evidence[:MAX_EVIDENCE_CHARS]
    return LicenceFinding(matched.expression, "text", path, matched.score, evidence)


def _by_file_name(path: str, matched: TextMatch) -> TextMatch:
    """In `LICENSES/` the file name is the id; it holds for texts that can't be compared."""
    stem = path.removeprefix(REUSE_FOLDER).rsplit(".", 1)[0]
    if not path.startswith(REUSE_FOLDER) or matched.score > 0 or parse(stem) is None:
        return matched
    return TextMatch(normalise(stem), 0.5, f"file name {stem}; {matched.evidence}")


def _from_identifier(path: str, head: str) -> LicenceFinding | None:
    tags = [" ".join(tag.strip(" -").split()) for tag in _IDENTIFIER.findall(head)]
    tags = [tag for tag in tags if tag]
    if not tags:
        return None
    expressions = [UNKNOWN if parse(tag) is None else normalise(tag) for tag in tags]
    score = 0.0 if UNKNOWN in expressions else 1.0
    quote = f"SPDX-License-Identifier: {', '.join(dict.fromkeys(tags))}"
    return LicenceFinding(
        join("AND", expressions), "identifier", path, score, quote[:MAX_EVIDENCE_CHARS]
    )


def _from_notice(path: str, head: str) -> LicenceFinding | None:
    """The licences that a notice puts the file under ("licensed under the Apache License …")."""
    prose = words(head)
    text = " ".join(prose)
    keys: list[str] = []
    quote = ""
    for start, end, key in named(prose):
        if _NOTICE.search(text[max(0, start - 60) : start]) is not None:
            keys.append(_with_version(key, text[end : end + _NOTICE_REACH]))
            quote = quote or text[max(0, start - 30) : end + 30]
    if not keys:
        return None
    operator = "OR" if offers_choice(prose, strictly=True) else "AND"
    return LicenceFinding(join(operator, keys), "text", path, NOTICE_SCORE, quote)


def _with_version(key: str, following: str) -> str:
    """GNU notices give the version after the name: "either version 3 of the License, or …"."""
    version = _GNU_VERSION.search(following)
    if not key.startswith(UNVERSIONED) or version is None:
        return key
    number = f"{version.group(1)}.{(version.group(2) or '0').strip()}"
    suffix = "or-later" if _GNU_LATER.search(following) is not None else "only"
    named_version = f"{key.removeprefix(UNVERSIONED)}-{number}-{suffix}"
    return key if parse(named_version) is None else normalise(named_version)
