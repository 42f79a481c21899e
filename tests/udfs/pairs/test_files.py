"""Files are told apart by kind, and copies stand once."""

import pytest

from tests.udfs.pairs.changes import CODE, FIXED, changed, pair_of, reason_of

_OTHER = "a = 1\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tests/test_a.py", "tests_only"),
        ("docs/a.md", "docs_only"),
        (".github/workflows/a.yml", "ci_only"),
        ("settings.yaml", "config_only"),
        ("web/vite.config.ts", "config_only"),
        ("setup.py", "config_only"),
        ("site/src/site/pages/index.html", "docs_only"),
        ("vendor/a.py", "vendored_only"),
        ("dist/a.js", "generated_only"),
        ("Cargo.lock", "lock_file_only"),
        ("data.bin", "not_source"),
    ],
)
def test_changes_without_source_say_what_they_are(path: str, reason: str) -> None:
    assert reason_of(changed(path, _OTHER, "a = 2\n")) == reason


def test_renames() -> None:
    moved = [changed(f"b/{number}.py", CODE, CODE, old=f"a/{number}.py") for number in range(9)]
    assert reason_of(moved[0]) == "rename_only"
    assert reason_of(*moved, changed("files.py", CODE, FIXED)) == "mass_rename"
    pair = pair_of(changed("sizes.py", CODE, FIXED, old="files.py"))
    assert "rename from files.py" in pair.response and "renames" in pair.flags
    assert pair.context.startswith("### files.py (whole file)")


_BUTTON = """export function Button({ size }) {
  const padding = size * 2
  return <button style={{ padding }}>ok</button>
}
"""


def test_copies_of_a_change_stand_once_in_the_response() -> None:
    after = _BUTTON.replace("size * 2", "size * 4")
    copies = [
        changed(f"registry/{style}/ui/button.jsx", _BUTTON, after) for style in "abcdefghijklmnop"
    ]
    pair = pair_of(*copies, message="fix(button): double the padding")
    assert pair.paths == ("registry/a/ui/button.jsx",)
    assert pair.left_out == tuple((copy.path, "copied_file") for copy in copies[1:])


def test_a_variant_with_the_same_lines_changed_is_a_copy_too() -> None:
    other = _BUTTON.replace(">ok<", ">yes<")
    files = [
        changed("a/button.jsx", _BUTTON, _BUTTON.replace("* 2", "* 4")),
        changed("long/b/button.jsx", other, other.replace("* 2", "* 4")),
    ]
    message = "fix(button): double the padding"
    assert pair_of(*files, message=message).left_out == (("long/b/button.jsx", "copied_file"),)
    third = changed("b/button.jsx", other, other.replace("* 2", "* 8"))
    assert pair_of(files[0], third, message=message).left_out == ()


def test_the_same_line_in_different_files_is_no_copy() -> None:
    texts = [
        "import old\n" + "".join(f"{name}{number} = 1\n" for number in range(9)) for name in "ab"
    ]
    files = [
        changed(f"{name}/index.py", text, text.replace("import old", "import new"))
        for name, text in zip("ab", texts, strict=True)
    ]
    assert pair_of(*files, message="Import new instead of old").paths == (
        "a/index.py",
        "b/index.py",
    )
