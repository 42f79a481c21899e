"""Words of messages: their stems, and those that speak for one kind of change to developers."""

import re
from collections.abc import Iterator
from types import MappingProxyType

import re2

AROUND_WORD = '`"*_.,:'
# So common that two of them say nothing together.
COMMON = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "if", "in", "is", "it", "of",
     "on", "or", "that", "the", "this", "to", "we", "with")
)  # fmt: skip
# A name of code in a sentence: in backticks, called, camelCase, snake_case, dotted, an option.
_CODE = re2.compile(
    r"`[^`]*`|\b\w+\([^()]*\)|\b\w*[a-z][A-Z]\w*|\b\w+_\w+|\b[\w-]+\.[\w.]+\b|--[a-z][\w-]*|@[\w/-]+"
)
# Texts are cut before these read them, and Python's own engine is faster than re2 at short ones.
_WORD = re.compile(r"0code|[a-z]+(?:'[a-z]+)?|[0-9]+", re.ASCII)
_NAME_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])", re.ASCII)
_ENDINGS = ("ing", "ed", "es", "s")
_MOST_PARTS = 6

_FIX_VERBS = (
    "fix correct prevent avoid handle resolve repair ensure restore guard dont stop escape \
patch catch respect preserve tolerate ignore never workaround unbreak harden sanitize revert \
disable fallback clamp silence suppress honor honour properly set reset check"
)
_FEAT_VERBS = (
    "add implement support introduce allow enable create expose provide new accept export \
extend adds initial offer include integrate let show display register generate"
)
_REFACTOR_VERBS = (
    "refactor rename move extract simplify clean cleanup remove replace migrate convert \
use inline split consolidate reorganize reorganise dedupe deduplicate modernize tidy drop \
delete merge rewrite reuse switch unify refine sort reduce decouple optimize optimise \
rework restructure \
reformat hide prefer port separate isolate reorder internalize encapsulate"
)
_NEUTRAL_VERBS = "update improve change make upgrade adjust enhance tweak rework polish bump mark"


def _stems(verbs: str) -> frozenset[str]:
    forms: set[str] = set()
    for verb in verbs.split():
        base = verb.removesuffix("e")
        forms.update(
            (verb, verb + "s", verb + "es", base + "ed", base + "ing", verb + verb[-1] + "ed")
        )
        forms.update((verb + verb[-1] + "ing", verb[:-1] + "ies", verb[:-1] + "ied"))
    return frozenset(forms)


_VERBS = MappingProxyType(
    {
        "fix_verb": _stems(_FIX_VERBS),
        "feature_verb": _stems(_FEAT_VERBS),
        "refactor_verb": _stems(_REFACTOR_VERBS),
        "neutral_verb": _stems(_NEUTRAL_VERBS),
    }
)
_WORDS = MappingProxyType(
    {
        "fix_words": re2.compile(
            r"(?i)\b(?:fix(?:e[sd]|ing)?|bugs?|crash\w*|errors?|incorrect\w*|wrong\w*|broken"
            r"|breaks?|breaking"
            r"|regress\w*|leaks?|fail\w*|issues?|missing|invalid|undefined|null|nil|exceptions?"
            r"|panics?"
            r"|overflow\w*|race|deadlock\w*|hang(?:s|ing)?|infinite|unexpected\w*|mis\w{4,}"
            r"|accidental\w*"
            r"|properly|correctly|should(?:n'?t)?|must|no longer|doesn'?t|isn'?t|can'?t|don'?t"
            r"|never"
            r"|edge case|corner case|compat\w*|corrupt\w*|vulnerab\w*|CVE|XSS|typos?|lost|stale)\b"
        ),
        "feature_words": re2.compile(
            r"(?i)\b(?:supports?|options?|features?|new|abilit\w+|allows?|enables?|flags?"
            r"|configurable|custom"
            r"|api|commands?|plugins?|hooks?|parameters?|arguments?|methods?|helpers?|settings?"
            r"|modes?"
            r"|implement\w*|introduc\w*|initial|components?|templates?|--[a-z][\w-]+)\b"
            r"|--[a-z][\w-]+"
        ),
        "refactor_words": re2.compile(
            r"(?i)\b(?:refactor\w*|clean\w*|unused|dead code|redundan\w*|simplif\w*|internals?"
            r"|naming|rename\w*"
            r"|extract\w*|moved?|moving|split|reus\w*|duplicat\w*|reorgani\w*|restructur\w*"
            r"|moderni\w*"
            r"|consisten\w*|readab\w*|instead of|in favou?r of|replace\w*|migrat\w*|convert\w*"
            r"|legacy"
            r"|separate|modul\w+|es6|async/await|arrow|let|const|var|lambdas?|lints?|clippy"
            r"|types?|unnecessary"
            r"|deprecat\w*|inline\w*|logic|structure\w*|codebase|code)\b"
        ),
        "case_words": re2.compile(r"(?i)\b(?:when|if|not|on|only|for|without|even)\b"),
        "perf_words": re2.compile(
            r"(?i)\b(?:perf\w*|fast\w*|slow\w*|speed\w*|optimi\w+|alloc\w*|cach\w+|memory)\b"
        ),
    }
)


def verb_class(word: str) -> str | None:
    """The class of the verb that a title begins with ("fix_verb"); None for other words."""
    return next((name for name, stems in _VERBS.items() if word in stems), None)


def word_classes(text: str) -> tuple[str, ...]:
    """The classes of words that a text has some of ("fix_words")."""
    return tuple(name for name, words in _WORDS.items() if words.search(text))


def words(text: str) -> list[str]:
    """Stems of the words, in lower case; "<code>" for names of code, "<0>" for numbers."""
    found = _WORD.findall(_CODE.sub(" 0code ", text).lower())
    return ["<code>" if w == "0code" else "<0>" if w[0].isdigit() else stem(w) for w in found]


def named_code(text: str) -> Iterator[str]:
    """The parts of the names of code in a sentence ("handl"), and of which form each name is."""
    for match in _CODE.finditer(text):
        name = match.group().strip("`")
        yield _form(name)
        yield from (stem(part.lower()) for part in _NAME_PART.findall(name)[:_MOST_PARTS])


def _form(name: str) -> str:
    if name.startswith(("-", "@")):
        return "<option>" if name.startswith("-") else "<at>"
    for sign, form in (("(", "<call>"), (".", "<dotted>"), ("_", "<snake>")):
        if sign in name:
            return form
    if name[:1].isupper():
        return "<Camel>"
    return "<word>" if name.islower() else "<camel>"


def stem(word: str) -> str:
    """Cut the common endings off an English word, so that its forms count as one."""
    if len(word) <= 4:
        return word
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base != word and not word.endswith("ss") and len(base) >= 3:
            doubled = ending in ("ing", "ed") and len(base) > 3 and base[-1] == base[-2]
            word = base[:-1] if doubled and base[-1] not in "ls" else base
            break
    return word.removesuffix("e") if len(word) > 4 else word
