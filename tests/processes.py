"""All processes of one session: a command, its JVM and its Python workers."""

from __future__ import annotations

import os
from pathlib import Path


def _session_of(process: int) -> int | None:
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return None


def members_of(session: int) -> list[int]:
    """Ids of the processes of a session that run now.

    Spark's workers are a process group of their own, so a group is not all of a command.

    Args:
        session: id of its first process.
    """
    running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [process for process in running if _session_of(process) == session]
