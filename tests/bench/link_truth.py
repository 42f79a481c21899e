"""Measure how many fixing commits of real issues the links find, and how many wrong ones.

BugsJS (Gyimesi et al. 2019, github.com/BugsJS) names the commit that fixed each of 54 issues and
pulls of express and karma. A link names a commit of the mainline where that commit closes the
issue, or is what the pull of that number became. It is asked of git alone, and of git with the
issue's own body and comments. BugsJS found its bugs by commits that name an issue, so these figures
say more of the grammar than of projects that name nothing; the third hides what messages of commits
say of those issues, and shows what is left to go by. Not a test: prints figures.

    python -m tests.bench.link_truth --data DATA/bugsjs --repositories FOLDER

FOLDER holds bare repositories with the heads of pull requests: `expressjs+express/repo` and so on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2

from etl.config import conf_folder, read_config
from udfs.links import (
    Commit,
    Link,
    Repository,
    Said,
    body_references,
    comment_references,
    commit_references,
    resolve,
)

PARAMS = read_config(conf_folder()).links


@dataclass(frozen=True)
class History:
    """What git says about a repository."""

    repository: Repository
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Score:
    """Issues, those whose commit was named, commits that were named, and issues with one commit."""

    issues: int
    found: int
    named: int
    alone: int

    @property
    def recall(self) -> float:
        """Share of the issues whose fixing commit is among those that were named."""
        return self.found / self.issues

    @property
    def precision(self) -> float:
        """Share of the commits that were named that BugsJS names too."""
        return self.found / self.named if self.named else 0.0


def read_history(path: Path, name: str) -> History:
    """Read commits and heads of pulls of a bare repository, as the pipeline has them."""
    repo = pygit2.Repository(str(path), pygit2.enums.RepositoryOpenFlag.BARE)
    head = str(repo.head.target)
    mainline = {str(commit.id) for commit in repo.walk(repo.head.target)}
    heads: dict[str, list[str]] = {}
    for reference in repo.references.iterator():
        parts = reference.name.split("/")
        if parts[:2] == ["refs", "pull"] and parts[3] == "head":
            heads[parts[2]] = [str(reference.target)]
    walker = repo.walk(repo.head.target)
    for (oid,) in heads.values():
        if oid in repo:
            walker.push(oid)
    commits, said = {}, []
    for commit in walker:
        oid = str(commit.id)
        message = commit.raw_message.decode("utf-8", errors="replace")
        commits[oid] = Commit(
            tuple(map(str, commit.parent_ids)),
            oid in mainline,
            commit.author.raw_email.decode("utf-8", errors="replace").lower(),
            commit.author.time,
            message.split("\n", 1)[0],
        )
        said += [Said("commit", oid, reference) for reference in commit_references(message)]
    known = Repository({name}, head, commits, dict.fromkeys(heads, "pull"), heads)
    return History(known, tuple(said))


def told_by(issues: Iterable[dict[str, Any]], kinds: Iterable[str]) -> Iterator[Said]:
    """What the issues and their comments refer to."""
    pulls = frozenset(kinds)
    for issue in issues:
        number = str(issue["number"])
        kind = "pull" if number in pulls else "issue"
        for reference in body_references(issue["body"] or "", closes=kind == "pull"):
            yield Said(kind, number, reference)
        for comment in issue["comments"]:
            for reference in comment_references(comment["body"] or ""):
                yield Said(kind, number, reference)


def _without(said: Iterable[Said], issues: Iterable[dict[str, Any]]) -> list[Said]:
    """What is said, but for what commits say of some issues."""
    numbers = {str(issue["number"]) for issue in issues}
    return [one for one in said if one.kind != "commit" or one.reference.target not in numbers]


def score(history: History, said: Iterable[Said], issues: Iterable[dict[str, Any]]) -> Score:
    """Compare the links with the commits that BugsJS names."""
    links, _ = resolve(history.repository, said, PARAMS.confidence, PARAMS.max_pull_commits)
    named: dict[str, set[str]] = {}
    for link in links:
        if _names_fix(link) and history.repository.commits[link.from_key].is_mainline:
            named.setdefault(link.to_key, set()).add(link.from_key)
    answers = [(named.get(str(issue["number"]), set()), issue["fixed_by"]) for issue in issues]
    return Score(
        len(answers),
        sum(truth in found for found, truth in answers),
        sum(len(found) for found, _ in answers),
        sum(found == {truth} for found, truth in answers),
    )


def _names_fix(link: Link) -> bool:
    return link.from_kind == "commit" and link.relation in ("closes", "merges")


def measure(data: Path, repositories: Path) -> dict[str, dict[str, Score]]:
    """Scores by repository, then by what was asked."""
    found = {}
    for file in sorted(data.glob("*_issues.jsonl")):
        issues = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        name = issues[0]["repository"]
        history = read_history(repositories / name.replace("/", "+") / "repo", name)
        own = [*history.said, *told_by(issues, history.repository.kinds)]
        found[name] = {
            "git alone": score(history, history.said, issues),
            "with the issues": score(history, own, issues),
            "unnamed": score(history, _without(own, issues), issues),
        }
    return found


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    options = parser.parse_args()
    for name, scores in measure(options.data, options.repositories).items():
        for what, one in scores.items():
            print(
                f"{name:<22} {what:<16} issues {one.issues}  recall {one.recall:.3f} "
                f"({one.found})  precision {one.precision:.3f}  "
                f"one commit, the right one {one.alone}"
            )


if __name__ == "__main__":
    main()
