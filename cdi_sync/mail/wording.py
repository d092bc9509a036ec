"""What a letter quotes of config/ and of the assessment, in its reader's language. Pure.

French is told as it is written. The names of tabs and columns stay in French, between quotation marks, since that is how
the workbook shows them; two of them never stand side by side, so that a sentence read from right to left keeps its
order. A text of an installation's own, which no catalogue knows, is told in French, its days too.
"""

from collections.abc import Mapping
from datetime import date

from cdi_sync.mail.language import FRENCH, Language
from cdi_sync.model import Layout, Pending, Tab
from cdi_sync.phrases import Phrase, Town
from cdi_sync.publish import place_in_words
from cdi_sync.shown import actor_title
from cdi_sync.tables import letters

ROLES = ("contacts", "fonction_role")  # tab and column whose categories are the roles
PLACE = "onglet « {tab} », colonne « {column} », cellule {cell}"
SESSION, SESSION_OF = "Session", "Session du {day}"


def action_in(pending: Pending, language: Language) -> str:
    """What to do, its days, numbers and words as that language writes them."""
    if language.code == FRENCH or ("", pending.wording) not in language.texts:
        return pending.action
    try:
        return language.gettext(pending.wording).format(**{name: tell(fact, language) for name, fact in pending.facts})
    except (KeyError, IndexError, ValueError):  # a catalogue of an installation's own, with another fact
        return pending.action


def tell(value: object, language: Language) -> str:
    """A value that a sentence quotes."""
    if isinstance(value, date):
        return language.long_day(value)
    if isinstance(value, Town):
        return value.name if language.code == FRENCH else _town(value, language)
    if isinstance(value, Phrase):
        return language.gettext(value.text).format(**{name: tell(part, language) for name, part in value.values})
    return language.number(value) if isinstance(value, int) else str(value)


def _town(town: Town, language: Language) -> str:
    return str(language.locale.time_zones.get(town.zone, {}).get("city") or town.name)


def role_in(role: str, tabs: Mapping[str, Tab], language: Language) -> str:
    """A role as the contacts tab names it, or who acts in a stage."""
    tab, column = ROLES
    return category_in(role, tabs[tab], column, language) or language.gettext(actor_title(role))


def category_in(value: object, tab: Tab, column: str, language: Language) -> str:
    """One of the words that a column takes; "" when it isn't one."""
    labels = (category.label for category in tab.column(column).categories if category.value == value)
    return language.gettext(next(labels, ""))


def place_in(told: Pending, layouts: Mapping[str, Layout], tabs: Mapping[str, Tab], language: Language) -> str:
    """Where to write, with the names that the workbook shows."""
    if language.code == FRENCH:
        return place_in_words(told, layouts, tabs)
    column = tabs[told.tab].column(told.column).title
    values = {"tab": layouts[told.tab].title, "column": column, "cell": cell_of(told, layouts)}
    return language.gettext(PLACE).format(**values)


def cell_of(told: Pending, layouts: Mapping[str, Layout]) -> str:
    """The cell where it stands: "K12"."""
    return f"{letters(layouts[told.tab].positions[told.column])}{told.row}"


def session_in(opening: date | None, language: Language) -> str:
    """A council's session, by the day on which it opens."""
    if opening is None:
        return language.gettext(SESSION)
    day = f"{opening:%d/%m/%Y}" if language.code == FRENCH else language.long_day(opening)
    return language.gettext(SESSION_OF).format(day=day)
