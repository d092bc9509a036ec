"""`cdi forms publish`: forms asked at Google."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.forms import forms, known_form
from cdi_sync.cli.options import Where, common, progress

if TYPE_CHECKING:
    from cdi_sync.edges.forms.google import Published
    from cdi_sync.edges.installation import Installation
    from cdi_sync.forms.declaration import Declared
    from cdi_sync.model import Registry

# What the Forms API can't set.
_BY_HAND = (
    "À régler une fois dans le formulaire, « Paramètres », « Réponses » : « Autoriser la modification des réponses », pour que "
    "chacun puisse corriger la sienne ; « Présentation », « Message de confirmation » : « {thanks} »"
)


@forms.command()
@click.argument("name", metavar="[NOM]", default="")
@click.option("--tous", "every", is_flag=True, help="Tous les formulaires.")
@click.option("--langue", "langs", type=click.Choice(["fr", "ar", "en"]), multiple=True, default=("fr",),
              help="Langue du formulaire (français par défaut) ; peut être répétée.")  # fmt: skip
@click.option("--dans", "within", default="", metavar="ADRESSE",
              help="Formulaire Google vide, partagé avec le robot, où le poser.")  # fmt: skip
@common
def publish(name: str, every: bool, langs: tuple[str, ...], within: str, where: Where) -> None:
    """Pose un formulaire chez Google, ou l'y met à jour, et donne l'adresse à distribuer. Ce qui y a été ajouté à la main reste."""
    from cdi_sync.edges.forms.google import Publisher, form_id

    if bool(name) == every:
        raise click.UsageError("Indiquer un formulaire, ou --tous.")
    langs = tuple(dict.fromkeys(langs))
    if within and (every or len(langs) > 1):
        raise click.UsageError("--dans sert pour un seul formulaire, dans une seule langue.")
    installation = where.installation()
    declared = installation.declarations
    wanted = list(declared.forms.values()) if every else [known_form(name, declared)]
    with installation.alone(), progress("Formulaires Google"):
        publisher = Publisher(installation, _registry(installation, wanted))
        place = form_id(within) if within else ""
        done = []
        for form, lang in [(form, lang) for form in wanted for lang in langs]:
            done.append(publisher.publish(form, lang, within=place, dry_run=where.dry_run))
            if not where.as_json:
                _show(form, done[-1], dry_run=where.dry_run)
    if where.as_json:
        print_json([_as_json(one) for one in done])
    if "formulaires" not in installation.settings.registre.modules:
        click.echo(
            "Les réponses ne seront pas relevées : ajouter « formulaires » à registre.modules dans settings.toml.",
            err=True,
        )


def _registry(installation: "Installation", wanted: Sequence["Declared"]) -> "Registry | None":
    """The registry whose rows are offered, read only if one of these forms designates any."""
    from cdi_sync.forms.references import tab_designated
    from cdi_sync.tables import read_registry

    if not any(tab_designated(question, form) for form in wanted for question in form.questions.values()):
        return None
    return read_registry(installation.book.read().grids, list(installation.declarations.tabs.values()))


def _show(form: "Declared", one: "Published", *, dry_run: bool) -> None:
    told = one.changes.told
    click.echo(f"{form.title} ({one.lang})")
    for change in told:
        click.echo(f"  {change}")
    if not told and not one.opens:
        click.echo("  Rien à changer.")
    for stranger in one.changes.strangers:
        click.echo(f"  Ajouté à la main, laissé tel quel : {stranger}")
    if dry_run:
        click.echo("  Rien n'a été écrit (--dry-run).")
    elif one.made:
        click.echo(f"  À distribuer : {one.made.url}\n  À modifier : {one.made.edit_url}")
        if one.opens:
            click.echo(f"  {_BY_HAND.format(thanks=form.thanks)}")


def _as_json(one: "Published") -> dict[str, object]:
    return {
        "form": one.form, "lang": one.lang, "id": one.made.id if one.made else "", "url": one.made.url if one.made else "",
        "changes": list(one.changes.told), "added_by_hand": list(one.changes.strangers), "opens": one.opens,
    }  # fmt: skip
