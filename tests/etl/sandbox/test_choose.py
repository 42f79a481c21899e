from dataclasses import dataclass

import pytest

from etl.errors import ConfigError, SandboxUnavailable
from etl.sandbox.bubblewrap import BubblewrapParams, BubblewrapSandbox
from etl.sandbox.choose import choose
from etl.sandbox.docker import DockerParams, DockerSandbox
from etl.sandbox.protocol import Availability, Command, Execution, Limits


@dataclass
class _Backend:
    name: str
    ok: bool

    def available(self) -> Availability:
        return Availability(self.ok, "its daemon sleeps", "Wake it.")

    def run(self, command: Command, limits: Limits) -> Execution:
        raise AssertionError("choosing must not run anything")


def test_auto_takes_the_first_available_backend() -> None:
    backends = [_Backend("docker", False), _Backend("bubblewrap", True), _Backend("other", True)]
    assert choose("auto", backends).name == "bubblewrap"


def test_a_named_backend_is_not_replaced_by_another() -> None:
    backends = [_Backend("docker", False), _Backend("bubblewrap", True)]
    with pytest.raises(SandboxUnavailable) as refusal:
        choose("docker", backends)
    assert "docker: its daemon sleeps. Wake it." in str(refusal.value)
    assert "bubblewrap" not in str(refusal.value)


def test_without_any_backend_the_refusal_names_each_and_its_remedy() -> None:
    with pytest.raises(SandboxUnavailable, match="never run without"):
        choose("auto", [_Backend("docker", False), _Backend("bubblewrap", False)])


def test_the_bare_host_is_not_a_choice() -> None:
    for preference in ("host", "none", "local", ""):
        with pytest.raises(ConfigError, match="auto, docker"):
            choose(preference, [_Backend("docker", True)])


def test_real_backends_that_are_absent_say_so() -> None:
    docker = DockerSandbox(DockerParams(image="x", base_url="unix:///nowhere/docker.sock"))
    bubblewrap = BubblewrapSandbox(BubblewrapParams(executable="bwrap-that-is-not-there"))
    with pytest.raises(SandboxUnavailable) as refusal:
        choose("auto", [docker, bubblewrap])
    assert "no engine answers" in str(refusal.value)
    assert "is not installed" in str(refusal.value)
    for backend in (docker, bubblewrap):
        with pytest.raises(SandboxUnavailable):
            backend.run(Command(("true",)), Limits())
