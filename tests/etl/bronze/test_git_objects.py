"""What is read of a repository, against what git itself says, and against damage of all kinds."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.bronze.git_objects import (
    Rejected,
    decode,
    open_repository,
    read_blob,
    read_commit,
    read_tree,
    timestamp,
    walk,
)
from tests.etl.bronze.reading import CAPS, Reading, read
from tests.repositories import GRACE, MIT, RepositoryBuilder, sample_project
from udfs.authors import author_digest

BLOB_MODES = (0o100644, 0o100755)


def git_changes(builder: RepositoryBuilder) -> dict[str, dict[str, tuple[str, int, int, bool]]]:
    """Per commit and path: status, additions, deletions, binary, as `git log` says them."""
    found: dict[str, dict[str, tuple[str, int, int, bool]]] = {}
    for oid in builder.git("rev-list", "--no-merges", "HEAD").split():
        raw = builder.git_bytes(
            "show", "--format=", "-z", "--raw", "--numstat", "-M", "--root", "--no-abbrev", oid
        )
        fields = raw.decode("utf-8", "backslashreplace").split("\0")[:-1]
        status: dict[str, str] = {}
        numbers: dict[str, tuple[str, str]] = {}
        while fields:
            head = fields.pop(0).lstrip("\n")
            if head.startswith(":"):
                letter = head.split(" ")[-1][0]
                path = fields.pop(0)
                status[fields.pop(0) if letter in "RC" else path] = letter
            else:
                added, deleted, path = head.split("\t", 2)
                if not path:  # a rename: old and new path follow
                    _, path = fields.pop(0), fields.pop(0)
                numbers[path] = (added, deleted)
        assert status.keys() == numbers.keys()
        found[oid] = {
            path: (
                status[path],
                0 if numbers[path][0] == "-" else int(numbers[path][0]),
                0 if numbers[path][1] == "-" else int(numbers[path][1]),
                numbers[path][0] == "-",
            )
            for path in status
        }
    return found


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    """The sample project with renames, modes, links, submodules, binaries and odd bytes on top."""
    repo = sample_project(tmp_path_factory.mktemp("varied") / "tally")
    repo.write("data/logo.png", b"\x89PNG\0\0\1\2" * 50)
    repo.symlink("web/readme", "../README.md")
    repo.submodule("vendor/themes")
    repo.commit("Add a picture, a link and a submodule")
    repo.chmod("tally/report.py", executable=True)
    repo.commit("Make the report a script")
    repo.rename("tally/incomes.py", "tally/export/incomes.py")
    repo.write("data/logo.png", b"\x89PNG\0\0\3\4" * 60)
    repo.commit("Move the export of incomes; another picture")
    repo.write(b"tally/caf\xe9.py", "PRICE = 3\n")
    repo.write("tally/latin.py", b"NAME = 'caf\xe9'\n")
    repo.write("no-newline.txt", "last line without a break")
    repo.write("empty.txt", "")
    repo.write('odd "name"\twith tab.txt', "x\n")
    repo.commit(b"Keep names in Latin-1: caf\xe9\n")
    repo.write("no-newline.txt", "last line without a break\nand now with one\n")
    repo.delete("empty.txt")
    repo.commit("Close the last line")
    repo.delete("web/readme")
    repo.write("web/readme", "# a file now\n")
    repo.commit("Replace the link by a file")
    repo.delete("web/readme")
    repo.symlink("web/readme", "../LICENSE")
    repo.commit("And back to a link")
    repo.branch("side")
    repo.write("tally/money.py", "SIDE = True\n")
    repo.commit("Rewrite money on the side")
    repo.checkout("main")
    repo.write("crlf.txt", b"one\r\ntwo\r\n")
    repo.commit("A file from another system")
    repo.merge("side", "Merge the side")
    repo.amend_merge({"tally/money.py": "SIDE = 'merged by hand'\n", "resolved.py": "NEW = 1\n"})
    return repo


@pytest.fixture(scope="module")
def reading(varied: RepositoryBuilder) -> Reading:
    return read(varied)


def test_commits_are_those_of_git_log(varied: RepositoryBuilder, reading: Reading) -> None:
    separator = b"\x1e"
    raw = varied.git_bytes("log", "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B%x1e")
    expected = {}
    for record in raw.split(separator)[:-1]:
        oid, tree, parents, name, email, authored, committed, body = record.lstrip(b"\n").split(
            b"\0"
        )
        expected[oid.decode()] = (
            tree.decode(),
            parents.decode().split(),
            name.decode(),
            email.decode(),
            int(authored),
            int(committed),
            body.decode("utf-8", "backslashreplace").rstrip("\n"),
        )
    found = {
        row["commit_oid"]: (
            row["tree_oid"],
            row["parents"],
            row["author_name"],
            row["author_email"],
            row["author_time"],
            row["committer_time"],
            row["message"].rstrip("\n"),
        )
        for row in reading.commits
    }
    assert found == expected
    assert all(
        row["authored_at"] == datetime.fromtimestamp(row["author_time"], UTC)
        for row in reading.commits
    )


def test_parents_come_before_their_children(reading: Reading) -> None:
    place = {row["commit_oid"]: number for number, row in enumerate(reading.commits)}
    assert all(
        place[parent] < place[row["commit_oid"]]
        for row in reading.commits
        for parent in row["parents"]
    )


def test_changes_are_those_of_git_log(varied: RepositoryBuilder, reading: Reading) -> None:
    found = {
        oid: {
            row["path"]: (row["status"], row["additions"], row["deletions"], row["is_binary"])
            for row in rows
        }
        for oid, rows in reading.changes.items()
    }
    assert found == {oid: rows for oid, rows in git_changes(varied).items() if rows}
    statuses = {row["status"] for rows in reading.changes.values() for row in rows}
    assert statuses == {"A", "M", "D", "R", "T"}


def test_sums_of_a_commit_are_those_of_its_files(reading: Reading) -> None:
    for commit in reading.commits:
        rows = reading.changes[commit["commit_oid"]]
        assert commit["files_changed"] == len(rows)
        assert commit["additions"] == sum(row["additions"] for row in rows)
        assert commit["deletions"] == sum(row["deletions"] for row in rows)


def test_ids_and_modes_are_those_of_the_trees(varied: RepositoryBuilder, reading: Reading) -> None:
    def entry(oid: str, path: Any) -> tuple[str, int] | None:
        mode = varied.git("ls-tree", "-z", "--full-tree", oid, "--", path).rstrip("\0")
        return (mode.split()[2], int(mode.split()[0], 8)) if mode else None

    for commit in reading.commits:
        for row in reading.changes[commit["commit_oid"]]:
            if row["path_raw"] is not None:
                continue
            if row["status"] != "D":
                expected = entry(commit["commit_oid"], f":(literal){row['path']}")
                assert expected == (row["new_oid"], row["new_mode"])
            if row["status"] != "A":
                expected = entry(commit["parents"][0], f":(literal){row['old_path']}")
                assert expected == (row["old_oid"], row["old_mode"])


def test_every_patch_applies_to_the_parent(
    varied: RepositoryBuilder, reading: Reading, tmp_path: Path
) -> None:
    """`git apply` of all patches of a commit turns its parent's tree into its own tree."""
    environment = {"GIT_INDEX_FILE": str(tmp_path / "index")}

    def git(*arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=varied.path,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode().strip()

    checked = 0
    for commit in reading.commits:
        rows = reading.changes[commit["commit_oid"]]
        if not rows or any(row["is_binary"] for row in rows):
            continue
        git("read-tree", commit["parents"][0] if commit["parents"] else "--empty")
        patch = b"".join(row["patch"].encode(row["encoding"] or "utf-8") for row in rows)
        git("apply", "--cached", "--whitespace=nowarn", "-", stdin=patch)
        assert git("write-tree") == commit["tree_oid"]
        checked += 1
    assert checked >= 25


def test_every_text_at_head_was_met_on_the_way(varied: RepositoryBuilder, reading: Reading) -> None:
    lines = varied.git_bytes("ls-tree", "-r", "-z", "HEAD").split(b"\0")
    modes = {line.split()[2].decode(): int(line.split()[0], 8) for line in lines if line}
    texts = {
        oid
        for oid, mode in modes.items()
        if mode in BLOB_MODES and b"\0" not in varied.git_bytes("cat-file", "blob", oid)
    }
    assert len(texts) > 20
    assert texts <= reading.blobs.keys()
    for oid, row in reading.blobs.items():
        data = varied.git_bytes("cat-file", "blob", oid)
        assert row["size"] == len(data)
        assert row["text"].encode(row["encoding"] or "utf-8") == data
        assert row["raw"] == (data if row["encoding"] else None)


def test_a_merge_has_no_changes_but_its_own_texts_are_kept(
    varied: RepositoryBuilder, reading: Reading
) -> None:
    merge = reading.commits[-1]
    assert len(merge["parents"]) == 2
    assert (merge["files_changed"], reading.changes[merge["commit_oid"]]) == (0, [])
    for path in ("tally/money.py", "resolved.py"):
        assert varied.git("rev-parse", f"HEAD:{path}") in reading.blobs


def test_files_are_those_of_the_tree_at_head(varied: RepositoryBuilder, reading: Reading) -> None:
    expected = set()
    raw = varied.git_bytes("ls-tree", "-r", "-l", "-z", "HEAD")
    for line in raw.split(b"\0")[:-1]:
        fields, path = line.split(b"\t", 1)
        mode, _, oid, size = fields.split()
        expected.add(
            (
                path.decode("utf-8", "backslashreplace"),
                oid.decode(),
                int(mode, 8),
                None if size == b"-" else int(size),
            )
        )
    assert {(r["path"], r["blob_oid"], r["mode"], r["size"]) for r in reading.tree} == expected
    assert reading.tree_rejects == []


def test_bytes_that_are_no_utf8_are_kept_beside_the_text(reading: Reading) -> None:
    (commit,) = [row for row in reading.commits if "Latin-1" in row["message"]]
    assert commit["message"] == "Keep names in Latin-1: caf\\xe9\n"
    assert commit["message_raw"] == b"Keep names in Latin-1: caf\xe9\n"
    name = reading.change(commit["commit_oid"], "tally/caf\\xe9.py")
    assert name["path_raw"] == b"tally/caf\xe9.py"
    change = reading.change(commit["commit_oid"], "tally/latin.py")
    assert change["encoding"] == "windows-1252"
    assert change["patch"].endswith("+NAME = 'café'\n")
    assert change["patch_raw"].endswith(b"+NAME = 'caf\xe9'\n")
    blob = reading.blobs[change["new_oid"]]
    assert blob["encoding"] == "windows-1252"
    assert (blob["text"], blob["raw"]) == ("NAME = 'café'\n", b"NAME = 'caf\xe9'\n")
    (entry,) = [row for row in reading.tree if row["path_raw"]]
    assert entry["path_raw"] == b"tally/caf\xe9.py"


def test_a_declared_encoding_is_used_and_a_false_one_is_not(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("a", "1\n")
    first = repo.commit("first")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    latin = repo.raw_commit(tree, [first], b"gr\xfc\xdfe\n", headers=b"encoding ISO-8859-1\n")
    unknown = repo.raw_commit(tree, [latin], b"gr\xfc\xdfe\n", headers=b"encoding klingon\n")
    repo.set_branch("main", unknown)
    messages = [(row["message"], row["message_raw"]) for row in read(repo).commits[1:]]
    raw = b"gr\xfc\xdfe\n"
    assert messages == [("grüße\n", raw), ("gr\\xfc\\xdfe\n", raw)]


def test_an_octopus_merge_and_what_its_author_added(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("base", "1\n")
    repo.commit("base")
    for name in ("one", "two", "three"):
        repo.checkout("main")
        repo.branch(name)
        repo.write(name, f"{name}\n")
        repo.commit(f"Add {name}")
    repo.checkout("main")
    repo.write("here", "main\n")
    repo.commit("Go on")
    repo.merge(["one", "two", "three"], "Merge all three")
    octopus = repo.amend_merge({"by hand": "evil\n"})
    found = read(repo)
    (merge,) = [row for row in found.commits if row["commit_oid"] == octopus]
    assert len(merge["parents"]) == 4
    assert merge["files_changed"] == 0
    assert repo.git("rev-parse", "HEAD:by hand") in found.blobs
    assert len(found.commits) == 6
    assert not found.rejects


def test_walk_gives_what_is_new_and_nothing_else(varied: RepositoryBuilder) -> None:
    repository = open_repository(str(varied.git_dir))
    old, lost = varied.git("rev-parse", "HEAD~5"), "9" * 40
    new = list(walk(repository, [varied.head], [old, lost]))
    assert set(new) == set(varied.git("rev-list", varied.head, f"^{old}").split())
    assert list(walk(repository, [old], [varied.head])) == []
    side = varied.git("rev-parse", "side")
    tips = [side, varied.head]
    assert list(walk(repository, tips, [])) == list(walk(repository, tips[::-1], []))


def test_an_empty_repository_has_no_history_and_no_tree(tmp_path: Path) -> None:
    repository = open_repository(str(RepositoryBuilder(tmp_path).git_dir))
    assert repository.head_is_unborn
    assert list(walk(repository, [], [])) == []


def test_an_empty_commit_has_no_changes(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.commit("Nothing yet")
    found = read(repo)
    assert [row["files_changed"] for row in found.commits] == [0]
    assert found.changes == {}
    assert found.tree == []


MALFORMED = {
    "time that overflows": b"Ada <a@b> 99999999999999999999 +0000",
    "author without an address": b"Ada",
}


@pytest.mark.parametrize("author", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_commit_that_cannot_be_parsed_does_not_hide_the_others(
    tmp_path: Path, author: bytes
) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("a", "1\n")
    first = repo.commit("first")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    bad = repo.raw_commit(tree, [first], b"malformed\n", author=author)
    after = repo.raw_commit(tree, [bad], b"after\n")
    repo.write("b", "2\n")
    other = repo.commit("other")
    repo.set_branch("main", repo.raw_commit(tree, [other, after], b"merge\n"))
    found = read(repo)
    messages = [row["message"].strip() for row in found.commits]
    assert {"first", "other"} <= set(messages)
    assert (f"commit {bad}", "commit_unreadable") in found.reasons()
    assert len(found.commits) + len(found.rejects) == 5
    repository = open_repository(str(repo.git_dir))
    order = list(walk(repository, [repo.head], []))
    assert order == list(walk(repository, [repo.head], []))
    assert order.index(first) < order.index(bad) < order.index(after) < len(order) - 1
    assert set(walk(repository, [repo.head], [bad])) == set(order) - {first, bad}


def test_a_time_outside_the_calendar_keeps_its_number(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("a", "1\n")
    repo.commit("first")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    oid = repo.raw_commit(tree, [], b"far\n", author=b"Ada <a@b> 999999999999 +0200")
    repo.set_branch("main", oid)
    (commit,) = read(repo).commits
    assert (commit["author_time"], commit["author_offset"]) == (999999999999, 120)
    assert commit["authored_at"] is None


def test_lost_objects_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("kept.py", "KEPT = 1\n")
    repo.write("lost.py", "LOST = 1\n" * 20)
    first = repo.commit("first")
    blob = repo.git("rev-parse", "HEAD:lost.py")
    repo.write("kept.py", "KEPT = 2\n")
    second = repo.commit("second")
    repo.lose(blob)
    found = read(repo)
    assert found.reasons() == {
        (f"patch {first} lost.py", "patch_unreadable"),
        (f"blob {blob}", "blob_unreadable"),
    }
    assert [row["commit_oid"] for row in found.commits] == [first, second]
    assert (found.commits[0]["files_changed"], found.commits[0]["additions"]) == (2, 1)
    lost = found.change(first, "lost.py")
    assert (lost["status"], lost["new_oid"], lost["patch"]) == ("A", blob, None)
    assert (lost["additions"], lost["deletions"]) == (None, None)
    assert found.change(first, "kept.py")["patch"].endswith("+KEPT = 1\n")
    assert {row["path"] for row in found.tree} == {"kept.py", "lost.py"}
    unread = read_blob(open_repository(str(repo.git_dir)), blob, CAPS)
    assert isinstance(unread, Rejected)
    assert (unread.key, unread.reason) == (f"blob {blob}", "blob_unreadable")


def test_a_lost_commit_is_named_and_its_descendants_are_read(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("a", "1\n")
    repo.commit("first")
    second = repo.commit("second")
    repo.write("b", "2\n")
    repo.commit("third")
    repo.write("b", "3\n")
    fourth = repo.commit("fourth")
    repo.lose(second)
    found = read(repo)
    assert (f"commit {second}", "commit_unreadable") in found.reasons()
    assert fourth in [row["commit_oid"] for row in found.commits]


def test_a_lost_tree_is_named_and_the_rest_is_listed(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("folder/a", "1\n")
    repo.write("b", "2\n")
    repo.commit("first")
    repo.lose(repo.git("rev-parse", "HEAD:folder"))
    found = read(repo)
    assert [row["path"] for row in found.tree] == ["b"]
    assert [(r.key, r.reason) for r in found.tree_rejects] == [("tree folder", "tree_unreadable")]


def test_a_path_that_comes_twice_has_one_row_and_one_reject(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    one, two = (bytes.fromhex(repo.hash_object("blob", text)) for text in (b"one\n", b"two\n"))
    tree = repo.hash_object("tree", b"100644 a\0" + one + b"100644 a\0" + two)
    commit = repo.raw_commit(tree, [], b"twice\n")
    repo.set_branch("main", commit)
    found = read(repo)
    assert [row["path"] for row in found.changes[commit]] == ["a"]
    assert [row["path"] for row in found.tree] == ["a"]
    assert found.reasons() == {
        (f"duplicate {commit} a {two.hex()}", "duplicate_path"),
        (f"duplicate a {two.hex()}", "duplicate_path"),
    }


def test_names_that_read_the_same_when_decoded_have_one_row(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write(b"caf\xe9", "1\n")
    repo.write("caf\\xe9", "2\n")
    commit = repo.commit("Two names")
    found = read(repo)
    assert [row["path"] for row in found.changes[commit]] == ["caf\\xe9"]
    assert [row["path"] for row in found.tree] == ["caf\\xe9"]
    assert {reason for _, reason in found.reasons()} == {"duplicate_path"}


def test_names_that_leave_the_tree_are_only_names(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    blob = bytes.fromhex(repo.hash_object("blob", b"x\n"))
    entries = b"".join(b"100644 " + name + b"\0" + blob for name in (b"..", b".git", b"a/b"))
    repo.set_branch("main", repo.raw_commit(repo.hash_object("tree", entries), [], b"names\n"))
    assert {row["path"] for row in read(repo).tree} == {"..", ".git", "a/b"}


def test_caps_reject_with_the_reason(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("small.txt", "1\n")
    repo.write("large.txt", "line\n" * 100)
    repo.write("a/b/c/deep.txt", "deep\n")
    commit = repo.commit("Of all sizes")
    large = repo.git("rev-parse", "HEAD:large.txt")
    found = read(repo, replace(CAPS, blob_bytes=499, patch_bytes=300, tree_depth=2))
    assert found.reasons() == {
        (f"patch {commit} large.txt", "patch_too_large"),
        (f"blob {large}", "blob_too_large"),
        ("tree a/b/c", "tree_too_deep"),
    }
    row = found.change(commit, "large.txt")
    assert (row["additions"], row["patch"], row["patch_raw"]) == (100, None, None)
    exact = read(repo, replace(CAPS, blob_bytes=500, tree_depth=3))
    assert exact.reasons() == set()
    few = read(repo, replace(CAPS, tree_entries=2))
    assert len(few.tree) == 2
    assert few.reasons() == {
        (f"tree {commit}", "tree_too_large"),
        (f"commit {commit}", "too_many_paths"),
    }


def test_a_tree_bomb_ends_at_the_cap(tmp_path: Path) -> None:
    """Ten levels of ten names for one subtree: 10^10 paths out of eleven objects."""
    repo = RepositoryBuilder(tmp_path)
    mode, oid = b"100644", repo.hash_object("blob", b"bomb\n")
    for _ in range(10):
        entries = b"".join(mode + b" " + b"n%d" % n + b"\0" + bytes.fromhex(oid) for n in range(10))
        mode, oid = b"40000", repo.hash_object("tree", entries)
    repository = open_repository(str(repo.git_dir))
    commit = repo.raw_commit(oid, [], b"boom\n")
    found = list(read_tree(repository, commit, replace(CAPS, tree_entries=200)))
    assert sum(isinstance(item, dict) for item in found) == 200
    assert isinstance(found[-1], Rejected)
    assert found[-1].reason == "tree_too_large"


def test_a_rename_is_not_searched_in_a_huge_commit(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("old.txt", MIT)
    repo.commit("one")
    repo.rename("old.txt", "new.txt")
    for number in range(5):
        repo.write(f"other{number}", f"{number}\n")
    oid = repo.commit("two")
    assert {r["status"] for r in read(repo).changes[oid]} == {"R", "A"}
    few = read(repo, replace(CAPS, rename_files=3))
    assert {r["status"] for r in few.changes[oid]} == {"D", "A"}


def test_a_shallow_clone_ends_where_it_was_cut(varied: RepositoryBuilder, tmp_path: Path) -> None:
    target = tmp_path / "shallow"
    varied.git("clone", "--quiet", "--bare", "--depth=3", f"file://{varied.path}", str(target))
    repository = open_repository(str(target))
    assert repository.is_shallow
    named = list(walk(repository, [str(repository.head.target)], []))
    count = subprocess.run(
        ["git", "-C", str(target), "rev-list", "--count", "HEAD"], capture_output=True, check=True
    )
    assert len(named) == int(count.stdout)


def test_only_the_folder_itself_is_opened(varied: RepositoryBuilder) -> None:
    """A folder inside a work tree is no repository: what encloses it is not searched."""
    with pytest.raises(pygit2.GitError):
        open_repository(str(varied.path / "tally"))


@given(st.binary(max_size=40))
def test_decoding_loses_no_byte(data: bytes) -> None:
    text, raw = decode(data)
    assert (text.encode() if raw is None else raw) == data
    text.encode("utf-8")  # never a lone surrogate, which a table could not hold


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59)))
def test_timestamps_are_those_of_the_calendar(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=0)
    seconds = int((aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert timestamp(seconds) == aware


@pytest.mark.parametrize("seconds", [-62135596801, 253402300800, 2**63 - 1, -(2**63)])
def test_times_outside_the_calendar_have_no_timestamp(seconds: int) -> None:
    assert timestamp(seconds) is None


def test_patches_beyond_what_is_held_are_made_again(varied: RepositoryBuilder) -> None:
    """How much of a commit is held at a time changes nothing."""
    assert read(varied, replace(CAPS, commit_bytes=1)) == read(varied)


def test_commits_of_a_removed_author_are_rejected_and_nothing_of_them_is_read(
    tmp_path: Path,
) -> None:
    repo = RepositoryBuilder(tmp_path / "repo")
    repo.write("a.txt", "by Ada\n")
    kept = repo.commit("Start")
    repo.write("b.txt", "by Grace\n")
    refused = repo.commit("Add b", author=GRACE)
    repository = open_repository(str(repo.git_dir))
    removed = frozenset({author_digest(GRACE[1].upper())})
    assert list(read_commit(repository, refused, CAPS, removed)) == [
        ("reject", Rejected(f"commit {refused}", "author_removed"))
    ]
    kinds = [kind for kind, _ in read_commit(repository, kept, CAPS, removed)]
    assert kinds == ["commit", "change", "wanted"]
