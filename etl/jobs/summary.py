"""What a run says at its end: one screen, or the same as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from pyspark.sql import functions as f

from etl.bronze.newest import still_to_fetch
from etl.jobs.build_mix import current_version
from etl.jobs.context import Context, Done
from etl.jobs.track_mix import run_id_of
from etl.schemas.collaboration import ISSUES, PULLS
from etl.schemas.gold import MIXES
from etl.schemas.ops import BATCHES, FETCH_QUEUE, REJECTS
from etl.schemas.silver import PAIRS, REPO_PROFILES

_SHOWN_REJECTS = 6
_SHOWN_REPOSITORIES = 12


class Step(NamedTuple):
    """One task of a run: its name, its wall time in seconds, and what it did."""

    name: str
    seconds: float
    done: Done


def task_line(step: Step) -> str:
    """One line on a finished task, at most 80 columns: time, rows, and the busiest rate."""
    if not step.done.units:
        return f"{step.name:<20} {step.seconds:6.1f} s  nothing new"
    counts = {name.rpartition(".")[2]: count for name, count in step.done.counts.items() if count}
    busiest = max(counts.values(), default=0) / step.seconds if step.seconds else 0
    rate = f"  {busiest:,.0f}/s" if busiest >= 1 else ""
    line = f"{step.name:<20} {step.seconds:6.1f} s  "
    if not counts:
        return f"{line}no rows"
    for name, count in counts.items():
        part = f"{count:,} {name.replace('_', ' ')}, "
        if len(line) + len(part) + len(rate) > 80:
            break
        line += part
    return line.rstrip(", ") + rate


def trimmed_count(context: Context) -> int:
    """Issues and pulls of which only a trimmed event came, so that their text is to be fetched."""
    warehouse = context.warehouse
    if not warehouse.exists(FETCH_QUEUE):
        return 0
    queue, issues, pulls = (warehouse.read(table) for table in (FETCH_QUEUE, ISSUES, PULLS))
    return still_to_fetch(queue, issues, pulls).count()


def summarise(context: Context, steps: list[Step], seconds: float) -> dict[str, Any]:
    """The figures of a run over everything that the home holds."""
    read = context.warehouse.read
    profiles = read(REPO_PROFILES).orderBy("name").collect()
    pairs = {
        (row["repo_id"], row["category"]): row["count"]
        for row in read(PAIRS).groupBy("repo_id", "category").count().collect()
    }
    commits = {
        row["repo_id"]: row["commits"]
        for row in read(BATCHES).groupBy("repo_id").agg(f.sum("commits").alias("commits")).collect()
    }
    rejects = (
        read(REJECTS)
        .where("task = 'extract_pairs'")
        .groupBy("reason")
        .count()
        .orderBy(f.col("count").desc(), "reason")
        .collect()
    )
    version = current_version(context)
    mix: dict[str, Any] | None = None
    if version is not None:
        row = read(MIXES).where(f.col("mix_version") == version).collect()[0]
        mix = {
            "name": context.mix,
            "version": version,
            "rows": row["rows"],
            "categories": [c.asDict() for c in row["categories"]],
            "mlflow_run": run_id_of(context, version),
        }
    return {
        "home": str(context.home.root),
        "seconds": round(seconds, 1),
        "tasks": {s.name: {"seconds": round(s.seconds, 1), **s.done.counts} for s in steps},
        "repositories": [
            {
                "name": p["name"],
                "licence": p["licence"],
                "commits": commits.get(p["repo_id"], 0),
                "pairs": sum(n for (repo, _), n in pairs.items() if repo == p["repo_id"]),
                "keep": p["keep"],
                "reasons": p["reasons"],
                "activity_reasons": p["activity_reasons"],
            }
            for p in profiles
        ],
        "pairs": {
            category: sum(n for (_, c), n in pairs.items() if c == category)
            for category in sorted({c for _, c in pairs})
        },
        "trimmed": trimmed_count(context),
        "rejects": {row["reason"]: row["count"] for row in rejects},
        "mix": mix,
    }


def summary_text(summary: dict[str, Any], launcher: str) -> str:
    """The summary for a terminal of 80 columns.

    Args:
        summary: from `summarise`.
        launcher: what stands before a command that the reader may copy, such as `uv run `.
    """
    lines = ["", "Repository                        licence          commits   pairs"]
    for repo in summary["repositories"][:_SHOWN_REPOSITORIES]:
        licence = repo["licence"] or "none found"
        lines.append(
            f"{repo['name'][:32]:<33} {licence[:16]:<16} {repo['commits']:>7,} {repo['pairs']:>7,}"
        )
        if not repo["keep"]:
            lines.append(_reasons_line("left out", repo["reasons"]))
        elif repo["activity_reasons"]:
            what = "kept as it was named; a list would drop it"
            lines.append(_reasons_line(what, repo["activity_reasons"]))
    more = len(summary["repositories"]) - _SHOWN_REPOSITORIES
    if more > 0:
        lines.append(f"... and {more} more (sluice status)")
    lines += ["", *_rejects_lines(summary["rejects"])]
    if summary["trimmed"]:
        lines.append(f"{summary['trimmed']:,} issues and pulls came without text: ops.fetch_queue")
    if summary["mix"]:
        lines += ["", *_mix_lines(summary["mix"])]
    home = summary["home"]
    where = "" if Path(home) == Path.cwd() / ".sluice" else f" --home {home}"
    lines += [
        "",
        f"Done in {summary['seconds']:.0f} s. "
        "Read some pairs, query them, export them, compare mixes:",
        f"  {launcher}sluice sample silver.pairs -n 5{where}",
        f'  {launcher}sluice sql "select category, count(*) from silver.pairs group by 1"{where}',
        f"  {launcher}sluice export{where}",
        f"  {launcher}mlflow ui --backend-store-uri sqlite:///{home}/mlflow.db",
    ]
    return "\n".join(lines)


def _reasons_line(what: str, reasons: list[str]) -> str:
    """As many reasons as 80 columns hold in whole, and how many more there are."""
    for shown in range(len(reasons), 0, -1):
        more = len(reasons) - shown
        line = f"  {what}: {', '.join(reasons[:shown])}{f', {more} more' if more else ''}"
        if len(line) <= 80:
            return line
    return f"  {what}: {len(reasons)} reasons"


def _rejects_lines(rejects: dict[str, int]) -> list[str]:
    total = sum(rejects.values())
    if not total:
        return ["Every commit gave a pair."]
    top = list(rejects.items())[:_SHOWN_REJECTS]
    others = total - sum(count for _, count in top)
    parts = [f"{count:,} {reason}" for reason, count in top]
    if others:
        parts.append(f"{others:,} for other reasons")
    lines, line = [], f"{total:,} commits gave no pair:"
    for number, part in enumerate(parts):
        text = f" {part}{',' if number < len(parts) - 1 else ''}"
        if len(line) + len(text) > 79:
            lines.append(line)
            line = " "
        line += text
    return [*lines, line]


def _mix_lines(mix: dict[str, Any]) -> list[str]:
    lines = [
        f"Mix `{mix['name']}` version {mix['version'][:12]}: {mix['rows']:,} pairs"
        f" (MLflow run {(mix['mlflow_run'] or 'none')[:12]})"
    ]
    for part in mix["categories"]:
        short = part["target"] - part["taken"]
        note = f"   {short:,} short of {part['target']:,}" if short else ""
        lines.append(f"  {part['category']:<18} {part['taken']:>6,}{note}")
    return lines
