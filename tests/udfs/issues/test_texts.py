"""An issue without its form: what its author wrote, code untouched."""

from __future__ import annotations

import pytest

from udfs.issues.texts import clean_body, clean_title, words

FORM = """<!-- Thanks for the report! -->
### Describe the bug

`average([])` raises ZeroDivisionError, as in #12. <!-- be precise -->

### To Reproduce

```python
# see #12
average([])  # <!-- kept -->
```

### Expected behavior

_No response_

**Environment:**
- OS: Ubuntu 22.04
- Python version: 3.12
| a | b |

### Screenshots

![shot](https://example.org/a.png)

### Checklist
- [x] I have searched the existing issues
- [ ] I have read the contributing guide

### Tasks
- [ ] guard the division
- [x] add a test
"""


def test_a_form_is_taken_away_and_code_stays() -> None:
    assert clean_body(FORM) == (
        "Describe the bug:\n\n`average([])` raises ZeroDivisionError.\n\n"
        "To Reproduce:\n\n```python\n# see #12\naverage([])  # <!-- kept -->\n```\n\n"
        "Tasks:\n- guard the division\n- add a test"
    )


def test_an_environment_with_a_story_stays() -> None:
    body = "## Environment\nOS: Ubuntu\nIt only fails behind a proxy that strips the header Via."
    assert "strips the header" in clean_body(body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Closes #2637, #2491", ""),
        ("It fails (#12), see #13. So?", "It fails. So?"),
        ("Related to #4, the total is wrong", "the total is wrong"),
        ("Related to https://github.com/ada/tally/issues/4\nIt fails.", "It fails."),
        ("Colour `#123` and a#5 stay", "Colour `#123` and a#5 stay"),
    ],
)
def test_numbers_that_mean_nothing_alone_are_taken_away(text: str, expected: str) -> None:
    assert clean_body(text) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("[Bug]: average fails (#12)", "average fails"),
        ("Feature request: round up", "round up"),
        ("TypeError: x is not a function", "TypeError: x is not a function"),
    ],
)
def test_a_title_is_what_it_is_about(title: str, expected: str) -> None:
    assert clean_title(title) == expected


def test_words_are_counted_in_prose_and_code() -> None:
    assert words("Fix it: `total(entries)` is 3") == 5
