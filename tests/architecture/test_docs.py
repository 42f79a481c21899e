"""The pages name what is there, and what is there is named."""

from __future__ import annotations

import re

import pytest
import typer

from etl.cli import app
from etl.schemas import TABLES
from tests.architecture.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
PAGES = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"),
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
)
FOLDERS = "etl|udfs|conf|tests|notebooks|[.]ci"
PATH = re.compile(rf"(?:{FOLDERS})/[\w./-]*|[\w-]+[.](?:py|yml|toml|md)")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    assert re.search(rf"\bsluice {command}\b", README), (
        f"README.md does not mention `sluice {command}`"
    )


@pytest.mark.parametrize("table", sorted(TABLES))
def test_the_readme_names_every_table(table: str) -> None:
    assert f"`{table}`" in README, f"README.md does not name `{table}`"


@pytest.mark.parametrize("page", PAGES)
def test_paths_that_a_page_names_exist(page: str) -> None:
    """A bare file name may stand in any folder: a paragraph names its room once."""
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = [word for span in re.findall(r"`([^`\n]+)`", text) for word in span.split()]
    missing = []
    for word in quoted:
        if not PATH.fullmatch(word) or word == "etl/conf":  # in the wheel, see test_wheel.py
            continue
        folders = ("etl", "udfs", "conf", "tests", "notebooks")
        anywhere = "/" not in word and any(
            next((ROOT / folder).rglob(word), None) for folder in folders
        )
        if not (anywhere or (ROOT / word).exists()):
            missing.append(word)
    assert missing == [], f"{page} names paths that do not exist"


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    local = [
        target for target in targets if "://" not in target and not target.startswith("mailto:")
    ]
    folder = (ROOT / page).parent
    assert [target for target in local if not (folder / target).exists()] == []
