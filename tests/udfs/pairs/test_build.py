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
from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.pairs import FileChange, PairLimits, Rejection, build_pair


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
    assert pair_of(file, limits=PairLimits(min_confidence=sure)).confidence == sure
    assert reason_of(file, limits=PairLimits(min_confidence=sure + 0.01)) == "category_unclear"


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
