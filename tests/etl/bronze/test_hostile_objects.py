"""Objects that no git would write: each costs its own item, with a reason, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zlib
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.bronze.clone import CloneParams
from etl.bronze.plan_history import PlanParams, inspect
from tests import batches
from tests.architecture.tree import ROOT
from tests.etl.bronze.reading import CAPS, Reading, read
from tests.repositories import RepositoryBuilder

ALL = PlanParams(
    refs=("HEAD", "refs/heads/*"),
    pulls=True,
    rows_per_range=9,
    most_entries=100_000,
    clone=CloneParams(seconds=9),
)
# What a whole blob of so many times one byte hashes to, which would take seconds to find out.
ZEROS_2_GIB = "77e9132b46cb9535f286f18974872f40049d1a89"
LINE_1_GIB = "673143c3d01ca43360f6e51c99a81a0b4bdc3d78"
LINE_400_MIB = "f6bba44e7419007f84d446a8f1c57bc255c3c260"
LINE_384_MIB = "535c685b22b44270e6f5f9905b332804f8da9b1b"


@pytest.fixture
def repo(tmp_path: Path) -> RepositoryBuilder:
    """One healthy commit, on which the odd ones are put."""
    made = RepositoryBuilder(tmp_path / "project")
    made.write("healthy.py", "HEALTHY = 1\n")
    made.commit("healthy")
    return made


def tree(repo: RepositoryBuilder, *entries: tuple[bytes, bytes, str]) -> str:
    """Store a tree of (mode, name, object id) as given."""
    lines = (mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
    return repo.put_object("tree", b"".join(lines))


def add(repo: RepositoryBuilder, tree_oid: str, *, author: bytes = b"Ada <a@b> 1 +0000") -> str:
    """Put a commit of a tree on the branch, and a healthy one that is read after it; its id."""
    healthy = repo.git("rev-parse", "main^{tree}")
    odd = repo.raw_commit(tree_oid, [repo.head], b"odd\n", author=author)
    repo.set_branch("main", repo.raw_commit(healthy, [odd], b"healthy again\n"))
    return odd


def require_healthy(found: Reading) -> None:
    """What came before and after the odd commit has been read."""
    messages = [row["message"] for row in found.commits]
    assert [m for m in messages if m != "odd\n"] == ["healthy", "healthy again\n"]
    assert [row["path"] for row in found.tree] == ["healthy.py"]


NAMES = [b"..", b".git", b".git/config", b"../../x", b"a\nb", b"caf\xe9", b".", b"-rf", b"a\\b",
         b'"q"', b"\x1b[31m", b"con", b"x" * 5000]  # fmt: skip


def test_names_come_back_byte_by_byte(repo: RepositoryBuilder) -> None:
    blob = repo.put_object("blob", b"x\n")
    odd = add(repo, tree(repo, *((b"100644", name, blob) for name in sorted(NAMES))))
    found = read(repo)
    require_healthy(found)
    rows = {row["path_raw"] or row["path"].encode(): row for row in found.changes[odd]}
    assert rows.keys() == {*NAMES, b"healthy.py"}
    assert all(row["patch"].endswith("+x\n") for name, row in rows.items() if name in NAMES)
    assert not found.reasons()
    repo.set_branch("main", odd)
    assert {row["path_raw"] or row["path"].encode() for row in read(repo).tree} == set(NAMES)


def test_an_absolute_name_costs_its_patch(repo: RepositoryBuilder) -> None:
    blob = repo.put_object("blob", b"x\n")
    odd = add(repo, tree(repo, (b"100644", b"/etc/passwd", blob), (b"100644", b"b", blob)))
    found = read(repo)
    require_healthy(found)
    assert found.reasons() == {
        (f"patch {commit} /etc/passwd", "patch_unreadable") for commit in (odd, repo.head)
    }
    assert found.change(odd, "b")["patch"].endswith("+x\n")


@pytest.mark.parametrize("leaf", ["blob", "tree"])
def test_a_bomb_is_refused_where_it_comes_and_where_it_goes(
    repo: RepositoryBuilder, leaf: str
) -> None:
    """Ten levels of ten names for one subtree: 10^10 files or empty folders."""
    mode, oid = {"blob": b"100644", "tree": b"40000"}[leaf], repo.put_object(leaf, b"")
    for _ in range(10):
        oid = tree(repo, *((mode, b"n%d" % number, oid) for number in range(10)))
        mode = b"40000"
    odd = add(repo, oid)
    bomb_of_a_merge = repo.raw_commit(oid, [repo.head, repo.head], b"merge\n")
    repo.set_branch("main", repo.raw_commit(oid, [bomb_of_a_merge], b"the same\n"))
    found = read(repo)
    again, merge, top = repo.git("rev-parse", "main~2", "main~1", "main").split()
    assert found.reasons() == {
        (f"commit {odd}", "too_many_paths"),
        (f"commit {again}", "too_many_paths"),
        (f"commit {merge}", "too_many_paths"),
        (f"commit {top}", "too_many_paths"),
        (f"tree {top}", "tree_too_large"),
    }
    assert [row["message"] for row in found.commits] == ["healthy"]


def test_a_tree_5000_folders_deep_is_walked_without_recursion(repo: RepositoryBuilder) -> None:
    mode, oid = b"100644", repo.put_object("blob", b"deep\n")
    for _ in range(5000):
        mode, oid = b"40000", tree(repo, (mode, b"d", oid))
    odd = add(repo, oid)
    found = read(repo)
    require_healthy(found)
    assert [len(row["path"]) for row in found.changes[odd]] == [9999, len("healthy.py")]
    repo.set_branch("main", odd)
    assert {r.reason for r in read(repo).tree_rejects} == {"tree_too_deep"}
    few = read(repo, replace(CAPS, diff_entries=4999))
    assert (f"commit {odd}", "too_many_paths") in few.reasons()


def put_repeated(repo: RepositoryBuilder, byte: bytes, mebibytes: int, oid: str = "") -> str:
    """Store a loose blob of one byte over and over, of which one mebibyte is ever in memory."""
    size, block = mebibytes << 20, byte * (1 << 20)
    head = b"blob %d\0" % size
    checksum = zlib.adler32(head)
    low, high = checksum & 0xFFFF, checksum >> 16
    total = low + size * byte[0], high + size * low + byte[0] * size * (size + 1) // 2
    start, packer = zlib.compressobj(), zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    oid = oid or hashlib.sha1(head + block * mebibytes).hexdigest()
    place = repo.git_dir / "objects" / oid[:2] / oid[2:]
    place.parent.mkdir(exist_ok=True)
    with place.open("wb") as file:
        file.write(start.compress(head) + start.flush(zlib.Z_FULL_FLUSH))
        for _ in range(mebibytes):
            file.write(packed)
        file.write(b"\3\0" + (total[1] % 65521 << 16 | total[0] % 65521).to_bytes(4, "big"))
    return oid


_MEASURE = """
import json, resource, sys
from dataclasses import asdict
from etl.bronze.git_objects import *
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
repository, caps, before = open_repository(sys.argv[1]), Caps(**json.loads(sys.argv[2])), peak()
changes, rejects = [], []
for oid in walk(repository, [sys.argv[3]], []):
    for kind, item in read_commit(repository, oid, caps):
        if kind == "wanted":
            kind, item = "blob", read_blob(repository, item["oid"], caps)
        if isinstance(item, Rejected):
            rejects.append(asdict(item))
        elif kind == "change":
            changes.append(item)
tree = {row["path"]: row["size"] for row in read_tree(repository, sys.argv[3], caps)}
print(json.dumps([changes, rejects, tree, peak() - before], default=str))
"""


def test_what_is_huge_is_never_in_memory(repo: RepositoryBuilder) -> None:
    """2 GiB of zeros, lines of 1 GiB and 400 MiB, one that is nearly renamed, one that is."""
    small = put_repeated(repo, b"x", 3)
    assert repo.git_bytes("cat-file", "blob", small) == b"x" * (3 << 20), "git can read such a blob"
    first = repo.put_object("blob", b"x\n")
    put_repeated(repo, b"\0", 2048, ZEROS_2_GIB)
    for oid, size in ((LINE_1_GIB, 1024), (LINE_400_MIB, 400), (LINE_384_MIB, 384)):
        put_repeated(repo, b"x", size, oid)
        assert repo.git("cat-file", "-s", oid) == str(size << 20)
    states = [
        {b"line": first, b"zeros": first},
        {b"line": LINE_1_GIB, b"zeros": ZEROS_2_GIB},
        {b"line": LINE_400_MIB, b"zeros": first},
        {b"other": LINE_384_MIB, b"zeros": first},
        {b"moved": LINE_384_MIB, b"zeros": first},
    ]
    tip = repo.head
    for state in states:
        entries = ((b"100644", name, oid) for name, oid in sorted(state.items()))
        tip = repo.raw_commit(tree(repo, *entries), [tip], b"huge\n")
    caps = json.dumps(asdict(batches.CAPS))
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(repo.git_dir), caps, tip],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    changes, rejects, files, grown = json.loads(done.stdout)
    assert grown < 40, f"{grown} MiB more"
    assert files == {"moved": 384 << 20, "zeros": 2}
    huge = {(c["path"], c["status"]): c for c in changes if c["is_binary"]}
    assert huge.keys() == {
        ("line", "M"), ("zeros", "M"), ("line", "D"), ("other", "A"), ("moved", "R"),
    }  # fmt: skip
    assert all(change["patch"] is None for change in huge.values())
    assert huge["moved", "R"]["old_path"] == "other"
    reasons = {(r["key"].split()[0], r["key"].split()[-1], r["reason"]) for r in rejects}
    assert reasons == {
        *(("patch", path, "file_too_large") for path in ("line", "zeros", "other", "moved")),
        *(
            ("blob", oid, "blob_too_large")
            for oid in (LINE_1_GIB, LINE_400_MIB, LINE_384_MIB, ZEROS_2_GIB)
        ),
    }


DATES: dict[bytes, tuple[int, int, datetime | None] | None] = {
    b"1700000000 +0530": (1700000000, 330, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    b"-5 +0000": (-5, 0, datetime(1969, 12, 31, 23, 59, 55, tzinfo=UTC)),
    b"-99999999999 +0000": (-99999999999, 0, None),
    b"253402300800 +0000": (253402300800, 0, None),  # the first second of the year 10000
    b"9223372036854775807 +0000": (9223372036854775807, 0, None),
    b"0 +9999": (0, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    b"0 -9999": (0, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    b"0 +051800": (0, 0, datetime(1970, 1, 1, tzinfo=UTC)),  # fsck's badTimezone
    b"0 CEST": (0, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    b"": (0, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    b"18446744073709551615 +0000": None,
    b"99999999999999999999 +0000": None,
}


@pytest.mark.parametrize(("date", "expected"), DATES.items(), ids=[d.decode() for d in DATES])
def test_dates_outside_of_the_calendar(
    repo: RepositoryBuilder, date: bytes, expected: tuple[int, int, datetime | None] | None
) -> None:
    odd = add(repo, repo.git("rev-parse", "main^{tree}"), author=b"Ada <a@b> " + date)
    found = read(repo)
    require_healthy(found)
    dates = [
        (row["author_time"], row["author_offset"], row["authored_at"])
        for row in found.commits
        if row["commit_oid"] == odd
    ]
    assert dates == ([] if expected is None else [expected])
    reasons = {(f"commit {odd}", "commit_unreadable")} if expected is None else set()
    assert found.reasons() == reasons


MESSAGES = {
    "NUL": (b"", b"before\0after\n", "before", b"before\0after\n"),
    "Latin-1": (b"", b"gr\xfc\xdfe\n", "gr\\xfc\\xdfe\n", b"gr\xfc\xdfe\n"),
    "unknown": (b"encoding klingon\n", b"gr\xfc\n", "gr\\xfc\n", b"gr\xfc\n"),
    "not a name": (b"encoding \xff\xfe\n", b"gr\xfc\n", "gr\\xfc\n", b"gr\xfc\n"),
    "false": (b"encoding utf-16\n", b"gr\xfc\n", "gr\\xfc\n", b"gr\xfc\n"),
    "surrogate": (b"encoding raw_unicode_escape\n", b"\xff\\ud800", "\\xff\\ud800", b"\xff\\ud800"),
    "declared": (b"encoding ISO-8859-15\n", b"5 \xa4\n", "5 €\n", b"5 \xa4\n"),
    "empty": (b"", b"", "", None),
}


@pytest.mark.parametrize(("headers", "raw", "text", "kept"), MESSAGES.values(), ids=MESSAGES)
def test_messages_of_odd_bytes(
    repo: RepositoryBuilder, headers: bytes, raw: bytes, text: str, kept: bytes | None
) -> None:
    oid = repo.raw_commit(repo.git("rev-parse", "main^{tree}"), [repo.head], raw, headers=headers)
    repo.set_branch("main", oid)
    found = read(repo)
    assert [(c["message"], c["message_raw"]) for c in found.commits[1:]] == [(text, kept)]
    assert not found.reasons()


@pytest.mark.parametrize("mode", [b"100600", b"100664", b"0", b"010644", b"40755"])
def test_modes_that_git_once_wrote(repo: RepositoryBuilder, mode: bytes) -> None:
    blob = repo.put_object("blob", b"x\n")
    is_folder = mode == b"40755"
    target = tree(repo, (b"100644", b"in", blob)) if is_folder else blob
    odd = add(repo, tree(repo, (mode, b"f", target)))
    found = read(repo)
    require_healthy(found)
    assert not found.reasons()
    assert found.change(odd, "f/in" if is_folder else "f")["patch"].endswith("+x\n")


def test_entries_that_are_not_what_their_mode_says(repo: RepositoryBuilder) -> None:
    blob = repo.put_object("blob", b"x\n")
    folder = tree(repo, (b"100644", b"in", blob))
    odd = add(repo, tree(repo, (b"100644", b"a folder", folder), (b"100644", b"b", blob)))
    found = read(repo)
    require_healthy(found)
    assert found.reasons() == {
        (f"patch {odd} a folder", "patch_unreadable"),
        (f"patch {repo.head} a folder", "patch_unreadable"),
        (f"blob {folder}", "not_a_blob"),
    }
    assert found.change(odd, "b")["patch"].endswith("+x\n")

    false_folder = add(repo, tree(repo, (b"40000", b"a file", blob), (b"100644", b"b", blob)))
    repo.set_branch("main", false_folder)
    found = read(repo)
    assert (f"commit {false_folder}", "commit_unreadable") in found.reasons()
    assert ("tree a file", "not_a_tree") in found.reasons()
    assert [row["path"] for row in found.tree] == ["b"]


@pytest.mark.parametrize("entry", [b"777777 f", b"99 f", b"100644 ", b"f"])
def test_a_tree_that_cannot_be_parsed(repo: RepositoryBuilder, entry: bytes) -> None:
    blob = repo.put_object("blob", b"x\n")
    odd = add(repo, repo.put_object("tree", entry + b"\0" + bytes.fromhex(blob)))
    again = repo.head
    found = read(repo)
    assert found.reasons() == {
        (f"commit {odd}", "commit_unreadable"),
        (f"commit {again}", "commit_unreadable"),  # what it changes cannot be told
    }
    assert [row["path"] for row in found.tree] == ["healthy.py"]


FALSE = "5ca1ab1e" * 5


def test_a_text_under_a_false_id_is_not_kept(repo: RepositoryBuilder) -> None:
    repo.put_object("blob", b"not what it says\n", FALSE)
    add(repo, tree(repo, (b"100644", b"b", FALSE)))
    found = read(repo)
    require_healthy(found)
    assert found.reasons() == {(f"blob {FALSE}", "hash_mismatch")}
    assert FALSE not in found.blobs


def test_a_folder_that_holds_itself_is_not_entered(repo: RepositoryBuilder) -> None:
    repo.put_object("tree", b"40000 again\0" + bytes.fromhex(FALSE), FALSE)
    odd = add(repo, tree(repo, (b"40000", b"again", FALSE)))
    child = repo.head
    found = read(repo)
    assert found.reasons() == {
        (f"commit {odd}", "commit_unreadable"),
        (f"commit {child}", "commit_unreadable"),  # what it changes cannot be told
    }
    assert [row["path"] for row in found.tree] == ["healthy.py"]
    repo.set_branch("main", odd)
    assert ("tree again", "tree_unreadable") in read(repo).reasons()


def test_a_commit_that_is_its_own_ancestor_is_named(repo: RepositoryBuilder) -> None:
    healthy, whole = repo.head, repo.git("rev-parse", "main^{tree}")
    between = repo.raw_commit(whole, [FALSE], b"between\n")
    author = "Ada <a@b> 1 +0000"
    lines = [f"tree {whole}", *(f"parent {p}" for p in (between, healthy))]
    lines += [f"author {author}", f"committer {author}", "", "again"]
    repo.put_object("commit", "\n".join(lines).encode(), FALSE)
    repo.set_branch("main", repo.raw_commit(whole, [between], b"last\n"))
    found = read(repo)
    assert (f"commit {FALSE}", "commit_unreadable") in found.reasons()
    messages = [row["message"] for row in found.commits]
    assert sorted(messages) == ["between\n", "last\n"]  # what is before it cannot be reached


def test_the_child_of_a_commit_that_cannot_be_parsed_is_read(repo: RepositoryBuilder) -> None:
    changed = tree(repo, (b"100644", b"healthy.py", repo.put_object("blob", b"HEALTHY = 2\n")))
    odd = add(repo, changed, author=b"Ada")
    child = repo.head
    found = read(repo)
    require_healthy(found)
    assert found.reasons() == {(f"commit {odd}", "commit_unreadable")}
    (change,) = found.changes[child]
    assert change["patch"].endswith("-HEALTHY = 2\n+HEALTHY = 1\n")
    merge = repo.raw_commit(changed, [child, odd], b"merge\n")
    repo.set_branch("main", merge)
    assert merge in [row["commit_oid"] for row in read(repo).commits]


def test_a_rename_from_a_lost_text_is_an_addition(repo: RepositoryBuilder) -> None:
    repo.write("old.py", "".join(f"LINE_{n} = {n}\n" for n in range(50)))
    repo.commit("add")
    lost = repo.git("rev-parse", "HEAD:old.py")
    repo.rename("old.py", "new.py")
    (repo.path / "new.py").open("a").write("MORE = 1\n")
    repo.edit("healthy.py", "1", "2")
    oid = repo.commit("move")
    assert {c["status"] for c in read(repo).changes[oid]} == {"R", "M"}
    repo.lose(lost)
    found = read(repo)
    assert {c["path"]: c["status"] for c in found.changes[oid]} == {
        "old.py": "D",
        "new.py": "A",
        "healthy.py": "M",
    }
    assert (f"patch {oid} old.py", "patch_unreadable") in found.reasons()
    assert found.change(oid, "new.py")["additions"] == 51
    assert repo.git("rev-parse", "HEAD:new.py") in found.blobs


def test_a_truncated_pack_costs_what_it_held(repo: RepositoryBuilder) -> None:
    for number in range(3):
        repo.write("noise.bin", os.urandom(4000).hex())
        repo.commit(f"packed {number}")
    packed = repo.git("rev-list", "HEAD").split()
    repo.git("repack", "-adq")
    repo.write("healthy.py", "HEALTHY = 2\n")
    after = repo.commit("loose")
    repo.write("healthy.py", "HEALTHY = 3\n")
    last = repo.commit("loose too")
    (pack,) = (repo.git_dir / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:2000])
    row = inspect(str(repo.git_dir), False, False, "/nonexistent", ALL)
    assert (row["error"], row["tips"]) == (None, [last])
    found = read(repo)
    assert (f"commit {packed[0]}", "commit_unreadable") in found.reasons()
    assert (f"commit {after}", "commit_unreadable") in found.reasons()
    assert [row["commit_oid"] for row in found.commits] == [last]
    assert found.change(last, "healthy.py")["patch"].endswith("-HEALTHY = 2\n+HEALTHY = 3\n")


def test_histories_without_a_common_root_are_read_whole(repo: RepositoryBuilder) -> None:
    repo.git("checkout", "--quiet", "--orphan", "pages")
    repo.write("index.html", "<p>Hello</p>\n")
    orphan = repo.commit("pages")
    row = inspect(str(repo.git_dir), False, False, "/nonexistent", ALL)
    assert len(row["tips"]) == 2
    repo.checkout("main")
    repo.git_bytes("merge", "-q", "--allow-unrelated-histories", "-m", "both", "pages")
    found = read(repo)
    assert [row["parents"] for row in found.commits if row["commit_oid"] == orphan] == [[]]
    assert len(found.commits) == 3
    assert not found.reasons()


@pytest.mark.parametrize("head", ["ref: refs/heads/unborn\n", "9" * 40 + "\n"])
def test_a_head_that_leads_nowhere_leaves_the_branches(repo: RepositoryBuilder, head: str) -> None:
    tip = repo.head
    (repo.git_dir / "HEAD").write_text(head)
    row = inspect(str(repo.git_dir), False, False, "/nonexistent", ALL)
    assert row["error"] is None
    assert tip in row["tips"]


def test_a_branch_that_names_no_commit_is_rejected(repo: RepositoryBuilder) -> None:
    blob = repo.git("rev-parse", "HEAD:healthy.py")
    repo.set_branch("main", blob)
    row = inspect(str(repo.git_dir), False, False, "/nonexistent", ALL)
    assert (row["error"], row["tips"]) == (None, [blob])
    assert read(repo).reasons() == {
        (f"commit {blob}", "not_a_commit"),
        (f"tree {blob}", "tree_unreadable"),
    }
