"""Sandbox on bubblewrap: namespaces without a daemon, for machines that have no container engine.

Two limits are weaker than in a container engine, because there is no control group: memory is
bounded per process by RLIMIT_DATA and over the tree by sampling, so memory that belongs to no
process (unmapped memfd pages, System V segments) is bounded only by RLIMIT_FSIZE per object; and
CPU seconds are counted per process.
"""

import contextlib
import json
import os
import re
import select
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

from etl.errors import SandboxUnavailable
from etl.sandbox.protocol import (
    INPUT_DIR,
    UNPRIVILEGED_ID,
    WORK_DIR,
    Availability,
    Command,
    Execution,
    Killed,
    Limits,
    check_fits,
    environment,
    staged,
)

MINIMUM_VERSION = (0, 8)
"""The first bubblewrap with `--disable-userns` (its release notes, v0.8.0)."""

_PYTHON_DIR = "/opt/python"
_PATH = f"{_PYTHON_DIR}/bin:/usr/local/bin:/usr/bin:/bin"
_OPEN_FILES = 256
_SHM_BYTES = 16 * 2**20
_SAMPLE_SECONDS = 0.05
_CHUNK = 65536
_CPU_EXIT = 128 + signal.SIGXCPU
_ROOT_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_INSTALL = "Install bubblewrap 0.8 or newer: apt-get install bubblewrap (or dnf, apk)."
_ALLOW = (
    "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor "
    "profile for bwrap; inside a container, a seccomp profile that permits unshare and mount)."
)


class BubblewrapParams(BaseModel):
    """`executable` is a name on PATH or a path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    executable: str = "bwrap"


class BubblewrapSandbox:
    """Runs each command in fresh namespaces under a read-only view of the system's programs.

    Started by root it first becomes an unprivileged user for the kernel too, so that an escape is
    not root and the process limit counts (the kernel exempts root from RLIMIT_NPROC).
    """

    name = "bubblewrap"

    def __init__(self, params: BubblewrapParams) -> None:
        self._params = params

    def available(self) -> Availability:
        """Run a Python interpreter that does nothing."""
        executable = shutil.which(self._params.executable)
        if executable is None:
            return Availability(False, f"{self._params.executable!r} is not installed", _INSTALL)
        shown = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, check=False
        ).stdout.strip()
        version = re.search(r"(\d+)\.(\d+)", shown)
        if version is None or (int(version[1]), int(version[2])) < MINIMUM_VERSION:
            return Availability(False, f"{shown or executable} is too old", _INSTALL)
        try:
            probe = self.run(Command(("python3", "-c", "")), Limits())
        except SandboxUnavailable as error:
            return Availability(False, str(error), _ALLOW)
        if probe.exit_code != 0:
            return Availability(False, probe.stderr.decode("utf-8", "replace").strip(), _ALLOW)
        return Availability(True)

    def run(self, command: Command, limits: Limits) -> Execution:
        """See `Sandbox.run`."""
        check_fits(command, limits)
        executable = shutil.which(self._params.executable)
        if executable is None:
            raise SandboxUnavailable(f"{self._params.executable!r} is not installed. {_INSTALL}")
        with tempfile.TemporaryDirectory(prefix="sluice-sandbox-") as folder:
            # The unprivileged user must be able to read the inputs, which the mount makes
            # read-only; other users of the machine see nothing that is not public anyway.
            os.chmod(folder, 0o755)
            _write_files(Path(folder), command)
            options = _options(command, limits, Path(folder), as_root=os.geteuid() == 0)
            inner = [*_drop_privileges(executable), *_prlimit(limits), *staged(command.argv)]
            return _supervise(executable, options, inner, command.stdin, limits)


def _write_files(folder: Path, command: Command) -> None:
    for path, content in command.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _options(command: Command, limits: Limits, inputs: Path, *, as_root: bool) -> list[str]:
    """Namespaces and the view of the file system, in the order in which they are mounted."""
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "sandbox", "--new-session"]
    options += ["--die-with-parent", "--clearenv", "--cap-drop", "ALL"]
    if as_root:
        # For setpriv alone, which gives them up with everything else.
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            options += ["--cap-add", capability]
    else:
        options += [*_user_namespace(), "--uid", str(UNPRIVILEGED_ID)]
        options += ["--gid", str(UNPRIVILEGED_ID)]
    for name, value in environment(command, _PATH).items():
        options += ["--setenv", name, value]
    options += ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for path in ("/etc/ld.so.cache", "/etc/alternatives"):
        options += ["--ro-bind-try", path, path]
    for link in map(Path, _ROOT_LINKS):
        if link.is_symlink():
            options += ["--symlink", str(link.readlink()), str(link)]
        elif link.is_dir():
            options += ["--ro-bind", str(link), str(link)]
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        # A fixed place, so that no path of the host can turn up in what the judged code prints.
        options += ["--perms", "0755", "--dir", "/opt", "--ro-bind", str(prefix), _PYTHON_DIR]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "0777", "--size", str(_SHM_BYTES), "--tmpfs", "/dev/shm"]
    options += ["--remount-ro", "/dev", "--ro-bind", str(inputs), INPUT_DIR]
    options += ["--perms", "0777", "--size", str(limits.file_bytes), "--tmpfs", WORK_DIR]
    options += ["--symlink", WORK_DIR, "/tmp", "--remount-ro", "/", "--chdir", WORK_DIR]
    return options


def _user_namespace() -> list[str]:
    # Without the second flag the judged code could mount a tmpfs of any size in a namespace of
    # its own, and reach more of the kernel.
    return ["--unshare-user", "--disable-userns"]


def _drop_privileges(executable: str) -> list[str]:
    """For root: become an unprivileged user, then enter a user namespace as anyone else would."""
    if os.geteuid() != 0:
        return []
    user = str(UNPRIVILEGED_ID)
    return [
        *("setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--inh-caps", "-all"),
        *("--bounding-set", "-all", "--no-new-privs"),
        *(executable, *_user_namespace(), "--cap-drop", "ALL"),
        *("--dev-bind", "/", "/", "--chdir", WORK_DIR),
    ]


def _prlimit(limits: Limits) -> list[str]:
    # RLIMIT_DATA and not RLIMIT_AS: runtimes such as V8, Go and the JVM reserve far more address
    # space than they use. The soft CPU limit comes first so that SIGXCPU tells it from other kills.
    return [
        "prlimit",
        f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}",
        f"--data={limits.memory_bytes}",
        f"--nproc={limits.processes}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={_OPEN_FILES}",
        "--core=0",
    ]


@dataclass
class _Observed:
    """What the pipes gave so far; `status` is bubblewrap's own channel."""

    stdout: bytearray
    stderr: bytearray
    status: bytearray


class _Init:
    """Process 1 of the sandbox, held by a descriptor so that its number cannot be reused."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor: int | None = None
        with contextlib.suppress(ProcessLookupError):
            self._descriptor = os.pidfd_open(pid)

    def kill(self) -> None:
        """Kill it; the kernel then kills every process of its namespace."""
        if self._descriptor is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end, which the kernel reports after that of every other process in there."""
        if self._descriptor is not None:
            select.select([self._descriptor], [], [])
            os.close(self._descriptor)


def _supervise(
    executable: str, options: list[str], inner: list[str], stdin: bytes, limits: Limits
) -> Execution:
    # Options travel through a file descriptor: process 1 of the sandbox keeps its command line,
    # and host paths on it would be readable from inside.
    status_read, status_write = os.pipe()
    arguments = os.memfd_create("arguments")
    os.write(arguments, b"".join(option.encode() + b"\0" for option in options))
    os.lseek(arguments, 0, os.SEEK_SET)
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, status_read)
        try:
            process = subprocess.Popen(
                [
                    *(executable, "--json-status-fd", str(status_write)),
                    *("--args", str(arguments), "--", *inner),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(status_write, arguments),
                env={"PATH": _PATH},
                bufsize=0,
            )
        finally:
            os.close(status_write)
            os.close(arguments)
        stack.enter_context(process)
        # If anything below raises, the monitor dies and takes the namespace with it.
        stack.callback(process.kill)
        observed = _Observed(bytearray(), bytearray(), bytearray())
        killed = _pump(process, status_read, stdin, limits, started + limits.wall_seconds, observed)
        process.wait()
    seconds = time.monotonic() - started
    exit_code = _status_value(observed.status, "exit-code")
    if killed is None and exit_code is None:
        message = observed.stderr.decode("utf-8", "replace").strip()
        raise SandboxUnavailable(f"bubblewrap started nothing: {message[:500]}. {_ALLOW}")
    if killed is None and exit_code == _CPU_EXIT:
        killed = "cpu"
    return Execution(
        exit_code=None if killed else exit_code,
        stdout=bytes(observed.stdout),
        stderr=bytes(observed.stderr),
        killed_for=killed,
        wall_seconds=seconds,
        backend=BubblewrapSandbox.name,
    )


def _pump(
    process: subprocess.Popen[bytes],
    status: int,
    stdin: bytes,
    limits: Limits,
    deadline: float,
    observed: _Observed,
) -> Killed | None:
    """Feed and drain until every process of the sandbox is gone; the limit that was hit, if any."""
    assert process.stdin and process.stdout and process.stderr
    sinks: dict[int, bytearray] = {
        process.stdout.fileno(): observed.stdout,
        process.stderr.fileno(): observed.stderr,
        status: observed.status,
    }
    killed: Killed | None = None
    init: _Init | None = None
    with selectors.DefaultSelector() as selector:
        for descriptor in sinks:
            selector.register(descriptor, selectors.EVENT_READ)
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        pending = memoryview(stdin)
        next_sample = 0.0
        while sinks:
            for key, _ in selector.select(_SAMPLE_SECONDS):
                if key.fileobj is process.stdin:
                    pending = _feed(selector, process.stdin, pending)
                    continue
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fd)
                    del sinks[key.fd]
                elif key.fd == status or killed is None:
                    sinks[key.fd].extend(chunk)
            if init is None and (pid := _status_value(observed.status, "child-pid")):
                init = _Init(pid)
            if killed is not None or init is None:
                continue
            now = time.monotonic()
            over = len(observed.stdout) + len(observed.stderr) - limits.output_bytes
            if over > 0:
                killed = "output"
                _trim(observed, over)
            elif now >= deadline:
                killed = "wall"
            elif now >= next_sample:
                next_sample = now + _SAMPLE_SECONDS
                killed = "memory" if _tree_bytes(init.pid) > limits.memory_bytes else None
            if killed is not None:
                init.kill()
    if init is not None:
        init.wait()
    return killed


def _trim(observed: _Observed, over: int) -> None:
    for stream in (observed.stderr, observed.stdout):
        cut = min(over, len(stream))
        del stream[len(stream) - cut :]
        over -= cut


def _feed(selector: selectors.BaseSelector, stdin: IO[bytes], pending: memoryview) -> memoryview:
    try:
        pending = pending[os.write(stdin.fileno(), pending[:_CHUNK]) :] if pending else pending
    except BrokenPipeError:
        pending = pending[:0]
    if not pending:
        selector.unregister(stdin)
        stdin.close()
    return pending


def _status_value(status: bytearray, name: str) -> int | None:
    """One value of bubblewrap's JSON status lines; None while it is not there."""
    for line in status.splitlines(keepends=True):
        if line.endswith(b"\n") and name in (fields := json.loads(line)):
            return int(fields[name])
    return None


def _tree_bytes(root: int) -> int:
    """Memory of a process tree: anonymous pages, and shared ones once for each process."""
    return sum(map(_process_bytes, _descendants(root)))


def _descendants(root: int) -> Iterator[int]:
    stack = [root]
    while stack:
        pid = stack.pop()
        yield pid
        # A process may end at any point of the walk.
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as children:
                    stack.extend(map(int, children.read().split()))


def _process_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
    except OSError:
        return 0
    return sum(int(fields.get(name, "0 kB").split()[0]) * 1024 for name in ("RssAnon", "RssShmem"))
