"""Clones over HTTP from a server on this machine; nothing that a host or repository asks is run."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pygit2
import pytest

from etl.bronze.clone import CloneError, CloneParams, clone
from etl.bronze.git_objects import open_repository
from tests.repositories import RepositoryBuilder

PARAMS = CloneParams(seconds=60)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and those of two old names by a redirect."""

    def do_GET(self) -> None:
        for old, host in (("/renamed/", "127.0.0.1"), ("/mirrored/", "localhost")):
            if self.path.startswith(old):
                self.send_response(http.HTTPStatus.MOVED_PERMANENTLY)
                port = self.connection.getsockname()[1]
                self.send_header("Location", f"http://{host}:{port}/{self.path.removeprefix(old)}")
                self.end_headers()
                return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def publish(repo: RepositoryBuilder) -> None:
    """What a plain web server needs to serve a repository (git's dumb HTTP protocol)."""
    repo.git("update-server-info")


@pytest.fixture
def repo(root: Path, request: pytest.FixtureRequest) -> RepositoryBuilder:
    made = RepositoryBuilder(root / request.node.name)
    made.write("a.py", "A = 1\n")
    made.commit("first")
    publish(made)
    return made


def url_of(address: str, repo: RepositoryBuilder) -> str:
    return f"{address}/{repo.path.name}/.git"


def head(location: str) -> str:
    return str(open_repository(location).head.target)


def test_a_clone_is_bare_and_whole(repo: RepositoryBuilder, address: str, tmp_path: Path) -> None:
    place, url = clone(url_of(address, repo), str(tmp_path), PARAMS, pulls=True)
    assert url == url_of(address, repo)
    assert pygit2.Repository(place).is_bare
    assert head(place) == repo.head
    assert [p.name for p in tmp_path.iterdir()] == [Path(place).name]


def test_a_second_clone_brings_what_is_new(
    repo: RepositoryBuilder, address: str, tmp_path: Path
) -> None:
    first = clone(url_of(address, repo), str(tmp_path), PARAMS, pulls=True).location
    repo.write("b.py", "B = 1\n")
    repo.commit("second")
    repo.branch("topic")
    publish(repo)
    assert clone(url_of(address, repo), str(tmp_path), PARAMS, pulls=True).location == first
    assert head(first) == repo.head
    assert "refs/heads/topic" in open_repository(first).references
    repo.checkout("main")
    repo.git("branch", "-D", "topic")
    repo.git("reset", "--hard", "--quiet", "HEAD~1")
    rewritten = repo.commit("another second")
    publish(repo)
    clone(url_of(address, repo), str(tmp_path), PARAMS, pulls=True)
    assert head(first) == rewritten
    assert "refs/heads/topic" not in open_repository(first).references


def test_two_spellings_of_an_address_share_a_clone(
    repo: RepositoryBuilder, address: str, tmp_path: Path
) -> None:
    url = url_of(address, repo)
    spelled = url.replace("http://", "http://someone@") + "/"
    places = {clone(each, str(tmp_path), PARAMS, pulls=True).location for each in (url, spelled)}
    assert len(places) == 1


def test_a_redirect_tells_the_new_name_and_a_mirror_none(
    repo: RepositoryBuilder, address: str, tmp_path: Path
) -> None:
    new, old = url_of(address, repo), url_of(f"{address}/renamed", repo)
    for _ in ("cloned", "fetched"):
        place, url = clone(old, str(tmp_path), PARAMS, pulls=True)
        assert url.rstrip("/") == new
        assert head(place) == repo.head
    mirrored = url_of(f"{address}/mirrored", repo)
    assert clone(mirrored, str(tmp_path), PARAMS, pulls=True).url == mirrored


@pytest.mark.parametrize("scheme", ["file", "ext", "option"])
def test_what_could_run_or_read_here_is_refused(
    repo: RepositoryBuilder, tmp_path: Path, scheme: str
) -> None:
    marker = tmp_path / "ran"
    cache = tmp_path / "cache"
    url = {
        "file": f"file://{repo.path}",
        "ext": f"ext::sh -c touch% {marker}",
        "option": f"--upload-pack=touch {marker}",
    }[scheme]
    with pytest.raises(CloneError):
        clone(url, str(cache), PARAMS, pulls=True)
    assert not marker.exists()
    assert list(cache.iterdir()) == []


def test_a_failed_clone_says_why_and_leaves_nothing(address: str, tmp_path: Path) -> None:
    with pytest.raises(CloneError, match=r"fatal: .*not found"):
        clone(f"{address}/no-such-repository", str(tmp_path), PARAMS, pulls=True)
    assert list(tmp_path.iterdir()) == []


def test_hooks_and_templates_of_the_user_do_not_run(
    repo: RepositoryBuilder, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "ran"
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        f"[init]\n\ttemplateDir = {tmp_path}/template\n[core]\n\thooksPath = {hooks}\n"
        f"\tfsmonitor = touch {marker}\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(config.read_text())
    url, cache = url_of(address, repo), tmp_path / "cache"
    place = clone(url, str(cache), PARAMS, pulls=True).location
    repo.commit("more")
    publish(repo)
    clone(url, str(cache), PARAMS, pulls=True)
    assert head(place) == repo.head
    assert not marker.exists()
    assert not list(Path(place).glob("hooks/*"))


def test_submodules_are_not_fetched(
    root: Path, address: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    repo = RepositoryBuilder(root / request.node.name)
    repo.write(
        ".gitmodules",
        f'[submodule "sub"]\n\tpath = sub\n\turl = ext::sh -c touch% {tmp_path}/ran\n',
    )
    repo.submodule("sub")
    repo.commit("with a submodule")
    publish(repo)
    place = clone(url_of(address, repo), str(tmp_path / "cache"), PARAMS, pulls=True).location
    assert head(place) == repo.head
    assert not (tmp_path / "ran").exists()
