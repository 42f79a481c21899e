"""Stack traces and logs in a text, of the languages that are met most."""

from __future__ import annotations

import re2

MAX_LINES = 2_000
_MIN_FRAMES = 2
_MIN_LOG_LINES = 3

_FRAMES = tuple(
    re2.compile(rule)
    for rule in (
        r'^\s*(?:[|>#]\s*)?File "([^"]{1,300})", line (\d{1,7})',  # Python
        r"^\s*at (?:.{0,300}\()?([^()\s]{1,300}?):(\d{1,7}):\d{1,7}\)?\s*$",  # JavaScript
        r"^\s*at [\w.$<>/]{1,300}\(([\w.$-]{1,100}):(\d{1,7})\)",  # JVM
        r"^\s*at .{1,300} in ([^:]{1,300}?\.\w{1,5}):line (\d{1,7})",  # .NET
        r"^\s*([\w./@<>-]{1,300}\.go):(\d{1,7})(?: \+0x[0-9a-f]+)?\s*$",  # Go
        r"^\s*at ([^\s:]{1,300}\.rs):(\d{1,7})",  # Rust
        r"^\s*(?:\d+: )?(?:from )?([^\s:]{1,300}\.rb):(\d{1,7}):in ",  # Ruby
        r"^\s*#\d{1,3} .{0,300} at ([^\s:]{1,300}):(\d{1,7})\s*$",  # gdb
        r"^\s*#\d{1,3} ([^\s(]{1,300}\.php)\((\d{1,7})\)",  # PHP
    )
)
_HEADS = re2.compile(
    r"^\s*(?:Traceback \(most recent call last\)|goroutine \d+ \[|thread '.{0,100}' panicked at"
    r"|Exception in thread |panic: |Unhandled (?:exception|rejection)|Uncaught )"
)
_RUST_PANIC = re2.compile(r"panicked at (?:'[^'\n]{0,300}', )?([^\s:']{1,300}\.rs):(\d{1,7})")
_LOG = re2.compile(
    r"^\s*(?:\[?\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}|\[?\d{2}:\d{2}:\d{2}[\].,: ]"
    r"|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|CRITICAL|TRACE)\b[\]: ]|npm ERR!|error\[E\d{4}\])"
)
_LOG_ERROR = re2.compile(r"(?i)\b(?:error|err!|fatal|critical|exception|fail(?:ed|ure)?|panic)")


def frames(text: str) -> tuple[tuple[str, int], ...]:
    """Files and lines that the stack traces of a text pass through, once each, in order."""
    found: dict[tuple[str, int], None] = {}
    for line in text.split("\n")[:MAX_LINES]:
        for rule in (*_FRAMES, _RUST_PANIC):
            match = rule.search(line[:1_000])
            if match is not None:
                found.setdefault((match.group(1).replace("\\", "/"), int(match.group(2))))
                break
    return tuple(found)


def has_trace(text: str) -> bool:
    """Whether a text holds a stack trace: two frames, or the head of one with a frame."""
    count = len(frames(text))
    if count >= _MIN_FRAMES:
        return True
    lines = text.split("\n")[:MAX_LINES]
    return count == 1 and any(_HEADS.search(line[:1_000]) for line in lines)


def has_log(text: str) -> bool:
    """Whether a text holds lines of a log in a row, of which one tells of a failure."""
    run: list[str] = []
    for line in (*text.split("\n")[:MAX_LINES], ""):
        if _LOG.search(line[:1_000]):
            run.append(line)
        else:
            if len(run) >= _MIN_LOG_LINES and any(_LOG_ERROR.search(one) for one in run):
                return True
            run = []
    return False
