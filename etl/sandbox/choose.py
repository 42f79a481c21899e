"""Choice of the sandbox backend. The bare host is never one of the choices."""

from collections.abc import Sequence

from etl.errors import ConfigError, SandboxUnavailable
from etl.sandbox.protocol import Sandbox

AUTO = "auto"


def choose(preference: str, backends: Sequence[Sandbox]) -> Sandbox:
    """The first available backend, in the order given, or the named one.

    Raises:
        ConfigError: `preference` is neither `auto` nor the name of a backend.
        SandboxUnavailable: nothing that `preference` allows can run here.
    """
    names = [backend.name for backend in backends]
    if preference not in (AUTO, *names):
        allowed = ", ".join((AUTO, *names))
        raise ConfigError(f"sandbox {preference!r} is not known; use one of: {allowed}")
    reasons = []
    for backend in backends:
        if preference not in (AUTO, backend.name):
            continue
        availability = backend.available()
        if availability.ok:
            return backend
        reasons.append(f"{backend.name}: {availability.reason}. {availability.remedy}")
    raise SandboxUnavailable(
        "No sandbox is available, and untrusted code is never run without one.\n"
        + "\n".join(f"  {reason}" for reason in reasons)
    )
