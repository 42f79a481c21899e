"""One text that several rules read as a syntax tree: parsed and outlined at most once."""

from __future__ import annotations

from functools import cached_property

from udfs.ast.outline import Outline, read_outline
from udfs.ast.parsing import DEFAULT_LIMITS, Limits, Parsed, parse, to_bytes


class Source:
    """A text with its language, and its tree once a rule asks for it.

    Trees take some hundred bytes a node, so a source should live no longer than the change that
    it belongs to.
    """

    def __init__(self, text: str, language: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self.text = text
        self.language = language
        self._limits = limits

    @cached_property
    def parsed(self) -> Parsed | str:
        """The tree, or one of `parsing.REASONS` when there is none within the limits."""
        return parse(to_bytes(self.text), self.language, self._limits)

    @cached_property
    def outline(self) -> Outline | None:
        """The definitions of the text; None without a tree."""
        return None if isinstance(self.parsed, str) else read_outline(self.parsed)
