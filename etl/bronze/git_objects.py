"""Git objects as plain rows, read through libgit2.

libgit2 runs nothing that a repository configures (hooks, filters, fsmonitor, textconv), which is
why history is never read through the `git` program. What libgit2 cannot read is handed to
`Rejected`, and the rest goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from stat import S_IFMT
from typing import Any

import pygit2
import re2
from pygit2.enums import DeltaStatus, DiffFind, FileMode, ObjectType, SortMode

from udfs.authors import author_digest

Row = dict[str, Any]
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799  # the years 1 to 9999
_BINARY_PROBE = 8000  # bytes that git itself looks at
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
        tree_entries: most files of a tree that are listed.
        tree_depth: deepest folder that is entered.
        rename_files: most files of a commit among which renames are searched.
    """

    blob_bytes: int
    patch_bytes: int
    tree_entries: int
    tree_depth: int
    rename_files: int


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
    """Open a repository for reading; only its own configuration file is looked at.

    Raises:
        pygit2.GitError: it is not a repository.
    """
    for level in (
        pygit2.enums.ConfigLevel.SYSTEM,
        pygit2.enums.ConfigLevel.GLOBAL,
        pygit2.enums.ConfigLevel.XDG,
    ):
        pygit2.settings.search_path[level] = ""
    # A job often reads repositories that another user cloned; nothing of them is executed.
    pygit2.settings.owner_validation = False
    return pygit2.Repository(location, pygit2.enums.RepositoryOpenFlag.NO_SEARCH)


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


def _message(commit: pygit2.Commit) -> tuple[str, bytes | None]:
    text, raw = decode(commit.raw_message)
    if raw is not None and commit.message_encoding:
        # An unknown or false encoding: the escaped text stands, the bytes are kept.
        with suppress(LookupError, UnicodeDecodeError):
            text = raw.decode(commit.message_encoding)
    return text, raw


def _signature(prefix: str, signature: pygit2.Signature | None) -> Row:
    if signature is None:
        return {f"{prefix}_{part}": None for part in ("name", "email", "time", "offset")}
    return {
        f"{prefix}_name": decode(signature.raw_name)[0],
        f"{prefix}_email": decode(signature.raw_email)[0],
        f"{prefix}_time": signature.time,
        f"{prefix}_offset": signature.offset,
    }


def _diff(repository: pygit2.Repository, commit: pygit2.Commit, caps: Caps) -> pygit2.Diff:
    if commit.parents:
        diff = commit.parents[0].tree.diff_to_tree(commit.tree)
    else:
        diff = commit.tree.diff_to_tree(swap=True)
    if len(diff) <= caps.rename_files:
        diff.find_similar(flags=DiffFind.FIND_RENAMES, rename_limit=caps.rename_files)
    return diff


def _change(patch: pygit2.Patch, caps: Caps) -> Row:
    delta = patch.delta
    status = _STATUS.get(delta.status, "M")
    old, new = delta.old_file, delta.new_file
    path, path_raw = decode(old.raw_path if status == "D" else new.raw_path)
    old_path = None if status == "A" else decode(old.raw_path)[0]
    _, added, deleted = patch.line_stats
    row: Row = {
        "path": path,
        "path_raw": path_raw,
        "old_path": old_path,
        "status": status,
        "old_oid": None if status == "A" else str(old.id),
        "new_oid": None if status == "D" else str(new.id),
        "old_mode": None if status == "A" else int(old.mode),
        "new_mode": None if status == "D" else int(new.mode),
        "additions": added,
        "deletions": deleted,
        "is_binary": bool(delta.is_binary),
        "patch": None,
        "patch_raw": None,
    }
    if not delta.is_binary:
        data = patch.data
        if len(data) <= caps.patch_bytes:
            text, raw = decode(data)
            row["patch"], row["patch_raw"] = (text, None) if raw is None else (None, raw)
    return row


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
        patches = [
            x["patch_raw"] if x["patch"] is None else x["patch"].encode() for x in (gone, change)
        ]
        text, raw = (None, None) if None in patches else decode(b"".join(patches))
        joined[place] = change | {
            "status": "T",
            **{name: gone[name] for name in ("old_path", "old_oid", "old_mode")},
            "additions": gone["additions"] + change["additions"],
            "deletions": gone["deletions"] + change["deletions"],
            "is_binary": gone["is_binary"] or change["is_binary"],
            "patch": text if raw is None else None,
            "patch_raw": raw,
        }
    return joined


def _merge_results(repository: pygit2.Repository, commit: pygit2.Commit) -> list[pygit2.Oid]:
    """Blobs of a merge that none of its parents has: what a person wrote while merging."""
    diff = commit.parents[0].tree.diff_to_tree(commit.tree)
    found = []
    for delta in diff.deltas:
        if delta.status == DeltaStatus.DELETED or delta.new_file.mode == FileMode.COMMIT:
            continue
        path, oid = delta.new_file.path, delta.new_file.id
        for parent in commit.parents[1:]:
            try:
                if parent.tree[path].id == oid:
                    break
            except KeyError:
                continue
        else:
            found.append(oid)
    return found


def _is_removed(commit: pygit2.Commit, removed: frozenset[str]) -> bool:
    people = [person for person in (commit.author, commit.committer) if person is not None]
    return any(author_digest(decode(person.raw_email)[0]) in removed for person in people)


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
        removed: digests of authors (udfs.authors) whose commits are rejected unread.
    """
    try:
        commit = repository[oid]
        if not isinstance(commit, pygit2.Commit):
            yield "reject", Rejected(f"commit {oid}", "not_a_commit")
            return
        if removed and _is_removed(commit, removed):
            yield "reject", Rejected(f"commit {oid}", "author_removed")
            return
        changes: list[Row] = []
        wanted: list[pygit2.Oid] = []
        rejects: list[Rejected] = []
        if len(commit.parents) > 1:
            wanted = _merge_results(repository, commit)
        else:
            diff = _diff(repository, commit, caps)
            for index in range(len(diff)):
                patch = diff[index]
                row = _change(patch, caps)
                changes.append(row)
                is_text = not row["is_binary"] and row["new_oid"] is not None
                if is_text and row["new_mode"] not in (FileMode.COMMIT, FileMode.LINK):
                    wanted.append(patch.delta.new_file.id)
                if is_text and row["patch"] is None and row["patch_raw"] is None:
                    rejects.append(Rejected(f"patch {oid} {row['path']}", "patch_too_large"))
        changes = _join_type_changes(changes)
        message, message_raw = _message(commit)
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
            "additions": sum(change["additions"] for change in changes),
            "deletions": sum(change["deletions"] for change in changes),
        }
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
        yield "change", {"commit_oid": oid, **change}
    for reject in rejects:
        yield "reject", reject
    for text in wanted:
        yield "wanted", {"oid": str(text)}


def read_blob(repository: pygit2.Repository, oid: str, caps: Caps) -> Row | Rejected:
    """One blob as a row; a binary or over-large one is rejected with the reason."""
    try:
        blob = repository[oid]
    except (pygit2.GitError, KeyError) as error:
        return Rejected(f"blob {oid}", "blob_unreadable", str(error))
    if not isinstance(blob, pygit2.Blob):
        return Rejected(f"blob {oid}", "not_a_blob")
    if blob.size > caps.blob_bytes:
        return Rejected(f"blob {oid}", "blob_too_large", f"{blob.size} bytes")
    data = blob.data
    is_binary = b"\0" in data[:_BINARY_PROBE]
    row: Row = {
        "blob_oid": oid,
        "size": blob.size,
        "text": None,
        "raw": None,
        "is_binary": is_binary,
    }
    if not is_binary:
        text, raw = decode(data)
        row["text"], row["raw"] = (text, None) if raw is None else (None, raw)
    return row


def read_tree(repository: pygit2.Repository, head: str, caps: Caps) -> Iterator[Row | Rejected]:
    """The files of a commit's tree, depth first, within the caps."""
    try:
        pending: list[tuple[bytes, int, Any]] = [(b"", 0, repository[head].tree)]
    except (pygit2.GitError, KeyError) as error:
        yield Rejected(f"tree {head}", "tree_unreadable", str(error))
        return
    count = 0
    seen: set[str] = set()
    while pending:
        prefix, depth, tree = pending.pop()
        for entry in tree:
            raw_path = prefix + entry.raw_name
            path, path_raw = decode(raw_path)
            if path in seen:
                yield Rejected(f"duplicate {path} {entry.id}", "duplicate_path")
                continue
            seen.add(path)
            if entry.filemode == FileMode.TREE:
                if depth >= caps.tree_depth:
                    yield Rejected(f"tree {path}", "tree_too_deep")
                    continue
                try:
                    pending.append((raw_path + b"/", depth + 1, repository[entry.id]))
                except (pygit2.GitError, KeyError) as error:
                    yield Rejected(f"tree {path}", "tree_unreadable", str(error))
                continue
            count += 1
            if count > caps.tree_entries:
                yield Rejected(f"tree {head}", "tree_too_large", f"over {caps.tree_entries} files")
                return
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
