"""Every error that Codesluice raises on purpose.

A message names what was wrong, what was allowed, and what to do. The command line prints it without
a stack trace and exits with `exit_code`.
"""


class SluiceError(Exception):
    """Root of the errors that are meant for a user."""

    exit_code = 2


class ConfigError(SluiceError):
    """A configuration file or option holds something that is not allowed."""


class SourceError(SluiceError):
    """A path or URL that was asked for is not a repository that can be read."""


class MachineError(SluiceError):
    """The machine lacks something that Codesluice needs (Java, disk, a writable home)."""


class RemovedError(SluiceError):
    """What was asked for held rows that were removed with `sluice forget`."""


class SandboxUnavailable(SluiceError):  # noqa: N818 - a state of the machine, not a fault
    """No isolation backend is present, so untrusted code is not run at all."""


class QueryError(SluiceError):
    """A table or SQL text that a user asked for cannot be read."""


class SchemaError(SluiceError):
    """A DataFrame does not have the columns that its table promises."""

    exit_code = 1


class LedgerError(SluiceError):
    """The rows of a transform do not add up: an input key was lost or counted twice."""

    exit_code = 1


class CheckError(SluiceError):
    """Staged rows break a promise of their table; nothing was published."""

    exit_code = 1


class IntegrityError(SluiceError):
    """A stored artifact no longer matches its recorded checksum."""

    exit_code = 1


class TaskError(SluiceError):
    """A task of the job failed for a reason that is not the user's."""

    exit_code = 1
