"""A changed file knows where it is."""

import pytest

from udfs.pairs import FileChange


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [("a.py", "b.py", "b.py"), (None, "b.py", "b.py"), ("a.py", None, "a.py")],
)
def test_a_file_is_named_by_where_it_is_or_was(
    before: str | None, after: str | None, path: str
) -> None:
    assert FileChange(before, after, "M", None, None, "").path == path
