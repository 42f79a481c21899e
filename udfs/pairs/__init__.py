"""A change becomes a training pair, or the reason why it makes none.

The response is the diff of the source files (and of the small configuration changes that go with
them); the diff of the tests stands apart in `tests`, since a model is asked for the change and the
tests judge it. The context is what stood there before, as Markdown: one heading and one fenced
block per excerpt.
"""

from udfs.pairs.build import build_pair, change_to_classify, pair_of_files
from udfs.pairs.context import block
from udfs.pairs.files import file_kind
from udfs.pairs.model import ChangeSet, FileChange, Pair, PairLimits, Rejection
from udfs.pairs.redaction import redact_pair

__all__ = [
    "ChangeSet",
    "FileChange",
    "Pair",
    "PairLimits",
    "Rejection",
    "block",
    "build_pair",
    "change_to_classify",
    "file_kind",
    "pair_of_files",
    "redact_pair",
]
