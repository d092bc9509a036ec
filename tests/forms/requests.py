"""Requests made by hand: a proposal of twinning, its row, and where it stands."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.submission import Fault, Proposal, Source, State, Submission, Typed, Why
from cdi_sync.forms.telling import Request
from cdi_sync.model import Row, Value
from tests.registries import DECLARED

FORM: Declared = DECLARED.forms["jumelage"]
SENT = datetime(2026, 11, 23, 9, 30)
NAME, ADDRESS = "Salma Bennani", "salma@fes.example"
VALUES: Mapping[str, Value] = {
    "demandeur.nom": NAME, "demandeur.courriel": ADDRESS, "collectivite": "COL-00001", "partenaires.nom": "Ville de Gand",
    "partenaires.pays": "Belgique", "objet": "Échanges culturels et patrimoine",
}  # fmt: skip


def faults(*whys: Why, read: str = "bientôt") -> tuple[Fault, ...]:
    """One on each question in turn, as understanding would tell it."""
    keys = [key for key, question in FORM.questions.items() if question.tab != "demandeur"]
    return tuple(
        Fault(key, why, "" if why is Why.ABSENT else read, f"Ce qui manque : {key}.", f"Comment corriger {key}.")
        for key, why in zip(keys, whys, strict=False)
    )


def request(
    number: int = 1,
    state: State = State.PROPOSED,
    *,
    typed: Mapping[str, Typed] | None = None,
    values: Mapping[str, Value] | None = None,
    found: tuple[Fault, ...] = (),
    lang: str = "fr",
    source: Source = Source.GOOGLE,
    edited: int = 0,
    unknown: Mapping[str, str] | None = None,
    **cells: Any,
) -> Request:
    """typed: what the sender wrote, when it matters that it changed. edited: days after it was sent. cells: of its row."""
    answer = Submission(
        source, FORM.name, f"R{number}", SENT, SENT + timedelta(days=edited), typed or {"objet": "Échanges"},
        unknown or {}, lang,
    )  # fmt: skip
    row = Row("demandes", f"DEM-{number:05}", number + 1, {"id": f"DEM-{number:05}", "reponse": answer.key, **cells})
    return Request(row, Proposal(answer, {**VALUES, **(values or {})}, found), state)


def accepted(number: int = 1, became: str = "ACT-00001", **more: Any) -> Request:
    return request(number, more.pop("state", State.ACCEPTED), decision="ACCEPTER", devenue=became, **more)


def refused(number: int = 1, motif: str = "Le partenaire a déjà un jumelage.", **more: Any) -> Request:
    return request(number, State.REFUSED, decision="REFUSER", motif=motif, **more)


def awaited(number: int = 1, motif: str = "Merci de joindre la lettre du maire de Gand.", **more: Any) -> Request:
    return request(number, State.WAITING, decision="ATTENDRE", motif=motif, **more)
