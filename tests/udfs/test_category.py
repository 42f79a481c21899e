"""Categories of changes, from messages, shapes, symbols and components."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udfs.category import CATEGORIES, INTENTS, MOST_EVIDENCE, classify_change
from udfs.diffs import make_patch

_BEFORE = """import os


def load(path):
    with open(path) as handle:
        return handle.read()


def size(path):
    return os.stat(path).st_size
"""
_GUARDED = _BEFORE.replace(
    "    return os.stat", "    if not os.path.exists(path):\n        return 0\n    return os.stat"
)
_EXTENDED = (
    _BEFORE
    + '''

def save(path, text, *, append=False):
    """Write a text."""
    mode = "a" if append else "w"
    with open(path, mode) as handle:
        handle.write(text)


def remove(path):
    os.remove(path)
'''
)
_RENAMED = _BEFORE.replace("def load(", "def read_text(")
_TEST_PATCH = make_patch(
    "tests/test_io.py", "a = 1\n", "tests/test_io.py", "a = 1\n\n\ndef test_b():\n    assert a\n"
)


def _classify(message: str, after: str, tests: str = "", labels: tuple[str, ...] = ()) -> str:
    return classify_change(
        message,
        make_patch("io.py", _BEFORE, "io.py", after) + tests,
        before={"io.py": _BEFORE},
        after={"io.py": after},
        labels=labels,
    ).category


def test_a_guard_with_a_test_is_a_bug_fix() -> None:
    assert (
        _classify("Return zero size when the file is missing, fixes #4", _GUARDED, _TEST_PATCH)
        == "bug_fix"
    )


def test_new_public_functions_are_a_feature() -> None:
    assert _classify("Add save and remove", _EXTENDED) == "new_feature"


def test_a_renamed_function_is_a_refactor() -> None:
    assert _classify("Rename load to read_text for clarity", _RENAMED) == "refactor"


@pytest.mark.parametrize(
    ("type_", "category"), [("fix", "bug_fix"), ("feat", "new_feature"), ("refactor", "refactor")]
)
def test_what_the_author_declares_is_believed(type_: str, category: str) -> None:
    for after in (_GUARDED, _EXTENDED, _RENAMED):
        assert _classify(f"{type_}: rework file access", after) == category


def test_labels_count() -> None:
    plain = classify_change("Rework file access", make_patch("io.py", _BEFORE, "io.py", _GUARDED))
    labelled = classify_change(
        "Rework file access", make_patch("io.py", _BEFORE, "io.py", _GUARDED), labels=["Type: Bug"]
    )
    assert labelled.probabilities[0] > plain.probabilities[0]
    assert "label_fix" in labelled.evidence


@pytest.mark.parametrize(
    "message",
    [
        "Fix clippy warnings in the loader",
        "Fixed a complaint from ruff check",
        "Fix some deprecation warnings",
        "Missing annotations on the loader",
    ],
)
def test_to_please_a_tool_is_a_refactor(message: str) -> None:
    typed = _BEFORE.replace("def load(path):", "def load(path: str) -> str:")
    assert _classify(message, typed) == "refactor"
    assert _classify("Fix the warning that a missing file gives", _GUARDED) == "bug_fix"


_CARD = """import * as React from "react"

export function Card({ title, children }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <div>{children}</div>
    </section>
  )
}
"""


def test_a_new_component_is_a_ui_component() -> None:
    path = "src/components/card.tsx"
    found = classify_change(
        "Add a Card component", make_patch(None, None, path, _CARD), after={path: _CARD}
    )
    assert found.category == "ui_component"
    assert found.intent == "new_feature"
    assert "component_introduced" in found.evidence


def test_a_fix_in_a_component_stays_a_fix() -> None:
    path = "src/components/card.tsx"
    after = _CARD.replace("<h2>{title}</h2>", "{title ? <h2>{title}</h2> : null}")
    found = classify_change(
        "fix: crash when the title is missing",
        make_patch(path, _CARD, path, after),
        before={path: _CARD},
        after={path: after},
    )
    assert found.category == "bug_fix"


def _of_card(message: str, after: str, path: str = "src/components/card.tsx") -> str:
    return classify_change(
        message,
        make_patch(path, _CARD, path, after),
        before={path: _CARD},
        after={path: after},
    ).category


def test_a_component_is_altered_by_what_it_takes_and_shows() -> None:
    taller = _CARD.replace("{ title,", "{ title, footer,").replace(
        "      <div>{children}</div>\n",
        "      <div>{children}</div>\n      {footer ? (\n        <footer>{footer}</footer>\n"
        "      ) : null}\n",
    )
    assert _of_card("feat: add a footer prop to the card", taller) == "ui_component"
    shown = "playground/components/card.tsx"
    assert _of_card("feat: add a footer prop to the card", taller, shown) == "new_feature"
    hook = "  React.useEffect(() => {\n    log()\n    track()\n    report()\n  }, [])\n  return ("
    assert _of_card("feat: report each use of the card", _CARD.replace("  return (", hook)) == (
        "new_feature"
    )
    bare = _CARD.replace(
        "      <h2>{title}</h2>\n      <div>{children}</div>\n", "      {children}\n"
    )
    assert _of_card("feat: drop the title of the card", bare) != "ui_component"
    renamed = _CARD.replace("title", "heading").replace("children", "content")
    assert _of_card("refactor: rename the props of the card", renamed) == "refactor"


@pytest.mark.parametrize("extension", ["vue", "svelte"])
def test_single_file_components_count_whole(extension: str) -> None:
    path = f"src/components/UserMenu.{extension}"
    script = "<script>\nexport let name\n</script>\n"
    text = f"{script}\n<nav>{{name}}</nav>\n<style>\nnav {{ color: red }}\n</style>\n"
    found = classify_change(
        "Add the user menu", make_patch(None, None, path, text), after={path: text}
    )
    assert found.category == "ui_component"


def test_a_function_in_a_module_is_no_component() -> None:
    assert _classify("Add a form parser component", _EXTENDED) != "ui_component"


@given(st.text(max_size=200), st.text(max_size=200), st.lists(st.text(max_size=10), max_size=3))
def test_any_input_gets_a_category_and_a_confidence(
    message: str, patch: str, labels: list[str]
) -> None:
    found = classify_change(message, patch, labels=labels)
    assert found.category in CATEGORIES and found.intent in INTENTS
    assert 0.0 <= found.confidence <= 1.0
    assert sum(found.probabilities) == pytest.approx(1.0)
    assert classify_change(message, patch, labels=labels) == found


def test_evidence_says_why_the_strongest_first() -> None:
    found = classify_change(
        "Add save and remove",
        make_patch("io.py", _BEFORE, "io.py", _EXTENDED),
        before={"io.py": _BEFORE},
        after={"io.py": _EXTENDED},
    )
    assert 0 < len(found.evidence) <= MOST_EVIDENCE
    assert any(name.endswith(("add", "feature_verb")) for name in found.evidence[:5])
    assert any(">=" in name for name in found.evidence)
    assert len({name.partition(">=")[0] for name in found.evidence}) == len(found.evidence)


def test_a_declared_type_comes_first() -> None:
    found = classify_change(
        "fix: rework file access", make_patch("io.py", _BEFORE, "io.py", _GUARDED)
    )
    assert found.evidence[0] == "type_fix"
    assert found.confidence > 0.9
