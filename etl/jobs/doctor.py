"""What this machine has and lacks, with the command that installs it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etl.config import SandboxParams
from etl.errors import MachineError
from etl.io.home import LEAST_FREE_BYTES, Home
from etl.io.spark import MINIMUM_JAVA, java_version
from etl.sandbox.bubblewrap import BubblewrapSandbox
from etl.sandbox.docker import DockerSandbox
from etl.sandbox.protocol import Sandbox


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        name: what it is.
        ok: it is there and works.
        needed: `sluice run` cannot do without it.
        found: what is there.
        remedy: what to do where it is not ok.
    """

    name: str
    ok: bool
    needed: bool
    found: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values."""
        return asdict(self)


def _java() -> Finding:
    version = java_version()
    return Finding(
        "Java",
        version is not None and version >= MINIMUM_JAVA,
        True,
        f"Java {version}" if version else "none",
        f"apt-get install openjdk-{MINIMUM_JAVA}-jre-headless, or set JAVA_HOME",
    )


def _git() -> Finding:
    git = shutil.which("git")
    found = "none"
    if git:
        found = subprocess.run(
            [git, "--version"], capture_output=True, text=True, check=False
        ).stdout
    return Finding("git", git is not None, False, found.strip(), "apt-get install git (for URLs)")


def _home(root: Path) -> Finding:
    place = next(folder for folder in (root, *root.parents) if folder.exists())
    try:
        if not place.is_dir():
            raise MachineError(f"{place} is not a folder")
        free = shutil.disk_usage(place).free
    except (OSError, MachineError) as error:
        return Finding("home", False, True, str(error), "choose another: --home or SLUICE_HOME")
    return Finding(
        "home",
        free >= LEAST_FREE_BYTES,
        True,
        f"{Home(root).root}, {free >> 30} GiB free",
        f"free {LEAST_FREE_BYTES >> 20} MiB, or choose another: --home or SLUICE_HOME",
    )


def _sandbox(sandbox: Sandbox) -> Finding:
    answer = sandbox.available()
    found = "works" if answer.ok else answer.reason or "not available"
    return Finding(f"{sandbox.name} sandbox", answer.ok, False, found, answer.remedy or "")


def examine(home: Path, sandbox: SandboxParams) -> list[Finding]:
    """Look for everything that Codesluice uses; nothing is changed."""
    return [
        _java(),
        _git(),
        _home(home),
        _sandbox(BubblewrapSandbox(sandbox.bubblewrap)),
        _sandbox(DockerSandbox(sandbox.docker)),
    ]


def examination_text(findings: list[Finding]) -> str:
    """The findings for a terminal."""
    lines = []
    for finding in findings:
        mark = "ok" if finding.ok else "MISSING" if finding.needed else "absent"
        lines.append(f"{mark:<8} {finding.name:<20} {finding.found}")
        if not finding.ok:
            lines.append(f"{'':<8} {'':<20} -> {finding.remedy}")
    isolated = any(f.ok for f in findings if f.name.endswith("sandbox"))
    if not isolated:
        lines.append("Without a sandbox, synthetic pairs cannot be verified; mining needs none.")
    return "\n".join(lines)
