"""A form that returns as a .xlsx, filled in: its answers, one a filled sheet.

A program that forgets the names of cells leaves the label beside the answer. What is typed elsewhere than in an answer is kept
and told. A sheet that was copied inside the file to fill in another case is another answer (see `forms/naming.py`).
"""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cdi_sync.cells import is_blank, shown
from cdi_sync.edges.config import Declarations
from cdi_sync.edges.workbook_xlsx.parts import column_index, column_letters, elements, open_package, tag_end
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.errors import RegistryError
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.naming import response_name
from cdi_sync.forms.sheet_form import LISTS, MADE_BY, REQUIRED_MARK, question_id, version_of
from cdi_sync.forms.submission import Source, Submission, Typed
from cdi_sync.model import Grid, Raw
from cdi_sync.text import clean

_MOST_TOLD = 40  # cells that no question asks about, one by one; the others are counted
_1904 = 1462  # days between the two calendars of workbooks
_LAST_YEAR = 2100  # a bare number up to it is a year, not a day
_PLACE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?\3\$?\4)?")
_ASK_AGAIN = "Demander au service un formulaire vierge (« cdi forms export »), y recopier les réponses et le renvoyer."


class NotAFormError(RegistryError):
    """A workbook that isn't one of our forms."""


class UnusableFormError(RegistryError):
    """One of our forms, from which nothing can be taken."""


@dataclass(frozen=True)
class _Kept:
    """What the hidden sheet says. titles: name of an answer's cell → its label; texts: those of ours, cleaned."""

    form: str
    version: str
    lang: str
    mark: str
    titles: Mapping[str, str]
    texts: frozenset[str]


@dataclass
class _Card:
    """A sheet that was filled in: where its answers are, by name of the cell."""

    title: str
    is_1904: bool = False
    cells: dict[str, Raw] = field(default_factory=dict)
    typed_elsewhere: dict[str, Raw] = field(default_factory=dict)

    @property
    def is_filled(self) -> bool:
        """True when an answer was typed."""
        return any(not is_blank(raw) for raw in self.cells.values())


def read_form(data: bytes, name: str, declared: Declarations, *, source: Source, at: datetime) -> Sequence[Submission]:
    """The answers of a returned file, one a filled sheet. name: of the file, for messages; at: when it came.

    Raises NotAFormError for a workbook that is none of our forms, UnusableFormError for a form that isn't declared any more
    and for one without any answer, RegistryError for a file that can't be read.
    """
    try:
        snapshot = read_bytes(data, name)
        package = open_package(data)
        names = _named_cells(package.part(package.workbook), package.workbook)
    except RegistryError as error:
        raise RegistryError(error.what, where=name, why=error.why, fix=error.fix or _ASK_AGAIN) from None
    kept, kept_title = _kept_of(snapshot.grids, name)
    form = declared.forms.get(kept.form)
    if form is None:
        raise UnusableFormError(
            "Ce formulaire n'existe plus.", where=name, why=f"« {kept.form} » n'est pas parmi les formulaires du service",
            fix=f"Formulaires possibles : {', '.join(declared.forms) or 'aucun'}. {_ASK_AGAIN}",
        )  # fmt: skip
    grids = {title: grid for title, grid in snapshot.grids.items() if title not in (kept_title, LISTS)}
    cards = _cards(grids, names, kept)
    found = [one for card in cards if (one := _submission(card, kept, form, declared, source, at))]
    if not found:
        raise UnusableFormError("Le formulaire est vide.", where=name, why="aucune case de réponse n'est remplie",
                            fix="Le remplir, l'enregistrer, puis le renvoyer.")  # fmt: skip
    return _told_apart(found, kept, form, declared)


def _kept_of(grids: Mapping[str, Grid], name: str) -> tuple[_Kept, str]:
    for title, grid in grids.items():
        if grid.rows and grid.rows[0] and grid.rows[0][0] == MADE_BY:
            pairs = [(str(row[0]), _text(row[1])) for row in grid.rows[1:] if len(row) > 1 and row[0] is not None]
            said = dict(reversed(pairs))
            if not said.get("fiche"):
                break
            return _Kept(
                form=said.get("formulaire", ""), version=said.get("version", ""), lang=said.get("langue", "fr"),
                mark=said["fiche"], titles={label: text for label, text in pairs if question_id(label)},
                texts=frozenset(clean(text) for label, text in pairs if label == "texte"),
            ), title  # fmt: skip
    raise NotAFormError("Ce classeur n'est pas un de nos formulaires.", where=name,
                        why="la feuille cachée qui le ferait reconnaître manque", fix=_ASK_AGAIN)  # fmt: skip


def _text(raw: Raw) -> str:
    return raw if isinstance(raw, str) else "" if raw is None else shown(raw)


def _named_cells(workbook: bytes, where: str) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    """Sheet → name of an answer's cell → where it is, from 1. A sheet that was copied has names of its own."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for element in elements(workbook, where, depth=2):
        name = element.attributes.get("name", "")
        if element.path != "definedNames/definedName" or not question_id(name):
            continue
        inner = workbook[tag_end(workbook, element.start) : element.end].rpartition(b"</")[0]
        if place := _PLACE.fullmatch(html.unescape(inner.decode("utf-8", "replace")).strip()):
            title = (place[1] or place[2]).replace("''", "'")
            found.setdefault(title, {})[name] = (int(place[4]), column_index(place[3]))
    return found


def _cards(
    grids: Mapping[str, Grid], names: Mapping[str, Mapping[str, tuple[int, int]]], kept: _Kept
) -> Sequence[_Card]:
    """The sheets that are forms. What stands on another sheet, answers moved there included, goes with the first filled."""
    strayed = {name for places in names.values() if not _is_card(places, kept) for name in places}
    cards, others = list[_Card](), list[tuple[str, Grid]]()
    for title, grid in grids.items():
        beside = {name: place for name, place in _beside_labels(grid, kept).items() if name not in strayed}
        places = {**beside, **names.get(title, {})}
        if _is_card(places, kept):
            cards.append(_card(title, grid, places, kept))
        else:
            others.append((title, grid))
    cards = cards or [_Card("")]
    first = next((card for card in cards if card.is_filled), cards[0])
    for title, grid in others:
        found = _card(title, grid, names.get(title, {}), kept)
        first.cells |= {name: raw for name, raw in found.cells.items() if name not in first.cells}
        first.typed_elsewhere |= found.typed_elsewhere
    return cards


def _is_card(places: Mapping[str, tuple[int, int]], kept: _Kept) -> bool:
    """True when at least half of the questions have their place there."""
    return 2 * len(places) >= max(len(kept.titles), 1)


def _beside_labels(grid: Grid, kept: _Kept) -> Mapping[str, tuple[int, int]]:
    """The cells beside the labels of questions; a label that stands twice, or for two questions, tells nothing."""
    by_label = {clean(title): name for name, title in kept.titles.items()}
    doubled = {label for label, count in Counter(map(clean, kept.titles.values())).items() if count > 1}
    seen: dict[str, list[tuple[int, int]]] = {}
    for number, row in enumerate(grid.rows, start=1):
        for index, raw in enumerate(row, start=1):
            if isinstance(raw, str) and (label := clean(raw)) in by_label and label not in doubled:
                seen.setdefault(by_label[label], []).append((number, index + 1))
    return {name: places[0] for name, places in seen.items() if len(places) == 1}


def _card(title: str, grid: Grid, places: Mapping[str, tuple[int, int]], kept: _Kept) -> _Card:
    card, answers = _Card(title, grid.date1904), set(places.values())
    for name, (row, col) in places.items():
        cells = grid.rows[row - 1] if row <= len(grid.rows) else ()
        card.cells[name] = cells[col - 1] if col <= len(cells) else None
    for number, line in enumerate(grid.rows, start=1):
        for index, raw in enumerate(line, start=1):
            if (number, index) not in answers and not is_blank(raw) and clean(_text(raw)) not in kept.texts:
                card.typed_elsewhere[f"{title}, cellule {column_letters(index)}{number}"] = raw
    return card


def _in_1900(raw: Raw) -> Raw:
    """The number of a day that a workbook counts from 1904, as all others count it."""
    is_day = isinstance(raw, int | float) and not isinstance(raw, bool) and raw > _LAST_YEAR
    return raw + _1904 if is_day else raw  # type: ignore[operator]  # a number, as just seen


def _submission(
    card: _Card, kept: _Kept, form: Declared, declared: Declarations, source: Source, at: datetime
) -> Submission | None:
    """The answer of a sheet; None when nothing was typed in it."""
    keys = {form.id_of(key): key for key in form.questions}
    values: dict[str, Typed] = {}
    unknown: dict[str, str] = {}
    for name, raw in card.cells.items():
        if is_blank(raw):
            continue
        key = keys.get(question_id(name))
        if key is None:  # asked by an older form, and no more
            unknown[kept.titles.get(name, name).removesuffix(REQUIRED_MARK)] = _text(raw)
        else:
            is_day = form.questions[key].column.type == "date"
            values[key] = _in_1900(raw) if card.is_1904 and is_day else raw
    elsewhere = list(card.typed_elsewhere.items())
    unknown |= {place: _text(raw) for place, raw in elsewhere[:_MOST_TOLD]}
    if len(elsewhere) > _MOST_TOLD:
        unknown["Autres cellules"] = f"{len(elsewhere) - _MOST_TOLD} autres cellules remplies hors des réponses"
    if not values and not unknown:
        return None
    if kept.version != version_of(form):
        unknown["Version du formulaire"] = "ancienne : ses questions ont changé depuis ; vérifier ce qui manque"
    lang = kept.lang if kept.lang in declared.languages else "fr"
    name = response_name(form, values, declared.tabs, mark=kept.mark)
    return Submission(source, form.name, name, at, at, values, unknown, lang)


def _told_apart(
    found: Sequence[Submission], kept: _Kept, form: Declared, declared: Declarations
) -> Sequence[Submission]:
    """Sheets of one file that would have one name: the same answer twice is one; two answers are named by their content."""
    count = Counter(one.response for one in found)
    apart: dict[str, Submission] = {}
    for one in found:
        if count[one.response] > 1:
            one = replace(one, response=response_name(form, one.values, declared.tabs, mark=kept.mark, alone=True))
        apart.setdefault(one.response, one)
    return tuple(apart.values())
