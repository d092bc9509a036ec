"""How the registry looks whatever holds it, an .xlsx or a shared spreadsheet: what both furnish alike.

Widths are in characters, colours are hexadecimal, indexes of columns count from 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from cdi_sync.dashboard import COUNTRIES, FORMS, STAGES, VISAS, Block
from cdi_sync.model import CORE, Column, Form, Tab
from cdi_sync.procedure import SITUATIONS
from cdi_sync.shown import ANOMALIES, DASHBOARD, FORM_TITLES, HELP, JOURNAL, SCHEDULE

LISTS = "Listes"
LONGEST_NOTE = 255  # characters of a header's note; also of a validation's messages
REQUIRED_MARK, SYSTEM_MARK = " *", " (système)"  # shown after a title, not part of it
SYSTEM_NOTE = "Colonne remplie par le système : ne pas y écrire."
REQUIRED_NOTE = "Obligatoire."
YES_NO, COUNTRIES_LIST = "liste_oui_non", "liste_pays"  # names of lists

INPUT_BLUE, REQUIRED_BLUE = "2F6DA8", "17406D"
SYSTEM_HEAD, SYSTEM_GREY, INK, LINK_BLUE = "C4C9CF", "F0F1F3", "262B33", "0B57D0"
ORANGE, AMBER, RED, DARK_RED = "FCE4CC", "FFF1C2", "F9D3D0", "9C1C12"
SHADES = ("DCE6F1", "9DC3E6", "2F6DA8", "17406D")  # from light to dark, to stay apart in grey

_IN_SIGHT = 60  # characters of the columns that stay on screen


@dataclass(frozen=True)
class Hints:
    """What the tabs don't declare, and some cells follow.

    situations: code of a stage → what it counts as (`procedure.SITUATIONS`). authorities: tier → the authorities that
    may have signed, by value; a tier left out is offered all of them. modules: those switched on, None for all; the
    tabs and columns of the others are hidden.
    """

    situations: Mapping[str, str] = field(default_factory=dict)
    authorities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    modules: frozenset[str] | None = None

    def shows(self, module: str) -> bool:
        """True for what belongs to no module, or to one that is switched on."""
        return module in ("", CORE) or self.modules is None or module in self.modules


# ---------------------------------------------------------------------------------------------------- columns


def shown_title(column: Column) -> str:
    """The title with what its format adds."""
    return column.title + (SYSTEM_MARK if column.is_system else REQUIRED_MARK if column.required else "")


def width_of(column: Column) -> float:
    """The declared width, or what the longest word of the title needs."""
    return max(column.width, max(map(len, shown_title(column).split())) * 1.2 + 1)


def kept_in_sight(tab: Tab) -> int:
    """How many columns stay on screen and on every page: the number, and what names the row when there is room."""
    return 2 if sum(map(width_of, tab.columns[:2])) <= _IN_SIGHT else 1


def sections(tab: Tab) -> Iterator[tuple[int, Sequence[Column]]]:
    """The sections of a tab: index of the first column, columns."""
    first = 1
    for _, found in groupby(tab.columns, key=lambda column: column.section):
        columns = list(found)
        yield first, columns
        first += len(columns)


def note_text(column: Column) -> str:
    """What the note of a header says, in at most `LONGEST_NOTE` characters."""
    mark = SYSTEM_NOTE if column.is_system else REQUIRED_NOTE if column.required else ""
    section = f"Section : {column.section}." if column.section else ""
    return _clipped("\n".join(line for line in (mark, column.description, section) if line), LONGEST_NOTE)


def _clipped(text: str, longest: int) -> str:
    """The text, cut after a whole word when it is too long."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(maxsplit=1)[0].rstrip(" ,;:(") + "…"


# ------------------------------------------------------------------------------------------------------ lists


def list_name(tab: Tab, column: Column) -> str:
    """The name of the list that a column offers."""
    return f"liste_{tab.name}_{column.key}"


def stages_name(situation: str) -> str:
    """The name of the list of the stages that count as a situation."""
    return f"etapes_{situation}"


def lists_of(tabs: Sequence[Tab], hints: Hints) -> Mapping[str, Sequence[str]]:
    """Every list of the hidden tab, by name: what drop-downs offer, then the stages of each situation."""
    from cdi_sync.reference.countries import countries  # slow to load

    lists: dict[str, Sequence[str]] = {YES_NO: ["Oui", "Non"]}
    for tab in tabs:
        lists |= {list_name(tab, c): [x.label for x in c.categories] for c in tab.columns if c.categories}
    if any(column.format == "country" for tab in tabs for column in tab.columns):
        lists[COUNTRIES_LIST] = [country.fr for country in countries()]
    for situation in sorted(set(hints.situations.values())):
        codes = [code for code, counted in hints.situations.items() if counted == situation]
        lists[stages_name(situation)] = codes
    return lists


# ------------------------------------------------------------------------------------------------ system tabs


class SystemTab(NamedTuple):
    """`lines`: of text in a row. `frozen`: cell below the frozen rows. `repeated`: rows printed on each page."""

    name: str
    title: str
    widths: Sequence[float]
    lines: float
    frozen: str = "A2"
    repeated: str = "1:1"


BEFORE_STAFF = (
    SystemTab(DASHBOARD, "Tableau de bord de la coopération décentralisée", (34, 52, 13, 13, 13, 13, 13), 1.3),
    SystemTab(HELP, "Aide du registre", (22, 20, 52, 52, 60, 46, 40, 16), 1.3),
)
AFTER_STAFF = (
    SystemTab(SCHEDULE, "Échéancier", (18, 13, 12, 36, 13, 52, 28, 36, 28), 2, "A3", "1:2"),
    SystemTab(ANOMALIES, "Anomalies", (16, 12, 34, 20, 60, 44, 30, 20, 24), 3, "A3", "1:2"),
    SystemTab(JOURNAL, "Journal", (13, 18, 100), 1, "A3", "1:2"),
)

CHARTS_FROM = 9  # column of the dashboard, right of its blocks


class Bars(NamedTuple):
    """A chart of stacked bars over the first `rows` rows of a block: a bar a row, named in column A, a shade a column.

    `unit`: what the numbers are. `height`: in centimetres, the width being 17.
    """

    title: str
    unit: str
    block: Block
    columns: range
    rows: int
    height: float
    lying: bool = False


# Blocks don't move, so neither do the ranges of the charts.
CHARTS = (
    Bars("Actes par forme et par situation", "Nombre d'actes", FORMS, range(3, 3 + len(SITUATIONS)), len(Form), 8.5),
    Bars("Réponses aux demandes de visa", "Nombre de visas", VISAS, range(5, 8), len(Form), 8.5),
    Bars("Les pays les plus fréquents", "Nombre d'actes", COUNTRIES, range(3, 3 + len(Form)), COUNTRIES.size, 11, True),
    *(
        Bars(f"{FORM_TITLES[form]} : les étapes atteintes", "Nombre d'actes", block, range(3, 4), block.size,
             3 + 0.6 * block.size, True)
        for form, block in STAGES.items()
    ),
)  # fmt: skip
