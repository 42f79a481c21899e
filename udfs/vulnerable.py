"""Code that is dangerous by what it says: no pair may teach it.

Only what one line shows is told (with CWE numbers), so that a hit can be believed; what needs
a flow of data to be seen is left to analysers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

import re2

_MOST_CHARS: Final = 400
_FORMATTED: Final = r"""(?:["']\s*%\s*[\w(]|["']\s*\+\s*\w|\.format\(|\bf["'][^"']*\{)"""
_SQL: Final = r"(?i:select\s.+\sfrom\s|insert\s+into\s|update\s.+\sset\s|delete\s+from\s)"
# The name of a table cannot be a parameter of a query.
_TABLE: Final = r"""(?i)\b(?:from|into|update|table|join)\s+["'\[`]*(?:\{|%s|["']\s*\+|\$\{)"""
_REQUEST: Final = r"(?:request|req|params|query|body|form|input|argv|location|payload)"


class _Sign(NamedTuple):
    name: str
    languages: frozenset[str]
    pattern: re2._Regexp
    harmless: re2._Regexp | None


def _sign(name: str, languages: str, pattern: str, harmless: str = "") -> _Sign:
    unless = re2.compile(harmless) if harmless else None
    return _Sign(name, frozenset(languages.split()), re2.compile(pattern), unless)


_JS: Final = "javascript typescript tsx vue svelte"
_SIGNS: Final = (
    # CWE-78
    _sign("shell_with_data", "python", rf"\bos\.(?:system|popen)\(.*{_FORMATTED}"),
    _sign("shell_with_data", "python", rf"{_FORMATTED}.*\bshell\s*=\s*True"),
    _sign("shell_with_data", _JS, r"\b(?:child_process|cp)\.exec(?:Sync)?\(\s*(?:`[^`]*\$\{|.*\+)"),
    _sign("shell_with_data", _JS, r"\bexecSync\(\s*`[^`]*\$\{"),
    _sign(
        "shell_with_data",
        "go",
        r"exec\.Command\(\"(?:/bin/)?(?:ba)?sh\", *\"-c\", *.*(?:Sprintf|\+)",
    ),
    _sign("shell_with_data", "java", r"getRuntime\(\)\.exec\(\s*\".*\"\s*\+"),
    _sign("shell_with_data", "c cpp", r"\bsystem\(\s*(?:buf|cmd|command)\w*\s*\)"),
    # CWE-95
    _sign("eval_of_input", "python", rf"\b(?:eval|exec)\((?:raw_)?(?:input\(|{_REQUEST}\b[.\[])"),
    _sign("eval_of_input", _JS, rf"\b(?:eval|new Function)\((?:window\.)?{_REQUEST}\b[.\[]"),
    # CWE-502
    _sign("unsafe_load", "python", r"\byaml\.load\([^)]*\)", r"Loader"),
    _sign("unsafe_load", "python", rf"\bpickle\.loads?\(.*\b(?:{_REQUEST}|recv|sock\w*)\b"),
    _sign("unsafe_load", "java", r"new ObjectInputStream\(.*(?i:socket|request|http)"),
    # CWE-295
    _sign("certificate_unchecked", "python", r"\(.*\bverify=False\b", r"\bdef "),
    _sign("certificate_unchecked", "python", r"=\s*ssl\._create_unverified_context\b"),
    _sign("certificate_unchecked", "go", r"\bInsecureSkipVerify:\s*true\b"),
    _sign("certificate_unchecked", _JS, r"\brejectUnauthorized:\s*false\b"),
    _sign("certificate_unchecked", _JS, r"NODE_TLS_REJECT_UNAUTHORIZED\W+=\s*['\"]?0"),
    _sign("certificate_unchecked", "java", r"\bALLOW_ALL_HOSTNAME_VERIFIER\b"),
    _sign("certificate_unchecked", "rust", r"danger_accept_invalid_\w+\(true\)"),
    # CWE-916
    _sign("weak_password_hash", "python", r"hashlib\.(?:md5|sha1)\(.*(?i:passw|pwd)"),
    _sign("weak_password_hash", _JS, r"createHash\(['\"](?:md5|sha1)['\"]\).*(?i:passw|pwd)"),
    _sign("weak_password_hash", "go", r"\b(?:md5|sha1)\.Sum\(.*(?i:passw|pwd)"),
    # CWE-89
    _sign("sql_with_data", "python", rf"\bexecute(?:many|script)?\(.*{_SQL}.*{_FORMATTED}", _TABLE),
    _sign("sql_with_data", "python", rf"\bexecute(?:many|script)?\(\s*f['\"].*{_SQL}.*\{{", _TABLE),
    _sign("sql_with_data", _JS, rf"\b(?:query|execute|raw)\(\s*`[^`]*{_SQL}.*\$\{{", _TABLE),
    _sign("sql_with_data", _JS, rf"\b(?:query|execute|raw)\(\s*['\"].*{_SQL}.*['\"]\s*\+", _TABLE),
    _sign(
        "sql_with_data",
        "java",
        rf"\b(?:execute\w*|prepareStatement)\(\s*\".*{_SQL}.*\"\s*\+",
        _TABLE,
    ),
    _sign(
        "sql_with_data",
        "go",
        rf"\.(?:Query|Exec|QueryRow)\(\s*(?:fmt\.Sprintf\()?\".*{_SQL}.*(?:%s|\"\s*\+)",
        _TABLE,
    ),
    # CWE-79
    _sign(
        "html_with_data", _JS, rf"\.innerHTML\s*\+?=.*\b{_REQUEST}\b", r"(?i)escape|saniti|purify"
    ),
    _sign("html_with_data", _JS, rf"\bdocument\.write\(.*\b{_REQUEST}\b", r"(?i)escape|saniti"),
    # CWE-120, CWE-242
    _sign("unbounded_copy", "c cpp", r"(?:^|[^\w.>])gets\(\s*\w"),
    _sign(
        "unbounded_copy",
        "c cpp",
        r"(?:^|[^\w.>])(?:strcpy|strcat)\([^,]+,\s*(?:argv|optarg|getenv)",
    ),
    # CWE-377
    _sign("guessable_file", "python", r"\btempfile\.mktemp\("),
)


def dangers(language: str, added: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    """Names of the dangers that a change brings, sorted.

    Args:
        language: of the changed file.
        added: its lines that come.
        removed: its lines that go: what only moves or is rewritten was there before.
    """
    come, gone = (Counter(_found(language, lines)) for lines in (added, removed))
    return tuple(sorted((come - gone).keys()))


def _found(language: str, lines: Iterable[str]) -> list[str]:
    signs = [sign for sign in _SIGNS if language in sign.languages]
    return [
        sign.name
        for line in (line[:_MOST_CHARS] for line in lines)
        for sign in signs
        if sign.pattern.search(line) is not None
        and (sign.harmless is None or sign.harmless.search(line) is None)
    ]
