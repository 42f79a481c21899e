"""One commit becomes one pair, or says why not."""

from dataclasses import replace

from tests.udfs.pairs.changes import (
    CODE,
    FIXED,
    LIMITS,
    TEST,
    change_of,
    changed,
    pair_of,
    reason_of,
)
from udfs.ast import Health
from udfs.category import Classification
from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.pairs import FileChange, Pair, PairLimits, Rejection, build_pair


def test_a_fix_with_its_test_becomes_a_pair() -> None:
    pair = pair_of(changed("files.py", CODE, FIXED), changed("tests/test_files.py", None, TEST))
    assert pair.instruction == (
        "Return zero for the size of a missing file\n\nIt raised FileNotFoundError."
    )
    assert pair.context == f"### files.py (whole file)\n```python\n{CODE}```\n"
    assert pair.language == "python"
    assert pair.paths == ("files.py",)
    assert pair.test_paths == ("tests/test_files.py",)
    assert pair.tests_touched
    assert (pair.additions, pair.deletions) == (2, 0)
    assert pair.references == ("#12",)
    assert pair.category == "bug_fix" and 0 < pair.confidence <= 1
    (response,) = parse_patch(pair.response)
    assert apply_patch(CODE, response) == FIXED
    (tests,) = parse_patch(pair.tests)
    assert apply_patch(None, tests) == TEST


def test_a_fix_says_what_was_wrong_and_what_it_is_about() -> None:
    pair = pair_of(changed("files.py", CODE, FIXED), message="Fix crash of size for missing files")
    assert pair.patterns is not None and [p.name for p in pair.patterns] == ["missing_guard"]
    safe = CODE.replace("    return os.stat", "    with lock:\n        return os.stat")
    pair = pair_of(
        changed("files.py", CODE, safe), message="Fix a race condition of two readers of size"
    )
    assert [facet.name for facet in pair.facets] == ["concurrency"]


def test_a_pair_says_what_became_of_the_code_of_its_response() -> None:
    test = changed("tests/test_files.py", "def test(", "def test():\n    pass\n")
    settings = changed("setup.cfg", "[a]\nb = 1\n", "[a]\nb = 2\n")
    assert pair_of(changed("files.py", CODE, FIXED), test, settings).health == Health(1, 0, 0, 1, 2)
    broken = FIXED.replace("return 0", "return (0")
    assert pair_of(changed("files.py", CODE, broken)).health == Health(1, 1, 0, 0, 0)
    style = changed("files.scss", "a { top: 0; }\n", "a { top: 0; left: $width; }\nb { top: 1; }\n")
    assert pair_of(style).health is None, "there is no grammar"


def test_the_code_is_judged_as_it_was_before_secrets_were_replaced() -> None:
    keys = [f"AKIA{name}" for name in ("QYLPMN5HHHFPZAM2", "R7KZPLW3VTNC4XQB")]
    texts = [text + f"\nkey = {keys[0]}, {keys[1]}\n" for text in (CODE, FIXED)]
    pair = pair_of(changed("files.py", *texts))
    assert any(flag.startswith("redacted:") for flag in pair.flags)
    assert pair.health == Health(1, 0, 0, 1, 2)


def test_a_response_that_teaches_a_danger_is_refused_and_its_fix_is_not() -> None:
    danger = CODE.replace("os.stat(path).st_size", "int(os.popen(f'stat {path}').read())")
    refused = build_pair(change_of(changed("files.py", CODE, danger)), LIMITS)
    assert refused == Rejection("vulnerable_response", "files.py: shell_with_data")
    assert pair_of(changed("files.py", danger, CODE)).response
    told = "Fix a vulnerability of size: quote what the shell reads"
    assert pair_of(changed("files.py", CODE, danger), message=told).facets[0].name == "security"


def test_other_files_are_left_out_by_name() -> None:
    pair = pair_of(
        changed("files.py", CODE, FIXED),
        changed("poetry.lock", "a\n", "b\n"),
        changed("README.md", "a\n", "b\n"),
        changed("vendor/x.py", "a = 1\n", "a = 2\n"),
        changed("dist/app.js", "a\n", "b\n"),
        changed("pyproject.toml", "a = 1\n", "a = 2\n"),
        FileChange("logo.png", "logo.png", "M", None, None, "", is_binary=True),
    )
    assert pair.left_out == (
        ("poetry.lock", "lock_file"),
        ("README.md", "docs"),
        ("vendor/x.py", "vendored"),
        ("dist/app.js", "generated"),
        ("logo.png", "binary"),
    )
    assert pair.paths == ("files.py", "pyproject.toml")
    assert "config_changed" in pair.flags


def test_a_missing_patch_is_made() -> None:
    bare = FileChange("files.py", "files.py", "M", CODE, FIXED, "")
    (response,) = parse_patch(pair_of(bare).response)
    assert apply_patch(CODE, response) == FIXED


def test_the_commit_itself_can_be_refused() -> None:
    file = changed("files.py", CODE, FIXED)
    assert build_pair(change_of(file, parents=2), LIMITS) == Rejection("merge")
    assert build_pair(change_of(file, parents=0), LIMITS) == Rejection("initial_import")
    assert build_pair(change_of(file, is_bot=True), LIMITS) == Rejection("bot")
    barred = replace(change_of(file), barred=(("files.py", "GPL-2.0-only"),))
    assert build_pair(barred, LIMITS) == Rejection("licence_of_file", "files.py: GPL-2.0-only")
    by_assistant = replace(change_of(file), is_assistant=True)
    assert build_pair(by_assistant, LIMITS) == Rejection("ai_author")
    assert reason_of(file, message="wip") == "message_uninformative"
    assert reason_of(file, message="ci: use another runner for wheels") == "housekeeping_message"
    assert reason_of() == "no_files"


def test_a_category_that_is_hardly_more_than_a_guess_is_refused() -> None:
    file = changed("files.py", CODE, FIXED)
    sure = pair_of(file).confidence
    assert pair_of(file, limits=PairLimits(min_confidence={"bug_fix": sure})).confidence == sure
    assert (
        reason_of(file, limits=PairLimits(min_confidence={"bug_fix": sure + 0.01}))
        == "category_unclear"
    )


def test_one_word_is_no_instruction_for_a_large_change() -> None:
    few, many = (
        "\n\n".join(f"def part_{n}():\n    return {n}\n" for n in range(m)) for m in (3, 20)
    )
    limits = PairLimits(min_confidence={})
    assert pair_of(changed("a.py", None, few), message="Add parts", limits=limits).additions < 40
    reason = reason_of(changed("a.py", None, many), message="Add parts", limits=limits)
    assert reason == "message_uninformative"


_SWITCH = """export function Switch({ checked, onChange }) {
  return (
    <button role="switch" aria-checked={checked} onClick={() => onChange(!checked)} />
  )
}
"""
_STORY = """import { Switch } from "../src/components/switch"

export const Checked = () => <Switch checked onChange={console.log} />
"""


def test_the_story_and_the_docs_of_a_component_are_its_context() -> None:
    component = changed("src/components/switch.jsx", None, _SWITCH)
    pair = pair_of(
        component,
        changed("stories/switch.stories.jsx", None, _STORY),
        changed("docs/switch.md", "# Parts\n", "# Parts\n\n`Switch` tells its new state.\n"),
        changed("CHANGELOG.md", "a\n", "b\n"),
        message="Add a Switch component",
    )
    assert pair.category == "ui_component"
    assert pair.response == component.patch and pair.paths == ("src/components/switch.jsx",)
    assert "+export const Checked = () => <Switch checked" in pair.context
    assert "### docs/switch.md (changed with it)\n```diff\n" in pair.context
    assert pair.shown_paths == ("stories/switch.stories.jsx", "docs/switch.md")
    assert pair.left_out == (
        ("CHANGELOG.md", "docs"),
        ("stories/switch.stories.jsx", "in_context"),
        ("docs/switch.md", "in_context"),
    )


def test_what_is_shown_beside_a_component_is_redacted_and_bounded() -> None:
    component = changed("src/components/switch.jsx", None, _SWITCH)
    docs = changed("docs/switch.md", "a\n", "Write to kim@initech.io about `Switch`.\n")
    pair = pair_of(component, docs, message="Add a Switch component")
    assert "Write to <EMAIL_1> about" in pair.context and "initech" not in pair.context
    long = changed("docs/switch.md", "a\n", "`Switch` tells its new state.\n" * 400)
    pair = pair_of(component, long, message="Add a Switch component")
    assert pair.left_out == (("docs/switch.md", "showcase_too_large"),)
    assert "tells its new state" not in pair.context


def test_what_may_not_be_learned_from_is_not_shown() -> None:
    docs = changed("docs/switch.md", "a\n", "`Switch` tells its new state.\n")
    component = changed("src/components/switch.jsx", None, _SWITCH)
    change = change_of(component, docs, message="Add a Switch component")
    pair = build_pair(replace(change, barred=((docs.path, "CC-BY-NC-4.0"),)), LIMITS)
    assert isinstance(pair, Pair) and pair.shown_paths == ()
    assert pair.left_out == (("docs/switch.md", "docs"),)


def test_a_text_that_is_not_at_hand_is_refused() -> None:
    patch = make_patch("files.py", CODE, "files.py", FIXED)
    assert (
        reason_of(FileChange("files.py", "files.py", "M", None, FIXED, patch)) == "context_missing"
    )


def test_the_same_change_gives_the_same_pair() -> None:
    files = (changed("files.py", CODE, FIXED), changed("tests/test_files.py", None, TEST))
    assert pair_of(*files) == pair_of(*files)


def test_invisible_characters_are_flagged_where_they_are_shown() -> None:
    hidden = FIXED.replace("path.exists", "path.\u200bexists")
    turned = FIXED.replace("return 0", "return 0  # \u202e")
    assert pair_of(changed("files.py", CODE, FIXED)).flags == ()
    assert pair_of(changed("files.py", CODE, hidden)).flags == ("zero_width",)
    assert pair_of(changed("files.py", CODE, turned)).flags == ("bidi_control",)
    marked = changed("files.py", "\ufeff" + CODE, "\ufeff" + FIXED)
    assert pair_of(marked).flags == (), "a byte order mark is the start of a file"


def test_half_sure_is_enough_for_a_component_alone() -> None:
    def known(category: str) -> Classification:
        return Classification(category, 0.5, (), category, (0.5, 0.3, 0.2))

    strict = PairLimits(min_confidence={"bug_fix": 0.78})
    assert strict.is_sure(known("ui_component"))
    assert not strict.is_sure(known("bug_fix"))
    assert PairLimits().is_sure(known("bug_fix"))
