"""`schema`: what the registry declares; `schema diff` and `schema apply`: an existing workbook brought to it."""

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.options import Where, cdi, common, progress

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation
    from cdi_sync.edges.workbook import Renewal
    from cdi_sync.schema_changes import Difference

CONFORM = "Le classeur est conforme aux déclarations."


@cdi.group(invoke_without_command=True)
@common
@click.pass_context
def schema(context: click.Context, where: Where) -> None:
    """Décrit les onglets et les colonnes du registre, et y amène un classeur existant."""
    if context.invoked_subcommand is None:
        return _describe(where)
    if given := [name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT]:
        raise click.UsageError(
            f"Les options se mettent après « schema {context.invoked_subcommand} » ({', '.join(given)}).", context
        )


def _describe(where: Where) -> None:
    from cdi_sync.edges.config import Declarations

    positions: dict[str, int] = {}
    if where.config.is_file():
        installation = where.installation()
        tabs = installation.declarations.tabs
        if installation.settings.registre.google or installation.workbook.is_file():
            layouts = installation.read(where.today()).assessment.registry.layouts
            positions = {name: layout.header_row for name, layout in layouts.items()}
    else:
        tabs = Declarations().tabs
    described = [
        {"tab": tab.name, "title": tab.title, "header_row": positions.get(tab.name, 1),
         "columns": [{"key": c.key, "title": c.title, "catalogue": c.catalogue, "type": c.type, "owner": c.owner}
                     for c in tab.columns]}
        for tab in tabs.values()
    ]  # fmt: skip
    if where.as_json:
        return print_json(described)
    for tab in tabs.values():
        click.echo(f"\n{tab.title} ({tab.prefix})")
        for column in tab.columns:
            click.echo(f"  {column.title:40} {column.type:10} {'système' if column.is_system else 'à remplir'}")


@schema.command()
@common
def diff(where: Where) -> None:
    """Dit ce qui changerait dans le classeur pour qu'il suive les déclarations. N'écrit rien."""
    with progress("Comparaison"):
        found = _renewal(where.installation()).difference
    _show(found, where)
    if found.to_make and not found.refusals and not where.as_json:
        click.echo("\nPour le faire : « cdi schema apply ».")


@schema.command()
@common
def apply(where: Where) -> None:
    """Amène le classeur aux déclarations, sans toucher à ce qui a été saisi. D'un fichier, une copie datée est prise avant."""
    from cdi_sync.edges import clock, files

    installation = where.installation()
    with installation.alone(), progress("Mise à jour du classeur"):
        renewal = _renewal(installation)
        is_new = renewal.make(files.stamp_of(clock.now()), dry_run=where.dry_run)
    _show(renewal.difference, where)
    if is_new and not where.as_json:
        name = installation.book.name
        click.echo("\nRien n'a été écrit (--dry-run)." if where.dry_run else f"\nLe registre est à jour ({name}).")


def _renewal(installation: "Installation") -> "Renewal":
    from cdi_sync.edges import setup

    declared, settings = installation.declarations, installation.settings.registre
    return installation.book.renewal(
        list(declared.tabs.values()), setup.hints_of(declared, frozenset(settings.modules)),
        spare_rows=settings.lignes_en_reserve,
    )  # fmt: skip


def _show(found: "Difference", where: Where) -> None:
    if where.as_json:
        names = ("kind", "tab", "column", "detail", "blocking")
        return print_json([{name: getattr(change, name) for name in names} for change in found.changes])
    title = ""
    for change in [c for c in found.changes if not c.blocking]:
        if change.title != title:
            click.echo(change.title)
        title = change.title
        click.echo(f"  {change.detail}")
    if found.is_conform:
        click.echo(CONFORM)
    if found.refusals:
        click.echo("\nÀ régler avant « cdi schema apply » :")
        for change in found.refusals:
            click.echo(f"  {change.title} : {change.detail}\n    → {change.fix}")


@schema.command()
@click.argument("name", metavar="NOM", type=click.Choice(["regions", "provinces", "communes", "pays"]))
@click.argument("text", metavar="[TEXTE]", default="")
@common
def liste(name: str, text: str, where: Where) -> None:
    """Affiche une liste de référence : collectivités du HCP avec leur code, ou pays. TEXTE : un nom ou un début de code."""
    if name == "pays":
        return _show_countries(text, where)
    _show_councils(name, text, where)


def _show_councils(name: str, text: str, where: Where) -> None:
    from cdi_sync.model import Tier
    from cdi_sync.reference.councils import search

    tiers = {"regions": [Tier.REGION], "provinces": [Tier.PREFECTURE, Tier.PROVINCE], "communes": [Tier.COMMUNE]}
    found = search(text, tiers[name])
    if where.as_json:
        return print_json([
            {"code": c.code, "name": c.name, "name_ar": c.name_ar, "tier": c.tier, "region": c.region,
             "province": c.province, "population": c.population}
            for c in found
        ])  # fmt: skip
    for council in found:
        click.echo(council.in_words)
    click.echo(
        f"{len(found)} dans la liste du HCP (recensement de 2024)." if found else "Rien de ce nom dans la liste."
    )


def _show_countries(text: str, where: Where) -> None:
    from cdi_sync.reference.countries import countries, find_country, near_countries

    wanted = {find_country(text), *near_countries(text)}
    found = [country for country in countries() if not text or country.fr in wanted]
    if where.as_json:
        return print_json([{"code": c.code, "fr": c.fr, "ar": c.ar, "en": c.en} for c in found])
    for country in found:
        click.echo(f"{country.code}  {country.fr}  ({country.en}, {country.ar})")
    click.echo(f"{len(found)} pays." if found else "Aucun pays de ce nom.")
