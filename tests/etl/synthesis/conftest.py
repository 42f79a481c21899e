"""The sandbox that verdicts are tested in: the first that this machine has."""

import pytest

from etl.errors import SandboxUnavailable
from etl.sandbox.bubblewrap import BubblewrapParams, BubblewrapSandbox
from etl.sandbox.choose import choose
from etl.sandbox.protocol import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    try:
        return choose("auto", [BubblewrapSandbox(BubblewrapParams())])
    except SandboxUnavailable as refusal:
        pytest.skip(str(refusal))
