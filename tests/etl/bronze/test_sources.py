"""What a user may name as a source, and what each is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.bronze.sources import (
    Source,
    canonical_url,
    digest,
    find_sources,
    git_directory,
    parse_source,
    short_name,
)
from etl.errors import SourceError
from tests.repositories import RepositoryBuilder


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path_factory.mktemp("sources") / "project")
    made.write("src/a.py", "A = 1\n")
    made.commit("first")
    return made


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://github.com/pallets/click", "github.com/pallets/click"),
        ("https://github.com/pallets/click.git", "github.com/pallets/click"),
        ("https://github.com/Pallets/Click/", "github.com/pallets/click"),
        ("http://user:secret@GitHub.com/pallets/click", "github.com/pallets/click"),
        ("ssh://git@github.com/pallets/click.git", "github.com/pallets/click"),
        ("git@github.com:pallets/click.git", "github.com/pallets/click"),
        ("github.com:pallets/click", "github.com/pallets/click"),
        ("https://git.example.org/Owner/Name", "git.example.org/Owner/Name"),
        ("https://git.example.org:8443/a/b", "git.example.org:8443/a/b"),
        ("https://gitlab.com/Group/Sub/Project.git", "gitlab.com/group/sub/project"),
    ],
)
def test_one_repository_has_one_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(f"https://{canonical}") == canonical


@pytest.mark.parametrize(
    ("canonical", "name"),
    [
        ("github.com/pallets/click", "pallets/click"),
        ("gitlab.com/group/sub/project", "sub/project"),
        ("/home/ada/work/tally", "work/tally"),
        ("/home/ada/work/tally/.git", "work/tally"),
        ("tally", "tally"),
    ],
)
def test_short_names_are_the_last_two_parts(canonical: str, name: str) -> None:
    assert short_name(canonical) == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("--upload-pack=touch /tmp/x", ["cannot start with `-`"]),
        ("file:///etc", ["scheme `file` is not allowed", "https, http, ssh", "by its path"]),
        ("git://host/a/b", ["scheme `git` is not allowed"]),
        ("ext::sh -c 'touch /tmp/x'", ["remote helpers", "not allowed"]),
        ("https:///owner/name", ["names no host"]),
        ("no/such/folder", ["There is no `no/such/folder`", "git repository", "URL"]),
    ],
)
def test_what_is_no_source_is_refused_with_what_to_do(text: str, words: list[str]) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text, named=True)
    assert all(word in str(caught.value) for word in [text, *words])


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"not a git repository.*--show-toplevel"):
        parse_source(str(tmp_path), named=True)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(SourceError, match="not a git repository"):
        parse_source(str(file), named=True)


@pytest.mark.parametrize("text", ["https://h/a/b", "ssh://git@h/a", "git@host:owner/name.git"])
def test_urls_are_cloned_first(text: str) -> None:
    assert parse_source(text, named=False) == Source(text, is_url=True, named=False)


def test_a_path_is_read_in_place(repo: RepositoryBuilder) -> None:
    expected = Source(str(repo.git_dir), is_url=False, named=True)
    assert parse_source(str(repo.path), named=True) == expected
    assert parse_source(str(repo.git_dir), named=True) == expected


def test_git_directories_of_all_kinds_are_found(repo: RepositoryBuilder, tmp_path: Path) -> None:
    bare, tree = tmp_path / "bare.git", tmp_path / "tree"
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(bare))
    repo.git("worktree", "add", "--quiet", "--detach", str(tree))
    assert git_directory(bare) == bare
    found = git_directory(tree)
    assert found is not None
    assert found.parent == repo.git_dir / "worktrees"
    assert git_directory(repo.path / "src") is None


@pytest.mark.parametrize("text", ["", "gitdir: ../nowhere", "gitdir:", "\0\xff", "gitdir: /"])
def test_a_dot_git_file_that_leads_nowhere_is_no_repository(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").write_text(text, encoding="latin-1")
    assert git_directory(tmp_path) is None


def test_no_argument_means_the_repository_around(repo: RepositoryBuilder, tmp_path: Path) -> None:
    expected = [Source(str(repo.git_dir), is_url=False, named=True)]
    assert find_sources([], [], repo.path / "src") == expected
    assert find_sources([], [], repo.path) == expected
    with pytest.raises(SourceError, match=r"in no git repository.*sluice run PATH_OR_URL"):
        find_sources([], [], tmp_path)


def test_a_source_named_twice_is_read_once_as_named(repo: RepositoryBuilder) -> None:
    path, url = str(repo.path), "https://h/a/b"
    found = find_sources([url], [path, url, str(repo.git_dir)], repo.path)
    assert found == [
        Source(url, is_url=True, named=True),
        Source(str(repo.git_dir), is_url=False, named=False),
    ]


def test_one_bad_source_fails_all(repo: RepositoryBuilder) -> None:
    with pytest.raises(SourceError, match="no/such"):
        find_sources([str(repo.path), "no/such"], [], repo.path)


parts = st.lists(st.text(alphabet=st.characters(exclude_characters="\0"), max_size=4), max_size=4)


@given(parts, parts)
def test_digests_tell_lists_of_parts_apart(one: list[str], two: list[str]) -> None:
    def is_encodable(words: list[str]) -> bool:
        return all(w.encode("utf-8", "ignore").decode() == w for w in words)

    if is_encodable(one) and is_encodable(two):
        assert (digest(*one) == digest(*two)) == (one == two)
