"""Git objects as plain rows, read through libgit2.

libgit2 runs nothing that a repository configures (hooks, filters, fsmonitor, textconv), which is
why history is never read through the `git` program. What libgit2 cannot read is handed to
`Rejected`, and the rest goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from stat import S_IFMT
from typing import Any

import pygit2
import re2
from pygit2.enums import (
    ConfigLevel,
    DeltaStatus,
    DiffFind,
    FileMode,
    ObjectType,
    RepositoryOpenFlag,
    SortMode,
)

from etl.bronze.diff_bounds import (
    TooManyPathsError,
    parent_trees,
    require_id,
    require_small_trees,
    size_of,
)
from udfs.authors import email_digests
from udfs.encodings import decode_declared, decode_text, is_utf16
from udfs.texts import read_text

Row = dict[str, Any]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799  # the years 1 to 9999
_NEUTRAL = Path(__file__).with_name("neutral.gitconfig")
_NOTHING = pygit2.Oid(hex="0" * 40)
_PARENT = re2.compile(rb"parent ([0-9a-f]{40}|[0-9a-f]{64})")
_STATUS = {
    DeltaStatus.ADDED: "A",
    DeltaStatus.MODIFIED: "M",
    DeltaStatus.DELETED: "D",
    DeltaStatus.RENAMED: "R",
    DeltaStatus.COPIED: "C",
    DeltaStatus.TYPECHANGE: "T",
}


@dataclass(frozen=True)
class Caps:
    """Limits of what is read.

    Attributes:
        blob_bytes: largest text that is kept.
        patch_bytes: largest patch of one file that is kept.
        diff_bytes: largest file that is compared; a larger one counts as binary.
        diff_entries: most files and folders of a tree that is compared.
        tree_entries: most files, and most folders, of a tree that are listed; most files in which a
            commit may differ from its parent.
        tree_depth: deepest folder that is entered.
        rename_files: most files of a commit among which renames are searched.
        commit_bytes: patches of one commit that are held at a time; those after are made again when
            their turn comes, so that memory does not follow the size of a commit.
        cache_bytes: objects that stay unpacked, since a commit reads what the one before it wrote.
    """

    blob_bytes: int
    patch_bytes: int
    diff_bytes: int
    diff_entries: int
    tree_entries: int
    tree_depth: int
    rename_files: int
    commit_bytes: int
    cache_bytes: int


@dataclass(frozen=True)
class Rejected:
    """Something that was left out, and why.

    The key says first what it is: `commit OID`, `patch OID PATH`, `blob OID`, `tree PATH`, or
    `duplicate PATH BLOB` and `duplicate COMMIT PATH BLOB` for a path that came twice.
    """

    key: str
    reason: str
    detail: str | None = None


def open_repository(location: str) -> pygit2.Repository:
    """Open a repository for reading, as a bare one: what is checked out changes no row.

    Of all configuration only its own file is looked at, and that does not change diffs.

    Raises:
        pygit2.GitError: it is not a repository.
    """
    for level in (ConfigLevel.SYSTEM, ConfigLevel.GLOBAL, ConfigLevel.XDG):
        pygit2.settings.search_path[level] = ""
    # A job often reads repositories that another user cloned; nothing of them is executed.
    pygit2.settings.owner_validation = False
    flags = RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE
    repository = pygit2.Repository(location, flags)
    # The method of the class, because that of a repository's configuration refuses to add files.
    pygit2.Config.add_file(repository.config, _NEUTRAL, ConfigLevel.APP)
    return repository


def check_ids() -> None:
    """Let libgit2 compare the id of each object that it reads with its content.

    Else commits that are stored under false ids could be their own ancestors.
    """
    pygit2.settings.enable_strict_hash_verification(True)


def read_fast(caps: Caps) -> None:
    """Let libgit2 keep texts and trees unpacked, which it does not do of itself, and trust ids.

    To compare ids takes libgit2 a quarter of the time of reading. What is read here is compared
    once, and not by the slow hash that finds collisions: see `require_id`.
    """
    pygit2.settings.enable_strict_hash_verification(False)
    for kind in (ObjectType.BLOB, ObjectType.TREE):
        pygit2.settings.cache_object_limit(kind, caps.blob_bytes)
    pygit2.settings.cache_max_size(caps.cache_bytes)


def decode(raw: bytes) -> tuple[str, bytes | None]:
    """Text of some bytes, and the bytes themselves where they are not valid UTF-8."""
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="backslashreplace"), raw


def timestamp(seconds: int) -> dt.datetime | None:
    """The time in UTC, or None outside the years that a timestamp can hold."""
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        return None
    return _EPOCH + dt.timedelta(seconds=seconds)


def walk(repository: pygit2.Repository, tips: list[str], known: list[str]) -> Iterator[str]:
    """Ids of the commits reachable from `tips` and not from `known`, children after parents.

    The order depends on the history alone. Known tips that a force-push took away are ignored.
    A commit that is lost or malformed is named like any other, so that reading it gives a reason.
    """
    count = 0
    try:
        for commit in _walker(repository, tips, known):
            yield str(commit.id)
            count += 1
    except pygit2.GitError:  # libgit2 gives up on the whole history at one commit it cannot parse
        named = islice(_walker(repository, tips, known), count) if count else ()
        yield from _walk_raw(repository, tips, known, {str(commit.id) for commit in named})


def _walker(
    repository: pygit2.Repository, tips: list[str], known: list[str]
) -> Iterator[pygit2.Commit]:
    walker = repository.walk(None, SortMode.TOPOLOGICAL | SortMode.REVERSE)
    for tip in sorted(tips):
        walker.push(pygit2.Oid(hex=tip))
    for tip in sorted(known):
        if pygit2.Oid(hex=tip) in repository:
            walker.hide(pygit2.Oid(hex=tip))
    return iter(walker)


def _walk_raw(
    repository: pygit2.Repository, tips: list[str], known: list[str], named: set[str]
) -> Iterator[str]:
    """What `walk` has not named yet, by the parents that the stored objects list."""
    hidden: set[str] = set()
    pending = sorted(known)
    while pending:
        oid = pending.pop()
        if oid not in hidden:
            hidden.add(oid)
            pending += _parents(repository, oid) or []
    seen = named | hidden
    for tip in sorted(tips):
        stack: list[tuple[str, list[str]]] = []
        following = [tip]
        while True:
            if following:
                oid = following.pop()
                if oid in seen:
                    continue
                parents = _parents(repository, oid)
                if parents is None and repository.is_shallow:
                    continue  # the history is cut off here on purpose
                seen.add(oid)
                stack.append((oid, following))
                following = list(reversed(parents or []))
            elif stack:
                oid, following = stack.pop()
                yield oid
            else:
                break


def _parents(repository: pygit2.Repository, oid: str) -> list[str] | None:
    """The parents that a stored commit lists; None where there is no such commit."""
    try:
        kind, data = repository.read(pygit2.Oid(hex=oid))
    except (pygit2.GitError, KeyError, ValueError):
        return None
    if kind != ObjectType.COMMIT:
        return None
    lines = data.partition(b"\n\n")[0].split(b"\n")
    return [m[1].decode("ascii") for line in lines if (m := _PARENT.fullmatch(line))]


def _message(commit: pygit2.Commit, whole: bytes) -> tuple[str, bytes | None]:
    text, raw = decode(commit.raw_message)
    if raw is not None:
        # An unknown or false encoding: the escaped text stands, the bytes are kept.
        text = decode_declared(raw, _declared(commit)) or text
    stored = whole.partition(b"\n\n")[2]
    return text, stored if b"\0" in stored else raw  # git and libgit2 read up to a NUL


def _declared(commit: pygit2.Commit) -> str:
    try:
        return commit.message_encoding or ""
    except UnicodeDecodeError:
        return ""


def _signature(prefix: str, signature: pygit2.Signature | None) -> Row:
    if signature is None:
        return {f"{prefix}_{part}": None for part in ("name", "email", "time", "offset")}
    return {
        f"{prefix}_name": decode(signature.raw_name)[0],
        f"{prefix}_email": decode(signature.raw_email)[0],
        f"{prefix}_time": signature.time,
        f"{prefix}_offset": signature.offset,
    }


def _diff(
    repository: pygit2.Repository, commit: pygit2.Commit, parents: list[pygit2.Tree], caps: Caps
) -> pygit2.Diff:
    require_small_trees(repository, (*parents, commit.tree), caps.diff_entries)

    def compare() -> pygit2.Diff:
        if parents:
            return parents[0].diff_to_tree(commit.tree)
        return commit.tree.diff_to_tree(swap=True)

    diff = compare()
    if len(diff) > caps.tree_entries:
        raise TooManyPathsError(f"over {caps.tree_entries} paths differ")
    if len(diff) > caps.rename_files:
        return diff
    try:
        flags = _rename_search(repository, diff, caps)
        diff.find_similar(flags=flags, rename_limit=caps.rename_files)
    except (pygit2.GitError, KeyError):
        return compare()  # a text is lost, so likeness cannot be told
    return diff


def _rename_search(repository: pygit2.Repository, diff: pygit2.Diff, caps: Caps) -> DiffFind:
    """Renames by likeness, or of equal files only where one is too large to be read for it."""
    gone = [d.old_file.id for d in diff.deltas if d.status == DeltaStatus.DELETED]
    come = [d.new_file.id for d in diff.deltas if d.status == DeltaStatus.ADDED]
    if gone and come and any(size_of(repository, o) > caps.diff_bytes for o in (*gone, *come)):
        return DiffFind.FIND_RENAMES | DiffFind.FIND_EXACT_MATCH_ONLY
    return DiffFind.FIND_RENAMES


def _read_patch(
    repository: pygit2.Repository,
    diff: pygit2.Diff,
    index: int,
    delta: pygit2.DiffDelta,
    caps: Caps,
) -> tuple[pygit2.Patch | None, str | None, str | None]:
    """The patch of one file, or the reason why there is none with its detail."""
    files = [f for f in (delta.old_file, delta.new_file) if f.mode != FileMode.COMMIT]
    size = max((size_of(repository, f.id) for f in files if f.id != _NOTHING), default=0)
    if size > caps.diff_bytes:
        return None, "file_too_large", f"{size} bytes"
    try:
        return diff[index], None, None
    except (pygit2.GitError, KeyError) as error:
        return None, "patch_unreadable", str(error)


def _change(delta: pygit2.DiffDelta, patch: pygit2.Patch | None) -> Row:
    """The row of one file; without a patch what the trees alone say of it."""
    status = _STATUS.get(delta.status, "M")
    old, new = delta.old_file, delta.new_file
    path, path_raw = decode(old.raw_path if status == "D" else new.raw_path)
    old_path = None if status == "A" else decode(old.raw_path)[0]
    row: Row = {
        "path": path,
        "path_raw": path_raw,
        "old_path": old_path,
        "status": status,
        "old_oid": None if status == "A" else str(old.id),
        "new_oid": None if status == "D" else str(new.id),
        "old_mode": None if status == "A" else int(old.mode),
        "new_mode": None if status == "D" else int(new.mode),
        "additions": None,
        "deletions": None,
        "is_binary": False,
        "encoding": None,
        "patch": None,
        "patch_raw": None,
        "patch_of": (),
    }
    if patch is not None:
        _, row["additions"], row["deletions"] = patch.line_stats
        row["is_binary"] = bool(patch.delta.is_binary)
    return row


def _put_patch(row: Row, data: bytes) -> None:
    row["patch"], row["encoding"] = decode_text(data)
    row["patch_raw"] = data if row["encoding"] else None


def _join_type_changes(changes: list[Row]) -> list[Row]:
    """A file that became a link (or the reverse) is one change with two patches, as in git."""
    joined: list[Row] = []
    places: dict[str, int] = {}
    for change in changes:
        place = places.setdefault(change["path"], len(joined))
        gone = joined[place] if place < len(joined) else None
        if (
            gone is None
            or (gone["status"], change["status"]) != ("D", "A")
            or S_IFMT(gone["old_mode"]) == S_IFMT(change["new_mode"])
        ):
            joined.append(change)
            continue
        both = change | {
            "status": "T",
            **{name: gone[name] for name in ("old_path", "old_oid", "old_mode")},
            "additions": _sum((gone, change), "additions"),
            "deletions": _sum((gone, change), "deletions"),
            "is_binary": gone["is_binary"] or change["is_binary"],
            "patch_of": gone["patch_of"] + change["patch_of"],
        }
        both |= {"encoding": None, "patch": None, "patch_raw": None}
        joined[place] = both if gone["patch_of"] and change["patch_of"] else both | {"patch_of": ()}
    return joined


def _sum(changes: Iterable[Row], name: str) -> int:
    return sum(change[name] or 0 for change in changes)


def _merge_results(
    repository: pygit2.Repository, commit: pygit2.Commit, parents: list[pygit2.Tree], caps: Caps
) -> list[pygit2.Oid]:
    """Blobs of a merge that none of its parents has: what a person wrote while merging."""
    require_small_trees(repository, (parents[0], commit.tree), caps.diff_entries)
    diff = parents[0].diff_to_tree(commit.tree)
    found = []
    for delta in diff.deltas:
        if delta.status == DeltaStatus.DELETED or delta.new_file.mode == FileMode.COMMIT:
            continue
        path, oid = delta.new_file.path, delta.new_file.id
        for tree in parents[1:]:
            try:
                if tree[path].id == oid:
                    break
            except (pygit2.GitError, KeyError):
                continue
        else:
            found.append(oid)
    return found


def _has_text(repository: pygit2.Repository, change: Row, caps: Caps) -> bool:
    """Whether a change brings a text: what git calls binary may be UTF-16."""
    oid = change["new_oid"]
    if oid is None or change["new_mode"] in (FileMode.COMMIT, FileMode.LINK):
        return False
    if not change["is_binary"]:
        return True
    blob = repository[oid] if size_of(repository, oid) <= caps.blob_bytes else None
    return isinstance(blob, pygit2.Blob) and is_utf16(blob.data)


def _is_removed(commit: pygit2.Commit, removed: frozenset[str]) -> bool:
    people = [person for person in (commit.author, commit.committer) if person is not None]
    return any(email_digests(decode(person.raw_email)[0]) & removed for person in people)


def read_commit(
    repository: pygit2.Repository, oid: str, caps: Caps, removed: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Row | Rejected]]:
    """One commit as rows: ("commit", …), ("change", …) for each file, ("reject", …).

    A merge has no changes of its own here, as in `git log`. `("wanted", {"oid": …})` names each
    blob whose text the commit brought.

    Args:
        repository: where the commit is.
        oid: its id.
        caps: limits of what is read.
        removed: digests of people (udfs.authors) whose commits are rejected unread.
    """
    try:
        commit = repository[oid]
        if not isinstance(commit, pygit2.Commit):
            yield "reject", Rejected(f"commit {oid}", "not_a_commit")
            return
        if removed and _is_removed(commit, removed):
            yield "reject", Rejected(f"commit {oid}", "author_removed")
            return
        whole = commit.read_raw()
        require_id("commit", oid, whole)
        changes: list[Row] = []
        wanted: list[pygit2.Oid] = []
        rejects: list[Rejected] = []
        parents = parent_trees(repository, commit)
        if len(parents) > 1:
            wanted = _merge_results(repository, commit, parents, caps)
        else:
            diff = _diff(repository, commit, parents, caps)
            held = 0
            for index, delta in enumerate(diff.deltas):
                patch, reason, detail = _read_patch(repository, diff, index, delta, caps)
                row = _change(delta, patch)
                changes.append(row)
                if _has_text(repository, row, caps):
                    wanted.append(delta.new_file.id)
                if patch is not None and not row["is_binary"]:
                    data = patch.data
                    if len(data) <= caps.patch_bytes:
                        row["patch_of"] = (index,)
                        if held + len(data) <= caps.commit_bytes:
                            held += len(data)
                            _put_patch(row, data)
                    elif row["new_oid"]:
                        reason = "patch_too_large"
                row["is_binary"] |= reason == "file_too_large"
                if reason is not None:
                    rejects.append(Rejected(f"patch {oid} {row['path']}", reason, detail))
        changes = _join_type_changes(changes)
        message, message_raw = _message(commit, whole)
        author = commit.author
        row = {
            "commit_oid": oid,
            "tree_oid": str(commit.tree_id),
            "parents": [str(parent) for parent in commit.parent_ids],
            **_signature("author", author),
            **_signature("committer", commit.committer),
            "authored_at": timestamp(author.time) if author else None,
            "message": message,
            "message_raw": message_raw,
            "files_changed": len(changes),
            "additions": _sum(changes, "additions"),
            "deletions": _sum(changes, "deletions"),
        }
    except TooManyPathsError as error:
        yield "reject", Rejected(f"commit {oid}", "too_many_paths", str(error))
        return
    except (pygit2.GitError, KeyError, ValueError, OverflowError) as error:
        yield "reject", Rejected(f"commit {oid}", "commit_unreadable", str(error))
        return
    yield "commit", row
    seen: set[str] = set()
    for change in changes:
        if change["path"] in seen:  # a tree may list a name twice
            blob = change["new_oid"] or change["old_oid"]
            key = f"duplicate {oid} {change['path']} {blob}"
            yield "reject", Rejected(key, "duplicate_path")
            continue
        seen.add(change["path"])
        patches = change.pop("patch_of")
        if patches and change["patch"] is None:
            _put_patch(change, b"".join(diff[index].data for index in patches))
        yield "change", {"commit_oid": oid, **change}
    for reject in rejects:
        yield "reject", reject
    for text in wanted:
        yield "wanted", {"oid": str(text)}


def read_blob(repository: pygit2.Repository, oid: str, caps: Caps) -> Row | Rejected:
    """One blob as a row; one that is lost or too large is rejected with the reason."""
    try:
        kind, size = repository.odb.read_header(oid)  # reading the object would inflate all of it
        if kind != ObjectType.BLOB:
            return Rejected(f"blob {oid}", "not_a_blob")
        if size > caps.blob_bytes:
            return Rejected(f"blob {oid}", "blob_too_large", f"{size} bytes")
        data = repository.read(oid)[1]
    except (pygit2.GitError, KeyError) as error:
        return Rejected(f"blob {oid}", "blob_unreadable", str(error))
    try:
        require_id("blob", oid, data)
    except ValueError as error:
        return Rejected(f"blob {oid}", "hash_mismatch", str(error))
    found = read_text(data)
    row: Row = {"blob_oid": oid, "size": size, "raw": data if found.encoding else None}
    return row | found._asdict()


def _folder(repository: pygit2.Repository, oid: pygit2.Oid, path: str) -> pygit2.Tree | Rejected:
    try:
        found = repository[oid]
    except (pygit2.GitError, KeyError) as error:
        return Rejected(f"tree {path}", "tree_unreadable", str(error))
    if not isinstance(found, pygit2.Tree):
        return Rejected(f"tree {path}", "not_a_tree")
    try:
        require_id("tree", str(oid), found.read_raw())
    except ValueError as error:
        return Rejected(f"tree {path}", "tree_unreadable", str(error))
    return found


def read_tree(repository: pygit2.Repository, head: str, caps: Caps) -> Iterator[Row | Rejected]:
    """The files of a commit's tree, depth first, within the caps."""
    try:
        pending = [(b"", 0, repository[head].peel(pygit2.Tree))]
    except (pygit2.GitError, KeyError, ValueError) as error:
        yield Rejected(f"tree {head}", "tree_unreadable", str(error))
        return
    files = folders = 0
    seen: set[str] = set()
    while pending:
        prefix, depth, tree = pending.pop()
        for entry in tree:
            raw_path = prefix + (entry.raw_name or b"")
            path, path_raw = decode(raw_path)
            if path in seen:
                yield Rejected(f"duplicate {path} {entry.id}", "duplicate_path")
                continue
            seen.add(path)
            is_folder = entry.filemode == FileMode.TREE
            files, folders = files + (not is_folder), folders + is_folder
            if max(files, folders) > caps.tree_entries:
                yield Rejected(f"tree {head}", "tree_too_large", f"over {caps.tree_entries} files")
                return
            if is_folder:
                if depth >= caps.tree_depth:
                    yield Rejected(f"tree {path}", "tree_too_deep")
                    continue
                folder = _folder(repository, entry.id, path)
                if isinstance(folder, Rejected):
                    yield folder
                else:
                    pending.append((raw_path + b"/", depth + 1, folder))
                continue
            yield {
                "path": path,
                "path_raw": path_raw,
                "blob_oid": str(entry.id),
                "mode": int(entry.filemode),
                "size": _size(repository, entry),
            }


def _size(repository: pygit2.Repository, entry: pygit2.Object) -> int | None:
    if entry.filemode == FileMode.COMMIT:
        return None
    try:
        kind, size = repository.odb.read_header(entry.id)
    except (AttributeError, KeyError, pygit2.GitError):
        return None
    return int(size) if kind == ObjectType.BLOB else None
