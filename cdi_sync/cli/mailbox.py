"""What comes back by mail: `collect`, `mailbox`, `mailbox pardonner`."""

from datetime import date

import click

from cdi_sync.cli.as_json import collected_json, print_json
from cdi_sync.cli.in_words import show_collected
from cdi_sync.cli.options import Where, cdi, common, progress
from cdi_sync.errors import ConfigError, ExitCode, UnknownIdError

_LATEST = 20  # messages shown


@cdi.command()
@common
def collect(where: Where) -> None:
    """Relève la boîte aux lettres : courriels revenus, réponses, copies témoin. N'y change rien."""
    from jobs.collect import collect as listen

    installation = where.installation()
    if not installation.settings.mail.imap.serveur:
        raise ConfigError("Aucune boîte aux lettres à relever.", where="settings.toml, mail.imap.serveur",
                          fix="Indiquer le serveur IMAP de la boîte du service.")  # fmt: skip
    with installation.alone(), progress("Relève de la boîte aux lettres"):
        done = listen(installation, dry_run=where.dry_run)
    if where.as_json:
        print_json(collected_json(done))
    else:
        show_collected(done)
        if not done.kinds and not done.found and not done.free:
            click.echo("Boîte aux lettres : rien de nouveau.")
    if done.went_wrong:
        raise SystemExit(ExitCode.MAIL)


@cdi.group(invoke_without_command=True)
@common
def mailbox(where: Where) -> None:
    """Montre les adresses refusées et les derniers messages relevés."""
    if click.get_current_context().invoked_subcommand:
        return None
    ledger = where.installation().ledger(dry_run=True).mailbox
    bad, messages = ledger.bad_addresses(), ledger.messages()
    if where.as_json:
        return print_json({"refused": [vars(one) for one in bad.values()], "messages": [vars(one) for one in messages]})
    click.echo(f"{len(bad)} adresse(s) refusée(s).")
    for one in bad.values():
        since = date.fromisoformat(one.since[:10])
        click.echo(f"  {one.address}  depuis le {since:%d/%m/%Y}, code {one.status}  {one.detail}".rstrip())
    if bad:
        click.echo(
            "  Corriger l'adresse dans l'onglet Contacts ; si elle est bonne : « cdi mailbox pardonner ADRESSE »."
        )
    click.echo(
        f"{len(messages)} message(s) relevé(s)"
        + (f", dont les {_LATEST} derniers :" if len(messages) > _LATEST else ".")
    )
    for message in messages[-_LATEST:]:
        click.echo(
            f"  {message.at[:16].replace('T', ' ')}  {message.kind}  {message.sender}  {message.detail}".rstrip()
        )


@mailbox.command()
@click.argument("address", metavar="ADRESSE")
@common
def pardonner(address: str, where: Where) -> None:
    """Emploie de nouveau une adresse refusée : ce qui en est revenu sera redit par un courriel plus récent."""
    from jobs.collect import pardon

    installation = where.installation()
    if where.dry_run:
        known = address.casefold() in installation.ledger(dry_run=True).mailbox.bad_addresses()
    else:
        with installation.alone():
            known = pardon(installation, address)
    if not known:
        raise UnknownIdError(f"Rien n'est dit contre l'adresse « {address} ».",
                             fix="« cdi mailbox » montre les adresses refusées.")  # fmt: skip
    if where.as_json:
        return print_json({"address": address, "forgiven": not where.dry_run})
    click.echo(
        f"{address} : {'serait employée' if where.dry_run else 'employée'} de nouveau dès les prochains rappels."
    )
