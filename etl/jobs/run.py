"""Run the job graph in this process, or one task of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from etl.errors import ConfigError, SluiceError, TaskError
from etl.jobs import (
    build_mix,
    decontaminate,
    extract_pairs,
    fetch_github,
    hold_out,
    import_pairs,
    ingest_benchmarks,
    ingest_collaboration,
    ingest_corpus,
    ingest_git,
    link_changes,
    link_duplicates,
    pair_issues,
    pair_reviews,
    pair_structure,
    parse_functions,
    plan_collaboration,
    plan_history,
    profile_repos,
    score_pairs,
    track_mix,
)
from etl.jobs.context import Context, Done
from etl.jobs.execute import Task, execute
from etl.jobs.graph import job_file, read_steps


def _derived(make: Callable[[Context], Task]) -> Callable[[Context], Done]:
    return lambda context: execute(context, make(context))


# What the names in the job file stand for; their order is in the file alone.
TASKS: dict[str, Callable[[Context], Done]] = {
    "plan_history": plan_history.run,
    "fetch_github": fetch_github.run,
    "ingest_git": _derived(ingest_git.task),
    "ingest_corpus": _derived(ingest_corpus.task),
    "ingest_benchmarks": ingest_benchmarks.run,
    "plan_collaboration": plan_collaboration.run,
    "ingest_collaboration": ingest_collaboration.run,
    "profile_repos": _derived(profile_repos.task),
    "link_changes": _derived(link_changes.task),
    "parse_functions": _derived(parse_functions.task),
    "extract_pairs": _derived(extract_pairs.task),
    "pair_issues": _derived(pair_issues.task),
    "pair_reviews": _derived(pair_reviews.task),
    "pair_structure": _derived(pair_structure.task),
    "import_pairs": _derived(import_pairs.task),
    "score_pairs": _derived(score_pairs.task),
    "link_duplicates": _derived(link_duplicates.task),
    "decontaminate": decontaminate.run,
    "hold_out": hold_out.run,
    "build_mix": _derived(build_mix.task),
    "track_mix": track_mix.run,
}

# The tasks that ask what the sources are; the others work on what is in the tables by then.
READ_SOURCES = frozenset({plan_history.NAME, fetch_github.NAME})


def run_task(context: Context, name: str) -> Done:
    """Run one task.

    Raises:
        ConfigError: there is no such task.
        TaskError: it failed for a reason that is not the user's; the trace is in the log.
    """
    if name not in TASKS:
        raise ConfigError(f"There is no task `{name}`. Tasks: {', '.join(TASKS)}.")
    context.warehouse.clear_staging(name)
    try:
        return TASKS[name](context)
    except SluiceError:
        raise
    except Exception as error:
        log = context.home.scratch / "sluice.log"
        log.parent.mkdir(parents=True, exist_ok=True)  # a managed session has not made it
        with log.open("a", encoding="utf-8") as lines:
            traceback.print_exc(file=lines)
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise TaskError(
            f"The task {name} failed: {reason} What finished before it stands; the same command "
            f"goes on from there. The trace is in {log}."
        ) from error
    finally:
        context.warehouse.clear_staging(name)


def run_job(context: Context, tell: Callable[[str, Done], None]) -> None:
    """Run all tasks in the order of the job file.

    Args:
        context: the surroundings.
        tell: called after each task with its name and what it did.
    """
    for step in read_steps(job_file(context.conf)):
        tell(step.name, run_task(context, step.name))
