"""Forms and answers for tests: two short forms of our own, so that what the product asks may change."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.forms.requests import Asked
from cdi_sync.forms.submission import Proposal, Source, Submission, Typed
from cdi_sync.forms.understanding import labels_of, understand
from cdi_sync.mail.language import Language
from cdi_sync.model import Registry
from tests.registries import DECLARED

RECEIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ARABIC = Language("ar", {("", "Sport"): ("رياضة",), ("", "Oui"): ("نعم",)})
SENDER: Mapping[str, Typed] = {"demandeur.nom": "Amina Idrissi", "demandeur.courriel": "amina@fes.example"}
TWINNING: Mapping[str, Typed] = {
    **SENDER,
    "collectivite": "Fès",
    "partenaires.nom": "Ville de Grenade",
    "partenaires.pays": "Espagne",
    "intitule": "Jumelage entre Fès et Grenade",
    "domaine": "Sport",
    "pieces_clauses.contenu:POURQUOI": "Une histoire commune",
}
PROGRESS: Mapping[str, Typed] = {**SENDER, "id": "ACN-00001", "avancement_pct": "60", "statut": "En cours"}


def _questions(*fields: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"champ": one} if isinstance(one, str) else dict(one) for one in fields]


def _data(name: str, tab: str, line: str, *fields: str | Mapping[str, Any], **more: Any) -> dict[str, Any]:
    sender = ("demandeur.nom", "demandeur.courriel")
    return {
        "nom": name, "titre": DECLARED.forms["jumelage"].title, "presentation": "Essai.", "merci": "Merci.",
        "onglet": tab, "ligne": line, "sections": [{"titre": "Tout", "questions": _questions(*sender, *fields)}], **more,
    }  # fmt: skip


@cache
def forms() -> Mapping[str, Declared]:
    """A twinning proposed, the progress of an action."""
    data = (
        _data("jumelage", "actes", "nouvelle",
              {"champ": "collectivite", "obligatoire": True}, {"champ": "partenaires.nom", "obligatoire": True},
              "partenaires.pays", "intitule", "domaine",
              {"champ": "objet", "titre": "Lequel ?", "obligatoire": True, "si": {"champ": "domaine", "vaut": ["AUTRE"]}},
              "date_signature", "duree_mois", "autres_parties",
              {"champ": "pieces_clauses.contenu", "piece": "POURQUOI"},
              fixes={"forme": "JUMELAGE"}, liens={"partenaire": "partenaires"}),
        _data("avancement", "plan_action", "existante", {"champ": "id", "obligatoire": True}, "avancement_pct", "statut",
              "date_fin_reelle"),
    )  # fmt: skip
    return {one["nom"]: parse_form(one, DECLARED.tabs) for one in data}


@cache
def asked() -> Asked:
    """Those forms, whose choices may be answered in French or Arabic."""
    return Asked(forms(), {name: labels_of(form, [Language("fr"), ARABIC]) for name, form in forms().items()})


def answer(
    values: Mapping[str, Typed] = TWINNING, *, form: str = "jumelage", response: str = "r1", later: int = 0,
    unknown: Mapping[str, str] | None = None, **changed: Typed,
) -> Submission:  # fmt: skip
    """An answer with some values changed ("__" for "."; None to leave one out). later: minutes after which it was edited."""
    given = {**values, **{key.replace("__", "."): value for key, value in changed.items()}}
    return Submission(
        Source.FOLDER, form, response, RECEIVED, RECEIVED + timedelta(minutes=later),
        {key: value for key, value in given.items() if value is not None}, unknown or {},
    )  # fmt: skip


def read(submission: Submission, registry: Registry) -> Proposal:
    """What is understood of it."""
    form = submission.form
    return understand(submission, forms()[form], registry, DECLARED.tabs, asked().labels[form])
