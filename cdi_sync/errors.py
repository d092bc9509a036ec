"""Errors that stop a command: each says what failed, where, why, and the exact way to mend it (in French)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told; an unknown code must be read as a failure."""

    FINE = 0
    BLOCKING_FINDINGS = 1  # `check` only
    USAGE = 2  # wrong option, configuration or identifier
    WORKBOOK = 3  # the workbook can't be read or written
    MAIL = 4  # a letter failed, or its outcome is unknown
    BUG = 70  # ours, not the user's
    BUSY = 75  # another copy is running
    INTERRUPTED = 130


class CdiError(Exception):
    """Stops the command. `what` failed, `where`, `why`, and `fix`: what the reader does about it."""

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.fix = what, where, why, fix


class ConfigError(CdiError):
    """A configuration file can't be used; `where` names the file and the key."""


class UnknownIdError(CdiError):
    """An identifier given on the command line names nothing."""


class RegistryError(CdiError):
    """The workbook can't be read as a registry: missing tab, missing or doubled header, unreadable file."""

    exit_code = ExitCode.WORKBOOK


class BusyError(CdiError):
    """The workbook is open elsewhere, or changed while we were working."""

    exit_code = ExitCode.WORKBOOK


class AlreadyRunningError(CdiError):
    """Another copy of cdi_sync works on the same installation."""

    exit_code = ExitCode.BUSY
