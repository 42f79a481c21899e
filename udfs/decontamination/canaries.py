"""Problems that are planted on purpose: a search that does not find them is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from udfs.ast.grammars import SUPPORTED
from udfs.decontamination.disguises import (
    commented,
    reformatted,
    renamed,
    rewritten,
    undocumented,
)
from udfs.decontamination.index import ANCHOR, Index, Needle
from udfs.decontamination.model import STRUCTURE, SUBSTRING, TOKENS, WORDS, Problem, Spec
from udfs.decontamination.needles import description_of, said_by_code, take_apart
from udfs.decontamination.words import read_words
from udfs.pairs.context import block

_CODE: Final = (TOKENS, STRUCTURE)
_EXTENSIONS: Final = {
    "python": ".py",
    "javascript": ".js",
    "typescript": ".ts",
    "java": ".java",
    "go": ".go",
    "rust": ".rs",
    "c": ".c",
    "cpp": ".cpp",
}
# What each kind is planted for; a level is claimed where the index covers the problem.
KINDS: Final = {
    "exact": (SUBSTRING, WORDS, *_CODE),
    "reformatted": (WORDS, *_CODE),
    "crlf": (SUBSTRING, WORDS, *_CODE),
    "renamed": (STRUCTURE,),
    "comments": _CODE,
    "docstring": (SUBSTRING, WORDS),
    "solution": _CODE,
    "split": (TOKENS,),
    "translated": (WORDS,),
    "rewritten": (),
}


@dataclass(frozen=True, slots=True)
class Canary:
    """A pair that gives a problem away.

    Attributes:
        kind: one of `KINDS`.
        benchmark: whose problem.
        problem_id: which one.
        instruction: of the pair.
        context: of the pair.
        response: of the pair.
        language: of the pair.
        claims: levels that must find it.
    """

    kind: str
    benchmark: str
    problem_id: str
    instruction: str
    context: str
    response: str
    language: str
    claims: tuple[str, ...]


def make_canaries(problems: Sequence[Problem], index: Index, most: int) -> list[Canary]:
    """Every disguise of some problems.

    Args:
        problems: all problems.
        index: the index of them, which says which levels cover which problem.
        most: how many problems of a benchmark, the first by id.
    """
    known = index.by_problem()
    translations = _translations(problems)
    found = []
    for name in sorted({problem.benchmark for problem in problems}):
        mine = sorted((p for p in problems if p.benchmark == name), key=lambda p: p.problem_id)
        for problem in mine[:most]:
            for kind, texts in _planted(problem, translations.get(problem)):
                claims = _claims(kind, problem, index.spec, known, texts)
                language = problem.language or ""
                found.append(Canary(kind, name, problem.problem_id, *texts, language, claims))
    return found


class Found(NamedTuple):
    """How many canaries were found.

    Attributes:
        claimed: by kind and level, how many a level claims, and how many of these it found.
        missed: by kind, how many no level found.
    """

    claimed: dict[tuple[str, str], tuple[int, int]]
    missed: Counter[str]


def count_found(
    canaries: Sequence[Canary], hits: Mapping[int, Collection[tuple[str, str, str]]]
) -> Found:
    """Count what was found.

    Args:
        canaries: what was planted.
        hits: by place of the canary, each benchmark, problem_id and level that was found in it.
    """
    claimed: dict[tuple[str, str], tuple[int, int]] = {}
    missed: Counter[str] = Counter()
    for number, canary in enumerate(canaries):
        place = (canary.benchmark, canary.problem_id)
        levels = {level for *where, level in hits.get(number, ()) if tuple(where) == place}
        for level in canary.claims:
            of, found = claimed.get((canary.kind, level), (0, 0))
            claimed[canary.kind, level] = (of + 1, found + (level in levels))
        missed[canary.kind] += not levels
    return Found(claimed, missed)


def _claims(
    kind: str,
    problem: Problem,
    spec: Spec,
    known: Mapping[tuple[str, str, str], tuple[Needle, ...]],
    texts: tuple[str, str, str],
) -> tuple[str, ...]:
    place = (problem.benchmark, problem.problem_id)
    claims = tuple(level for level in KINDS[kind] if known[level, *place])
    if kind == "docstring":
        return tuple(x for x in claims if not all(n.is_body for n in known[x, *place]))
    if kind == "solution":  # where it is short, its head is looked for with it
        return tuple(x for x in claims if all(n.is_body for n in known[x, *place]))
    if kind == "split":  # the runs of tokens that lie across the cut are lost
        enough = 4 * spec.token_ngram
        return tuple(x for x in claims if all(n.total >= enough for n in known[x, *place]))
    if kind == "translated":  # the words must go on to be the same
        own, other = (
            read_words(text).hashes[: spec.word_ngram + 4].tolist()
            for text in (description_of(problem.prompt, problem.language), texts[0])
        )
        return claims if own == other else ()
    return claims


def _translations(problems: Iterable[Problem]) -> dict[Problem, Problem]:
    """For each problem one that says the same in words and is solved in another language."""
    by_words: dict[bytes, list[Problem]] = {}
    for problem in problems:
        head = take_apart(problem).prose[:ANCHOR]
        if len(head) == ANCHOR and problem.solution:
            by_words.setdefault(head.tobytes(), []).append(problem)
    return {
        problem: other
        for alike in by_words.values()
        for problem in alike
        if (other := _other(problem, alike)) is not None
    }


def _other(problem: Problem, alike: Collection[Problem]) -> Problem | None:
    others = sorted(
        (p for p in alike if p.language != problem.language),
        key=lambda p: (p.benchmark, p.problem_id),
    )
    return others[0] if others else None


def _planted(
    problem: Problem, translation: Problem | None
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Each kind, and its instruction, context and response."""
    language = problem.language or ""
    description = description_of(problem.prompt, problem.language)
    yield "docstring", (f"Please do this.\n\n{description}", "", "Certainly.")
    if not problem.solution:
        yield "exact", (problem.prompt, "", "")
        yield "crlf", ("", problem.prompt.replace("\n", "\r\n"), "")
        return
    is_code = said_by_code(problem.prompt, problem.language) is not None
    code = f"{problem.prompt if is_code else ''}{problem.solution}"
    asked = "Add what is missing" if is_code else problem.prompt
    yield "exact", (asked, "", as_new_file(code, language))
    yield "reformatted", (asked, as_excerpt(reformatted(code), language), "")
    yield "crlf", (asked, "", as_new_file(code.replace("\n", "\r\n"), language))
    yield "solution", ("Add a helper", "", as_new_file(problem.solution, language))
    if translation is not None:
        said = description_of(translation.prompt, translation.language)
        done = as_new_file(translation.solution or "", translation.language or "")
        yield "translated", (said, "", done)
    if language not in SUPPORTED:
        return
    bare = undocumented(code, language).split("\n")
    first, second = "\n".join(bare[: len(bare) // 2]), "\n".join(bare[len(bare) // 2 :])
    yield "split", ("Go on", as_excerpt(first, language), as_new_file(second, language))
    yield "renamed", ("Add a helper", "", as_new_file(renamed(code, language), language))
    yield "comments", ("Say more", as_excerpt(commented(code, language), language), "")
    yield "rewritten", ("Add a helper", "", as_new_file(rewritten(code, language), language))


def as_excerpt(code: str, language: str) -> str:
    """Code as the context of a pair shows it."""
    return block(f"src/helper{_EXTENSIONS.get(language, '.txt')} (whole file)", language, code)


def as_new_file(code: str, language: str) -> str:
    """Code as the response of a pair that adds a file."""
    path = f"src/helper{_EXTENSIONS.get(language, '.txt')}"
    lines = code.removesuffix("\n").split("\n")
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)
