"""What a sandbox is: a command with its files goes in, what was observed comes out.

Backends differ in how they isolate; what they promise is written here once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Literal, Protocol

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as validated

Killed = Literal["wall", "cpu", "memory", "output"]

WORK_DIR = "/work"
"""The only directory that holds the command's files; it is the working directory and writable."""
INPUT_DIR = "/inputs"
"""Where a backend first places the files, read-only, before they are copied to `WORK_DIR`."""
UNPRIVILEGED_ID = 65534
"""User and group of the judged code: `nobody`, the kernel's overflow id."""
STAGING_FAILED = 125
"""Exit code when the files could not be copied into `WORK_DIR` (as in `env` and `docker run`)."""

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_Positive = Annotated[int, Field(gt=0)]


@validated(frozen=True, config=ConfigDict(extra="forbid"))
class Limits:
    """Bounds on one execution. Sizes are bytes, times are seconds.

    `memory_bytes` bounds each process, and the sum over the process tree; `cpu_seconds` bounds each
    process; `file_bytes` bounds everything in the writable directories; `output_bytes` bounds
    stdout and stderr together.
    """

    wall_seconds: Annotated[float, Field(gt=0)] = 10.0
    cpu_seconds: _Positive = 10
    memory_bytes: _Positive = 512 * 2**20
    processes: _Positive = 64
    file_bytes: _Positive = 64 * 2**20
    output_bytes: _Positive = 2**20


@dataclass(frozen=True)
class Command:
    """A command line, the files it finds in `WORK_DIR`, its stdin, and its whole environment.

    Nothing is inherited from the host: `env` is added to PATH, HOME, TMPDIR and LANG.

    Raises:
        ValueError: an empty or malformed argument, a bad variable name, or a path that is
            absolute, climbs out (`..`), or is both a file and a folder.
    """

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.argv or any("\0" in argument for argument in self.argv):
            raise ValueError("argv must hold at least one argument, without NUL")
        for name, value in self.env.items():
            if not _ENV_NAME.match(name) or "\0" in value:
                raise ValueError(f"not an environment variable: {name!r}")
        for path in self.files:
            check_path(path)
        folders = {str(parent) for path in self.files for parent in PurePosixPath(path).parents}
        if both := sorted(folders & set(self.files)):
            raise ValueError(f"a file is also used as a folder: {both[0]!r}")


def check_path(path: str) -> None:
    """Refuse a path that is not plain and relative.

    Raises:
        ValueError: the path is absolute, has an empty, `.` or `..` part, NUL, or a part over 255
            bytes.
    """
    for part in path.split("/"):
        if part in ("", ".", "..") or "\0" in part or len(part.encode("utf-8", "replace")) > 255:
            raise ValueError(f"a file's path must be plain and relative, not {path!r}")


def check_fits(command: Command, limits: Limits) -> None:
    """Refuse files that cannot fit in the writable directory.

    Raises:
        ValueError: the files hold more than `limits.file_bytes`.
    """
    size = sum(map(len, command.files.values()))
    if size > limits.file_bytes:
        raise ValueError(f"files hold {size} bytes; limits.file_bytes allows {limits.file_bytes}")


def staged(argv: tuple[str, ...]) -> list[str]:
    """The command line that copies the inputs to the working directory and becomes `argv`."""
    script = f'cp -R {INPUT_DIR}/. {WORK_DIR} || exit {STAGING_FAILED}; exec "$@"'
    return ["/bin/sh", "-c", script, "sh", *argv]


def environment(command: Command, path: str) -> dict[str, str]:
    """The whole environment of the command; `path` is the backend's PATH."""
    base = {"PATH": path, "HOME": WORK_DIR, "TMPDIR": WORK_DIR, "LANG": "C.UTF-8"}
    return base | dict(command.env)


@dataclass(frozen=True)
class Execution:
    """What was observed from outside.

    `exit_code` is None when the sandbox ended the command; then `killed_for` says which limit did.
    A process that died by signal N has exit code 128 + N. `stdout` and `stderr` together never
    exceed `Limits.output_bytes`. Both are the judged code's own words, and can lie.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    killed_for: Killed | None
    wall_seconds: float
    backend: str

    @property
    def timed_out(self) -> bool:
        """Whether a time limit ended the command."""
        return self.killed_for in ("wall", "cpu")


@dataclass(frozen=True)
class Availability:
    """Whether a backend can run here; if not, why, and what would change that."""

    ok: bool
    reason: str = ""
    remedy: str = ""


class Sandbox(Protocol):
    """Runs untrusted commands: no network, no capabilities, no host files, not root, bounded.

    When `run` returns, no process of the command is left.
    """

    @property
    def name(self) -> str:
        """Name of the backend, as used in the configuration."""

    def available(self) -> Availability:
        """Try the backend; never raises for a missing program or service."""

    def run(self, command: Command, limits: Limits) -> Execution:
        """Run one command.

        Raises:
            ValueError: the files do not fit the limits.
            SandboxUnavailable: the backend could not start anything.
        """
