"""A search must find what it claims to find of what was planted."""

from __future__ import annotations

import pytest

from etl.checks.canaries import require_found
from etl.errors import CheckError


def test_a_level_that_misses_too_much_is_named() -> None:
    found = {("exact", "tokens"): (40, 38), ("renamed", "structure"): (40, 37)}
    require_found("decontaminate", {("exact", "tokens"): (40, 38)}, 0.95)
    with pytest.raises(CheckError, match="structure found 37 of 40 renamed; 95% must be found"):
        require_found("decontaminate", found, 0.95)
