"""Real git repositories for tests, made with the `git` program: same input, same object ids."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

ADA = ("Ada Byron", "ada@tally.example")
GRACE = ("Grace Murray", "grace@tally.example")
BOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)

MIT = """MIT License

Copyright (c) 2025 The Tally authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


class RepositoryBuilder:
    """A work tree and its history; every commit is an hour after the one before unless told."""

    def __init__(self, path: Path, *, branch: str = "main") -> None:
        """Make an empty repository at `path`."""
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self._clock = START
        self.git("init", "--quiet", f"--initial-branch={branch}")

    @property
    def git_dir(self) -> Path:
        """The `.git` folder."""
        return self.path / ".git"

    @property
    def head(self) -> str:
        """Id of the commit that HEAD resolves to."""
        return self.git("rev-parse", "HEAD")

    def git_bytes(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        author: tuple[str, str] = ADA,
        when: datetime = START,
    ) -> bytes:
        """Run git in the work tree, with no configuration but the repository's, and its output."""
        date = f"{int(when.timestamp())} +0000"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": author[0],
            "GIT_AUTHOR_EMAIL": author[1],
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": author[0],
            "GIT_COMMITTER_EMAIL": author[1],
            "GIT_COMMITTER_DATE": date,
        }
        done = subprocess.run(
            [b"git", *(a if isinstance(a, bytes) else os.fsencode(a) for a in arguments)],
            cwd=self.path,
            env=environment,
            input=stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"git {arguments}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def git(self, *arguments: str | bytes, stdin: bytes = b"") -> str:
        """Run git in the work tree; its output as text, without the last line break."""
        return self.git_bytes(*arguments, stdin=stdin).decode("utf-8").rstrip("\n")

    def _place(self, path: str | bytes) -> Path:
        place = self.path / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def write(self, path: str | bytes, text: str | bytes) -> None:
        """Write a file of the work tree."""
        data = text.encode("utf-8") if isinstance(text, str) else text
        self._place(path).write_bytes(data)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one occurrence of `old` in a file."""
        text = (self.path / path).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise AssertionError(f"{path}: {text.count(old)} times {old!r}")
        self.write(path, text.replace(old, new))

    def delete(self, path: str | bytes) -> None:
        """Delete a file of the work tree."""
        self._place(path).unlink()

    def rename(self, old: str, new: str) -> None:
        """Rename a file of the work tree."""
        self._place(old).rename(self._place(new))

    def symlink(self, path: str, target: str) -> None:
        """Put a symbolic link into the work tree."""
        self._place(path).symlink_to(target)

    def chmod(self, path: str, *, executable: bool) -> None:
        """Change whether a file is executable."""
        self._place(path).chmod(0o755 if executable else 0o644)

    def submodule(self, path: str, oid: str = "1" * 40) -> None:
        """Stage a submodule entry that points at a commit which this repository does not hold."""
        # An empty folder keeps `git add --all` from taking the entry away again.
        (self.path / path).mkdir(parents=True, exist_ok=True)
        self.git("update-index", "--add", "--cacheinfo", f"160000,{oid},{path}")

    def _next(self, when: datetime | None) -> datetime:
        self._clock = when if when is not None else self._clock + timedelta(hours=1)
        return self._clock

    def commit(
        self,
        message: str | bytes,
        *,
        author: tuple[str, str] = ADA,
        when: datetime | None = None,
        stage: bool = True,
    ) -> str:
        """Commit the work tree (with `stage=False` the index as it is); the id of the commit.

        A message of bytes is stored as it is, whatever its encoding.
        """
        if stage:
            self.git("add", "--all")
        moment = self._next(when)
        if isinstance(message, bytes):  # git itself would take them for Latin-1 and recode them
            who = f"{author[0]} <{author[1]}> {int(moment.timestamp())} +0000".encode()
            oid = self.raw_commit(self.git("write-tree"), [self.head], message, author=who)
            self.git("update-ref", "HEAD", oid)
            return oid
        self.git_bytes(
            "commit", "--quiet", "--allow-empty", "--allow-empty-message", "--no-verify",
            "--cleanup=verbatim", "--file=-",
            stdin=message.encode("utf-8"), author=author, when=moment,
        )  # fmt: skip
        return self.head

    def branch(self, name: str) -> None:
        """Make a branch here and go to it."""
        self.git("checkout", "--quiet", "-b", name)

    def checkout(self, name: str) -> None:
        """Go to a branch or commit."""
        self.git("checkout", "--quiet", name)

    def merge(
        self,
        name: str | Sequence[str],
        message: str,
        *,
        author: tuple[str, str] = ADA,
        when: datetime | None = None,
    ) -> str:
        """Merge one branch (or several, as an octopus) with a merge commit; its id."""
        names = [name] if isinstance(name, str) else list(name)
        self.git_bytes(
            "merge", "--quiet", "--no-ff", "--no-verify", "-m", message, *names,
            author=author, when=self._next(when),
        )  # fmt: skip
        return self.head

    def amend_merge(self, files: dict[str, str]) -> str:
        """Rewrite the last merge so that it holds text which no parent has (an evil merge)."""
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git_bytes("commit", "--quiet", "--amend", "--no-edit", when=self._clock)
        return self.head

    def hash_object(self, kind: str, data: bytes) -> str:
        """Store an object as it is, however malformed; its id."""
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=data)

    def put_object(self, kind: str, data: bytes, false_id: str | None = None) -> str:
        """Store a loose object without starting git, for those who need thousands; its id."""
        stored = f"{kind} {len(data)}\0".encode() + data
        oid = false_id or hashlib.sha1(stored).hexdigest()
        place = self.git_dir / "objects" / oid[:2] / oid[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(stored))
        return oid

    def raw_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: bytes,
        *,
        author: bytes = b"Ada Byron <ada@tally.example> 1736154000 +0000",
        headers: bytes = b"",
    ) -> str:
        """Store a commit object whose every byte is given; its id."""
        lines = [b"tree " + tree.encode()]
        lines += [b"parent " + parent.encode() for parent in parents]
        lines += [b"author " + author, b"committer " + author]
        return self.hash_object("commit", b"\n".join(lines) + b"\n" + headers + b"\n" + message)

    def set_branch(self, name: str, oid: str) -> None:
        """Let a branch point at any object, unchecked."""
        place = self.git_dir / "refs" / "heads" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{oid}\n", encoding="ascii")

    def lose(self, oid: str) -> None:
        """Delete a loose object, as a damaged disk does."""
        (self.git_dir / "objects" / oid[:2] / oid[2:]).unlink()


_PARSE = '''"""Read ledger lines such as `2025-01-06  coffee  3.20 EUR`."""

import datetime


class LedgerError(ValueError):
    """A line of a ledger cannot be read."""


def parse_line(line):
    """Split one ledger line into its date, label and amount."""
    day, label, amount = line.split("  ")
    value, currency = amount.split(" ")
    return datetime.date.fromisoformat(day), label, float(value), currency


def parse_ledger(text):
    """Read all lines of a ledger, in order."""
    entries = []
    for line in text.split("\\n"):
        entries.append(parse_line(line))
    return entries
'''

_MONEY = '''"""Sums of money in one currency."""


def total(entries, currency):
    """Add up the entries of one currency."""
    result = 0.0
    for _, _, value, unit in entries:
        if unit == currency:
            result += value
    return result


def average(entries, currency):
    """Mean value of the entries of one currency."""
    values = []
    for _, _, value, unit in entries:
        if unit == currency:
            values.append(value)
    return sum(values) / len(values)
'''

_TEST_PARSE = """from tally.parse import parse_ledger, parse_line


def test_parse_line_reads_the_amount():
    assert parse_line("2025-01-06  coffee  3.20 EUR")[2] == 3.2


def test_parse_ledger_keeps_the_order():
    text = "2025-01-06  coffee  3.20 EUR\\n2025-01-07  bread  2.10 EUR"
    assert [entry[1] for entry in parse_ledger(text)] == ["coffee", "bread"]
"""

_TEST_MONEY = """from tally.money import average, total

ENTRIES = [(None, "coffee", 3.0, "EUR"), (None, "bread", 2.0, "EUR"), (None, "tea", 9.0, "GBP")]


def test_total_of_one_currency():
    assert total(ENTRIES, "EUR") == 5.0


def test_average_of_one_currency():
    assert average(ENTRIES, "EUR") == 2.5
"""

_FORMAT_JS = """'use strict';

const SYMBOLS = { EUR: '€', GBP: '£', USD: '$' };

/** Write an amount with its currency symbol. */
function formatAmount(value, currency) {
  const symbol = SYMBOLS[currency];
  return symbol + value.toFixed(2);
}

/** Write a list of entries as lines of text. */
function formatEntries(entries) {
  const lines = [];
  for (const entry of entries) {
    lines.push(entry.label + ': ' + formatAmount(entry.value, entry.currency));
  }
  return lines.join('\\n');
}

module.exports = { formatAmount, formatEntries };
"""

_TEST_FORMAT_JS = """const { formatAmount, formatEntries } = require('../src/format');

test('an amount has two decimals', () => {
  expect(formatAmount(3.2, 'EUR')).toBe('€3.20');
});

test('entries are lines', () => {
  expect(formatEntries([{ label: 'tea', value: 1, currency: 'GBP' }])).toBe('tea: £1.00');
});
"""

_TOTAL_CARD = """import * as React from 'react';

export interface TotalCardProps {
  label: string;
  value: number;
  currency: string;
  onSelect?: (label: string) => void;
}

export function TotalCard({ label, value, currency, onSelect }: TotalCardProps) {
  const text = new Intl.NumberFormat('en', { style: 'currency', currency }).format(value);
  return (
    <section className="rounded border p-4" aria-label={label}>
      <h3 className="text-sm text-gray-500">{label}</h3>
      <p className="text-2xl font-semibold">{text}</p>
      {onSelect ? (
        <button type="button" onClick={() => onSelect(label)}>
          Show entries
        </button>
      ) : null}
    </section>
  );
}
"""

_README = "# tally\n\nReads plain-text ledgers and adds them up, in Python and on a web page.\n"
_PYPROJECT = '[project]\nname = "tally"\nversion = "0.1.0"\nlicense = "MIT"\n'
_PACKAGE_JSON = '{\n  "name": "tally-web",\n  "version": "0.1.0",\n  "license": "MIT"\n}\n'


def _extra(repo: RepositoryBuilder, number: int) -> str:
    """One more feature with its test: a function that the project did not have."""
    name, bound = f"entries_over_{number}", number * 10
    module = f"tally/filters_{number % 3}.py"
    place = repo.path / module
    had = place.read_text(encoding="utf-8") if place.exists() else '"""Choose entries."""\n'
    repo.write(
        module,
        f'{had}\n\ndef {name}(entries, currency):\n    """Entries of more than {bound} units."""\n'
        "    chosen = []\n    for entry in entries:\n"
        f"        if entry[3] == currency and entry[2] > {bound}:\n"
        "            chosen.append(entry)\n    return chosen\n",
    )
    repo.write(
        f"tests/test_{name}.py",
        f"from {module[:-3].replace('/', '.')} import {name}\n\n\n"
        f"def test_small_entries_are_left_out():\n"
        f'    assert {name}([(None, "tea", {bound - 1}, "GBP")], "GBP") == []\n',
    )
    return f"Add {name} to choose the entries above {bound} units of one currency"


def sample_project(path: Path, commits: int = 25) -> RepositoryBuilder:
    """A small MIT-licensed Python and JavaScript project by two authors, over a year.

    The first 25 commits hold bug fixes with tests, features, refactors, a TSX component, docs, a
    version bump, a merge, a bot's commit, and one change made twice in nearly the same words; any
    further one adds a function with its test. Every commit is on `main` except the one that the
    merge brings in, which is counted too.

    Args:
        path: folder to make it in.
        commits: how many commits the history has.
    """
    repo = RepositoryBuilder(path)
    made = 0

    def day(number: int) -> datetime:
        return START + timedelta(days=14 * min(number, 24) + max(number - 24, 0))

    def save(message: str, author: tuple[str, str] = ADA) -> None:
        nonlocal made
        repo.commit(message, author=author, when=day(made))
        made += 1

    def start() -> None:
        repo.write("LICENSE", MIT)
        repo.write("README.md", _README)
        repo.write("pyproject.toml", _PYPROJECT)
        repo.write("tally/__init__.py", "")
        repo.write("tally/parse.py", _PARSE)
        repo.write("tests/test_parse.py", _TEST_PARSE)
        save("Initial import of the ledger reader")

    def money() -> None:
        repo.write("tally/money.py", _MONEY)
        repo.write("tests/test_money.py", _TEST_MONEY)
        save("Add total and average of the entries of one currency", GRACE)

    def blank_lines() -> None:
        repo.edit(
            "tally/parse.py",
            "        entries.append(parse_line(line))\n",
            "        if line.strip():\n            entries.append(parse_line(line))\n",
        )
        test = '\n\ndef test_blank_lines():\n    assert parse_ledger("\\n\\n  \\n") == []\n'
        repo.write("tests/test_parse.py", _TEST_PARSE + test)
        save(
            "Fix crash of parse_ledger on blank lines (#4)\n\nA ledger that ends with a line break "
            "raised ValueError, since the empty\nline after it was parsed as an entry.\n"
        )

    def empty_average() -> None:
        repo.edit(
            "tally/money.py",
            "    return sum(values) / len(values)\n",
            "    if not values:\n        return 0.0\n    return sum(values) / len(values)\n",
        )
        repo.write(
            "tests/test_money.py",
            _TEST_MONEY
            + '\n\ndef test_average_of_nothing():\n    assert average([], "EUR") == 0.0\n',
        )
        save("Fix division by zero in average when no entry has the currency", GRACE)

    def page() -> None:
        repo.write("web/package.json", _PACKAGE_JSON)
        repo.write("web/src/format.js", _FORMAT_JS)
        repo.write("web/test/format.test.js", _TEST_FORMAT_JS)
        save("feat(web): format amounts and entries for the web page", GRACE)

    def unknown_symbol() -> None:
        repo.edit(
            "web/src/format.js",
            "  const symbol = SYMBOLS[currency];\n",
            "  const symbol = SYMBOLS[currency] || currency + ' ';\n",
        )
        test = (
            "\ntest('an unknown currency is written out', () => {\n"
            "  expect(formatAmount(5, 'CHF')).toBe('CHF 5.00');\n});\n"
        )
        repo.write("web/test/format.test.js", _TEST_FORMAT_JS + test)
        save("fix: formatAmount wrote undefined for currencies without a symbol", GRACE)

    def docs() -> None:
        repo.write("README.md", _README + "\nEach line holds a date, a label and an amount.\n")
        save("docs: describe the format of a ledger line in the README")

    def share_filter() -> None:
        repo.edit(
            "tally/money.py",
            '    """Add up the entries of one currency."""\n    result = 0.0\n'
            "    for _, _, value, unit in entries:\n        if unit == currency:\n"
            "            result += value\n    return result\n",
            '    """Add up the entries of one currency."""\n'
            "    return sum(values_of(entries, currency), 0.0)\n",
        )
        repo.edit(
            "tally/money.py",
            "    values = []\n    for _, _, value, unit in entries:\n"
            "        if unit == currency:\n            values.append(value)\n",
            "    values = values_of(entries, currency)\n",
        )
        repo.edit(
            "tally/money.py",
            "\n\ndef total(",
            '\n\ndef values_of(entries, currency):\n    """Values in one currency."""\n'
            "    return [value for _, _, value, unit in entries if unit == currency]\n"
            "\n\ndef total(",
        )
        save("Refactor total and average to share the choice of entries by currency")

    def card() -> None:
        repo.write("web/components/TotalCard.tsx", _TOTAL_CARD)
        save("Add a TotalCard component that shows one total with its currency", GRACE)

    def card_loading() -> None:
        repo.edit(
            "web/components/TotalCard.tsx",
            "  onSelect?: (label: string) => void;\n",
            "  isLoading?: boolean;\n  onSelect?: (label: string) => void;\n",
        )
        repo.edit(
            "web/components/TotalCard.tsx",
            "currency, onSelect }: TotalCardProps) {\n",
            "currency, isLoading = false, onSelect }: TotalCardProps) {\n  if (isLoading) {\n"
            '    return <section className="animate-pulse border p-4" aria-busy="true" />;\n'
            "  }\n",
        )
        save("Show a placeholder in TotalCard while the total is loading", GRACE)

    def bump() -> None:
        repo.edit("pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
        save("Bump version to 0.2.0")

    def by_bot() -> None:
        repo.edit(
            "web/package.json",
            '"license": "MIT"\n',
            '"license": "MIT",\n  "devDependencies": {"jest": "^30.0.0"}\n',
        )
        save("Bump jest from 29.7.0 to 30.0.0 in /web", BOT)

    def side_branch() -> None:
        repo.branch("report")
        repo.write(
            "tally/report.py",
            '"""Reports over a ledger."""\n\nfrom tally.money import total\n\n\n'
            'def report(entries):\n    """One line a currency, in alphabetical order."""\n'
            "    units = sorted({entry[3] for entry in entries})\n"
            '    return [f"{unit} {total(entries, unit):.2f}" for unit in units]\n',
        )
        repo.write(
            "tests/test_report.py",
            "from tally.report import report\n\n\ndef test_report_has_a_line_for_each_currency():\n"
            '    entries = [(None, "a", 1.0, "GBP"), (None, "b", 2.0, "EUR")]\n'
            '    assert report(entries) == ["EUR 2.00", "GBP 1.00"]\n',
        )
        save("Add report, which gives the total of each currency of a ledger", GRACE)
        repo.checkout("main")

    def merge() -> None:
        nonlocal made
        repo.merge("report", "Merge branch 'report' (#12)", author=ADA, when=day(made))
        made += 1

    def clear_error() -> None:
        repo.edit(
            "tally/parse.py",
            '    day, label, amount = line.split("  ")\n',
            '    parts = line.split("  ")\n    if len(parts) != 3:\n'
            '        raise LedgerError(f"expected a date, a label and an amount: {line!r}")\n'
            "    day, label, amount = parts\n",
        )
        repo.write(
            "tests/test_errors.py",
            "import pytest\n\nfrom tally.parse import LedgerError, parse_line\n\n\n"
            "def test_a_line_without_amount_is_named():\n"
            '    with pytest.raises(LedgerError, match="coffee"):\n'
            '        parse_line("2025-01-06  coffee")\n',
        )
        save("Raise LedgerError with the line when parse_line finds no amount")

    def twin(name: str) -> None:
        repo.write(
            f"tally/{name}.py",
            f'"""Export of {name} as comma-separated values."""\n\nimport csv\nimport io\n\n\n'
            f"def export_{name}(entries, delimiter):\n"
            '    """Write the entries as rows of day, label, value and currency."""\n'
            '    target = io.StringIO(newline="")\n'
            '    writer = csv.writer(target, delimiter=delimiter, lineterminator="\\n")\n'
            '    writer.writerow(["day", "label", "value", "currency"])\n'
            "    for day, label, value, currency in sorted(entries, key=lambda entry: entry[0]):\n"
            '        writer.writerow([day.isoformat(), label, f"{value:.2f}", currency])\n'
            "    return target.getvalue()\n",
        )
        save(
            f"Add export_{name} to write the entries as comma-separated rows with a header line, "
            "sorted by day"
        )

    def largest() -> None:
        path = repo.path / "tally/money.py"
        repo.write(
            "tally/money.py",
            path.read_text(encoding="utf-8") + "\n\ndef largest(entries, currency, count=3):\n"
            '    """Labels of the largest entries of one currency, largest first."""\n'
            "    chosen = [entry for entry in entries if entry[3] == currency]\n"
            "    chosen.sort(key=lambda entry: (-entry[2], entry[1]))\n"
            "    return [entry[1] for entry in chosen[:count]]\n",
        )
        repo.write(
            "tests/test_largest.py",
            "from tally.money import largest\n\n\ndef test_largest_come_first():\n"
            '    entries = [(None, "a", 1.0, "EUR"), (None, "b", 2.0, "EUR")]\n'
            '    assert largest(entries, "EUR", 1) == ["b"]\n',
        )
        save("Add largest, the labels of the biggest entries of a currency", GRACE)

    def move() -> None:
        repo.rename("web/src/format.js", "web/src/text.js")
        repo.edit("web/test/format.test.js", "'../src/format'", "'../src/text'")
        save("Move the web page's formatting to text.js")

    def negative() -> None:
        repo.edit(
            "web/src/text.js",
            "  return symbol + value.toFixed(2);\n",
            "  const sign = value < 0 ? '-' : '';\n"
            "  return sign + symbol + Math.abs(value).toFixed(2);\n",
        )
        save("Fix the place of the minus sign for negative amounts, -€3.20 and not €-3.20", GRACE)

    def reformat() -> None:
        repo.edit(
            "web/src/text.js",
            "const SYMBOLS = { EUR: '€', GBP: '£', USD: '$' };\n",
            "const SYMBOLS = {\n  EUR: '€',\n  GBP: '£',\n  USD: '$',\n};\n",
        )
        save("Reformat the table of symbols")

    def commented() -> None:
        repo.write(
            "tests/test_comments.py",
            "from tally.parse import parse_ledger\n\n\ndef test_comments_are_skipped():\n"
            '    assert parse_ledger("# groceries\\n") == []\n',
        )
        repo.edit(
            "tally/parse.py",
            "        if line.strip():\n",
            '        if line.strip() and not line.startswith("#"):\n',
        )
        save("Support comment lines that start with # in parse_ledger")

    def rounding() -> None:
        repo.edit(
            "tally/report.py",
            '    return [f"{unit} {total(entries, unit):.2f}" for unit in units]\n',
            "    totals = [(unit, round(total(entries, unit) + 1e-9, 2)) for unit in units]\n"
            '    return [f"{unit} {value:.2f}" for unit, value in totals]\n',
        )
        repo.write(
            "tests/test_rounding.py",
            "from tally.report import report\n\n\ndef test_half_a_cent_is_rounded_up():\n"
            '    assert report([(None, "a", 0.125, "EUR")]) == ["EUR 0.13"]\n',
        )
        save("Fix rounding of half a cent in report, which lost a cent now and then", GRACE)

    def currency_set() -> None:
        repo.edit(
            "tally/report.py",
            '\n\ndef report(entries):\n    """',
            '\n\ndef currencies(entries):\n    """Currencies, in alphabetical order."""\n'
            "    return sorted({entry[3] for entry in entries})\n\n\n"
            'def report(entries):\n    """',
        )
        repo.edit(
            "tally/report.py",
            "    units = sorted({entry[3] for entry in entries})\n",
            "    units = currencies(entries)\n",
        )
        save("Extract currencies from report so that other modules can use it", GRACE)

    steps = [
        start, money, blank_lines, empty_average, page, unknown_symbol, docs, share_filter, card,
        card_loading, bump, by_bot, side_branch, merge, clear_error, lambda: twin("incomes"),
        lambda: twin("expenses"), largest, move, negative, reformat, commented, rounding,
        currency_set,
    ]  # fmt: skip
    for step in steps[:commits]:
        step()
    while made < commits:
        save(_extra(repo, made), ADA if made % 2 else GRACE)
    return repo


def copy_of(repo: RepositoryBuilder, path: Path) -> Path:
    """A copy of a work tree, git directory included."""
    shutil.copytree(repo.path, path, symlinks=True)
    return path
