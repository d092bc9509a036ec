"""What can be read in a row and yet looks wrong: two lines for one partner, a council's code and name that disagree.

Doubts are warnings, told beside the cell; nothing is set aside because of them.
"""

from collections.abc import Iterator, Mapping, Sequence

from cdi_sync.model import CellProblem, Registry, Row, Severity
from cdi_sync.names import is_near_place, name_key, without_a_letter
from cdi_sync.reference.councils import Council, councils, named, near_codes
from cdi_sync.tables import IDENTITY

DOUBLED = "DATA-04"


def doubts(registry: Registry) -> Iterator[CellProblem]:
    """Every doubt that the rows of a registry raise."""
    yield from _twin_partners(registry["partenaires"])
    yield from _councils_off_the_list(registry["collectivites"])


# --------------------------------------------------------------------------------------------------- partners


def _twin_partners(partners: Sequence[Row]) -> Iterator[CellProblem]:
    """Partners of one country with one name, or with one letter between them: each is told of the first other."""
    known = [row for row in partners if row["nom"] and not row.quarantined and "pays" not in row.unreadable]
    by_key: dict[tuple[str, str], list[Row]] = {}
    for row in known:
        by_key.setdefault((row.text("pays"), name_key(row.text("nom"))), []).append(row)
    near = _a_letter_apart(by_key)
    for key, rows in by_key.items():
        for row in rows:
            others = [other for other in rows if other is not row] if len(rows) > 1 else []
            if others or key in near:
                yield _twin(row, min(others or near[key], key=lambda other: other.number), same=bool(others))


def _a_letter_apart(by_key: Mapping[tuple[str, str], Sequence[Row]]) -> Mapping[tuple[str, str], Sequence[Row]]:
    """(country, name) → the partners of that country whose name has one letter more or less, if any."""
    near: dict[tuple[str, str], list[Row]] = {}
    for (country, key), rows in by_key.items():
        for less in without_a_letter(key):
            if (country, less) in by_key:
                near.setdefault((country, less), []).extend(rows)
                near.setdefault((country, key), []).extend(by_key[country, less])
    return near


def _twin(row: Row, other: Row, *, same: bool) -> CellProblem:
    where = f"même pays ({row.text('pays')})" if row["pays"] else "aucun pays indiqué"
    shared = f"{'même nom' if same else 'noms à une lettre près'}, {where}"
    return CellProblem(
        rule=DOUBLED, tab=row.tab, id=row.id, row=row.number, column="nom", read=row.text("nom"),
        expected="une seule ligne par partenaire",
        message=f"Ce partenaire ressemble à {other.id} « {other.text('nom')} » (ligne {other.number}) : {shared}.",
        fix="Si c'est le même, garder une des deux lignes et désigner partout son numéro ; sinon l'écrire dans "
        "l'onglet Dérogations.",
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- councils


def _councils_off_the_list(rows: Sequence[Row]) -> Iterator[CellProblem]:
    for row in rows:
        code, name = row.text("code_hcp"), row.text("nom_fr")
        if not code or not name or row.quarantined or row["niveau"] == "GROUPEMENT":
            continue  # the list knows no grouping
        listed = councils().get(code)
        if listed is None:
            yield _doubt(row, "code_hcp", f"le code {code} n'est pas dans la liste du HCP", _unknown(code, name))
        elif not _is_called(listed, row):
            yield _doubt(row, "nom_fr", f"le code {code} est celui de « {listed.name} », pas de « {name} »",
                         [c for c in named(name) if c.code != code])  # fmt: skip


def _is_called(listed: Council, row: Row) -> bool:
    names = (listed.name, listed.name_ar)
    typed = (row.text("nom_fr"), row.text("nom_ar"))
    return any(one and other and is_near_place(one, other) for one in names for other in typed)


def _unknown(code: str, name: str) -> Sequence[Council]:
    return named(name) or near_codes(code)


def _doubt(row: Row, column: str, why: str, near: Sequence[Council]) -> CellProblem:
    hint = f" ; vouliez-vous dire {' ou '.join(council.in_words for council in near)} ?" if near else "."
    return CellProblem(
        rule=IDENTITY, tab=row.tab, id=row.id, row=row.number, column=column, read=row.text(column),
        expected="un code et un nom de la liste du HCP", message=f"Collectivité à vérifier : {why}{hint}",
        fix="Vérifier « Code HCP » et « Nom » ; la liste : « cdi schema liste communes NOM ».",
        severity=Severity.RECOMMANDE,
    )  # fmt: skip
