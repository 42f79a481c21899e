"""A small repository in four languages, as the rules about structure read it."""

from udfs.ast import parse_functions
from udfs.language import detect_language
from udfs.structure import CodeFile, Known, Repository

AMOUNTS = '''"""Amounts of money."""

import re

from tally.words import plain_word


class Currency:
    """A currency and how many digits it has behind the point."""

    def __init__(self, name: str, digits: int) -> None:
        self.name = name
        self.digits = digits


def parse_amount(text: str, currency: Currency) -> int:
    """Read an amount such as `1,200.50` and return it in the smallest unit of its currency.

    Args:
        text: what was written.
    """
    word = plain_word(text)
    digits = re.sub(r"[^0-9]", "", word)
    if not digits:
        raise ValueError(f"{text} is no amount")
    return int(digits) * 10**currency.digits


def split_amount(amount: int, currency: Currency) -> tuple[int, int]:
    unit = 10**currency.digits
    whole = amount // unit
    return whole, amount - whole * unit


def total(amounts: list[int]) -> int:
    """Add up amounts, of which there may be none, in one currency and no other."""
    return sum(
        amounts,
    )
'''
WORDS = '''def plain_word(text):
    """Take white space and marks away from around a word, whatever its language."""
    found = text.strip()
    while found and not found[0].isalnum():
        found = found[1:]
    return found
'''
TEST = """from tally.amounts import Currency, parse_amount

EUR = Currency("EUR", 2)


def test_parse_amount_takes_a_comma():
    amount = parse_amount("1,200", EUR)
    assert amount == 120_000
    assert parse_amount("7", EUR) == 700


def test_nothing():
    assert True
"""
README = """# Tally

## Reading amounts

Give `parse_amount` the text and the currency; it returns cents, or fails where there is none.

```python
from tally.amounts import Currency, parse_amount

eur = Currency("EUR", 2)
print(parse_amount("1,200", eur))
```

Short.

```python
a = parse_amount("1", eur)
b = parse_amount("2", eur)
c = a + b
```
"""
GO = """package tally

// Ledger holds the entries of one year.
type Ledger struct {
	Entries []Entry
}

// Entry is one line of a ledger.
type Entry struct {
	Name  string
	Value int
}

func (l *Ledger) Largest(of []Entry) *Entry {
	var best *Entry
	for i := range of {
		if best == nil || of[i].Value > best.Value {
			best = &of[i]
		}
	}
	return best
}
"""
TS = """import { clean } from './clean'

/**
 * Say how an amount is shown to people, with the sign of its currency before it.
 */
export function show(amount: number, sign: string): string {
  const text = clean(amount.toFixed(2))
  if (amount < 0) {
    return '-' + sign + text
  }
  return sign + text
}
"""
TS_CLEAN = """export function clean(text: string): string {
  return text.replace('-', '')
}
"""
TS_TEST = """import { show } from './show'

describe('amounts', () => {
  it('show puts the sign before the amount', () => {
    const text = show(12, '$')
    expect(text).toBe('$12.00')
    expect(show(-1, '$')).toBe('-$1.00')
  })
})
"""
TEXTS = {
    "README.md": README,
    "go/ledger.go": GO,
    "tally/amounts.py": AMOUNTS,
    "tally/words.py": WORDS,
    "tests/test_amounts.py": TEST,
    "web/clean.ts": TS_CLEAN,
    "web/show.test.ts": TS_TEST,
    "web/show.ts": TS,
}


def file(path: str, text: str | None = None) -> CodeFile:
    """A file of the repository, or one with another text."""
    held = TEXTS[path] if text is None else text
    language = detect_language(path, held) or ""
    found = parse_functions(held, language).functions if language != "markdown" else ()
    known = tuple(Known(f"{path}:{item.qualified_name}", item) for item in found)
    return CodeFile(path, f"blob of {path}", held, language, known)


def repository(**changed: str) -> Repository:
    """The repository, with other texts by the stem of their path."""
    files = [file(path, changed.get(path.rpartition("/")[2].partition(".")[0])) for path in TEXTS]
    return Repository(
        [item for item in files if item.language != "markdown"],
        [item for item in files if item.language == "markdown"],
    )
