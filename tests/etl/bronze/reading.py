"""All that one repository gives, read directly and without Spark."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import pyarrow as pa

from etl.bronze.git_objects import (
    Caps,
    Rejected,
    Row,
    open_repository,
    read_blob,
    read_commit,
    read_fast,
    read_tree,
)
from etl.bronze.git_source import SCHEMA
from etl.bronze.history import list_history
from etl.schemas.arrow import to_arrow_schema
from tests import batches
from tests.repositories import RepositoryBuilder

CAPS = replace(
    batches.CAPS,
    blob_bytes=100_000,
    patch_bytes=100_000,
    diff_bytes=1_000_000,
    diff_entries=100_000,
    tree_entries=1000,
    tree_depth=20,
    rename_files=100,
)


@dataclass
class Reading:
    """Everything that one walk over a repository gave."""

    commits: list[Row]
    changes: dict[str, list[Row]]
    blobs: dict[str, Row]
    rejects: list[Rejected]
    tree: list[Row]
    tree_rejects: list[Rejected]

    def reasons(self) -> set[tuple[str, str]]:
        """Keys and reasons of all rejects."""
        return {(reject.key, reject.reason) for reject in [*self.rejects, *self.tree_rejects]}

    def change(self, oid: str, path: str) -> Row:
        """The one change of a path by a commit."""
        (found,) = [row for row in self.changes[oid] if row["path"] == path]
        return found


def read(builder: RepositoryBuilder, caps: Caps = CAPS) -> Reading:
    """Read what HEAD leads to."""
    repository = open_repository(str(builder.git_dir))
    head = str(repository.head.target)
    found = Reading([], defaultdict(list), {}, [], [], [])
    history = list_history(repository, (head,), (), (), ())
    read_fast(caps)
    for place in range(len(history)):
        oid = history[place]
        for kind, item in read_commit(repository, oid, caps):
            if isinstance(item, Rejected):
                found.rejects.append(item)
            elif kind == "commit":
                found.commits.append(item)
            elif kind == "change":
                found.changes[item["commit_oid"]].append(item)
            else:
                blob = read_blob(repository, item["oid"], caps)
                if isinstance(blob, Rejected):
                    found.rejects.append(blob)
                else:
                    found.blobs[blob["blob_oid"]] = blob
    for entry in read_tree(repository, head, caps):
        if isinstance(entry, Rejected):
            found.tree_rejects.append(entry)
        else:
            found.tree.append(entry)
    changes = [row for rows in found.changes.values() for row in rows]
    kinds = {"commit": found.commits, "change": changes, "blob": list(found.blobs.values())}
    for kind, rows in {**kinds, "file": found.tree}.items():  # a table can hold them all
        pa.RecordBatch.from_pylist([{kind: row} for row in rows], to_arrow_schema(SCHEMA))
    return found
