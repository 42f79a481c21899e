"""A bar on the terminal while a step runs; silence where nobody watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from pyspark.sql import SparkSession
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from etl.io.spark import task_counter

_REFRESH_SECONDS = 0.25


def meter(
    console: Console, session: SparkSession | None, quiet: bool
) -> Callable[[str], AbstractContextManager[None]]:
    """A context manager per step that shows its name, its Spark tasks and the time it takes.

    Args:
        console: where to draw; nothing is drawn unless it is a terminal.
        session: whose tasks are counted; None before there is one.
        quiet: draw nothing.
    """
    count = task_counter(session) if session is not None and console.is_terminal else None

    @contextmanager
    def show(name: str) -> Iterator[None]:
        if quiet or not console.is_terminal:
            yield
            return
        progress = Progress(
            SpinnerColumn(),
            TextColumn(f"{name:<16}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[tasks]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        with progress:
            bar = progress.add_task(name, total=None, tasks="")
            finished = threading.Event()

            def watch() -> None:
                while count is not None and not finished.wait(_REFRESH_SECONDS):
                    done, total = count()
                    text = f"{done}/{total} tasks of this step" if total else ""
                    progress.update(bar, completed=done, total=total or None, tasks=text)

            watcher = threading.Thread(target=watch, daemon=True)
            watcher.start()
            try:
                yield
            finally:
                finished.set()
                watcher.join()

    return show
