"""Check on personal data (LEX-18, law 09-08): no identity card, a declaration to the CNDP, hosting abroad authorised."""

import re

from cdi_sync.data_protection import DECLARATION, HOSTED_IN, TRANSFER, stated
from cdi_sync.model import Row
from cdi_sync.reference.countries import find_country
from cdi_sync.rules.outcomes import Context, Problem, Subject, Unknown, Verdict
from cdi_sync.rules.rulebook import Rule

_HOME = "Maroc"
_TYPED = ("nom_prenom", "courriel_institutionnel")
# one or two letters, then five to seven digits: how a Moroccan identity card is numbered
_CARD = re.compile(r"(?<![a-z0-9])[a-z]{1,2}[ -]?\d{5,7}(?![a-z0-9])", re.IGNORECASE)


def donnees_personnelles(subject: Subject, rule: Rule, context: Context) -> Verdict:
    """LEX-18: no contact holds the number of an identity card; the parameters tab tells the declaration and the hosting.

    What is missing in the parameters is told once, on the registry's first contact: they are its first personal data.
    """
    row = subject.row
    for column in _TYPED:
        if _CARD.search(row.text(column)):
            return Problem(column=column, text="cin")
    if row.id != next(iter(context.contacts), None):
        return None
    return _declared(context)


def _declared(context: Context) -> Verdict:
    known = stated(context.registry["parametres"], context.today)
    for line in known.values():
        if "valeur" in line.unreadable:
            return Unknown("une valeur de l'onglet Paramètres est illisible", "valeur", line, reported=True)
    if not _said(known.get(DECLARATION)):
        return _missing(known.get(DECLARATION), "")
    if not _said(known.get(HOSTED_IN)):
        return _missing(known.get(HOSTED_IN), "pays")
    where = known[HOSTED_IN].text("valeur")
    country = find_country(where)
    if country == _HOME or _said(known.get(TRANSFER)):
        return None
    return Problem({"pays": country or where}, row=known[HOSTED_IN], column="valeur", text="transfert")


def _said(row: Row | None) -> bool:
    return row is not None and bool(row.text("valeur").strip())


def _missing(row: Row | None, text: str) -> Problem:
    return Problem(row=row, column="valeur" if row else "", text=text)
