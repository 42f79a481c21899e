"""Names in a text."""

import re2

_NAME = re2.compile(r"[A-Za-z_$][\w$]*")


def identifiers(text: str) -> list[str]:
    """The names in a text, in order, each as often as it stands there."""
    return [str(name) for name in _NAME.findall(text)]


def last_name(path: str) -> str:
    """The last name of a path of names: `join` of `os.path.join`."""
    return path.rpartition(".")[2]
