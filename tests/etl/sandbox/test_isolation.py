"""Real attacks on each backend: the promises of `Sandbox`, kept or broken."""

import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from etl.sandbox.protocol import Command, Execution, Limits, Sandbox


def _python(
    sandbox: Sandbox, code: str, limits: Limits | None = None, *arguments: str
) -> Execution:
    return sandbox.run(Command(("python3", "-c", code, *arguments)), limits or Limits())


def _alive(marker: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in line:
                found.append(folder.name)
    return found


def test_the_search_for_survivors_finds_one() -> None:
    marker = secrets.token_hex(8)
    code = [sys.executable, "-c", "print(1, flush=True); input()", marker]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()  # its command line can be read once it runs
        found = _alive(marker)
        process.kill()
    assert found == [str(process.pid)]
    assert _alive(marker) == []


def test_a_command_sees_its_files_stdin_and_environment(sandbox: Sandbox) -> None:
    code = "import os,sys; print(open('d/in.txt').read(), sys.stdin.read(), os.environ['A'])"
    command = Command(
        ("python3", "-c", code), files={"d/in.txt": b"file"}, stdin=b"stdin", env={"A": "env"}
    )
    execution = sandbox.run(command, Limits())
    assert execution.stdout == b"file stdin env\n"
    assert execution.stderr == b""
    assert (execution.exit_code, execution.killed_for) == (0, None)
    assert execution.backend == sandbox.name


def test_streams_exit_codes_and_signals_are_told_apart(sandbox: Sandbox) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    execution = _python(sandbox, code)
    assert (execution.stdout, execution.stderr) == (b"out\n", b"err\n")
    assert execution.exit_code == 7
    aborted = _python(sandbox, "import os; os.abort()")
    assert aborted.exit_code == 128 + 6


def test_large_stdin_reaches_a_reader_and_does_not_block_without_one(sandbox: Sandbox) -> None:
    blob = b"x" * 3_000_000
    count = "import sys; print(len(sys.stdin.buffer.read()))"
    assert sandbox.run(Command(("python3", "-c", count), stdin=blob), Limits()).stdout == (
        b"3000000\n"
    )
    assert sandbox.run(Command(("true",), stdin=blob), Limits()).exit_code == 0


def test_there_is_no_network_and_no_way_to_the_hosts_loopback(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        port = server.getsockname()[1]
        code = f"""
import socket
import subprocess
import sys
for address in (("127.0.0.1", {port}), ("192.0.2.1", 80), ("172.17.0.1", {port})):
    try:
        socket.create_connection(address, timeout=1)
        print("connected", address)
    except OSError:
        print("refused")
print(sorted(name for _, name in socket.if_nameindex() if name == "eth0"))
"""
        execution = _python(sandbox, code)
        with pytest.raises(TimeoutError):
            server.accept()
    assert execution.stdout == b"refused\nrefused\nrefused\n[]\n"


def test_files_of_the_host_are_not_there(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    project = Path(__file__).resolve()
    code = """
import os, sys
for path in sys.argv[1:]:
    try:
        print(path, os.listdir(path) if os.path.isdir(path) else open(path).read())
    except OSError:
        pass
"""
    places = ["/root", "/home", str(secret), str(project), str(project.parents[3]), "/etc/shadow"]
    execution = _python(sandbox, code, None, *places, "/var/run/docker.sock", "/run/docker.sock")
    assert execution.exit_code == 0
    assert execution.stdout in (b"", b"/home []\n")


def test_the_hosts_environment_is_not_there(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "s3cret-value")
    code = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    try:
        print(path, open(path).read())
    except OSError:
        pass
"""
    execution = _python(sandbox, code)
    assert b"s3cret-value" not in execution.stdout
    assert b"sluice-sandbox-" not in execution.stdout


def test_nothing_outside_the_work_folder_can_be_written(sandbox: Sandbox) -> None:
    code = """
import os
for folder in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/inputs", "/opt", "/opt/python", "/var",
               "/proc", "/sys", "/lib", "/bin", "/sbin"):
    try:
        open(os.path.join(folder, "x"), "w").write("x")
        print("wrote", folder)
    except OSError:
        pass
try:
    open("/inputs/in.txt", "w").write("changed")
    print("changed an input")
except OSError:
    pass
open("in.txt", "w").write("mine")
print(os.getcwd(), open("in.txt").read())
"""
    command = Command(("python3", "-c", code), files={"in.txt": b"given"})
    assert sandbox.run(command, Limits()).stdout == b"/work mine\n"


def test_the_code_is_nobody_without_capabilities(sandbox: Sandbox) -> None:
    code = """
import os
fields = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines()
              if line.startswith(("Cap", "NoNewPrivs")))
print(os.getuid(), os.getgid(), os.getgroups(), {int(fields[name], 16) for name in fields
      if name.startswith("Cap")}, fields["NoNewPrivs"])
try:
    os.setuid(0)
    print("became root")
except OSError:
    print("stayed")
"""
    shown = _python(sandbox, code).stdout.decode()
    assert shown.startswith("65534 65534 [")
    assert "{0} 1\nstayed" in shown


def test_no_namespace_of_its_own_and_no_mount(sandbox: Sandbox) -> None:
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.unshare(0x10000000), libc.mount(b"t", b"/work", b"tmpfs", 0, b"size=1g"))
"""
    assert _python(sandbox, code).stdout == b"-1 -1\n"


def test_a_fork_bomb_is_bounded_and_leaves_nothing(sandbox: Sandbox) -> None:
    marker = secrets.token_hex(8)
    code = """
import os, time
count = 0
try:
    while count < 2000:
        if os.fork() == 0:
            time.sleep(600)
        count += 1
except OSError:
    print("stopped at", count)
"""
    execution = _python(sandbox, code, Limits(processes=20), marker)
    assert execution.stdout.startswith(b"stopped at")
    assert int(execution.stdout.split()[-1]) < 20
    assert _alive(marker) == []


@pytest.mark.parametrize(
    "code",
    [
        "x = b'a' * 10**9; print('survived')",
        "import mmap; m = mmap.mmap(-1, 10**9)\n"
        "for i in range(0, 10**9, 4096): m[i] = 1\nprint('survived')",
        "import os\nfor _ in range(2): os.fork()\nx = bytearray(100 * 2**20)\n"
        "for i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(600)",
    ],
    ids=["one allocation", "shared mapping", "many processes"],
)
def test_a_memory_hog_does_not_survive(sandbox: Sandbox, code: str) -> None:
    marker = secrets.token_hex(8)
    limits = Limits(memory_bytes=256 * 2**20, processes=20, wall_seconds=20)
    execution = _python(sandbox, code, limits, marker)
    assert execution.exit_code != 0
    assert execution.killed_for in ("memory", None)
    assert b"survived" not in execution.stdout
    assert _alive(marker) == []


@pytest.mark.parametrize("folder", ["/work", "/tmp", "/dev/shm"])
def test_the_disk_is_bounded(sandbox: Sandbox, folder: str) -> None:
    code = f"""
written = 0
try:
    for number in range(100):
        with open(f"{folder}/{{number}}", "wb") as file:
            written += file.write(bytes(2**20))
except OSError:
    print("stopped")
"""
    assert _python(sandbox, code, Limits(file_bytes=8 * 2**20)).stdout == b"stopped\n"


def test_an_endless_loop_ends_at_the_wall_limit(sandbox: Sandbox) -> None:
    marker = secrets.token_hex(8)
    execution = _python(sandbox, "while True: pass", Limits(wall_seconds=0.7), marker)
    assert (execution.exit_code, execution.killed_for) == (None, "wall")
    assert execution.timed_out
    assert _alive(marker) == []


def test_burnt_processor_time_ends_at_the_cpu_limit(sandbox: Sandbox) -> None:
    execution = _python(sandbox, "while True: pass", Limits(wall_seconds=20, cpu_seconds=1))
    assert execution.killed_for == "cpu"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_output_flood_is_capped(sandbox: Sandbox, stream: str) -> None:
    marker = secrets.token_hex(8)
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    execution = _python(sandbox, code, Limits(output_bytes=100_000, wall_seconds=20), marker)
    assert (execution.exit_code, execution.killed_for) == (None, "output")
    assert len(execution.stdout) + len(execution.stderr) == 100_000
    assert _alive(marker) == []


_ESCAPE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    for number in set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(600)
    os._exit(0)
print("parent leaves", flush=True)
LAST
"""


def test_a_detached_grandchild_dies_with_a_command_that_ends(sandbox: Sandbox) -> None:
    marker = secrets.token_hex(8)
    execution = _python(sandbox, _ESCAPE.replace("LAST", ""), None, marker)
    assert (execution.exit_code, execution.stdout) == (0, b"parent leaves\n")
    assert _alive(marker) == []


def test_a_detached_grandchild_dies_with_a_command_that_is_killed(sandbox: Sandbox) -> None:
    marker = secrets.token_hex(8)
    code = _ESCAPE.replace("LAST", "time.sleep(600)")
    execution = _python(sandbox, code, Limits(wall_seconds=0.7), marker)
    assert execution.killed_for == "wall"
    assert _alive(marker) == []


def test_a_command_that_closes_its_streams_is_still_waited_for(sandbox: Sandbox) -> None:
    marker = secrets.token_hex(8)
    code = "import os, time\nfor fd in (0, 1, 2): os.close(fd)\ntime.sleep(600)"
    execution = _python(sandbox, code, Limits(wall_seconds=0.7), marker)
    assert execution.killed_for == "wall"
    assert _alive(marker) == []


def test_ordinary_programs_find_what_they_need(sandbox: Sandbox) -> None:
    code = """
import multiprocessing, os, subprocess, tempfile, threading
open("/dev/null", "w").write("x")
print(len(open("/dev/urandom", "rb").read(4)), open("/dev/zero", "rb").read(1))
multiprocessing.Lock()
thread = threading.Thread(target=print, args=("thread",))
thread.start(); thread.join()
print(subprocess.run(["sh", "-c", "echo child"], capture_output=True, text=True).stdout)
with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
    print(os.path.dirname(script.name))
print(os.cpu_count() > 0, os.environ["LANG"])
"""
    execution = _python(sandbox, code)
    assert execution.stderr == b""
    assert execution.stdout == b"4 b'\\x00'\nthread\nchild\n\n/work\nTrue C.UTF-8\n"


def test_two_executions_share_nothing(sandbox: Sandbox) -> None:
    code = """
import os
print([os.path.exists(p) for p in ("/work/left", "/tmp/left2", "/dev/shm/left")])
for path in ("/work/left", "/tmp/left2", "/dev/shm/left"):
    open(path, "w").write("x")
"""
    assert (
        _python(sandbox, code).stdout
        == _python(sandbox, code).stdout
        == (b"[False, False, False]\n")
    )
