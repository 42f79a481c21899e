"""Sandbox on a Docker engine: one throw-away container for each command."""

import contextlib
import importlib
import io
import tarfile
import threading
import time
from typing import Any

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

_PATH = "/usr/local/bin:/usr/bin:/bin"
_SHM_BYTES = 16 * 2**20
_OPEN_FILES = 256
_POLL_SECONDS = 0.02
_CPU_EXIT = 152  # 128 + SIGXCPU
_STDOUT = 1
_START = "Start Docker, or use bubblewrap: apt-get install bubblewrap."


class DockerParams(BaseModel):
    """`image` must already be in the engine: nothing is pulled. It needs `sh`, `cp`, `python3`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    base_url: str = "unix:///var/run/docker.sock"
    cpus: float = 1.0


class DockerSandbox:
    """Runs each command in a fresh container without network, capabilities or a writable root."""

    name = "docker"

    def __init__(self, params: DockerParams) -> None:
        self._params = params

    def available(self) -> Availability:
        """Ask the engine for the image."""
        try:
            sdk = importlib.import_module("docker")
        except ImportError:
            return Availability(False, "the Python package is missing", "pip install docker.")
        try:
            client = self._client()
        except sdk.errors.DockerException as error:
            return Availability(False, f"no engine answers ({error})", _START)
        try:
            client.inspect_image(self._params.image)
        except sdk.errors.APIError:
            return Availability(
                False,
                f"the image {self._params.image!r} is not in the engine",
                f"docker pull {self._params.image}, or name another image.",
            )
        finally:
            client.close()
        return Availability(True)

    def _client(self) -> Any:
        # Imported late: the engine's client is not needed where bubblewrap is used.
        return importlib.import_module("docker").APIClient(
            base_url=self._params.base_url, version="auto"
        )

    def run(self, command: Command, limits: Limits) -> Execution:
        """See `Sandbox.run`."""
        check_fits(command, limits)
        errors = importlib.import_module("docker.errors")
        try:
            client = self._client()
        except errors.DockerException as error:
            raise SandboxUnavailable(f"no Docker engine answers ({error}). {_START}") from error
        try:
            container = self._create(client, command, limits)
            try:
                client.put_archive(container, INPUT_DIR, _archive(command))
                return _supervise(client, container, command.stdin, limits)
            finally:
                client.remove_container(container, v=True, force=True)
        except errors.APIError as error:
            raise SandboxUnavailable(f"Docker refused to run the command: {error}") from error
        finally:
            client.close()

    def _create(self, client: Any, command: Command, limits: Limits) -> str:
        types = importlib.import_module("docker.types")
        soft, hard = limits.cpu_seconds, limits.cpu_seconds + 1
        owner = f"uid={UNPRIVILEGED_ID},gid={UNPRIVILEGED_ID},mode=0700"
        writable = f"rw,exec,nosuid,nodev,{owner},size={limits.file_bytes}"
        host = client.create_host_config(
            network_mode="none",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            init=True,
            mem_limit=limits.memory_bytes,
            memswap_limit=limits.memory_bytes,
            pids_limit=limits.processes,
            nano_cpus=int(self._params.cpus * 1e9),
            shm_size=_SHM_BYTES,
            tmpfs={WORK_DIR: writable, "/tmp": writable},
            # A volume, because the files must be there before the start and the root is read-only.
            # They belong to root in it, so the judged user cannot write there.
            mounts=[types.Mount(target=INPUT_DIR, source=None, type="volume")],
            log_config=types.LogConfig(type="none"),
            ulimits=[
                types.Ulimit(name="cpu", soft=soft, hard=hard),
                types.Ulimit(name="core", soft=0, hard=0),
                types.Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES),
                types.Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
            ],
        )
        created = client.create_container(
            self._params.image,
            entrypoint=[],
            command=staged(command.argv),
            user=f"{UNPRIVILEGED_ID}:{UNPRIVILEGED_ID}",
            working_dir=WORK_DIR,
            environment=environment(command, _PATH),
            hostname="sandbox",
            stdin_open=True,
            host_config=host,
        )
        return str(created["Id"])


def _archive(command: Command) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in command.files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class _Output(threading.Thread):
    """Reads the container's output up to a cap, and says when the cap was passed."""

    def __init__(self, stream: Any, cap: int) -> None:
        super().__init__(daemon=True)
        self._stream, self._room = stream, cap
        self.stdout, self.stderr = bytearray(), bytearray()
        self.full = threading.Event()

    def run(self) -> None:
        """Read until the engine closes the stream; past the cap, only drain."""
        frames = importlib.import_module("docker.utils.socket").frames_iter(self._stream, tty=False)
        for number, chunk in frames:
            sink = self.stdout if number == _STDOUT else self.stderr
            sink.extend(chunk[: self._room])
            if len(chunk) > self._room:
                self.full.set()
            self._room = max(0, self._room - len(chunk))


def _send(stream: Any, stdin: bytes) -> None:
    socket = importlib.import_module("socket")
    raw = stream._sock  # the SDK gives a read-only file around the socket
    try:
        raw.sendall(stdin)
        raw.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the command ended without reading all of it, which is its right


def _kill(client: Any, container: str) -> None:
    errors = importlib.import_module("docker.errors")
    # The engine refuses to kill what has just ended by itself.
    with contextlib.suppress(errors.APIError):
        client.kill(container)


def _supervise(client: Any, container: str, stdin: bytes, limits: Limits) -> Execution:
    stream = client.attach_socket(
        container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    )
    output = _Output(stream, limits.output_bytes)
    started = time.monotonic()
    client.start(container)
    output.start()
    threading.Thread(target=_send, args=(stream, stdin), daemon=True).start()
    killed: Killed | None = None
    while (state := client.inspect_container(container)["State"])["Running"]:
        if killed is not None:
            time.sleep(_POLL_SECONDS)
        elif output.full.wait(_POLL_SECONDS):
            killed = "output"
            _kill(client, container)
        elif time.monotonic() - started >= limits.wall_seconds:
            killed = "wall"
            _kill(client, container)
    output.join()
    seconds = time.monotonic() - started
    stream.close()
    if killed is None and output.full.is_set():
        killed = "output"
    elif killed is None and state["OOMKilled"]:
        killed = "memory"
    elif killed is None and state["ExitCode"] == _CPU_EXIT:
        killed = "cpu"
    return Execution(
        exit_code=None if killed else int(state["ExitCode"]),
        stdout=bytes(output.stdout),
        stderr=bytes(output.stderr),
        killed_for=killed,
        wall_seconds=seconds,
        backend=DockerSandbox.name,
    )
