"""The backends under test; one that cannot run on this machine is skipped with its own reason."""

import os

import pytest

from etl.sandbox.bubblewrap import BubblewrapParams, BubblewrapSandbox
from etl.sandbox.docker import DockerParams, DockerSandbox
from etl.sandbox.protocol import Sandbox

IMAGE = os.environ.get("SLUICE_TEST_SANDBOX_IMAGE", "sluice-sandbox:bookworm")
"""Any image with `sh`, `cp` and `python3`; tests pull nothing."""


def _available(sandbox: Sandbox) -> Sandbox:
    availability = sandbox.available()
    if not availability.ok:
        pytest.skip(f"{sandbox.name}: {availability.reason}. {availability.remedy}")
    return sandbox


@pytest.fixture(scope="session")
def bubblewrap() -> Sandbox:
    return _available(BubblewrapSandbox(BubblewrapParams()))


@pytest.fixture(scope="session")
def docker_engine() -> Sandbox:
    return _available(DockerSandbox(DockerParams(image=IMAGE)))


@pytest.fixture(scope="session", params=["bubblewrap", "docker_engine"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each available backend in turn: every promise is tested on all of them."""
    backend: Sandbox = request.getfixturevalue(request.param)
    return backend
