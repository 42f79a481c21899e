"""A response applies, has a fair size, and does something."""

from collections.abc import Callable

import pytest

from tests.udfs.pairs.changes import CODE, FIXED, changed, pair_of, reason_of
from udfs.pairs import FileChange, PairLimits


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda code: code.replace("basename(path)", "basename( path )"), "formatting_only"),
        (lambda code: "# Sizes and names of files.\n" + code, "comments_only"),
        (lambda code: code.replace("Return the size in", "Size of a file,"), "comments_only"),
    ],
)  # fmt: skip
def test_changes_without_effect_are_refused(edit: Callable[[str], str], reason: str) -> None:
    assert reason_of(changed("files.py", CODE, edit(CODE))) == reason


def test_imports_that_only_leave_are_what_a_linter_does() -> None:
    message = "Remove the unused import of os"
    used = CODE.replace("import os\n", "import os\nimport sys\n")
    assert reason_of(changed("files.py", used, CODE), message=message) == "imports_only"
    fewer = CODE.replace("import os\n", "from os import path, stat\n")
    file = changed("files.py", fewer, fewer.replace("path, stat", "stat"))
    assert reason_of(file, message=message) == "imports_only"
    replaced = CODE.replace("import os\n", "import posix as os\n")
    assert "posix" in pair_of(changed("files.py", CODE, replaced)).response


def test_sizes() -> None:
    many = [changed(f"{number}.py", "a = 1\n", f"a = {number + 2}\n") for number in range(13)]
    assert reason_of(*many) == "too_many_files"
    long = "".join(f"a{number} = {number}\n" for number in range(600))
    assert reason_of(changed("long.py", None, long)) == "diff_too_large"
    assert (
        reason_of(changed("files.py", CODE, FIXED), limits=PairLimits(max_context_chars=50))
        == "context_too_large"
    )


def test_a_response_must_give_the_after_text() -> None:
    good = changed("files.py", CODE, FIXED)
    wrong_text = FileChange("files.py", "files.py", "M", CODE, FIXED + "\n", good.patch)
    wrong_base = FileChange("files.py", "files.py", "M", CODE.upper(), FIXED, good.patch)
    wrong_path = FileChange("other.py", "other.py", "M", CODE, FIXED, good.patch)
    torn = FileChange("files.py", "files.py", "M", CODE, FIXED, good.patch[:-40])
    for file in (wrong_text, wrong_base, wrong_path, torn):
        assert reason_of(file) == "response_does_not_apply"


def test_a_version_constant_is_a_version_bump() -> None:
    file = changed("app/__init__.py", '__version__ = "1.2.3"\n', '__version__ = "1.2.4"\n')
    assert reason_of(file, message="Prepare for the spring edition") == "version_bump"


def test_the_next_version_of_the_project_is_no_part_of_the_response() -> None:
    manifest = changed(
        "package.json", '{\n  "version": "1.2.3"\n}\n', '{\n  "version": "1.2.4"\n}\n'
    )
    pair = pair_of(changed("files.py", CODE, FIXED), manifest)
    assert pair.left_out == (("package.json", "version_bump"),)


def test_a_very_short_message_must_name_what_changes() -> None:
    file = changed("files.py", CODE, FIXED)
    assert reason_of(file, message="Trim Unicode") == "message_uninformative"
    assert pair_of(file, message="Guard stat").instruction == "Guard stat"
    assert pair_of(file, message="Guard sizes").instruction == "Guard sizes"


def test_configuration_with_documents_inside_is_left_out() -> None:
    lines = "".join(f'"{number}": "{"text " * 40}",\n' for number in range(24))
    config = changed("registry.json", "{\n}\n", "{\n" + lines + "}\n")
    assert pair_of(changed("files.py", CODE, FIXED), config).left_out == (
        ("registry.json", "config_too_large"),
    )
