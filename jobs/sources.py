"""Where the answers to forms come from, under the name by which a source that fails is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from cdi_sync.edges import clock
from cdi_sync.edges.forms.folder import TO_LOOK_AT, take_folder
from cdi_sync.edges.forms.responses_tab import read_responses, zone_of
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import RegistryError
from cdi_sync.forms.submission import Submission

TakeFrom: TypeAlias = Callable[[Installation], Iterable[Submission]]


def returned_files(installation: Installation) -> Iterator[Submission]:
    """Keeps what the files of the folder hold, and sets each aside; yields nothing. RegistryError tells those to look at."""
    if not installation.forms_folder.is_dir():
        return
    now, keep = clock.now(), installation.store.submissions.take
    done = take_folder(installation.forms_folder, installation.declarations, lambda one: keep(one, at=now), at=now)
    if odd := [one for one in done if one.went_to == TO_LOOK_AT]:
        raise RegistryError(
            f"{len(odd)} fichier(s) à regarder.", where=str(installation.forms_folder / TO_LOOK_AT),
            why="\n".join(f"{one.file} : {' '.join(one.told)}" for one in odd),
            fix="Lire le fichier .txt qui accompagne chacun, corriger, puis le déposer de nouveau.",
        )  # fmt: skip
    yield from ()


def google_forms(installation: Installation) -> Iterator[Submission]:
    """What was answered at Google since it was last read; nothing when no form was published there."""
    from cdi_sync.edges.forms.google import new_responses  # Google: not for an installation without it

    return new_responses(installation)


def responses_tabs(installation: Installation) -> Iterator[Submission]:
    """The tabs that Google's forms write in the registry's own spreadsheet. A local workbook has none."""
    if not installation.settings.registre.google:
        return
    from cdi_sync.edges.forms.google import known_forms
    from cdi_sync.edges.workbook_google.reading import GoogleSnapshot

    snapshot = installation.book.read()
    assert isinstance(snapshot, GoogleSnapshot)
    found = read_responses(snapshot.grids, installation.declarations, zone=zone_of(snapshot.time_zone), at=clock.now())
    polled = known_forms(installation)  # their answers come by the Forms API, under names of their own
    for rows in found.values():
        yield from (one for one in rows.submissions if one.form not in polled)
    if faults := [f"onglet « {title} » : {told}" for title, rows in found.items() for told in rows.faults]:
        raise RegistryError("Des réponses ne peuvent pas être lues.", where=installation.book.name,
                            why="\n".join(faults), fix="Corriger ces lignes dans l'onglet des réponses.")  # fmt: skip


SOURCES: Mapping[str, TakeFrom] = {
    "fichiers déposés": returned_files,
    "formulaires Google": google_forms,
    "onglet des réponses": responses_tabs,
}
