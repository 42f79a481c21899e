"""JSON from strangers: read strictly, and written in one way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn


class UnreadableError(ValueError):
    """A text is not JSON that can be taken: `reason` is a code, `detail` is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def _constant(name: str) -> NoReturn:
    raise UnreadableError("not_json", f"{name} is no JSON number")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UnreadableError("not_json", f"the number {text[:40]} is out of range")
    return value


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        # Two readers may take either of the two values, so neither is trusted.
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise UnreadableError("duplicate_key", f"the key {escaped(twice)[:80]!r} occurs twice")
    return found


def _inside(value: Any) -> Iterator[Any]:
    """The objects and arrays that a value holds."""
    if isinstance(value, (dict, list)):
        held = value.values() if isinstance(value, dict) else value
        yield from (item for item in held if isinstance(item, (dict, list)))


def _require_shallow(value: Any, max_depth: int) -> None:
    level = [value]
    for _ in range(max_depth):
        level = [item for above in level for item in _inside(above)]
        if not level:
            return
    raise UnreadableError("too_deep", f"nested more than {max_depth} deep")


def parse_json(data: bytes, max_depth: int) -> Any:
    """The value of a JSON text in UTF-8, with or without a byte order mark.

    Args:
        data: the text.
        max_depth: most levels of objects and arrays.

    Raises:
        UnreadableError: `not_json` (NaN and numbers out of range too), `duplicate_key`, `too_deep`.
    """
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            parse_constant=_constant,
            parse_float=_number,
            object_pairs_hook=_mapping,
        )
    except UnreadableError:
        raise
    except RecursionError as error:
        raise UnreadableError("too_deep", f"nested more than {max_depth} deep") from error
    except UnicodeDecodeError as error:
        detail = f"not UTF-8: {error.reason} at byte {error.start}"
        raise UnreadableError("not_json", detail) from error
    except ValueError as error:  # JSON errors, and integers of more digits than Python converts
        raise UnreadableError("not_json", str(error)[:200]) from error
    _require_shallow(value, max_depth)
    return value


def escaped(text: str) -> str:
    r"""A text that UTF-8 can hold: half a surrogate pair becomes its escape, such as `\ud83d`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, half surrogate pairs as escapes."""
    return escaped(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
