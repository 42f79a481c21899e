"""Characters that a reader does not see, or that change the order in which others are shown."""

# "Trojan Source" (Boucher and Anderson 2021): bidirectional controls let code be shown in another
# order than it runs in, invisible characters let two names look like one.
_KINDS = {
    "bidi_control": "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    "zero_width": "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
}


def odd_characters(text: str) -> tuple[str, ...]:
    """Say which kinds a text holds, of "bidi_control" and "zero_width", in this order.

    U+FEFF as the first character is a byte order mark and does not count.
    """
    if text.isascii():
        return ()
    inner = text[1:] if text.startswith("\ufeff") else text
    return tuple(kind for kind, odd in _KINDS.items() if any(c in inner for c in odd))
