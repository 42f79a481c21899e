"""Every transform and every rule has the test module that mirrors it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules, name_of

TRANSFORMS = [
    path
    for path in modules("etl/bronze", "etl/silver", "etl/gold", "etl/mix", "udfs")
    if path.name != "__init__.py"
]


@pytest.mark.parametrize("path", TRANSFORMS, ids=name_of)
def test_a_transform_has_its_mirror(path: Path) -> None:
    source = path.relative_to(ROOT)
    mirror = Path("tests", *source.parts[:-1], f"test_{source.name}")
    assert (ROOT / mirror).is_file(), f"{source} has no {mirror}"
    assert "def test_" in (ROOT / mirror).read_text(encoding="utf-8"), f"{mirror} tests nothing"
