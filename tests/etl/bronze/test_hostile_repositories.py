"""Repositories, lists and hosts that want something to run: nothing of them is executed.

A canary is a script that would leave a mark; each trap is first shown to snap where git allows it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.bronze.clone import CloneError, CloneParams, clone
from etl.bronze.git_objects import open_repository, read_commit
from etl.bronze.plan_history import PlanParams, inspect
from etl.bronze.sources import Source, find_sources, parse_source
from etl.errors import SourceError
from tests.etl.bronze.reading import CAPS, read
from tests.repositories import RepositoryBuilder

ALL = PlanParams(
    refs=("HEAD",),
    pulls=True,
    rows_per_range=9,
    most_entries=100_000,
    clone=CloneParams(seconds=9),
)


@dataclass
class Canary:
    """A program that leaves a mark when it is started."""

    program: Path
    mark: Path

    def sang(self) -> bool:
        """Whether it was started since this was last asked."""
        found = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return found


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    program, mark = tmp_path / "canary", tmp_path / "sang"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return Canary(program, mark)


@pytest.fixture
def repo(tmp_path: Path) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path / "project")
    made.write("a.py", "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(20)))
    made.write("old.txt", "".join(f"line {n}\n" for n in range(20)))
    made.commit("first")
    made.edit("a.py", "return 7\n", "return 8\n")
    made.rename("old.txt", "new.txt")
    made.commit("second")
    return made


_RUN = (
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
    "core.gitProxy", "core.alternateRefsCommand", "diff.external", "diff.evil.command",
    "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
    "merge.evil.driver", "gpg.program", "credential.helper", "sequence.editor", "pager.log",
    "remote.origin.uploadpack", "remote.origin.vcs", "uploadpack.packObjectsHook",
    "difftool.evil.cmd", "browser.evil.cmd", "trailer.evil.command",
)  # fmt: skip
_SEE = {  # how its owner likes to see things
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.context": "0",
    "diff.renames": "false",
    "diff.algorithm": "patience",
    "core.abbrev": "40",
    "core.quotePath": "false",
    "core.ignoreCase": "true",
    "core.autocrlf": "true",
    "core.worktree": "/",
    "log.showSignature": "true",
    "diff.evil.binary": "true",
    "diff.evil.xfuncname": "^((a+)+)+$",
}


def test_a_hostile_configuration_changes_and_starts_nothing(
    repo: RepositoryBuilder, canary: Canary, tmp_path: Path
) -> None:
    before = read(repo)
    assert {row["status"] for rows in before.changes.values() for row in rows} == {"A", "M", "R"}
    included = tmp_path / "included"
    conditional = f'[includeIf "gitdir:{repo.path}/**"]\n\tpath = {included}\n'
    included.write_text(f"[core]\n\tfsmonitor = {canary.program}\n\tpager = {canary.program}\n")
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        hook = repo.git_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to(canary.program)
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil\n*.py -diff\n*.txt binary\n")
    for key in _RUN:
        repo.git("config", key, str(canary.program))
    for key, value in _SEE.items():
        repo.git("config", key, value)
    with (repo.git_dir / "config").open("a") as file:
        file.write(f"[include]\n\tpath = {included}\n{conditional}")
    tip = repo.head
    repo.git("--work-tree", str(repo.path), "status")
    assert canary.sang(), "git itself would have run it"
    with (repo.git_dir / "config").open("a") as file:
        file.write("[include]\n\tpath = /dev/zero\n")
    row = inspect(str(repo.git_dir), False, True, "/nonexistent", ALL)
    assert (row["error"], row["tips"]) == (None, [tip])
    assert read(repo) == before
    assert not canary.sang()


@pytest.mark.parametrize("path", ["{config}", "/etc/passwd"], ids=["itself", "no configuration"])
def test_an_include_that_cannot_be_followed_is_the_error_of_its_source(
    repo: RepositoryBuilder, path: str
) -> None:
    with (repo.git_dir / "config").open("a") as file:
        file.write(f"[include]\n\tpath = {path.format(config=repo.git_dir / 'config')}\n")
    row = inspect(str(repo.git_dir), False, True, "/nonexistent", ALL)
    assert "config" in row["error"]
    assert row["tips"] == []


def test_a_bare_repository_among_the_files_is_only_files(
    repo: RepositoryBuilder, canary: Canary
) -> None:
    """A clone can bring one along, with a configuration that git obeys when it stands in it."""
    inner, tip = repo.path / "docs" / "inner", repo.head
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(inner))
    repo.git("-C", str(inner), "remote", "remove", "origin")
    repo.git("-C", str(inner), "config", "diff.external", str(canary.program))
    repo.git("-C", str(inner), "diff", "HEAD~1", "HEAD")
    assert canary.sang(), "git itself would have run it"
    repo.commit("bring it along")
    found = read(repo)
    assert {"docs/inner/HEAD", "docs/inner/config"} <= {row["path"] for row in found.tree}
    assert not found.reasons()
    expected = Source(str(inner), is_url=False, named=True)
    assert find_sources([], [], inner) == [expected]
    row = inspect(str(inner), False, True, "/nonexistent", ALL)
    assert (row["source"], row["tips"]) == (str(inner), [tip]), "not the one around it"
    assert not canary.sang()


def test_links_are_texts_and_are_not_followed(repo: RepositoryBuilder) -> None:
    targets = {"passwd": "/etc/passwd", "zero": "/dev/zero", "up": "../" * 9, "self": "self"}
    for name, target in targets.items():
        repo.symlink(name, target)
    oid = repo.commit("links")
    found = read(repo)
    assert not found.reasons()
    for name, target in targets.items():
        change = found.change(oid, name)
        assert change["new_mode"] == 0o120000
        assert change["patch"].endswith(f"+{target}\n\\ No newline at end of file\n")
        assert change["new_oid"] not in found.blobs
    sizes = {row["path"]: row["size"] for row in found.tree}
    assert sizes["passwd"] == len("/etc/passwd")
    assert sizes["zero"] == len("/dev/zero")


@pytest.mark.parametrize(
    "url",
    ["../../../etc", "-u./run", "--upload-pack=touch run", "ext::sh -c touch% run", "file:///etc"],
)
def test_submodules_and_large_files_elsewhere_are_only_named(
    repo: RepositoryBuilder, url: str
) -> None:
    repo.write(
        ".gitmodules", f'[submodule "s"]\n\tpath = sub\n\turl = {url}\n\tupdate = !touch x\n'
    )
    repo.write(".lfsconfig", f"[lfs]\n\turl = {url}\n\tstandalonetransferagent = evil\n")
    repo.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'1' * 64}\nsize 9\n"
    repo.write("large.bin", pointer)
    repo.submodule("sub")
    oid = repo.commit("pointers")
    found = read(repo)
    assert not found.reasons()
    assert found.change(oid, "sub")["new_mode"] == 0o160000
    assert found.blobs[found.change(oid, "large.bin")["new_oid"]]["text"] == pointer
    assert {row["path"]: row["size"] for row in found.tree}["sub"] is None
    assert not list(repo.path.rglob("run"))


def test_a_promise_of_objects_elsewhere_is_not_redeemed(
    repo: RepositoryBuilder, canary: Canary
) -> None:
    """Git fetches the lost objects of a partial clone whenever it misses one."""
    lost = repo.git("rev-parse", "HEAD:a.py")
    tip = repo.head
    repo.lose(lost)
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("remote.origin.url", f"ext::{canary.program}"),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
    ):
        repo.git("config", key, value)
    repository = open_repository(str(repo.git_dir))
    kinds = {kind for kind, _ in read_commit(repository, tip, CAPS)}
    assert kinds == {"commit", "change", "reject", "wanted"}
    repo.git("config", "extensions.partialClone", "origin")
    row = inspect(str(repo.git_dir), False, True, "/nonexistent", ALL)
    assert "partialclone" in row["error"].lower()
    assert not canary.sang()


ADDRESSES = {
    "ext": "ext::{canary}",
    "ext as a URL": "ext::{canary} ://host/a",
    "fd": "fd::0",
    "upload-pack": "--upload-pack={canary}",
    "file": "file://{repo}",
    "file in capitals": "FILE://{repo}",
    "proxy command": "ssh://-oProxyCommand={canary}/a",
    "proxy command of a user": "git@-oProxyCommand={canary}:a",
    "dash as a path": "ssh://localhost:1/-{canary}",
    "line break": "https://localhost:1/a\n--upload-pack={canary}",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_runs_nothing_here(
    repo: RepositoryBuilder, canary: Canary, tmp_path: Path, address: str
) -> None:
    """Refused where it is read from a list, and once more by git, should it come that far."""
    text = address.format(canary=canary.program, repo=repo.path)
    with pytest.raises((SourceError, CloneError)):
        for source in find_sources([], [text], tmp_path):
            clone(source.address, str(tmp_path / "cache"), ALL.clone, pulls=True)
    with pytest.raises(CloneError):
        clone(text, str(tmp_path / "cache"), ALL.clone, pulls=True)
    row = inspect(text, True, False, str(tmp_path / "cache"), ALL)
    assert row["error"]
    assert not canary.sang()
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("kind", ["fifo", "folder", "link to itself"])
def test_a_head_that_is_no_file_is_no_repository(repo: RepositoryBuilder, kind: str) -> None:
    head = repo.git_dir / "HEAD"
    head.unlink()
    if kind == "fifo":
        os.mkfifo(head)
    elif kind == "folder":
        head.mkdir()
    else:
        head.symlink_to(head)
    with pytest.raises(SourceError, match="not a git repository"):
        parse_source(str(repo.path), named=True)
