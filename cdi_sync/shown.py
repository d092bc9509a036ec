"""One cell as people will see it, and where things stand in the workbook. Pure.

A link is a place of the workbook such as "Aide!A20". Styles are names: the template declares them, the writer finds them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from cdi_sync.model import Column, Form, Layout, Severity, Tab
from cdi_sync.tables import letters

HELP, DASHBOARD, SCHEDULE, ANOMALIES, JOURNAL = "Aide", "Tableau de bord", "Échéancier", "Anomalies", "Journal"
LINKED = ("a_corriger", "prochaine_etape")  # columns whose cells lead somewhere
RUNNING = ("cdi_titre", "cdi_sous_titre", "cdi_phrase")  # styles of texts that run over the empty cells beside them
FORM_TITLES = {Form.JUMELAGE: "Jumelages", Form.CONVENTION: "Conventions", Form.ADHESION_OING: "Adhésions"}

MARKS = {Severity.BLOQUANT: "⛔ Bloquant", Severity.RECOMMANDE: "⚠ À vérifier", Severity.INFO: "ℹ À savoir"}
ACTORS = {
    "SERVICE_CDI": "Service CDI", "CONSEIL": "Conseil", "PRESIDENT": "Président", "WALI_GOUVERNEUR": "Wali ou Gouverneur",
    "DGCT": "DGCT", "MINISTERE": "Ministère de l'Intérieur", "PARTENAIRE": "Partenaire", "OING": "Organisation",
    "PRESIDENT+PARTENAIRE": "Président et partenaire", "WALI_GOUVERNEUR ou MINISTERE": "Wali, Gouverneur ou ministère",
    "WALI_GOUVERNEUR puis DGCT": "Wali ou Gouverneur, puis DGCT", "SERVICE_CDI+PARTENAIRE": "Service CDI et partenaire",
    "EVALUATEUR": "Évaluateur", "COPIL": "Comité de pilotage", "—": "—",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One cell: its value, the named style it takes, and where it leads."""

    value: str | int | float | date | None
    style: str = ""
    link: str = ""


ShownGrid: TypeAlias = Sequence[Sequence["Shown | None"]]


def head(*titles: str) -> list[Shown | None]:
    """The headers of a table."""
    return [Shown(title, "cdi_entete_systeme") for title in titles]


def text(*values: str | int | date | None) -> list[Shown | None]:
    """Plain cells."""
    return [Shown(value, "cdi_date" if isinstance(value, date) else "cdi_texte") for value in values]


def count(number: float | None) -> Shown:
    """A number; "sans objet" where there is nothing to count from, which isn't zero."""
    return Shown("sans objet" if number is None else number, "cdi_nombre")


def link(value: str | None, place: str) -> Shown:
    """A text that leads to a place, when there is one."""
    return Shown(value, "cdi_lien", link=place) if place and value else Shown(value or None, "cdi_texte")


def system_style(column: Column) -> str:
    """The style of the cells of a column that the system fills."""
    if column.key in LINKED:
        return "cdi_systeme_lien"
    return {"date": "cdi_systeme_date", "integer": "cdi_systeme_nombre"}.get(column.type, "cdi_systeme")


def staff_style(column: Column) -> str:
    """The style of the cells of a column that people type."""
    if column.type in ("date", "time"):
        return {"date": "cdi_saisie_date", "time": "cdi_saisie_heure"}[column.type]
    # typed in a plain cell, "01.051" or "2009-12" would become a number or a date
    if column.type in ("string", "list", "reference") and not column.categories:
        return "cdi_saisie_texte"
    return "cdi_saisie"


def filled(
    tab: Tab, rows: Mapping[int, Mapping[str, str | int | float | date]], positions: Mapping[str, int]
) -> dict[tuple[int, int], Shown]:
    """Rows filled for somebody, cell by cell: (row, column), from 1 → what it shows.

    rows: row number → column key → value; of the system's columns, that of the numbers only. Raises ValueError for another.
    """
    id_key, columns = tab.columns[0].key, tab.by_key
    cells = {}
    for row, values in rows.items():
        for key, value in values.items():
            if columns[key].is_system and key != id_key:
                raise ValueError(f"{tab.name}.{key} is the system's")
            style = "cdi_systeme" if key == id_key else staff_style(columns[key])
            cells[row, positions[key]] = Shown(value, style)
    return cells


class Places:
    """Links inside the workbook."""

    def __init__(self, layouts: Mapping[str, Layout]) -> None:
        self._layouts = layouts

    def cell(self, tab: str, row: int, column: str) -> str:
        """Where a cell stands: 'Visas et accords'!K12."""
        return f"{quoted(self.title(tab))}!{self.name(tab, row, column)}"

    def title(self, tab: str) -> str:
        """The name that people gave to the sheet."""
        return self._layouts[tab].title

    def name(self, tab: str, row: int, column: str) -> str:
        """A cell without its tab: K12."""
        return f"{letters(self._layouts[tab].positions[column])}{row}"


def quoted(title: str) -> str:
    """The title of a tab, as a link names it."""
    return "'" + title.replace("'", "''") + "'"


def actor_title(code: str) -> str:
    """Who acts, in words."""
    return ACTORS.get(code, code)
