"""`cdi dossier`: the documents that a step asks for, filled from the registry, as files to edit."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import CdiError, UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.documents.declaration import Declared
    from cdi_sync.documents.facts import Subject
    from cdi_sync.edges.documents import Rendered
    from cdi_sync.edges.installation import Installation, Reading

FOLDER = "dossiers"


@cdi.command()
@click.argument("id_", metavar="[N°]", required=False)
@click.option(
    "--document", "names", multiple=True, metavar="NOM", help="Un autre document que ceux de l'étape présente."
)
@click.option(
    "--langue", type=click.Choice(["fr", "ar"]), help="Cette langue seule ; sans cela, celles que le document demande."
)
@click.option("-o", "--sortie", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
              help="Où écrire ; sans cela, dossiers/N° à côté de settings.toml.")  # fmt: skip
@click.option("--liste", "listing", is_flag=True, help="Lister les documents et les étapes qui les demandent.")
@common
def dossier(
    id_: str | None, names: tuple[str, ...], langue: str | None, folder: Path | None, listing: bool, where: Where
) -> None:
    """Écrit les documents que demande l'étape d'un acte, d'une évaluation ou d'une réunion, à compléter et à signer."""
    if listing:
        return _list(where)
    if not id_:
        raise click.UsageError("Indiquer un numéro, comme « cdi dossier ACT-00042 », ou --liste.")
    from cdi_sync.edges.documents import file_name

    installation = where.installation()
    reading = installation.read(where.today())
    subject = _subject(id_, reading, installation)
    chosen = _chosen(names, subject, installation)
    target = folder or installation.folder / FOLDER / file_name(subject.row.id)
    made = [  # all of them before any is written: a template that doesn't suit leaves no half of a file
        (document, lang, _made(document, lang, subject, reading, installation))
        for document in chosen
        for lang in ((langue,) if langue else document.languages(subject))
    ]
    written = [_write(document, lang, one, subject, target, where) for document, lang, one in made]
    if where.as_json:
        return print_json(written)
    if not chosen:
        click.echo(f"{subject.row.id} : l'étape « {subject.stage_title} » ne demande aucun document.")
        click.echo("Les autres : « cdi dossier --liste », puis « --document NOM ».")
    for one in written:
        _show(one, dry_run=where.dry_run)


def _subject(id_: str, reading: "Reading", installation: "Installation") -> "Subject":
    from cdi_sync.cli.finding_rows import find_row
    from cdi_sync.documents.making import subject_of

    row = find_row(id_, reading, installation.knowledge)
    if subject := subject_of(row, reading.assessment):
        return subject
    tab = reading.assessment.registry.layouts[row.tab].title
    raise CdiError(f"Aucun document ne se fait sur {row.id}.", where=f"onglet {tab}",
                   why="il faut un acte dont la forme est remplie, ou une évaluation ou une réunion d'un tel acte, de numéro unique",
                   fix="Donner le numéro de l'acte, ou remplir les colonnes « Forme » et « Acte ».")  # fmt: skip


def _chosen(names: Sequence[str], subject: "Subject", installation: "Installation") -> Sequence["Declared"]:
    """The documents asked for by name, else those of the present step. Raises UnknownIdError."""
    from cdi_sync.documents.making import due

    declared = installation.declarations.documents
    if not names:
        return due(declared.values(), subject)
    suitable = {name: document for name, document in declared.items() if document.suits(subject)}
    for name in names:
        if name not in suitable:
            raise UnknownIdError(f"« {name} » n'est pas un document qui se fait sur {subject.row.id}.",
                                 fix=f"Possibles : {', '.join(suitable) or 'aucun'}.")  # fmt: skip
    return [suitable[name] for name in dict.fromkeys(names)]


def _made(
    document: "Declared", lang: str, subject: "Subject", reading: "Reading", installation: "Installation"
) -> "Rendered":
    from cdi_sync.documents.facts import Pen
    from cdi_sync.documents.making import facts_of
    from cdi_sync.edges.documents import render

    declared = installation.declarations
    template = declared.document_template(document.template, lang)
    if template is None:
        raise CdiError(f"« {document.title} » n'existe pas dans cette langue.", where=f"documents/{document.template}.{lang}.docx",
                       fix="Enlever --langue, ou mettre ce modèle dans config/documents/ de l'installation.")  # fmt: skip
    language = declared.languages[lang]
    pen = Pen(language, installation.knowledge.tabs, reading.assessment.registry.layouts)
    return render(template, facts_of(document, subject, pen), language)


def _write(
    document: "Declared", lang: str, made: "Rendered", subject: "Subject", target: Path, where: Where
) -> dict[str, object]:
    from cdi_sync.edges.documents import file_document, file_name

    filed = file_document(
        target, f"{file_name(subject.row.id)}-{document.name}-{lang}", made.content, dry_run=where.dry_run
    )
    return {
        "document": document.name,
        "title": document.title,
        "lang": lang,
        "file": str(filed.path),
        "new": filed.is_new,
        "kept": str(filed.beside) if filed.beside else None,
        "missing": list(made.missing),
    }


def _show(one: dict[str, object], *, dry_run: bool) -> None:
    state = "serait écrit" if dry_run and one["new"] else "écrit" if one["new"] else "déjà là, inchangé"
    click.echo(f"{one['title']} ({one['lang']}) : {one['file']} ({state})")
    if one["kept"]:
        click.echo(f"    {Path(str(one['kept'])).name} a été modifié par quelqu'un : il est laissé tel quel.")
    missing = one["missing"]
    assert isinstance(missing, list)
    if missing:
        click.echo(f"    {len(missing)} passage(s) surligné(s), à compléter dans le registre ou à la main.")


def _list(where: Where) -> None:
    from cdi_sync.edges.config import Declarations

    overlay = where.config.resolve().parent / "config" if where.config.is_file() else None
    declared = Declarations(overlay)
    titles = {s.code: s.title for m in [*declared.machines.values(), declared.evaluation_machine] for s in m.stages}
    titles |= {"AVANT": "avant la réunion", "APRES": "après la réunion"}
    known = [
        {
            "document": document.name,
            "title": document.title,
            "on": str(document.on),
            "forms": sorted(document.forms),
            "stages": list(document.stages),
            "languages": [lang for lang in ("fr", "ar") if declared.document_template(document.template, lang)],
            "sources": list(document.sources),
        }
        for document in declared.documents.values()
    ]
    if where.as_json:
        return print_json(known)
    for one, document in zip(known, declared.documents.values(), strict=True):
        click.echo(f"{document.name} : {document.title} [{', '.join(map(str, one['languages']))}]")
        for code in document.stages:
            click.echo(f"    {code} {titles[code]}")
        click.echo(f"    texte : {' ; '.join(document.sources)}")
