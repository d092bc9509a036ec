"""`cdi forms`: what departments fill in. `list` and `show` tell what is declared; other modules add to the group `forms`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import CdiError, RegistryError, UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.edges.config import Declarations
    from cdi_sync.forms.declaration import Declared, Question
    from cdi_sync.mail.language import Language
    from cdi_sync.model import Category

    Offered = Mapping[str, tuple[Category, ...]]  # question → the rows that it lists

LANGUAGES = ("fr", "ar", "en")


class Languages(click.ParamType[tuple[str, ...]]):
    name = "fr,ar"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        codes = value if isinstance(value, tuple) else tuple(code.strip().lower() for code in value.split(","))
        if strangers := [code for code in codes if code not in LANGUAGES]:
            self.fail(
                f"« {strangers[0]} » n'est pas une langue connue ; choisir parmi {', '.join(LANGUAGES)}.", param, ctx
            )
        return tuple(dict.fromkeys(codes))


@cdi.group()
def forms() -> None:
    """Les formulaires que les services remplissent : les lister, les lire, les produire."""


def declarations(where: Where) -> "Declarations":
    """What `config/` declares, overlaid by the installation's own files if there is one."""
    from cdi_sync.edges.config import Declarations

    return Declarations(where.config.resolve().parent / "config" if where.config.is_file() else None)


def known_form(name: str, declared: "Declarations") -> "Declared":
    """The form of that name. Raises UnknownIdError with those that come near."""
    if form := declared.forms.get(name.lower()):
        return form
    near = get_close_matches(name.lower(), declared.forms, n=2, cutoff=0.6)
    hint = f"Vouliez-vous dire {' ou '.join(near)} ? " if near else ""
    raise UnknownIdError(f"Aucun formulaire ne s'appelle « {name} ».", fix=f"{hint}La liste : « cdi forms list ».")


@forms.command("list")
@common
def list_(where: Where) -> None:
    """Liste les formulaires : nom, titre, nombre de questions, onglet où une demande acceptée devient une ligne."""
    from cdi_sync.forms.declaration import modules_of

    declared = declarations(where)
    if where.as_json:
        return print_json(
            [
                {"name": form.name, "title": form.title, "questions": len(form.questions), "tab": form.tab,
                 "new_row": form.is_new, "modules": sorted(modules_of(form, declared.tabs))}
                for form in declared.forms.values()
            ]
        )  # fmt: skip
    for form in declared.forms.values():
        row = "nouvelle ligne" if form.is_new else "ligne existante"
        place = f"{declared.tabs[form.tab].title} ({row})"
        modules = "".join(f", module {name}" for name in sorted(modules_of(form, declared.tabs)))
        click.echo(f"{form.name:14} {form.title:56} {len(form.questions):2} questions  {place}{modules}")


@forms.command()
@click.argument("name", metavar="NOM")
@click.option("--langue", type=click.Choice(LANGUAGES), default="fr", help="Langue du formulaire.")
@common
def show(name: str, langue: str, where: Where) -> None:
    """Montre un formulaire tel qu'une personne le lira, dans sa langue."""
    from cdi_sync.forms.words import worded

    declared = declarations(where)
    language = declared.languages[langue]
    form = worded(known_form(name, declared), language)
    if where.as_json:
        return print_json([_question_json(question) for question in form.questions.values()])
    click.echo("\n".join(_as_read(form, language.gettext)))


def _question_json(question: "Question") -> dict[str, object]:
    return {
        "key": question.key, "title": question.title, "help": question.help, "required": question.required,
        "type": question.column.type, "choices": [[c.value, c.label] for c in question.column.categories],
        "when": [question.when.question, list(question.when.values)] if question.when else None,
    }  # fmt: skip


def _as_read(form: "Declared", told: Callable[[str], str]) -> Iterator[str]:
    """A form as lines. told: a French word in the form's language."""
    yield from (form.title, form.intro)
    for section in form.sections:
        yield from ("", f"== {section.title} ==")
        yield from filter(None, [section.help])
        for question in section.questions:
            yield f"- {question.title}" + (f" * ({told('obligatoire')})" if question.required else "")
            yield from (f"    {line}" for line in _said_below(question, form, told))
    yield from ("", form.thanks)


def _said_below(question: "Question", form: "Declared", told: Callable[[str], str]) -> Iterator[str]:
    if question.help:
        yield question.help
    if question.column.categories:
        yield " / ".join(category.label for category in question.column.categories)
    if question.when:
        other = form.questions[question.when.question]
        values = [c.label for c in other.column.categories if c.value in question.when.values]
        condition = told("Question posée seulement si « {question} » vaut : {values}.")
        yield condition.format(question=other.title, values=" / ".join(values))


@forms.command()
@click.argument("name", metavar="NOM")
@click.option("--xlsx", "page", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
              help="Le fichier .xlsx à créer : une page à remplir dans un tableur. En créer un par demande.")  # fmt: skip
@click.option("--langue", type=click.Choice(LANGUAGES), default="fr", show_default=True, help="Langue de cette page.")
@click.option("--xlsform", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FICHIER",
              help="Le fichier .xlsx à créer, pour ODK, KoboToolbox ou un outil semblable.")  # fmt: skip
@click.option("--langues", "codes", type=Languages(), default="fr,ar", show_default=True, metavar="fr,ar,en",
              help="Langues de ce formulaire ; la première s'ouvre d'abord.")  # fmt: skip
@click.option("--remplacer", "overwrite", is_flag=True, help="Écraser le fichier s'il existe.")
@common
def export(
    name: str, page: Path | None, langue: str, file: Path | None, codes: tuple[str, ...], overwrite: bool, where: Where
) -> None:
    """Écrit un formulaire dans un fichier, à distribuer ou à publier par un autre outil.

    Les collectivités, les actes et les actions du registre y sont offerts en liste, s'il y en a 150 au plus.
    """
    target = page or file
    if target is None or (page and file):
        raise click.UsageError("Indiquer --xlsx FICHIER ou --xlsform FICHIER.")
    if target.suffix.lower() != ".xlsx":
        raise click.UsageError("Le fichier doit finir par .xlsx.")
    declared = declarations(where)
    form, languages = known_form(name, declared), [declared.languages[code] for code in ((langue,) if page else codes)]
    refuse_to_overwrite(target, overwrite)
    offered = offered_rows(form, where)
    if not where.dry_run:
        write(target, (lambda: _write_page(target, form, languages[0], offered)) if page
              else (lambda: _write_xlsform(target, form, languages, offered)))  # fmt: skip
    if where.as_json:
        lists = {key: len(rows) for key, rows in offered.items()}
        return print_json(
            {"form": form.name, "file": str(target), "languages": [one.code for one in languages], "lists": lists,
             "written": not where.dry_run}
        )  # fmt: skip
    click.echo(f"{'À écrire' if where.dry_run else 'Écrit'} : {target} ({form.title}, {len(form.questions)} questions)")


def _write_page(target: Path, form: "Declared", language: "Language", offered: "Offered") -> None:
    from cdi_sync.edges.files import write_atomically
    from cdi_sync.edges.forms.sheet_file import new_mark, write_form
    from cdi_sync.forms.sheet_form import lay_out

    rows = {key: [row.label for row in rows] for key, rows in offered.items()}
    write_atomically(target, write_form(lay_out(form, language, rows), new_mark()))


def _write_xlsform(target: Path, form: "Declared", languages: "Sequence[Language]", offered: "Offered") -> None:
    from cdi_sync.edges.forms.xlsform_file import write_xlsform
    from cdi_sync.forms.xlsform import xlsform

    write_xlsform(target, xlsform(form, languages, offered))


def refuse_to_overwrite(file: Path, overwrite: bool) -> None:
    """Raises CdiError when the file is there and nobody said to replace it: it could be the registry."""
    if file.exists() and not overwrite:
        raise CdiError("Le fichier existe déjà.", where=str(file), fix="Choisir un autre nom, ou ajouter --remplacer.")


def write(file: Path, writing: Callable[[], None]) -> None:
    """Does the writing. Raises CdiError when the file can't be written."""
    try:
        writing()
    except OSError as error:
        raise CdiError("Le fichier ne peut pas être écrit.", where=str(file), why=error.strerror or str(error),
                       fix="Vérifier que le dossier existe et que l'on peut y écrire.") from None  # fmt: skip


def offered_rows(form: "Declared", where: Where) -> "Offered":
    """The rows of the installation's registry that the form lists, by question; none without an installation."""
    from cdi_sync.forms.references import rows_offered
    from cdi_sync.tables import read_registry

    if not where.config.is_file():
        return {}
    installation = where.installation()
    tabs = installation.declarations.tabs
    try:
        registry = read_registry(installation.book.read().grids, list(tabs.values()))  # nothing to assess
    except RegistryError as error:
        click.echo(f"Les listes du registre ne sont pas proposées dans le formulaire : {error.what}", err=True)
        return {}
    return rows_offered(form, registry, tabs)
