"""The names by which people call licences in prose and in package metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import re2

UNKNOWN: Final = "LicenseRef-unknown"
"""Stands for terms that exist and could not be identified."""

PROPRIETARY: Final = "LicenseRef-proprietary"
"""Stands for a declaration that no licence is granted (npm's `UNLICENSED`, "Proprietary")."""

UNVERSIONED: Final = "LicenseRef-unversioned-"
"""Prefix for a family named without its version: `LicenseRef-unversioned-BSD` is some `BSD-*`."""

_VERSION: Final = r"(?: software)?(?: licen[cs]e)?(?: version)? v?"
_LATER: Final = r"(?: 0)?( or later| or newer| or any later| plus)?(?: only)?"
_GPL: Final = r"(?:gnu )?(?:general public licen[cs]e|gpl)"
_LGPL: Final = r"(?:gnu )?(?:(?:lesser|library) (?:general public licen[cs]e|gpl)|lgpl)"
_AGPL: Final = r"(?:gnu )?(?:affero (?:general public licen[cs]e|gpl)|agpl)"
_NUMBER: Final = r"(?: v| version)? ?v?"

# Patterns over `words()` joined by one space. A group, where there is one, is an "or later".
_NAMES: Final = tuple(
    (re2.compile(rf"\b(?:{pattern})\b"), key)
    for pattern, key in (
        (_AGPL + _NUMBER + "3" + _LATER, "AGPL-3.0"),
        (_AGPL, "LicenseRef-unversioned-AGPL"),
        (_LGPL + _NUMBER + "3" + _LATER, "LGPL-3.0"),
        (_LGPL + _NUMBER + "2 1" + _LATER.removeprefix("(?: 0)?"), "LGPL-2.1"),
        (_LGPL + _NUMBER + "2" + _LATER, "LGPL-2.0"),
        (_LGPL, "LicenseRef-unversioned-LGPL"),
        (_GPL + _NUMBER + "3" + _LATER, "GPL-3.0"),
        (_GPL + _NUMBER + "2" + _LATER, "GPL-2.0"),
        (_GPL, "LicenseRef-unversioned-GPL"),
        (f"apache{_VERSION}2(?: 0)?|apache2|(?:asl|al) ?2(?: 0)?", "Apache-2.0"),
        (f"apache{_VERSION}1 1", "Apache-1.1"),
        ("apache(?: software)? licen[cs]ed?|licen[cs]e apache", "LicenseRef-unversioned-Apache"),
        ("mit 0(?: licen[cs]e)?|mit no attribution(?: licen[cs]e)?", "MIT-0"),
        ("(?:mit x11|x11 mit|mit expat|expat mit|mit)(?: style)? licen[cs]e[ds]?", "MIT"),
        ("licen[cs]ed? (?:under )?mit|(?:mit x11|expat)(?: licen[cs]e)?", "MIT"),
        ("mit (?:c )?20[0-9]{2}|mit c|under mit", "MIT"),
        ("(?:the )?clear bsd|bsd 3 clause clear", "BSD-3-Clause-Clear"),
        ("(?:new|modified|revised|(?:3|three) clauses?) bsd(?: licen[cs]ed?)?", "BSD-3-Clause"),
        ("bsd (?:licen[cs]e )?(?:3|three|new)(?: clauses?)?(?: licen[cs]e)?", "BSD-3-Clause"),
        ("eclipse distribution licen[cs]e v? ?1 0", "BSD-3-Clause"),
        ("(?:simplified|(?:2|two) clauses?) bsd(?: licen[cs]e)?", "BSD-2-Clause"),
        ("bsd (?:licen[cs]e )?(?:2|two|simplified)(?: clauses?)?(?: licen[cs]e)?", "BSD-2-Clause"),
        ("(?:original|(?:4|four) clauses?) bsd", "BSD-4-Clause"),
        ("bsd (?:4|four|original)(?: clauses?)?", "BSD-4-Clause"),
        ("0bsd|(?:zero|0) clause bsd|bsd (?:zero|0) clause", "0BSD"),
        ("bsd(?: style)? licen[cs]ed?|licen[cs]ed? (?:under )?bsd", "LicenseRef-unversioned-BSD"),
        ("isc licen[cs]ed?|licen[cs]e isc|internet systems consortium licen[cs]e", "ISC"),
        ("(?:the )?unlicen[cs]e", "Unlicense"),
        ("cc0(?: 1 0)?(?: universal)?", "CC0-1.0"),
        ("(?:mozilla public licen[cs]e|mpl)(?: version)? ?v? ?2(?: 0)?", "MPL-2.0"),
        ("(?:mozilla public licen[cs]e|mpl)(?: version)? ?v? ?1 1", "MPL-1.1"),
        ("mozilla public licen[cs]e|mpl", "LicenseRef-unversioned-MPL"),
        ("(?:eclipse public licen[cs]e|epl)(?: version)? ?v? ?2(?: 0)?", "EPL-2.0"),
        ("(?:eclipse public licen[cs]e|epl)(?: version)? ?v? ?1(?: 0)?", "EPL-1.0"),
        ("(?:european union public licen[cs]e|eupl)(?: version)? ?v? ?1 2", "EUPL-1.2"),
        ("boost software licen[cs]e(?:(?: version)? 1 0)?|bsl 1 0", "BSL-1.0"),
        ("(?:the )?zlib(?: libpng)? licen[cs]e|licen[cs]e zlib", "Zlib"),
        ("python software foundation licen[cs]e|psf(?: 2 0| licen[cs]e)", "PSF-2.0"),
        ("postgresql licen[cs]e", "PostgreSQL"),
        ("(?:university of illinois )?ncsa(?: open source)? licen[cs]e", "NCSA"),
        ("universal permissive licen[cs]e|upl 1 0", "UPL-1.0"),
        ("artistic licen[cs]e(?: version)? 2(?: 0)?", "Artistic-2.0"),
        ("wtfpl|do what the fuck you want to public licen[cs]e", "WTFPL"),
        ("blue oak model licen[cs]e", "BlueOak-1.0.0"),
        ("server side public licen[cs]e|sspl", "SSPL-1.0"),
        ("business source licen[cs]e(?: 1 1)?|busl", "BUSL-1.1"),
        ("elastic licen[cs]e(?: 2 0)?", "Elastic-2.0"),
        ("common development and distribution licen[cs]e|cddl", "CDDL-1.0"),
        ("commons clause", "LicenseRef-commons-clause"),
        ("(?:creative commons attribution|cc by) sh?a(?:re ?alike)? 4 0", "CC-BY-SA-4.0"),
        ("(?:creative commons attribution|cc by) 4 0", "CC-BY-4.0"),
        ("creative commons attribution|cc by", "LicenseRef-unversioned-CC"),
        ("proprietary|unlicensed|no part of this", PROPRIETARY),
    )
)
_GNU: Final = {"AGPL-3.0", "GPL-2.0", "GPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0"}
_PLUS: Final = re2.compile(r"([0-9])\+")
_WORD: Final = re2.compile(r"[a-z0-9]+")
_OFFER: Final = re2.compile(
    r"\b(?:either|at your (?:option|choice)|your choice|dual|dually|choose)\b"
)
_OR: Final = re2.compile(r"\bor\b")


def words(text: str) -> list[str]:
    """The runs of ASCII letters and digits of `text`, in lower case; `3+` reads "3 or later"."""
    found: list[str] = _WORD.findall(_PLUS.sub(r"\1 or later ", text.lower()))
    return found


def named(prose: Sequence[str]) -> list[tuple[int, int, str]]:
    """Licences called by name in `prose` (from `words`), as (start, end, SPDX key) in characters.

    Offsets count in the words joined by one space. Where two names overlap the one that starts
    first is taken, and of those the longest, so `lesser general public license` is one name.
    """
    text = " ".join(prose)
    spans: list[tuple[int, int, str]] = []
    for pattern, key in _NAMES:
        for match in pattern.finditer(text):
            if key in _GNU:
                suffix = "-or-later" if match.group(1) else "-only"
                spans.append((match.start(), match.end(), key + suffix))
            else:
                spans.append((match.start(), match.end(), key))
    chosen: list[tuple[int, int, str]] = []
    for start, end, key in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end, key))
    return chosen


def offers_choice(prose: Sequence[str], *, strictly: bool = False) -> bool:
    """Whether the wording around the names lets the reader choose among the licences named.

    With `strictly` a mere "or" is not enough, for prose that is about more than licences.
    """
    text = " ".join(prose)
    around, last = [], 0
    for start, end, _ in named(prose):
        around.append(text[last:start])
        last = end
    rest = " | ".join([*around, text[last:]]).replace("at your option any later", "")
    return _OFFER.search(rest) is not None or (not strictly and _OR.search(rest) is not None)
