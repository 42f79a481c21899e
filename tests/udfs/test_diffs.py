"""The diff rules, with real git as the oracle on both sides."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from udfs.diffs import (
    PatchError,
    apply_patch,
    changed_lines,
    diff_stats,
    make_patch,
    parse_patch,
    quote_path,
    split_lines,
    unquote_path,
)

_LINE = st.sampled_from(
    [
        "a",
        "b",
        "  c",
        "",
        "d\r",
        "e\rf",
        "--- x",
        "+++ y",
        "@@ -1 +1 @@",
        "\\ No",
        "é\u2028",
        "\x0c",
    ]
)
_TEXT = st.builds(
    lambda lines, final: "\n".join(lines) + ("\n" if final and lines else ""),
    st.lists(_LINE, max_size=25),
    st.booleans(),
)
_ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80)


def _git(repository: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", *arguments],
        cwd=repository, input=stdin, check=True, capture_output=True,
    ).stdout  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("repository")
    _git(path, "init", "-q")
    return path


@given(_TEXT | _ANY_TEXT, _TEXT | _ANY_TEXT, st.integers(0, 4))
def test_a_made_patch_turns_before_into_after(before: str, after: str, context: int) -> None:
    patch = make_patch("f.txt", before, "f.txt", after, context)
    if before == after:
        assert patch == ""
        return
    (file_patch,) = parse_patch(patch)
    assert apply_patch(before, file_patch) == after


@given(_TEXT | _ANY_TEXT)
def test_split_lines_loses_nothing_and_ends_lines_only_at_newline(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.count("\n") <= 1 and "\n" not in line[:-1] for line in lines)
    assert len(lines) == text.count("\n") + (not text.endswith("\n") and text != "")


@given(_ANY_TEXT)
def test_added_and_deleted_files_round_trip(text: str) -> None:
    (added,) = parse_patch(make_patch(None, None, "n.txt", text))
    (deleted,) = parse_patch(make_patch("n.txt", text, None, None))
    assert (added.status, deleted.status) == ("A", "D")
    assert apply_patch(None, added) == text
    assert apply_patch(text, deleted) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_TEXT, after=_TEXT)
def test_git_apply_takes_what_we_make(repository: Path, before: str, after: str) -> None:
    patch = make_patch("f.txt", before, "f.txt", after)
    if patch:
        (repository / "f.txt").write_bytes(before.encode())
        _git(repository, "apply", "--whitespace=nowarn", "-", stdin=patch.encode())
        assert (repository / "f.txt").read_bytes().decode() == after


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_TEXT, after=_TEXT)
def test_we_apply_what_git_makes(repository: Path, before: str, after: str) -> None:
    (repository / "before.txt").write_bytes(before.encode())
    (repository / "after.txt").write_bytes(after.encode())
    finished = subprocess.run(
        ["git", "diff", "--no-index", "--text", "before.txt", "after.txt"],
        cwd=repository, capture_output=True, check=False,
    )  # fmt: skip
    files = parse_patch(finished.stdout.decode())
    assert bool(files) == (before != after)
    for file_patch in files:
        assert apply_patch(before, file_patch) == after


@pytest.mark.parametrize(
    "name", ["a b.txt", "tab\there.txt", 'quo"te.txt', "é/ü.txt", "back\\slash", "a b/c b/d"]
)
def test_odd_paths_survive_git(repository: Path, name: str) -> None:
    assert unquote_path(quote_path(name)) == name
    _git(repository, "apply", "-", stdin=make_patch(None, None, name, "one\n").encode())
    assert (repository / name).read_text() == "one\n"
    renaming = make_patch(name, "one\n", name + "2", "two\n")
    _git(repository, "apply", "-", stdin=renaming.encode())
    assert (repository / (name + "2")).read_text() == "two\n"
    (file_patch,) = parse_patch(renaming)
    assert (file_patch.path_before, file_patch.path_after, file_patch.status) == (
        name,
        name + "2",
        "R",
    )
    _git(repository, "apply", "-", stdin=make_patch(name + "2", "two\n", None, None).encode())
    assert not (repository / (name + "2")).exists()


def test_a_whole_commit_of_git_is_read(repository: Path) -> None:
    _git(repository, "checkout", "-q", "--orphan", "whole")
    for name, content in {
        "keep": b"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        "gone": b"x\n",
        "old": b"move\n" * 9,
    }.items():
        (repository / name).write_bytes(content)
    (repository / "blob").write_bytes(b"\0\1\2")
    identity = ["-c", "user.name=n", "-c", "user.email=e@x"]
    _git(repository, "add", "keep", "gone", "old", "blob")
    _git(repository, *identity, "commit", "-qm", "one")
    (repository / "keep").write_bytes(b"1\n2\nthree\n4\n5\n6\n7\n8\n9")
    (repository / "gone").unlink()
    (repository / "old").rename(repository / "new")
    (repository / "blob").write_bytes(b"\0\3")
    (repository / "empty").touch()
    _git(repository, "add", "-A", "keep", "gone", "old", "new", "blob", "empty")
    files = {
        item.path: item for item in parse_patch(_git(repository, "diff", "--cached", "-M").decode())
    }
    assert {path: item.status for path, item in files.items()} == {
        "blob": "M", "empty": "A", "gone": "D", "keep": "M", "new": "R",
    }  # fmt: skip
    assert files["blob"].is_binary and not files["keep"].is_binary
    assert apply_patch(None, files["empty"]) == ""
    assert changed_lines(files["keep"]).removed == (3, 9)
    assert changed_lines(files["keep"]).added == (3, 9)
    assert diff_stats([files["keep"]]).additions == 2
    with pytest.raises(PatchError, match="binary"):
        apply_patch("", files["blob"])


def test_application_is_strict_and_says_where() -> None:
    (file_patch,) = parse_patch(make_patch("f", "a\nb\nc\n", "f", "a\nB\nc\n"))
    with pytest.raises(PatchError, match=r"f: hunk 1 does not match line 2"):
        apply_patch("a\nx\nc\n", file_patch)
    with pytest.raises(PatchError, match="hunk 1"):
        apply_patch("0\na\nb\nc\n", file_patch)
    with pytest.raises(PatchError, match="expects a text"):
        apply_patch(None, file_patch)


def test_a_hunk_that_belies_its_header_is_refused() -> None:
    with pytest.raises(PatchError, match="header says 2 and 2"):
        parse_patch("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n")


def test_lines_that_look_like_headers_stay_content() -> None:
    before, after = "-- a\nx\n", "-- a\n++ b\ny\n"
    (file_patch,) = parse_patch(make_patch("q.sql", before, "q.sql", after))
    assert apply_patch(before, file_patch) == after


def test_insertions_are_anchored_at_the_line_above() -> None:
    (top,) = parse_patch(make_patch("f", "a\n", "f", "n\na\n"))
    (middle,) = parse_patch(make_patch("f", "a\nb\n", "f", "a\nn\nb\n", 0))
    assert changed_lines(top).anchors == (0,)
    assert changed_lines(middle).anchors == (1,)


def test_an_adversarial_pair_is_bounded() -> None:
    before = "".join(f"{number % 7}\n" for number in range(40_000))
    after = "".join(f"{number % 11}\n" for number in range(40_000))
    (file_patch,) = parse_patch(make_patch("f", before, "f", after))
    assert apply_patch(before, file_patch) == after
