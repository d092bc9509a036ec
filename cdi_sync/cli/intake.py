"""What departments answered to forms: `intake`."""

from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import letters_json, print_json, received_json
from cdi_sync.cli.in_words import show_received
from cdi_sync.cli.options import Where, cdi, common, progress
from cdi_sync.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from jobs.acknowledge import AcknowledgeReport
    from jobs.intake import IntakeReport


@cdi.command()
@common
def intake(where: Where) -> None:
    """Reçoit les réponses aux formulaires et inscrit les demandes acceptées."""
    from jobs.intake import intake as receive
    from jobs.intake import tell

    installation = where.installation()
    if not installation.has_forms:
        raise ConfigError("Les formulaires ne sont pas activés.", where="settings.toml, registre.modules",
                          fix="Ajouter « formulaires » à la liste des modules.")  # fmt: skip
    with installation.alone(), progress("Réponses aux formulaires"):
        done = receive(installation, where.today(), dry_run=where.dry_run)
        told = tell(installation, installation.read(where.today()), dry_run=where.dry_run, hand_over=True)
    if where.as_json:
        print_json(_as_json(done, told))
    else:
        show_received(done)
        if not (done.is_news or done.busy or done.troubles):
            click.echo("Formulaires : rien de nouveau.")
        if told.new:
            click.echo(f"{told.new} courriel(s) aux demandeurs {'à préparer' if where.dry_run else 'préparé(s)'}.")
    if told.went_wrong:
        raise SystemExit(ExitCode.MAIL)
    if done.busy or done.troubles:
        raise SystemExit(ExitCode.WORKBOOK)


def _as_json(done: "IntakeReport", told: "AcknowledgeReport") -> object:
    return received_json(done) | {"letters": letters_json(told)}
