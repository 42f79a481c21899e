import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.sandbox.protocol import Command, Execution, Limits, check_fits, check_path, environment


@pytest.mark.parametrize(
    "path",
    ["../escape", "a/../../b", "/etc/passwd", "", ".", "a//b", "a/./b", "a/", "nul\0", "x" * 256],
)
def test_a_path_that_could_leave_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="plain and relative"):
        Command(("true",), files={path: b""})


@given(st.text(max_size=40))
def test_an_accepted_path_always_stays_below_the_folder(path: str) -> None:
    try:
        check_path(path)
    except ValueError:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    assert "\0" not in path


def test_a_file_cannot_also_be_a_folder() -> None:
    with pytest.raises(ValueError, match="'a'"):
        Command(("true",), files={"a": b"", "a/b": b""})


@pytest.mark.parametrize("argv", [(), ("a\0b",)])
def test_a_malformed_command_line_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="argv"):
        Command(argv)


@pytest.mark.parametrize("name", ["", "A=B", "1A", "A\n"])
def test_a_malformed_variable_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="environment variable"):
        Command(("true",), env={name: "x"})


def test_the_environment_holds_nothing_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_SECRET", "s3cret")
    shown = environment(Command(("true",), env={"MINE": "1"}), "/bin")
    assert set(shown) == {"PATH", "HOME", "TMPDIR", "LANG", "MINE"}


def test_limits_refuse_unknown_and_senseless_values() -> None:
    with pytest.raises(pydantic.ValidationError):
        Limits(wall_seconds=0)
    with pytest.raises(pydantic.ValidationError):
        Limits(memory_mb=5)  # type: ignore[call-arg]


def test_files_over_the_disk_limit_are_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="file_bytes"):
        check_fits(Command(("true",), files={"a": b"12345"}), Limits(file_bytes=4))


def test_both_time_limits_count_as_timed_out() -> None:
    def execution(killed: str | None) -> Execution:
        return Execution(None, b"", b"", killed, 1.0, "x")  # type: ignore[arg-type]

    assert execution("wall").timed_out
    assert execution("cpu").timed_out
    assert not execution("memory").timed_out
    assert not execution(None).timed_out
