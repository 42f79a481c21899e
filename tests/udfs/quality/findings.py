"""Findings as tests look at them."""

from __future__ import annotations

from udfs.quality.finding import Finding


def valued(finding: Finding) -> float:
    """The value of a finding that must have one."""
    assert finding.value is not None, finding.why
    return finding.value
