"""The words of an instruction, or of a comment, read once for all parts of its quality."""

from __future__ import annotations

from udfs.quality.tokens import content_words, words


class Instruction:
    """What an instruction says, in words.

    Attributes:
        text: as it was given.
        title: words of its first line.
        body: words of the other lines.
        content: the distinct ones that say something about this one change, in order.
    """

    __slots__ = ("body", "content", "text", "title")

    def __init__(self, text: str) -> None:
        self.text = text
        title, _, body = text.strip().partition("\n")
        self.title, self.body = words(title), words(body)
        self.content = content_words([*self.title, *self.body])
