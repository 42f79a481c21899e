"""Texts that are not plain UTF-8 with line feeds: kept to the byte, and their patches apply."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.bronze.git_objects import Rejected, open_repository, read_blob
from tests.etl.bronze.reading import CAPS, Reading, read
from tests.repositories import RepositoryBuilder


@dataclass(frozen=True)
class Odd:
    """One file before and after a change, and how it is to be read."""

    before: bytes
    after: bytes
    encoding: str | None = None
    is_binary: bool = False
    odd: tuple[str, ...] | None = None


def edited(text: str, charset: str, mark: bytes = b"") -> tuple[bytes, bytes]:
    lines = "".join(f"line_{n} = {n}\n" for n in range(9)) + text
    after = lines.replace("line_4 = 4", "line_4 = 'ü'")
    return mark + lines.encode(charset), mark + after.encode(charset)


FILES = {
    "crlf.py": Odd(b"a = 1\r\nb = 2\r\n", b"a = 1\r\nb = 3\r\n"),
    "mixed.py": Odd(b"a = 1\r\nb = 2\n", b"a = 1\nb = 2\r\n"),
    "cr.py": Odd(b"a = 1\rb = 2\rc = 3", b"a = 1\rb = 4\rc = 3"),
    "bom.py": Odd(b"\xef\xbb\xbfa = 1\nb = 2\n", b"\xef\xbb\xbfa = 2\nb = 2\n"),
    "bom_comes.py": Odd(b"a = 1\n", b"\xef\xbb\xbfa = 1\n"),
    "separators.py": Odd("a\u2028b\x0c\x85\n".encode(), "a\u2028c\x0c\x85\n".encode()),
    "latin.py": Odd(*edited("# caf\xe9\n", "iso-8859-1"), encoding="windows-1252"),
    "quotes.py": Odd(*edited("# “€”\n", "windows-1252"), encoding="windows-1252"),
    "undefined.py": Odd(*edited("# \x81\xe9\n", "iso-8859-1"), encoding="iso-8859-1"),
    "unmarked16.py": Odd(*edited("# é\n", "utf-16-le"), is_binary=True),
    "utf16.py": Odd(
        *edited("# é\n", "utf-16-le", b"\xff\xfe"),
        encoding="utf-16-le",
        is_binary=True,
    ),
    "utf16be.py": Odd(
        *edited("# é\n", "utf-16-be", b"\xfe\xff"),
        encoding="utf-16-be",
        is_binary=True,
    ),
    "nul.py": Odd(b"a = '\0'\n", b"b = '\0'\n", is_binary=True),
    "late_nul.py": Odd(b"#" * 9000 + b"\n\0\n", b"#" * 9000 + b"\n\0\0\n"),
    "bidi.py": Odd(b"a\n", "a  # \u202e\u2066\n".encode(), odd=("bidi_control",)),
    "hidden.py": Odd(b"a\n", "a\u200bb = '\ufeff'\n".encode(), odd=("zero_width",)),
    "hidden16.py": Odd(
        "\ufeffa\n".encode("utf-16-le"),
        "\ufeffa\u200b\u202a\n".encode("utf-16-le"),
        encoding="utf-16-le",
        is_binary=True,
        odd=("bidi_control", "zero_width"),
    ),
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> RepositoryBuilder:
    made = RepositoryBuilder(tmp_path_factory.mktemp("odd") / "project")
    for name, file in FILES.items():
        made.write(name, file.before)
    made.commit("before")
    for name, file in FILES.items():
        made.write(name, file.after)
    made.commit("after")
    return made


@pytest.fixture(scope="module")
def reading(repo: RepositoryBuilder) -> Reading:
    return read(repo)


@pytest.mark.parametrize("name", FILES)
def test_a_text_is_kept_to_the_byte(repo: RepositoryBuilder, reading: Reading, name: str) -> None:
    file = FILES[name]
    assert not reading.reasons()
    change = reading.change(repo.head, name)
    assert change["is_binary"] == file.is_binary, "as git says"
    if file.is_binary and file.encoding is None:
        assert change["new_oid"] not in reading.blobs
        return
    blob = reading.blobs[change["new_oid"]]
    assert (blob["encoding"], blob["is_binary"]) == (file.encoding, file.is_binary)
    assert blob["text"].encode(file.encoding or "utf-8") == file.after
    assert blob["raw"] == (file.after if file.encoding else None)
    assert blob["odd_characters"] == (list(file.odd) if file.odd else None)
    assert reading.blobs[change["old_oid"]]["odd_characters"] is None


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if not file.is_binary])
def test_its_patch_applies(
    repo: RepositoryBuilder, reading: Reading, name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(FILES[name].before)
    change = reading.change(repo.head, name)
    patch = change["patch"].encode(change["encoding"] or "utf-8")
    assert patch == change["patch_raw"] or change["encoding"] is None
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path)},
        input=patch,
        check=True,
    )
    assert (tmp_path / name).read_bytes() == FILES[name].after


def test_a_file_that_becomes_a_link_has_one_patch_in_one_charset(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("name", b"caf\xe9\n")
    repo.commit("a file")
    repo.delete("name")
    repo.symlink("name", "elsewhere")
    oid = repo.commit("a link")
    change = read(repo).change(oid, "name")
    assert (change["status"], change["encoding"]) == ("T", "windows-1252")
    assert change["patch"].encode("windows-1252") == change["patch_raw"]
    assert "-café\n" in change["patch"]
    assert "+elsewhere\n" in change["patch"]


def test_a_utf16_text_over_the_cap_is_left_binary(tmp_path: Path) -> None:
    repo = RepositoryBuilder(tmp_path)
    repo.write("long.txt", ("\ufeff" + "x" * CAPS.blob_bytes).encode("utf-16-le"))
    oid = repo.commit("long")
    found = read(repo)
    change = found.change(oid, "long.txt")
    assert (change["is_binary"], found.blobs, found.reasons()) == (True, {}, set())
    blob = read_blob(open_repository(str(repo.git_dir)), change["new_oid"], CAPS)
    assert isinstance(blob, Rejected)
    assert blob.reason == "blob_too_large"
