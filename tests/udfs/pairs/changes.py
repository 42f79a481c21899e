"""Changes that the tests of pairs are made from."""

from udfs.diffs import make_patch
from udfs.pairs import ChangeSet, FileChange, Pair, PairLimits, Rejection, build_pair

CODE = '''"""Sizes of files."""

import os


def size(path):
    """Return the size in bytes."""
    return os.stat(path).st_size


def name(path):
    return os.path.basename(path)
'''
FIXED = CODE.replace(
    "    return os.stat(path)",
    "    if not os.path.exists(path):\n        return 0\n    return os.stat(path)",
)
TEST = "from files import size\n\n\ndef test_missing():\n    assert size('/nowhere') == 0\n"
LIMITS = PairLimits()
MESSAGE = "Return zero for the size of a missing file (#12)\n\nIt raised FileNotFoundError.\n"


def changed(
    path: str | None,
    before: str | None,
    after: str | None,
    *,
    old: str | None = None,
    status: str = "",
) -> FileChange:
    """A changed file with its patch; its status follows from its texts."""
    path_before = None if before is None else (old or path)
    path_after = None if after is None else path
    status = status or ("A" if before is None else "D" if after is None else "R" if old else "M")
    return FileChange(
        path_before,
        path_after,
        status,
        before,
        after,
        make_patch(path_before, before, path_after, after),
    )


def change_of(
    *files: FileChange, message: str = MESSAGE, parents: int = 1, is_bot: bool = False
) -> ChangeSet:
    """A commit of such files."""
    return ChangeSet(message, parents, is_bot, files)


def pair_of(*files: FileChange, message: str = MESSAGE, limits: PairLimits = LIMITS) -> Pair:
    """The pair of a commit; an error where there is none."""
    result = build_pair(change_of(*files, message=message), limits)
    assert isinstance(result, Pair), result
    return result


def reason_of(*files: FileChange, message: str = MESSAGE, limits: PairLimits = LIMITS) -> str:
    """The reason why a commit makes no pair; an error where it makes one."""
    result = build_pair(change_of(*files, message=message), limits)
    assert isinstance(result, Rejection), result
    return result.reason
