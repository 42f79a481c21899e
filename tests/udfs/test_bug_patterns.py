import gzip
import json
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.data import EVAL_PACK
from udfs.ast import Source
from udfs.bug_patterns import MOST_EDITS, PATTERNS, bug_patterns

LANGUAGES = {"python": "python", "js": "javascript", "java": "java", "go": "go"}


def names(before: str, after: str, language: str = "python") -> list[str]:
    found = bug_patterns(Source(before, language), Source(after, language))
    return list(dict.fromkeys(pattern.name for pattern in found))


BODY = """\
def total(items, rate, factor):
    result = 0
    for index in range(len(items)):
        if items[index] > rate and index:
            result += items[index] * rate
            note(result, rate)
    done = finish(result)
    return result
"""


@pytest.mark.parametrize(
    ("old", "new", "pattern"),
    [
        ("    result = 0\n", "    if not items:\n        return 0\n    result = 0\n",
         "missing_guard"),
        ("    done = finish(result)\n", "    if rate:\n        done = finish(result)\n",
         "missing_guard"),
        ("note(result, rate)\n", "note(result, rate)\n        else:\n            result -= 1\n",
         "missing_case"),
        ("items[index] > rate and index", "items[index] > rate and index and factor",
         "wrong_condition"),
        (" and index:", " and not index:", "negated_condition"),
        ("items[index] > rate", "items[index] < rate", "wrong_operator"),
        ("items[index] > rate", "items[index] >= rate", "off_by_one"),
        ("range(len(items))", "range(len(items) - 1)", "off_by_one"),
        ("result = 0", "result = 100", "wrong_literal"),
        ("return result", "return done", "wrong_name"),
        ("finish(result)", "complete(result)", "wrong_call"),
        ("finish(result)", "finish(result, rate)", "missing_argument"),
        ("note(result, rate)", "note(result)", "excess_argument"),
        ("note(result, rate)", "note(rate, result)", "wrong_order"),
        ("    return result\n", "    note(result, 1)\n    return result\n", "missing_call"),
        ("finish(result)", "finish(round(result))", "missing_call"),
        ("finish(result)", "finish(str(result))", "missing_conversion"),
        ("    done =", "    rate = 2\n    done =", "missing_assignment"),
        ("finish(result)", "finish(result) or 0", "missing_default"),
        ("    return result\n", "", "excess_statement"),
        ("done = finish(result)\n", "done = await finish(result)\n", "missing_await"),
        ("    done = finish(result)\n",
         "    try:\n        done = finish(result)\n    except KeyError:\n        done = None\n",
         "missing_exception_handling"),
        ("    done = finish(result)\n",
         "    with lock:\n        done = finish(result)\n", "missing_cleanup"),
        ("    return result\n", "    items.close()\n    return result\n", "missing_cleanup"),
        ("rate, factor):", "rate, factor, more):", "wrong_signature"),
        ("* rate\n", "* rate * factor\n", "missing_term"),
        ("finish(result)", "finish(items[0])", "wrong_argument"),
    ],
)  # fmt: skip
def test_each_pattern_is_named_by_what_the_fix_does(old: str, new: str, pattern: str) -> None:
    assert old in BODY
    assert names(BODY, BODY.replace(old, new)) == [pattern]


@pytest.mark.parametrize(
    ("language", "before", "after", "pattern"),
    [
        ("javascript", "f(a => a.b.c);", "f(a => a?.b.c);", "missing_guard"),
        ("javascript", "async function f() { g(); }", "async function f() { await g(); }",
         "missing_await"),
        ("javascript", "function f() { g(); }", "function f() { return g(); }", "missing_return"),
        ("typescript", "let a: string = b;", "let a: string | null = b;", "wrong_type"),
        ("tsx", "const A = () => <B c={1} />;", "const A = () => <B c={1} d />;",
         "missing_argument"),
        ("java", "class A { void f() { throw new B(); } }",
         "class A { void f() { throw new C(); } }", "wrong_exception"),
        ("java", "class A { void f() { g(); } }",
         "class A { void f() { try { g(); } finally { h(); } } }", "missing_exception_handling"),
        ("java", "class A { void f(int a) { switch (a) { case 1: g(); break; } } }",
         "class A { void f(int a) { switch (a) { case 1: g(); break; case 2: h(); } } }",
         "missing_case"),
        ("go", "package p\nfunc f() {\n\tg()\n}\n",
         "package p\nfunc f() {\n\tdefer h()\n\tg()\n}\n", "missing_cleanup"),
        ("go", "package p\nfunc f(a *T) {\n\tg(a.b)\n}\n",
         "package p\nfunc f(a *T) {\n\tif a == nil {\n\t\treturn\n\t}\n\tg(a.b)\n}\n",
         "missing_guard"),
        ("rust", "fn f() -> R { g(); Ok(()) }", "fn f() -> R { g()?; Ok(()) }",
         "missing_exception_handling"),
        ("c", "int f(int a) { return g(a); }", "int f(int a) { return g((long)a); }",
         "missing_conversion"),
        ("cpp", "int f(int a) { if (a < 3) g(); return a; }",
         "int f(int a) { if (a <= 3) g(); return a; }", "off_by_one"),
    ],
)  # fmt: skip
def test_every_language_has_the_same_names(
    language: str, before: str, after: str, pattern: str
) -> None:
    assert names(before, after, language) == [pattern]


def test_the_evidence_is_the_code_before_and_after() -> None:
    (found,) = bug_patterns(
        Source(BODY, "python"), Source(BODY.replace("> rate", ">= rate"), "python")
    )
    assert found == ("off_by_one", "> -> >=")


def test_a_rename_is_no_bug() -> None:
    assert names(BODY, BODY.replace("rate", "tariff")) == []


def test_imports_and_definitions_beside_a_fix_are_not_named() -> None:
    after = "import math\n" + BODY.replace("> rate", ">= rate") + "\n\ndef more():\n    pass\n"
    assert names(BODY, after) == ["off_by_one"]


def test_a_large_change_is_not_told_by_its_parts() -> None:
    lines = [f"a{i} = f({i})\n" for i in range(MOST_EDITS + 1)]
    assert names("".join(lines), "".join(lines).replace("f(", "g(")) == []


def test_other_languages_give_nothing() -> None:
    assert names("a = 1", "a = 2", "ruby") == []
    assert bug_patterns(Source("a = 1", "python"), Source("a = 2", "go")) == ()


# What the kinds of HumanEvalPack (Muennighoff et al. 2023) are called here.
KINDS = {
    "missing logic": "missing_ wrong_condition negated_condition",
    "excess logic": "excess_ wrong_condition negated_condition",
    "value misuse": "wrong_literal off_by_one",
    "operator misuse": "wrong_operator off_by_one negated_condition",
    "variable misuse": "wrong_name wrong_order",
    "function misuse": "wrong_call",
}


def _eval_pack() -> Iterator[tuple[str, str, list[str]]]:
    for name, language in LANGUAGES.items():
        with gzip.open(EVAL_PACK / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                head = row["declaration"]
                before, after = (head + row[k] for k in ("buggy_solution", "canonical_solution"))
                yield name, row["bug_type"], names(before, after, language)


@pytest.mark.skipif(not EVAL_PACK.exists(), reason="HumanEvalPack is not here")
def test_planted_bugs_are_named_as_their_authors_do() -> None:
    """Where they disagree it is mostly a matter of words: "db" for "d" is missing logic there."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for _, kind, found in _eval_pack():
        assert set(found) <= PATTERNS.keys()
        total[kind] += 1
        right[kind] += any(name.startswith(tuple(KINDS[kind].split())) for name in found)
    assert sum(total.values()) == 4 * 164
    assert right.total() / total.total() > 0.75, right
    assert min(right[k] / total[k] for k in KINDS if k != "function misuse") > 0.6, right
