"""`cdi forms receive`: answers that come as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.forms import forms
from cdi_sync.cli.options import Where, common, progress
from cdi_sync.errors import RegistryError

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation
    from cdi_sync.forms.declaration import Declared
    from cdi_sync.forms.response_rows import Rows
    from cdi_sync.forms.submission import Submission

_SHOWN = 100  # characters of an answer shown


@forms.command()
@click.argument("files", metavar="FICHIER…", nargs=-1, required=True,
                type=click.Path(path_type=Path, exists=True, dir_okay=False))  # fmt: skip
@click.option("--dates", type=click.Choice(["jj/mm", "mm/jj"]),
              help="Ordre du jour et du mois dans un export, quand rien ne l'y montre.")  # fmt: skip
@common
def receive(files: tuple[Path, ...], dates: str | None, where: Where) -> None:
    """Reçoit des formulaires remplis (.xlsx) ou des exports (.csv) ; avec --dry-run, montre ce qui serait reçu.

    Les fichiers restent où ils sont. Une réponse déjà reçue ne l'est pas deux fois ; corrigée, elle est mise à jour.
    """
    installation = where.installation()
    if where.dry_run:
        return _show([(path, _read(path, installation, dates), {}) for path in files], installation, where)
    from cdi_sync.edges import clock
    from cdi_sync.edges.forms.returned_files import intake_of

    with installation.alone(), progress("Réception des formulaires"):
        done = []
        intake = intake_of(installation)
        for path in files:
            rows = _read(path, installation, dates)
            done.append((path, rows, {one.key: intake.take(one, at=clock.now()) for one in rows.submissions}))
    _show(done, installation, where)


def _read(path: Path, installation: "Installation", dates: str | None) -> "Rows":
    from cdi_sync.edges import clock
    from cdi_sync.edges.forms.folder import content_of
    from cdi_sync.edges.forms.returned_files import read_returned
    from cdi_sync.forms.moments import Order

    try:
        data = content_of(path)
    except OSError as error:
        raise RegistryError("Le fichier ne peut pas être lu.", where=str(path), why=error.strerror or str(error),
                            fix="Vérifier les droits d'accès au fichier.") from None  # fmt: skip
    return read_returned(
        data, path.name, installation.declarations, at=clock.now(), order=Order(dates) if dates else None
    )


def _show(done: Sequence[tuple[Path, "Rows", Mapping[str, bool]]], installation: "Installation", where: Where) -> None:
    """changed: key of an answer → whether it was new or edited; empty when nothing was taken."""
    if where.as_json:
        return print_json([_json(path, rows, changed) for path, rows, changed in done])
    for path, rows, changed in done:
        count = len(rows.submissions)
        if where.dry_run:
            click.echo(f"{path.name} : {count} réponse(s) à recevoir.")
            for one in rows.submissions:
                _show_answer(one, installation.declarations.forms[one.form])
        else:
            click.echo(f"{path.name} : {count} réponse(s), dont {sum(changed.values())} nouvelle(s) ou corrigée(s).")
        for told in (*rows.faults, *rows.notes):
            click.echo(f"À regarder : {path.name}, {told}.", err=True)


def _show_answer(one: "Submission", form: "Declared") -> None:
    from cdi_sync.cells import shown

    click.echo(f"  {one.key}  {form.title}  ({one.lang})")
    for key, value in one.values.items():
        told = " ; ".join(value) if isinstance(value, tuple) else shown(value)
        click.echo(f"    {form.questions[key].title} : {_clipped(told)}")
    for title, text in one.unknown.items():
        click.echo(f"    hors des questions, {_clipped(title)} : {_clipped(text)}")


def _clipped(text: str) -> str:
    from cdi_sync.text import visible

    flat = visible(" ".join(text.split()))
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"


def _json(path: Path, rows: "Rows", changed: Mapping[str, bool]) -> dict[str, object]:
    return {
        "file": path.name, "faults": list(rows.faults), "notes": list(rows.notes),
        "answers": [
            {"key": one.key, "form": one.form, "lang": one.lang, "response": one.response, "changed": changed.get(one.key),
             "values": {key: _plain(value) for key, value in one.values.items()}, "unknown": dict(one.unknown)}
            for one in rows.submissions
        ],
    }  # fmt: skip


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else str(value)
