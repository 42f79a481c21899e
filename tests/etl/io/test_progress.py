"""A bar where somebody watches, silence where nobody does."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from etl.io.progress import meter


def drawn(*, terminal: bool, quiet: bool) -> str:
    target = io.StringIO()
    console = Console(file=target, force_terminal=terminal, width=80)
    with meter(console, None, quiet)("extract_pairs"):
        pass
    return target.getvalue()


def test_nothing_is_drawn_when_nobody_watches() -> None:
    assert drawn(terminal=False, quiet=False) == ""
    assert drawn(terminal=True, quiet=True) == ""


def test_a_terminal_sees_the_name_of_the_step() -> None:
    assert "extract_pairs" in drawn(terminal=True, quiet=False)


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_passes_through(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal)
    with pytest.raises(ValueError, match="broken"), meter(console, None, False)("step"):
        raise ValueError("broken")
