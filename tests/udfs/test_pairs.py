"""One commit becomes one pair, or says why not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.udfs.secrets.samples import made_up
from udfs.diffs import apply_patch, make_patch, parse_patch
from udfs.pairs import ChangeSet, FileChange, Pair, PairLimits, Rejection, build_pair

_CODE = '''"""Sizes of files."""

import os


def size(path):
    """Return the size in bytes."""
    return os.stat(path).st_size


def name(path):
    return os.path.basename(path)
'''
_FIXED = _CODE.replace(
    "    return os.stat(path)",
    "    if not os.path.exists(path):\n        return 0\n    return os.stat(path)",
)
_TEST = "from files import size\n\n\ndef test_missing():\n    assert size('/nowhere') == 0\n"
_LIMITS = PairLimits()
_MESSAGE = "Return zero for the size of a missing file (#12)\n\nIt raised FileNotFoundError.\n"


def _file(
    path: str | None,
    before: str | None,
    after: str | None,
    *,
    old: str | None = None,
    status: str = "",
) -> FileChange:
    path_before = None if before is None else (old or path)
    path_after = None if after is None else path
    status = status or ("A" if before is None else "D" if after is None else "R" if old else "M")
    return FileChange(
        path_before,
        path_after,
        status,
        before,
        after,
        make_patch(path_before, before, path_after, after),
    )


def _change(
    *files: FileChange, message: str = _MESSAGE, parents: int = 1, is_bot: bool = False
) -> ChangeSet:
    return ChangeSet(message, parents, is_bot, files)


def _pair(*files: FileChange, message: str = _MESSAGE, limits: PairLimits = _LIMITS) -> Pair:
    result = build_pair(_change(*files, message=message), limits)
    assert isinstance(result, Pair), result
    return result


def _reason(*files: FileChange, message: str = _MESSAGE, limits: PairLimits = _LIMITS) -> str:
    result = build_pair(_change(*files, message=message), limits)
    assert isinstance(result, Rejection), result
    return result.reason


def test_a_fix_with_its_test_becomes_a_pair() -> None:
    pair = _pair(_file("files.py", _CODE, _FIXED), _file("tests/test_files.py", None, _TEST))
    assert pair.instruction == (
        "Return zero for the size of a missing file\n\nIt raised FileNotFoundError."
    )
    assert pair.context == f"### files.py (whole file)\n```python\n{_CODE}```\n"
    assert pair.language == "python"
    assert pair.paths == ("files.py",)
    assert pair.test_paths == ("tests/test_files.py",)
    assert pair.tests_touched
    assert (pair.additions, pair.deletions) == (2, 0)
    assert pair.references == ("#12",)
    assert pair.category == "bug_fix" and 0 < pair.confidence <= 1
    (response,) = parse_patch(pair.response)
    assert apply_patch(_CODE, response) == _FIXED
    (tests,) = parse_patch(pair.tests)
    assert apply_patch(None, tests) == _TEST


def test_nothing_from_after_the_change_is_in_the_context() -> None:
    pair = _pair(
        _file("files.py", _CODE, _FIXED), _file("new.py", None, "VALUE_AFTER = compute_it()\n")
    )
    assert "exists" not in pair.context and "VALUE_AFTER" not in pair.context
    assert "### new.py (new file)\n" in pair.context


def test_other_files_are_left_out_by_name() -> None:
    pair = _pair(
        _file("files.py", _CODE, _FIXED),
        _file("poetry.lock", "a\n", "b\n"),
        _file("README.md", "a\n", "b\n"),
        _file("vendor/x.py", "a = 1\n", "a = 2\n"),
        _file("dist/app.js", "a\n", "b\n"),
        _file("pyproject.toml", "a = 1\n", "a = 2\n"),
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


def test_a_large_file_is_cut_to_what_the_change_needs() -> None:
    filler = "".join(f"\n\ndef filler_{number}():\n    return {number}\n" for number in range(200))
    before, after = _CODE + filler, _FIXED + filler
    pair = _pair(_file("files.py", before, after))
    assert "excerpted" in pair.flags
    assert "import os" in pair.context and "def size(path):" in pair.context
    assert "filler_150" not in pair.context
    assert pair.context.startswith("### files.py (lines ")
    assert f"of {before.count(chr(10))})" in pair.context
    for line in parse_patch(pair.response)[0].hunks[0].lines:
        if line[0] != "+":
            assert line[1] in pair.context


def test_a_fence_in_the_text_does_not_end_the_block() -> None:
    before = _CODE.replace('"""Sizes of files."""', '"""Sizes.\n\n```\nx\n```\n"""')
    after = before.replace("    return os.stat", "    assert path\n    return os.stat")
    assert "````python\n" in _pair(_file("files.py", before, after)).context


def test_a_missing_patch_is_made() -> None:
    bare = FileChange("files.py", "files.py", "M", _CODE, _FIXED, "")
    (response,) = parse_patch(_pair(bare).response)
    assert apply_patch(_CODE, response) == _FIXED


def test_the_commit_itself_can_be_refused() -> None:
    file = _file("files.py", _CODE, _FIXED)
    assert build_pair(_change(file, parents=2), _LIMITS) == Rejection("merge")
    assert build_pair(_change(file, parents=0), _LIMITS) == Rejection("initial_import")
    assert build_pair(_change(file, is_bot=True), _LIMITS) == Rejection("bot")
    barred = replace(_change(file), barred=(("files.py", "GPL-2.0-only"),))
    assert build_pair(barred, _LIMITS) == Rejection("licence_of_file", "files.py: GPL-2.0-only")
    by_assistant = replace(_change(file), is_assistant=True)
    assert build_pair(by_assistant, _LIMITS) == Rejection("ai_author")
    assert _reason(file, message="wip") == "message_uninformative"
    assert _reason(file, message="ci: use another runner for wheels") == "housekeeping_message"
    assert _reason() == "no_files"


_OTHER = "a = 1\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tests/test_a.py", "tests_only"),
        ("docs/a.md", "docs_only"),
        (".github/workflows/a.yml", "ci_only"),
        ("settings.yaml", "config_only"),
        ("vendor/a.py", "vendored_only"),
        ("dist/a.js", "generated_only"),
        ("Cargo.lock", "lock_file_only"),
        ("data.bin", "not_source"),
    ],
)
def test_changes_without_source_say_what_they_are(path: str, reason: str) -> None:
    assert _reason(_file(path, _OTHER, "a = 2\n")) == reason


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda code: code.replace("basename(path)", "basename( path )"), "formatting_only"),
        (lambda code: "# Sizes and names of files.\n" + code, "comments_only"),
        (lambda code: code.replace("Return the size in", "Size of a file,"), "comments_only"),
    ],
)  # fmt: skip
def test_changes_without_effect_are_refused(edit: Callable[[str], str], reason: str) -> None:
    assert _reason(_file("files.py", _CODE, edit(_CODE))) == reason


def test_renames() -> None:
    moved = [_file(f"b/{number}.py", _CODE, _CODE, old=f"a/{number}.py") for number in range(9)]
    assert _reason(moved[0]) == "rename_only"
    assert _reason(*moved, _file("files.py", _CODE, _FIXED)) == "mass_rename"
    pair = _pair(_file("sizes.py", _CODE, _FIXED, old="files.py"))
    assert "rename from files.py" in pair.response and "renames" in pair.flags
    assert pair.context.startswith("### files.py (whole file)")


def test_sizes() -> None:
    many = [_file(f"{number}.py", _OTHER, f"a = {number + 2}\n") for number in range(13)]
    assert _reason(*many) == "too_many_files"
    long = "".join(f"a{number} = {number}\n" for number in range(600))
    assert _reason(_file("long.py", None, long)) == "diff_too_large"
    assert (
        _reason(_file("files.py", _CODE, _FIXED), limits=PairLimits(max_context_chars=50))
        == "context_too_large"
    )


def test_a_category_that_is_hardly_more_than_a_guess_is_refused() -> None:
    file = _file("files.py", _CODE, _FIXED)
    sure = _pair(file).confidence
    assert _pair(file, limits=PairLimits(min_confidence=sure)).confidence == sure
    assert _reason(file, limits=PairLimits(min_confidence=sure + 0.01)) == "category_unclear"


def test_a_response_must_give_the_after_text() -> None:
    good = _file("files.py", _CODE, _FIXED)
    wrong_text = FileChange("files.py", "files.py", "M", _CODE, _FIXED + "\n", good.patch)
    wrong_base = FileChange("files.py", "files.py", "M", _CODE.upper(), _FIXED, good.patch)
    wrong_path = FileChange("other.py", "other.py", "M", _CODE, _FIXED, good.patch)
    torn = FileChange("files.py", "files.py", "M", _CODE, _FIXED, good.patch[:-40])
    for file in (wrong_text, wrong_base, wrong_path, torn):
        assert _reason(file) == "response_does_not_apply"


def test_a_text_that_is_not_at_hand_is_refused() -> None:
    patch = make_patch("files.py", _CODE, "files.py", _FIXED)
    assert (
        _reason(FileChange("files.py", "files.py", "M", None, _FIXED, patch)) == "context_missing"
    )


def test_an_answer_that_stands_in_the_context_is_refused() -> None:
    body = "def clamp(value, low, high):\n    return max(low, min(value, high))\n"
    original = _file("a.py", body + "\nX = 1\n", body + "\n")
    copied = _file("b.py", _CODE, _CODE + "\n\n" + body)
    assert (
        _reason(copied, _file("a.py", body + "\nX = 1\n", body + "\nX = 1\n" + body))
        == "answer_in_context"
    )
    assert isinstance(build_pair(_change(original, copied), _LIMITS), Rejection)
    moved = build_pair(_change(_file("a.py", body + "\nX = 1\n", "X = 1\n"), copied), _LIMITS)
    assert isinstance(moved, Pair)


def test_a_version_constant_is_a_version_bump() -> None:
    file = _file("app/__init__.py", '__version__ = "1.2.3"\n', '__version__ = "1.2.4"\n')
    assert _reason(file, message="Prepare for the spring edition") == "version_bump"


def test_a_very_short_message_must_name_what_changes() -> None:
    file = _file("files.py", _CODE, _FIXED)
    assert _reason(file, message="Fix Unicode") == "message_uninformative"
    assert _pair(file, message="Fix stat").instruction == "Fix stat"
    assert _pair(file, message="Repair sizes").instruction == "Repair sizes"


_BUTTON = """export function Button({ size }) {
  const padding = size * 2
  return <button style={{ padding }}>ok</button>
}
"""


def test_copies_of_a_change_stand_once_in_the_response() -> None:
    after = _BUTTON.replace("size * 2", "size * 4")
    copies = [
        _file(f"registry/{style}/ui/button.jsx", _BUTTON, after) for style in "abcdefghijklmnop"
    ]
    pair = _pair(*copies, message="fix(button): double the padding")
    assert pair.paths == ("registry/a/ui/button.jsx",)
    assert pair.left_out == tuple((copy.path, "copied_file") for copy in copies[1:])


def test_a_variant_with_the_same_lines_changed_is_a_copy_too() -> None:
    other = _BUTTON.replace(">ok<", ">yes<")
    files = [
        _file("a/button.jsx", _BUTTON, _BUTTON.replace("* 2", "* 4")),
        _file("long/b/button.jsx", other, other.replace("* 2", "* 4")),
    ]
    message = "fix(button): double the padding"
    assert _pair(*files, message=message).left_out == (("long/b/button.jsx", "copied_file"),)
    third = _file("b/button.jsx", other, other.replace("* 2", "* 8"))
    assert _pair(files[0], third, message=message).left_out == ()


def test_the_same_line_in_different_files_is_no_copy() -> None:
    texts = [
        "import old\n" + "".join(f"{name}{number} = 1\n" for number in range(9)) for name in "ab"
    ]
    files = [
        _file(f"{name}/index.py", text, text.replace("import old", "import new"))
        for name, text in zip("ab", texts, strict=True)
    ]
    assert _pair(*files, message="Import new instead of old").paths == ("a/index.py", "b/index.py")


def test_configuration_with_documents_inside_is_left_out() -> None:
    lines = "".join(f'"{number}": "{"text " * 40}",\n' for number in range(24))
    config = _file("registry.json", "{\n}\n", "{\n" + lines + "}\n")
    assert _pair(_file("files.py", _CODE, _FIXED), config).left_out == (
        ("registry.json", "config_too_large"),
    )


def test_the_same_change_gives_the_same_pair() -> None:
    files = (_file("files.py", _CODE, _FIXED), _file("tests/test_files.py", None, _TEST))
    assert _pair(*files) == _pair(*files)


def test_invisible_characters_are_flagged_where_they_are_shown() -> None:
    hidden = _FIXED.replace("path.exists", "path.\u200bexists")
    turned = _FIXED.replace("return 0", "return 0  # \u202e")
    assert _pair(_file("files.py", _CODE, _FIXED)).flags == ()
    assert _pair(_file("files.py", _CODE, hidden)).flags == ("zero_width",)
    assert _pair(_file("files.py", _CODE, turned)).flags == ("bidi_control",)
    marked = _file("files.py", "\ufeff" + _CODE, "\ufeff" + _FIXED)
    assert _pair(marked).flags == (), "a byte order mark is the start of a file"


_TOKEN = "ghp_" + made_up(36)
_CLIENT = f'''"""Send files to the archive."""

import archive

# Ask kim@initech.io for access.
KEY = "{_TOKEN}"


def send(path):
    return archive.put(path, key=KEY)
'''
_CHECKED = _CLIENT.replace(
    "    return", "    if not path:\n        raise ValueError(path)\n    return"
)
_CHECKS = f'from client import send\n\n\ndef test_key():\n    assert send("a", "{_TOKEN}")\n'
_SENT = "Fix crash when the path is empty (ValueError)\n\nFound by kim@initech.io with KEY.\n"


def test_secrets_have_one_placeholder_in_the_whole_pair() -> None:
    pair = _pair(
        _file("client.py", _CLIENT, _CHECKED),
        _file("tests/test_client.py", None, _CHECKS),
        message=_SENT,
    )
    assert "Found by <EMAIL_1>" in pair.instruction
    assert '# Ask <EMAIL_1> for access.\nKEY = "<API_KEY_1>"\n' in pair.context
    assert 'send("a", "<API_KEY_1>")' in pair.tests
    for text in (pair.instruction, pair.context, pair.response, pair.tests):
        assert _TOKEN not in text and "kim@" not in text
    assert {"redacted:api_key:1", "redacted:email:1"} <= set(pair.flags)
    (response,) = parse_patch(pair.response)
    before = pair.context.split("```python\n")[1].removesuffix("```\n")
    assert "    if not path:\n" in (apply_patch(before, response) or "")


def test_a_secret_is_hidden_where_only_another_place_shows_it_to_be_one() -> None:
    filler = "".join(f"\n\ndef filler_{n}():\n    return {n}\n" for n in range(200))
    call = "\n\ndef f():\n    return g('Kestrel94!vq')\n"
    before = 'class Settings:\n    password = "Kestrel94!vq"\n' + filler + call
    pair = _pair(_file("a.py", before, before.replace("g(", "compute_value(")), message=_SENT)
    assert "excerpted" in pair.flags and "g('<PASSWORD_1>')" in pair.context
    assert "Kestrel" not in pair.context + pair.response


def test_a_change_of_secrets_alone_makes_no_pair() -> None:
    rotated = _CLIENT.replace(_TOKEN, "ghp_" + made_up(36, seed=8))
    limits = replace(_LIMITS, redact=False)
    assert isinstance(_pair(_file("client.py", _CLIENT, rotated), limits=limits), Pair)
    moved = _CLIENT.replace("kim@initech.io", "lee@globex.de")
    message = "Send files with the key of the new archive account"
    assert _reason(_file("client.py", _CLIENT, moved), message=message) == "comments_only"
    assert _reason(_file("client.py", _CLIENT, rotated), message=message) == "only_secrets_changed"
    other = _file("files.py", _CODE, _FIXED)
    pair = _pair(_file("client.py", _CLIENT, rotated), other)
    assert pair.left_out == (("client.py", "only_secrets_changed"),)
    assert pair.paths == ("files.py",) and _TOKEN not in pair.context


def test_redaction_can_be_switched_off() -> None:
    limits = replace(_LIMITS, redact=False)
    pair = _pair(_file("client.py", _CLIENT, _CHECKED), message=_SENT, limits=limits)
    assert _TOKEN in pair.context
    assert not [flag for flag in pair.flags if flag.startswith("redacted")]
