"""E-mail addresses that can be used and yet look wrong: a slip in a well-known domain, a box that nobody reads, our own,
one address for two councils. Pure.

They are warnings: an address is never corrected, and what is due is sent to it all the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from cdi_sync.model import CellProblem, Row, Severity
from cdi_sync.reference.mailboxes import is_unread, meant_domain
from cdi_sync.tables import UNREADABLE

DOUBLED = "DATA-04"
COLUMN = "courriel_institutionnel"


def doubtful_addresses(contacts: Sequence[Row], own: Collection[str] = ()) -> Iterator[CellProblem]:
    """Every doubt that the addresses of the contacts raise. own: the addresses that letters leave from or are answered to."""
    known = [row for row in contacts if row[COLUMN] and not row.quarantined]
    ours = {address.casefold() for address in own}
    for row in known:
        address = row.text(COLUMN)
        name, _, domain = address.rpartition("@")
        if address.casefold() in ours:
            yield _doubt(row, f"« {address} » est l'adresse d'où partent les rappels : personne ne les recevrait",
                         "Saisir l'adresse de la personne.")  # fmt: skip
        elif meant := meant_domain(domain):
            yield _doubt(row, f"« {domain} » ressemble à « {meant} » ; vouliez-vous dire « {name}@{meant} » ?",
                         "Vérifier l'adresse auprès de la personne ; si elle est juste, l'écrire dans l'onglet "
                         "Dérogations.")  # fmt: skip
        elif is_unread(address):
            yield _doubt(row, f"« {address} » a le nom d'une boîte que personne ne lit",
                         "Saisir l'adresse d'une personne ou d'un service.")  # fmt: skip
    yield from _shared_between_bodies(known)


def _shared_between_bodies(known: Sequence[Row]) -> Iterator[CellProblem]:
    """One address for two councils or partners, among those who haven't left: each is told of the first other."""
    by_address: dict[str, list[Row]] = defaultdict(list)
    for row in known:
        if row.says("actif") is not False and row["date_fin"] is None:
            by_address[row.text(COLUMN).casefold()].append(row)
    for rows in by_address.values():
        for row in rows:
            other = next((one for one in rows if _body(one) != _body(row)), None)
            if other:
                yield CellProblem(
                    rule=DOUBLED, tab=row.tab, id=row.id, row=row.number, column=COLUMN, read=row.text(COLUMN),
                    expected="une adresse par collectivité ou partenaire",
                    message=f"La même adresse est celle de {other.id} « {other.text('nom_prenom')} » (ligne {other.number}), "
                    f"pour {_body(other) or 'aucun organisme'}.",
                    fix="Si la personne sert les deux, l'écrire dans l'onglet Dérogations : elle reçoit un seul courriel, avec "
                    "les dossiers des deux ; sinon corriger l'adresse.",
                    severity=Severity.RECOMMANDE,
                )  # fmt: skip


def _body(contact: Row) -> str:
    return contact.text("partenaire") or contact.text("collectivite")


def _doubt(row: Row, why: str, fix: str) -> CellProblem:
    end = "" if why.endswith("?") else "."
    return CellProblem(
        rule=UNREADABLE, tab=row.tab, id=row.id, row=row.number, column=COLUMN, read=row.text(COLUMN),
        expected="l'adresse d'une personne ou d'un service qui lit son courrier",
        message=f"Adresse à vérifier : {why}{end}", fix=fix, severity=Severity.RECOMMANDE,
    )  # fmt: skip
