"""Names of repositories, as GitHub's addresses hold them."""

from __future__ import annotations

from typing import Any

import re2

_NAME = re2.compile(r"[a-z0-9][a-z0-9_-]{0,99}/[a-z0-9._-]{1,100}")
_ADDRESS = re2.compile(
    r"(?i)^https?://(?:api\.github\.com/repos|(?:www\.)?github\.com)/([^/?#]+/[^/?#]+)"
)
_NUMBER = re2.compile(r"/(?:issues|pulls|pull)/([0-9]{1,18})(?:$|[#/?])")


def plain_name(text: Any) -> str | None:
    """`owner/name` in lower case, since GitHub does not distinguish it; None if it is no name."""
    if not isinstance(text, str):
        return None
    lowered = text.lower()
    return lowered if _NAME.fullmatch(lowered) else None


def repository_of_url(url: Any) -> str | None:
    """`owner/name` of an address at github.com or its API; None for any other."""
    found = _ADDRESS.match(url) if isinstance(url, str) and url.isascii() else None
    return plain_name(found.group(1)) if found else None


def number_in(value: dict[str, Any]) -> int | None:
    """The number that an issue or pull holds, if it is one."""
    number = value.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number < 2**63 else None


def number_of_url(url: Any) -> int | None:
    """Number of the issue or pull that an address is about."""
    found = _NUMBER.search(url) if isinstance(url, str) and url.isascii() else None
    return int(found.group(1)) if found else None
