"""The command line: `sluice`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from etl.errors import SluiceError

app = typer.Typer(
    name="sluice",
    help="Turns git repositories into tracked training mixes for code models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="SLUICE_HOME", help="Folder of tables, runs and clones.")
]
ConfOption = Annotated[
    str | None, typer.Option("--conf", help="Folder with pipeline.yml and mixes/.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
InputArgument = Annotated[
    Path, typer.Argument(metavar="INPUT", help="Parquet, Delta or JSONL: a file or folder.")
]
OutputOption = Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")]
MixOption = Annotated[str, typer.Option("--mix", help="Name of a file in conf/mixes.")]
ListOption = Annotated[
    str | None,
    typer.Option(
        "--list",
        help="File (a path or URL a line), 'pattern', table or github:ACCOUNT; "
        "filtered by activity.",
    ),
]
HOME = Path(".sluice")


@dataclass
class Opened:
    """A session and what it works on."""

    context: Any
    started: float
    session_seconds: float


def _tell(report: Any, text: Callable[[Any], str], as_json: bool) -> None:
    """Print a report for programs, or its text for people."""
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        out.print(text(report), markup=False, soft_wrap=True)


def _open(
    home: Path,
    conf: str | None,
    *,
    find: Callable[[list[str]], Sequence[Any]] = lambda listed: (),
    listed: str = "",
    mix: str = "default",
    as_of: str | None = None,
    catalog: str = "spark_catalog",
    quiet: bool = False,
    must_exist: bool = False,
) -> Opened:
    """Check everything that can be checked without Spark, then start it.

    `find` makes sources of the paths and URLs in the list `listed`, which may be a table.
    """
    started = time.monotonic()
    sources = () if listed else find([])  # a wrong one is told before anything slow is imported
    from etl.config import conf_folder, read_config, read_mix
    from etl.errors import ConfigError
    from etl.io.home import Home
    from etl.io.lists import is_table, read_list, read_table
    from etl.io.spark import build_session, on_databricks, require_java
    from etl.io.tables import Warehouse
    from etl.jobs.context import Context
    from etl.jobs.ledger import Ledger

    folder = conf_folder(conf)
    config = read_config(folder)
    read_mix(folder, mix)
    in_table = is_table(listed)
    if listed and not in_table:
        sources = find(read_list(listed, config.fetch, err.print))
    try:
        day = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
    except ValueError as error:
        raise ConfigError(f"--as-of {as_of} is not a date such as 2026-01-31.") from error
    place = Home(home.expanduser().absolute())
    if must_exist:
        place.require_tables()
    if not on_databricks():
        require_java()
    place.prepare()
    from etl.io.progress import meter

    with meter(err, None, quiet)("starting Spark"):
        session = build_session(
            place.scratch,
            mode="connect" if os.environ.get("SLUICE_MODE") == "connect" else "classic",
            cores=config.session.cores or os.cpu_count() or 1,
            memory=config.session.memory,
            shuffle_partitions=config.session.shuffle_partitions,
        )
    if in_table:
        sources = find(read_table(listed, session))
    root = "" if on_databricks() else str(place.warehouse)
    warehouse = Warehouse(session, root, str(place.staging), catalog=catalog)
    context = Context(
        spark=session,
        warehouse=warehouse,
        ledger=Ledger(warehouse),
        home=place,
        conf=folder,
        config=config,
        as_of=day,
        sources=tuple(sources),
        mix=mix,
        meter=meter(err, session, quiet),
    )
    return Opened(context, started, time.monotonic() - started)


@app.command()
def run(
    repositories: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH_OR_URL]...", help="Repositories; none: the one you are in."),
    ] = None,
    listed: ListOption = None,
    home: HomeOption = HOME,
    mix: MixOption = "default",
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day on which activity is judged (today).")
    ] = None,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mine repositories into bronze, silver and gold, build the mix, and log it."""
    from etl.bronze.sources import find_sources

    opened = _open(
        home,
        conf,
        find=lambda found: find_sources(list(repositories or []), found, Path.cwd()),
        listed=listed or "",
        mix=mix,
        as_of=as_of,
        quiet=as_json,
    )
    from etl.jobs.run import run_job
    from etl.jobs.summary import Step, summarise, summary_text, task_line

    steps: list[Step] = []
    clock = time.monotonic()

    def tell(name: str, done: Any) -> None:
        nonlocal clock
        now = time.monotonic()
        steps.append(Step(name, now - clock, done))
        clock = now
        if not as_json:
            err.print(task_line(steps[-1]))

    with opened.context.home.locked():
        run_job(opened.context, tell)
    summary = summarise(opened.context, steps, time.monotonic() - opened.started)
    if as_json:
        print(json.dumps(summary, indent=2))
    else:
        launcher = "uv run " if "UV" in os.environ else ""
        out.print(summary_text(summary, launcher), markup=False, soft_wrap=True)


@app.command()
def task(
    name: Annotated[str, typer.Argument(help="Task of the job file.")],
    listed: ListOption = None,
    home: HomeOption = HOME,
    catalog: Annotated[str, typer.Option("--catalog")] = "spark_catalog",
    mix: MixOption = "default",
    as_of: Annotated[str | None, typer.Option("--as-of")] = None,
    conf: ConfOption = None,
) -> None:
    """Run one task of the job, as Databricks does."""
    from etl.bronze.sources import parse_source
    from etl.jobs.run import READ_SOURCES, run_task

    opened = _open(
        home,
        conf,
        find=lambda found: [parse_source(text, named=False) for text in found],
        listed=listed or "" if name in READ_SOURCES else "",
        mix=mix,
        as_of=as_of,
        catalog=catalog,
        quiet=True,
    )
    done = run_task(opened.context, name)
    print(json.dumps({"task": name, "units": done.units, **done.counts}))


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query over bronze, silver, gold and ops.")],
    rows: Annotated[int, typer.Option("-n", "--rows", min=1, help="Most rows to print.")] = 50,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Query the tables."""
    opened = _open(home, None, quiet=as_json, must_exist=True)
    from etl.jobs.inspect import as_table, query_rows

    names, found, more = query_rows(opened.context, query, rows)
    if as_json:
        print(json.dumps([dict(zip(names, row, strict=True)) for row in found], default=str))
        return
    out.print(as_table(names, found))
    if more:
        err.print(f"Only the first {rows} rows; more with -n.")


@app.command()
def status(
    home: HomeOption = HOME, mix: MixOption = "default", as_json: JsonOption = False
) -> None:
    """Say what the home holds: repositories, rows per table, rejects, mixes."""
    opened = _open(home, None, mix=mix, quiet=as_json, must_exist=True)
    from etl.jobs.inspect import status_of, status_text

    found = status_of(opened.context)
    if as_json:
        print(json.dumps(found, indent=2, default=str))
    else:
        out.print(status_text(found), markup=False)


@app.command()
def sample(
    table: Annotated[str, typer.Argument(help="For example silver.pairs.")],
    rows: Annotated[int, typer.Option("-n", "--rows", min=1)] = 20,
    where: Annotated[str | None, typer.Option("--where", help="SQL condition.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, other rows.")] = 0,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show random rows of a table, made to be read."""
    opened = _open(home, None, quiet=as_json, must_exist=True)
    from etl.jobs.inspect import sample_rows, sample_text

    found = sample_rows(opened.context, table, rows, where, seed)
    if as_json:
        print(json.dumps(found, default=str))
    else:
        out.print(sample_text(table, found), markup=False, soft_wrap=True)


@app.command()
def verify(home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Recompute every checksum; name the table, batch and file at fault."""
    opened = _open(home, None, quiet=as_json, must_exist=True)
    from etl.jobs.verify import verify_all

    report = verify_all(opened.context)
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        out.print(report.text(), markup=False)
    if report.faults:
        raise typer.Exit(1)


@app.command()
def forget(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="REPO|AUTHOR",
            help="Path, URL or name of a repository; e-mail or GitHub's @login of an author.",
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Remove a repository, or what an author made, from all tables, their history and copies."""
    from etl.io.home import Home

    place = Home(home.expanduser().absolute())
    place.require_tables()
    with place.locked():
        place.sweep()
        opened = _open(home, None, quiet=as_json, must_exist=True)
        from etl.jobs.forget import finish_interrupted, plan_removal, removal_text
        from etl.jobs.forget import forget as carry_out
        from etl.jobs.subjects import find_subject

        finish_interrupted(opened.context)
        found = find_subject(opened.context, subject)
        planned = plan_removal(opened.context, found)
        if not as_json:
            out.print(removal_text(found, planned.removal), markup=False, soft_wrap=True)
        if not yes:
            typer.confirm("Remove this for good, from the history of the tables too?", abort=True)
        removal = carry_out(opened.context, planned)
    if as_json:
        print(json.dumps(removal.as_json(), indent=2))
        return
    out.print(
        "Removed. It is not read again: `sluice run` refuses it. Exports that were written outside "
        "the home (-o) are yours to delete; run `sluice run` to build the mix anew.",
        soft_wrap=True,
    )


@app.command()
def export(
    target: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder; default: <home>/exports/<version>."),
    ] = None,
    mix: MixOption = "default",
    version: Annotated[
        str | None, typer.Option("--version", help="Mix version or its start; default: newest.")
    ] = None,
    shard_rows: Annotated[int, typer.Option("--shard-rows", min=1)] = 5000,
    home: HomeOption = HOME,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a mix as chat-format JSONL and Parquet shards with checksums."""
    opened = _open(home, conf, mix=mix, quiet=as_json, must_exist=True)
    from etl.jobs.export import export_mix

    report = export_mix(opened.context, version, target, shard_rows)
    if as_json:
        print(json.dumps(report, indent=2))
        return
    out.print(
        f"Mix {mix} {report['version'][:12]}: {report['rows']:,} pairs in "
        f"{len(report['files'])} files\n  {report['folder']}\n"
        f"Check them: cd {report['folder']} && sha256sum -c SHA256SUMS",
        markup=False,
        soft_wrap=True,
    )


@app.command()
def redact(
    source: InputArgument,
    target: OutputOption,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="Column to redact; again for more. Default: all strings."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Copy any rows with placeholders for secrets and personal data."""
    from etl.io.datasets import find_dataset

    find_dataset(source)
    opened = _open(home, None, quiet=as_json)
    from etl.jobs.redact import redact_dataset, report_text

    with opened.context.meter("redact"):
        report = redact_dataset(opened.context.spark, source, target, columns or [])
    _tell(report, report_text, as_json)


@app.command("import-pairs")
def import_pairs(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines: one pair each.")],
    home: HomeOption = HOME,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in pairs that your own experts wrote."""
    from etl.config import conf_folder, read_config
    from etl.io.home import Home
    from etl.jobs.import_pairs import land_pairs, landed_text

    place = Home(home.expanduser().absolute())
    place.prepare()
    with place.locked():
        report = land_pairs(place, read_config(conf_folder(conf)), file)
    _tell(report, landed_text, as_json)


@app.command()
def dedup(
    source: InputArgument,
    target: OutputOption,
    id_column: Annotated[str, typer.Option("--id-column", help="Column that identifies a row.")],
    text_column: Annotated[str, typer.Option("--text-column", help="Column to compare.")],
    home: HomeOption = HOME,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy any rows without exact and near duplicates, and say which are whose."""
    from etl.io.datasets import find_dataset

    find_dataset(source)
    opened = _open(home, conf, quiet=as_json)
    from etl.gold.link_duplicates import PlainTextParams
    from etl.jobs.dedup import dedup_dataset, report_text

    context = opened.context
    params = PlainTextParams(**context.config.dedup.model_dump())
    with context.meter("dedup"):
        columns = (id_column, text_column)
        report = dedup_dataset(context.warehouse, source, target, columns, params)
    _tell(report, report_text, as_json)


@app.command()
def decontaminate(
    source: InputArgument,
    target: OutputOption,
    benchmarks: Annotated[
        list[Path] | None,
        typer.Option(
            "--benchmark", help="File of problems; again for more. Default: those of --conf."
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="Column to search; again for more. Default: all strings."),
    ] = None,
    home: HomeOption = HOME,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy any rows but those that give problems of benchmarks away."""
    from etl.config import conf_folder, read_config
    from etl.io.datasets import find_dataset
    from etl.jobs.decontaminate_dataset import (
        decontaminate_dataset,
        named_benchmarks,
        read_problems,
        report_text,
    )

    find_dataset(source)
    config = read_config(conf_folder(conf))
    problems = read_problems(named_benchmarks(benchmarks or []) or config.benchmarks)
    opened = _open(home, conf, quiet=as_json)
    with opened.context.meter("decontaminate"):
        report = decontaminate_dataset(
            opened.context.spark, source, target, columns or [], problems, config.decontamination
        )
    _tell(report, report_text, as_json)


@app.command()
def score(
    source: InputArgument,
    target: OutputOption,
    instruction: Annotated[str, typer.Option("--instruction-column", help="What was asked for.")],
    response: Annotated[
        str, typer.Option("--response-column", help="The answer: a diff, or code.")
    ],
    context: Annotated[
        str | None, typer.Option("--context-column", help="What the answer builds on.")
    ] = None,
    home: HomeOption = HOME,
    conf: ConfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy any rows with the quality of each: score, parts, evidence, and what is under the bar."""
    from etl.io.datasets import find_dataset

    find_dataset(source)
    opened = _open(home, conf, quiet=as_json)
    from etl.jobs.score import Columns, report_text, score_dataset

    columns = Columns(instruction, response, context)
    with opened.context.meter("score"):
        report = score_dataset(
            opened.context.spark, source, target, columns, opened.context.config.score
        )
    _tell(report, report_text, as_json)


@app.command()
def doctor(home: HomeOption = HOME, conf: ConfOption = None, as_json: JsonOption = False) -> None:
    """Say what this machine lacks, and the command that installs it."""
    from etl.config import conf_folder, read_config
    from etl.jobs.doctor import examination_text, examine

    sandbox = read_config(conf_folder(conf)).sandbox
    findings = examine(home.expanduser().absolute(), sandbox)
    if as_json:
        print(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        out.print(examination_text(findings), markup=False, soft_wrap=True)
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(1)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except SluiceError as error:
        err.print(f"sluice: {error}", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("sluice: stopped. Run the same command again to go on.", markup=False)
        sys.exit(130)


def main() -> None:
    """Entry point: a user's mistake is one message, never a stack trace."""
    with _plain_errors():
        app()


if __name__ == "__main__":
    main()
