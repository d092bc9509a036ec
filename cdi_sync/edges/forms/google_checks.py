"""What `cdi doctor` looks at of the forms asked at Google: one request each. Nothing is written there."""

from collections.abc import Iterator
from dataclasses import replace

from cdi_sync.edges.diagnosis import Result, failure
from cdi_sync.edges.forms.google import Made, form_there, known_forms, takes_answers
from cdi_sync.edges.installation import Installation
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.google_form import asked_there, question_ids

_PATIENCE = 30.0  # seconds: who asks for a diagnosis stands before the screen


def examine_forms(installation: Installation) -> Iterator[Result]:
    """Whether each Google Form is there, takes answers and asks all that is declared."""
    google = installation.settings.google
    patient = google.model_copy(update={"patience": min(google.patience, _PATIENCE)})
    briefly = replace(installation, settings=installation.settings.model_copy(update={"google": patient}))
    for name, langs in known_forms(installation).items():
        form = installation.declarations.forms.get(name)
        for lang, made in langs.items():
            what = f"Formulaire {name} ({lang})"
            try:
                yield _form_result(
                    what, form, made, form_there(briefly, made), f"cdi forms publish {name} --langue {lang}"
                )
            except CdiError as error:
                yield failure(what, error)


def _form_result(what: str, form: Declared | None, made: Made, there: dict[str, object], mend: str) -> Result:
    if form is None:
        return Result(what, False, f"n'est plus déclaré dans config/forms, et reste à l'adresse {made.edit_url}",
                      "Remettre le fichier, ou fermer ce formulaire chez Google.", ExitCode.USAGE)  # fmt: skip
    if not takes_answers(there):
        return Result(what, False, "n'est pas publié, ou n'accepte plus de réponses", mend, ExitCode.USAGE)
    missing = [form.questions[key].title for id_, key in question_ids(form).items() if id_ not in asked_there(there)]
    if missing:
        told = " ; ".join(f"« {title} »" for title in missing)
        return Result(what, False, f"des questions y manquent : {told}", mend, ExitCode.USAGE)
    return Result(what, True, f"publié, {len(form.questions)} questions : {made.url}")
