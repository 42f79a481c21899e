"""Who wrote a commit, as far as it says: a person, a bot, or a person with a coding assistant.

Absence of a mark is no evidence: completions leave none, and projects strip trailers. So `human`
is said only of what was finished before assistants were open to the public; a later commit without
a mark is `unknown`. `Signed-off-by` is a statement on rights, and says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

import re2

from udfs.activity import EARLIEST_COMMIT
from udfs.identities import assistant_of, is_bot

Verdict = Literal["human", "bot", "ai_assisted", "unknown"]

MAX_MESSAGE_CHARS: Final = 20_000
_LEAST_FIRST: Final[tuple[Verdict, ...]] = ("ai_assisted", "bot", "unknown", "human")
_SECONDS_A_DAY: Final = 86_400

_ASSISTED_NAME: Final = re2.compile(r"(?i)\(aider\)$")
_TRAILER: Final = re2.compile(
    r"(?im)^[ \t>*-]{0,8}(co-?authored-?by|co-developed-by|assisted-by|ai-assisted-by|generated-by"
    r"|made-with|made-by|written-by|created-by|implemented-by|suggested-by|helped-by|ai-assisted"
    r"|ai-generated|ai-agent|ai-assistant|ai-tool|ai-model|claude-session|amp-thread-id)"
    r"[ \t]*:[ \t]*(\S[^\r\n]{0,300})"
)
_SIGNED: Final = re2.compile(r"^([^<>]{0,200}?)[ \t]*<([^<>]{0,200})>")
_NO: Final = re2.compile(r"(?i)^(?:no|none|n/?a|false|not? used|nobody|-)\b")
# Trailers that only an assistant's part explains, whatever they say.
_SAY_BY_THEMSELVES: Final = {
    "ai-agent": "ai",
    "ai-assistant": "ai",
    "ai-assisted": "ai",
    "ai-assisted-by": "ai",
    "ai-generated": "ai",
    "ai-model": "ai",
    "ai-tool": "ai",
    "amp-thread-id": "amp",
    "assisted-by": "ai",
    "claude-session": "claude",
}

_OF_TOOLS: Final = ("generated-by", "made-with")

# A tool's name in words that speak of how the text came about.
_TOOL: Final = (
    r"(claude(?: code)?|chat ?gpt|gpt-?[345]|(?:github )?copilot|cursor|(?:openai )?codex|devin"
    r"|(?:google )?gemini|aider|windsurf|opencode|openhands|deepseek|grok|qwen|jules|junie|kiro"
    r"|amazon q|replit agent|roo code|cline|crush|antigravity|an? (?:ai|llm)\b|ai\b|llms?\b)"
)
# What people write for a tool in a trailer, beside an address of any kind.
_BARE: Final = re2.compile(
    r"(?i)^(chat ?gpt|copilot|cursor|codex|gemini|grok|deepseek|windsurf|kiro|cline|ai|llm)"
    r"(?: \(.*\))?$"
)
_WORD: Final = re2.compile(rf"(?i)\b{_TOOL}")
_MADE: Final = r"(?:generated|written|created|made|implemented|authored|coded|drafted|assisted)"
_LINE: Final = re2.compile(
    r"(?im)^(?:<[a-z]{1,8}>|[^\pL\r\n<]){0,12}(?:this (?:commit|change|patch|pr|code) (?:was|is) )?"
    rf"(?:partially |partly |mostly |fully |entirely )?{_MADE}(?: entirely)? (?:with|by|using|via)"
    rf"(?: the)?(?: help| assistance| aid)?(?: of| from)? ?[\[*_`]{{0,3}}{_TOOL}"
)
# Names that are people's too are left to the whole lines above.
_SURE_TOOL: Final = (
    r"(chat ?gpt|github copilot|copilot|claude (?:code|opus|sonnet|haiku)|gpt-?[345]|codex"
    r"|(?:google )?gemini|cursor ai|windsurf|deepseek|an? llm|ai assist\w*|ai tools?)"
)
_PROSE: Final = re2.compile(
    r"(?i)\bwith (?:the |some |a little |a lot of |much )?(?:help|assistance|aid|support)"
    rf" (?:of|from|by) (?:the )?{_SURE_TOOL}\b"
    rf"|\b{_SURE_TOOL} (?:suggested|wrote|generated|proposed|came up with|helped)\b"
    rf"|\b(?:assisted|written|coded|authored|suggested) by {_SURE_TOOL}\b"
    rf"|\b(?:written|done|made|prepared|implemented) with (?:an? )?{_SURE_TOOL}\b"
    rf"|\bI used (?:an? )?{_SURE_TOOL}\b"
)
_DISCLOSED: Final = re2.compile(
    r"(?im)^[^\pL\r\n]{0,8}(?:per contributing\S{0,10} )?(?:ai|llm)[ -]"
    r"(?:disclosure|attribution|assistance|usage)\b[^\r\n:]{0,40}(?::| was used|$)"
)
_AIDER_TITLE: Final = re2.compile(r"^aider: ")
_SESSION: Final = re2.compile(
    r"(?i)\b(claude)\.ai/code/session|app\.(devin)\.ai/sessions/|\b(amp)code\.com/threads/"
    r"|\bchatgpt\.com/(codex)/tasks/|\b(jules)\.google\.com/(?:task|session)"
    r"|\b(cursor)\.com/(?:background-agent|agents)\?"
)


@dataclass(frozen=True)
class Signed:
    """What a commit says of who made it and when.

    Attributes:
        author: name and e-mail of the author.
        committer: name and e-mail of the committer.
        authored_at: author time, seconds since 1970-01-01 UTC; any integer is taken.
        committed_at: committer time, likewise.
        message: the whole message.
    """

    author: tuple[str, str]
    committer: tuple[str, str]
    authored_at: int
    committed_at: int
    message: str


@dataclass(frozen=True)
class Authorship:
    """A verdict, and the codes `kind:value` of what it rests on, sorted."""

    verdict: Verdict
    evidence: tuple[str, ...]


def authorship(commit: Signed, assistants_since: date) -> Authorship:
    """Who wrote a commit.

    `ai_assisted` where an assistant signs it, as author, committer or co-author, or the message
    says that one had a part (a trailer, a tool's line, a sentence, the address of a session);
    `bot` where the author is another automaton; `human` where both its dates lie before
    `assistants_since`, since an amended commit keeps its author's; else `unknown`. Words in a
    message count only since that day, an assistant's address always.
    """
    is_dated, is_before = _dated(commit, assistants_since)
    marks = _identities(commit)
    if not is_before:
        marks |= _marks(commit.message[:MAX_MESSAGE_CHARS])
    if marks:
        return Authorship("ai_assisted", tuple(sorted(marks)))
    if is_bot(*commit.author):
        return Authorship("bot", ("author:bot",))
    if is_before:
        return Authorship("human", (f"before:{assistants_since}",))
    return Authorship("unknown", (f"no_mark_since:{assistants_since}" if is_dated else "undated",))


def joint_authorship(each: Iterable[Authorship]) -> Authorship:
    """Who wrote what several texts make together: of their verdicts, that which promises least."""
    found = list(each)
    verdict = next(x for x in _LEAST_FIRST if any(one.verdict == x for one in found))
    told = {evidence for one in found if one.verdict == verdict for evidence in one.evidence}
    return Authorship(verdict, tuple(sorted(told)))


def _dated(commit: Signed, assistants_since: date) -> tuple[bool, bool]:
    """Whether both dates can be true, and whether both then lie before the day."""
    earliest = datetime.combine(EARLIEST_COMMIT, datetime.min.time(), UTC).timestamp()
    bound = datetime.combine(assistants_since, datetime.min.time(), UTC).timestamp()
    times = (commit.authored_at, commit.committed_at)
    is_dated = min(times) >= earliest
    return is_dated, is_dated and max(times) < bound


def _identities(commit: Signed) -> set[str]:
    """Marks that an identity leaves: these hold whatever the date says."""
    found = set()
    for role, (name, email) in (("author", commit.author), ("committer", commit.committer)):
        assistant = assistant_of(name, email)
        if assistant is None and _ASSISTED_NAME.search(name.strip()) is not None:
            assistant = "aider"
        if assistant is not None:
            found.add(f"{role}:{assistant}")
    for key, value in _TRAILER.findall(commit.message[:MAX_MESSAGE_CHARS]):
        signed = _SIGNED.match(value)
        assistant = None if signed is None else assistant_of(signed.group(1), signed.group(2))
        if assistant is not None:
            found.add(f"{key.lower()}:{assistant}")
    return found


def _marks(message: str) -> set[str]:
    """Marks in words, for the time in which there are assistants."""
    found = set()
    for key, value in _TRAILER.findall(message):
        kind = key.lower()
        if _NO.match(value) is not None:
            continue
        signed = _SIGNED.match(value)
        name = value if signed is None else signed.group(1)
        # Where people are named too, `Claude` is one of them unless an address says otherwise.
        may_be_person = signed is not None or kind not in (*_SAY_BY_THEMSELVES, *_OF_TOOLS)
        tool = (_BARE.match if may_be_person else _WORD.search)(name.strip())
        if tool is not None:
            found.add(f"{kind}:{_code(tool.group(1))}")
        elif kind in _SAY_BY_THEMSELVES and signed is None:
            found.add(f"{kind}:{_SAY_BY_THEMSELVES[kind]}")
    found |= {f"line:{_code(name)}" for name in _LINE.findall(message)}
    found |= {f"words:{_code(next(filter(None, names)))}" for names in _PROSE.findall(message)}
    found |= {f"session:{next(filter(None, names)).lower()}" for names in _SESSION.findall(message)}
    if _DISCLOSED.search(message) is not None:
        found.add("disclosure:ai")
    if _AIDER_TITLE.match(message) is not None:
        found.add("title:aider")
    return found


def _code(tool: str) -> str:
    """A tool's name as evidence has it; `ai` for one that is not named."""
    words = tool.lower().removeprefix("a ").removeprefix("an ").split()
    plain = "".join(words[-1:] if words[0] in ("github", "google", "openai") else words[:1])
    return "chatgpt" if plain in ("chat", "gpt") else "ai" if plain.startswith("llm") else plain
