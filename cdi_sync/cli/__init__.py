"""The command line: reads options, calls a job or the core, prints for a person or as JSON.

Nothing is decided here. Heavy imports stay inside the commands, so that `--help` is quick. Messages go to stderr,
results to stdout; `--json` prints the contract's shapes and nothing else.
"""

from collections.abc import Sequence
from typing import NoReturn

import click

from cdi_sync.cli import (  # noqa: F401  # they declare the commands
    ask_rules,
    daily,
    dossier,
    forms,
    forms_files,
    forms_google,
    importing,
    intake,
    mailbox,
    moving,
    outbox,
    questions,
    schema,
    serving,
    setting_up,
)
from cdi_sync.cli.options import cdi
from cdi_sync.console import finish
from cdi_sync.errors import ExitCode


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs `cdi` and exits with its code."""
    finish(lambda: _run(arguments))


def _run(arguments: Sequence[str] | None) -> None:
    try:
        cdi.main(args=list(arguments) if arguments else None, standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(ExitCode.USAGE) from None
