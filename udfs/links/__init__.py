"""Links between commits, pulls, issues and reviews, and what says that they are there."""

from udfs.links.commits import commit_references
from udfs.links.discussions import body_references, comment_references, title_references
from udfs.links.history import Commit
from udfs.links.references import Reference
from udfs.links.resolve import EVIDENCE, Link, Repository, Said, Unresolved, resolve

__all__ = [
    "EVIDENCE",
    "Commit",
    "Link",
    "Reference",
    "Repository",
    "Said",
    "Unresolved",
    "body_references",
    "comment_references",
    "commit_references",
    "resolve",
    "title_references",
]
