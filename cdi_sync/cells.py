"""One cell: from what a workbook holds to a typed value, or to the reason why it can't be read.

`read_cell(raw, column, date1904)` returns a value, None for an empty cell, or `Unreadable`. Nothing is guessed:
a text that can be read two ways is unreadable, with both readings shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache

from cdi_sync.model import CellError, Column, Raw, Severity, Value
from cdi_sync.reference.countries import find_country, near_countries
from cdi_sync.text import LONGEST_NAME, ascii_address, ascii_digits, clean, fold

_YES = {"oui", "vrai", "true", "yes", "نعم", "1"}
_NO = {"non", "faux", "false", "no", "لا", "0"}
_EMPTY_WORDS = {"", "-", "--", "---", "n/a", "neant", "sans objet", "s.o.", "s/o"}
_NUMERIC_DATE = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_WORDED_DATE = re.compile(r"(\d{1,2})(?:er)?[ \-]([^\W\d_]+\.?)[ \-](\d{4})")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2}),? (\d{4})")
_TIME = re.compile(r"(\d{1,2}) ?[:h] ?(\d{2})?(?::\d{2})?")
_GROUPED = re.compile(r"\d{1,3}(?:[ .,']\d{3})+")
_LARGEST_EXACT = 10**15  # beyond, a spreadsheet has already lost digits


@dataclass(frozen=True)
class Unreadable:
    """Why a cell can't be read, what was expected, and how to mend it (French).

    severity: lower than that of an unreadable cell when nothing else depends on the value.
    """

    expected: str
    why: str
    fix: str
    severity: Severity | None = None


def is_blank(raw: Raw) -> bool:
    """True for an empty cell, or one that holds only spaces and invisible marks."""
    return raw is None or (isinstance(raw, str) and (not raw or not clean(raw)))


def shown(raw: Raw) -> str:
    """What a person sees in the cell, to quote in a message."""
    if isinstance(raw, CellError):
        return raw.shown
    if isinstance(raw, bool):
        return "VRAI" if raw else "FAUX"
    if isinstance(raw, datetime | date):
        return f"{raw:%d/%m/%Y}"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return clean(str(raw))[:120]


def read_cell(raw: Raw, column: Column, *, date1904: bool = False) -> Value | Unreadable | None:
    """The typed value of a cell under its declaration. References come back as the text that was typed."""
    if is_blank(raw):
        return None
    if isinstance(raw, CellError):
        return Unreadable(
            expected=_EXPECTED[column.type],
            why=f"la cellule affiche {raw.shown}",
            fix="corriger la formule, ou saisir la valeur à sa place ; si le résultat manque, ouvrir le "
            "classeur, l'enregistrer, puis relancer",
        )
    if isinstance(raw, str) and _has_empty_words(column) and fold(raw) in _EMPTY_WORDS:
        return None
    if column.categories:
        return _read_category(raw, column)
    if column.format == "country":
        return _read_country(raw)
    if column.type == "date":
        return _read_date(raw, column, date1904)
    return _READERS[column.type](raw, column)


def _has_empty_words(column: Column) -> bool:
    """True when « - » or « néant » can't be a value of the column, so that it says that there is none."""
    return bool(column.categories or column.format) or column.type not in ("string", "url", "list")


# ------------------------------------------------------------------------------------------------ the readers


def _read_string(raw: Raw, column: Column) -> str | Unreadable:
    if isinstance(raw, float | int) and not isinstance(raw, bool) and abs(raw) >= _LARGEST_EXACT:
        return Unreadable("un texte", "ce nombre est trop long : ses derniers chiffres sont perdus",
                          "mettre la cellule au format Texte, puis saisir de nouveau")  # fmt: skip
    text = shown(raw) if not isinstance(raw, str) else _lines(raw) if column.has_lines else clean(raw)
    if column.pattern and not re.fullmatch(column.pattern, text):
        return Unreadable(f"un code de la forme prévue pour « {column.title} »", f"« {text} » n'a pas cette forme",
                          "vérifier le code ; s'il commence par un zéro, mettre la cellule au format Texte")  # fmt: skip
    return text


def _lines(raw: str) -> str:
    """A text of several lines, each of them clean; empty ones go."""
    return "\n".join(filter(None, map(clean, raw.splitlines())))


def _read_country(raw: Raw) -> str | Unreadable:
    typed = shown(raw)
    if known := find_country(typed):
        return known
    near = near_countries(typed)
    hint = f" ; vouliez-vous dire {' ou '.join(f'« {name} »' for name in near)} ?" if near else ""
    return Unreadable(
        "un seul pays, en français, comme Sénégal",
        f"« {typed} » n'est pas le nom d'un pays{hint}",
        "saisir le nom du pays, ou laisser vide pour une organisation mondiale",
        Severity.RECOMMANDE,
    )


def _read_category(raw: Raw, column: Column) -> str | Unreadable:
    typed = fold(shown(raw))
    known = category_table(column)
    if typed in known:
        return known[typed]
    labels = [category.label for category in column.categories]
    near = get_close_matches(typed, [fold(label) for label in labels], n=1, cutoff=0.7)
    hint = f" ; vouliez-vous dire « {next(x for x in labels if fold(x) == near[0])} » ?" if near else ""
    return Unreadable(
        "une valeur de la liste : " + _enumerate(labels),
        f"« {shown(raw)} » n'est pas dans la liste{hint}",
        "choisir une valeur dans la liste déroulante",
    )


def _enumerate(labels: list[str]) -> str:
    return ", ".join(labels[:8]) + (f"… ({len(labels)} valeurs)" if len(labels) > 8 else "")


@lru_cache(maxsize=512)
def category_table(column: Column) -> dict[str, str]:
    """Folded spelling → value, for the labels and the codes of a drop-down."""
    table = {fold(category.value.replace("_", " ")): category.value for category in column.categories}
    table |= {fold(category.value): category.value for category in column.categories}
    return table | {fold(category.label): category.value for category in column.categories}


def _read_boolean(raw: Raw, column: Column) -> bool | Unreadable:
    if isinstance(raw, bool):
        return raw
    typed = fold(shown(raw))
    if typed in _YES:
        return True
    if typed in _NO:
        return False
    return Unreadable("Oui ou Non", f"« {shown(raw)} » n'est ni oui ni non", "choisir Oui ou Non dans la liste")


def _read_number(raw: Raw, column: Column) -> float | Unreadable:
    value = _number(raw)
    if isinstance(value, Unreadable):
        return value
    if column.minimum is not None and value < column.minimum:
        return Unreadable(
            f"un nombre d'au moins {column.minimum:g}", f"{shown(raw)} est trop petit", "vérifier le nombre"
        )
    if column.maximum is not None and value > column.maximum:
        return Unreadable(
            f"un nombre d'au plus {column.maximum:g}", f"{shown(raw)} est trop grand", "vérifier le nombre"
        )
    return value


def _read_integer(raw: Raw, column: Column) -> int | Unreadable:
    value = _read_number(raw, column)
    if isinstance(value, Unreadable):
        return value
    if value != int(value):
        return Unreadable("un nombre entier", f"{shown(raw)} n'est pas un entier", "saisir un nombre sans décimale")
    return int(value)


def _number(raw: Raw) -> float | Unreadable:
    refusal = Unreadable("un nombre", f"« {shown(raw)} » n'est pas un nombre", "saisir seulement le nombre")
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return refusal
    if isinstance(raw, int | float):
        return raw if abs(raw) < _LARGEST_EXACT else refusal
    text = ascii_digits(clean(raw).replace("٬", " ").replace("٫", ","))
    if text is None or len(text) > 24 or not re.fullmatch(r"[+-]?\d[\d .,']*", text):
        return refusal
    return _number_from_text(text, refusal)


def _number_from_text(text: str, refusal: Unreadable) -> float | Unreadable:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if digits.isdigit():
        return sign * float(digits)
    head, mark, tail = max(digits.rpartition(","), digits.rpartition("."), key=lambda parts: len(parts[0]))
    if not mark:  # only spaces or apostrophes: thousands
        return sign * float(re.sub("[ ']", "", digits)) if _GROUPED.fullmatch(digits) else refusal
    whole = re.sub("[ .,']", "", head)
    if mark in head:  # twice the same mark: thousands
        return sign * float(whole + tail) if _GROUPED.fullmatch(digits) else refusal
    if not tail.isdigit() or not (head.isdigit() or _GROUPED.fullmatch(head)):
        return refusal
    if len(tail) == 3 and head.isdigit() and len(head) <= 3 and head != "0":
        return Unreadable("un nombre", f"« {text} » se lit {text[:-len(digits)]}{head}{tail} ou {text[:-len(digits)]}{head},{tail}",
                          "saisir le nombre sans séparateur de milliers")  # fmt: skip
    return sign * float(f"{whole}.{tail}")


def _read_list(raw: Raw, column: Column) -> tuple[str, ...]:
    return tuple(item for part in re.split(r"[;,\n،؛]", str(raw)) if (item := clean(part)))


def _read_time(raw: Raw, column: Column) -> time | Unreadable:
    if isinstance(raw, datetime):
        return raw.time()
    if isinstance(raw, time):
        return raw
    if isinstance(raw, float) and 0 <= raw < 1:
        return (datetime.min + timedelta(minutes=round(raw * 24 * 60))).time()
    match = _TIME.fullmatch(ascii_digits(clean(str(raw))) or "")
    if match and int(match[1]) < 24 and int(match[2] or 0) < 60:
        return time(int(match[1]), int(match[2] or 0))
    return Unreadable("une heure, comme 10:30", f"« {shown(raw)} » n'est pas une heure", "saisir l'heure comme 10:30")


def _read_email(raw: Raw, column: Column) -> str | Unreadable:
    text = re.sub(r"(?i)^mailto: ?", "", clean(str(raw)))
    bracketed = re.fullmatch(r"[^<>@\"]*<([^<>]+)>", text)
    typed = bracketed[1] if bracketed else text
    return ascii_address(typed) or Unreadable(
        "une seule adresse de courriel, comme service@commune.ma",
        f"« {shown(raw)} » {_why_no_address(typed)}",
        "corriger l'adresse ; une seule par cellule",
    )


def _why_no_address(typed: str) -> str:
    name, at, domain = typed.rpartition("@")
    if "@" in name:
        return "contient plusieurs adresses"
    if at and not name.isascii():
        return "a, devant le @, des lettres que les serveurs de courrier ne prennent pas toutes"
    if len(name) > LONGEST_NAME:
        return f"a plus de {LONGEST_NAME} caractères devant le @"
    if name and domain and "." not in domain:
        return "n'a pas de point après le @"
    return "n'est pas une adresse utilisable"


# ------------------------------------------------------------------------------------------------------ dates


def _read_date(raw: Raw, column: Column, date1904: bool) -> date | Unreadable:
    day = _day(raw, date1904)
    if isinstance(day, Unreadable) or column.years[0] <= day.year <= column.years[1]:
        return day
    first, last = column.years
    return Unreadable(
        f"une date entre {first} et {last}", f"l'année {day.year} n'est pas plausible ici", "vérifier l'année saisie"
    )


def _day(raw: Raw, date1904: bool) -> date | Unreadable:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _day_from_serial(raw, date1904)
    return _day_from_text(shown(raw))


def _day_from_serial(serial: float, date1904: bool) -> date | Unreadable:
    if 1900 <= serial <= 2100 and serial == int(serial):
        return _incomplete(f"{int(serial)}")
    epoch = date(1904, 1, 1) if date1904 else date(1899, 12, 30)
    try:
        return epoch + timedelta(days=int(serial))
    except (OverflowError, ValueError):  # ValueError: not a number at all
        return _not_a_date(f"{serial:g}")


def _day_from_text(typed: str) -> date | Unreadable:
    text = ascii_digits(typed)
    if text is None:
        return _not_a_date(typed)
    if match := _NUMERIC_DATE.fullmatch(text):
        return _day_from_numbers(typed, *match.groups())
    if match := _WORDED_DATE.fullmatch(text):
        month = _month_names().get(fold(match[2].rstrip(".")))
        return _make_day(typed, int(match[3]), month, int(match[1])) if month else _not_a_date(typed)
    if re.fullmatch(r"(19|20)\d\d|\d{1,2}[/.\-]\d{4}|[^\W\d_]+ \d{4}|\d{4}-\d{2}", text):
        return _incomplete(typed)
    return _not_a_date(typed)


def day_in_sentence(typed: str) -> date | Unreadable:
    """A day as a person writes it in a sentence: day first when it can be read two ways; « March 12, 2027 » too.

    What it is read as has to be told back to that person.
    """
    digits = ascii_digits(typed)
    if digits is None:
        return _not_a_date(typed)
    text = " ".join(digits.split())
    if (match := _NUMERIC_DATE.fullmatch(text)) and len(match[1]) <= 2 and len(match[3]) == 4 and int(match[2]) <= 12:
        return _make_day(typed, int(match[3]), int(match[2]), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(text):
        text = f"{match[2]} {match[1]} {match[3]}"
    return _day_from_text(text)


def read_partial(raw: Raw) -> tuple[int, int | None] | None:
    """(year, month or None) of a date known in part: 2009, "mars 2009", "03/2009", "2009-03". None for anything else."""
    if isinstance(raw, bool) or raw is None or isinstance(raw, CellError):
        return None
    text = ascii_digits(shown(raw)) or ""
    if re.fullmatch(r"(19|20)\d\d", text):
        return int(text), None
    if match := re.fullmatch(r"(\d{1,2})[/.\-](\d{4})|(\d{4})-(\d{2})", text):
        year, month = int(match[2] or match[3]), int(match[1] or match[4])
    elif match := re.fullmatch(r"([^\W\d_]+\.?) (\d{4})", text):
        year, month = int(match[2]), _month_names().get(fold(match[1].rstrip(".")), 0)
    else:
        return None
    return (year, month) if 1900 <= year <= 2099 and 1 <= month <= 12 else None


def _day_from_numbers(typed: str, first: str, second: str, third: str) -> date | Unreadable:
    if len(first) == 4 and len(third) <= 2:
        return _make_day(typed, int(first), int(second), int(third))
    if len(third) != 4 or len(first) > 2:
        return Unreadable("une date complète, comme 31/03/2026", f"l'année de « {typed} » n'a pas quatre chiffres",
                          "saisir l'année sur quatre chiffres")  # fmt: skip
    one, two, year = int(first), int(second), int(third)
    if one != two and 1 <= one <= 12 and 1 <= two <= 12 and year:
        return Unreadable(
            "une date sans ambiguïté",
            f"« {typed} » se lit le {date(year, two, one):%d/%m/%Y} ou le {date(year, one, two):%d/%m/%Y} (jour/mois/année)",
            f"saisir une vraie date, ou le mois en lettres : {one} {_french_month(two)} {year}"
            f" ou {two} {_french_month(one)} {year}",
        )
    return _make_day(typed, year, two, one) if two <= 12 else _make_day(typed, year, one, two)


def _make_day(typed: str, year: int, month: int, day: int) -> date | Unreadable:
    if 1300 <= year <= 1500:
        return Unreadable("une date du calendrier grégorien", f"« {typed} » ressemble à une date hégirienne",
                          "saisir la date grégorienne")  # fmt: skip
    try:
        return date(year, month, day)
    except ValueError:
        return Unreadable(
            "une date qui existe", f"« {typed} » n'existe pas dans le calendrier", "vérifier le jour et le mois"
        )


def _incomplete(typed: str) -> Unreadable:
    return Unreadable(
        "une date complète, comme 31/03/2026",
        f"« {typed} » n'est qu'une partie de date",
        "saisir le jour, le mois et l'année ; pour un acte ancien, remplir plutôt « Année de signature » et "
        "« Mois de signature »",
    )


def _not_a_date(typed: str) -> Unreadable:
    return Unreadable("une date, comme 31/03/2026", f"« {typed} » n'est pas une date", "saisir une date jj/mm/aaaa")


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    """Folded month names, full and short, French, English, Arabic and Moroccan Arabic → 1..12."""
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for locale in ("fr", "en", "ar", "ar_MA"):
        for width in ("wide", "abbreviated"):
            names |= {fold(name.rstrip(".")): number for number, name in get_month_names(width, locale=locale).items()}
    return names


def _french_month(month: int) -> str:
    from babel.dates import get_month_names

    return str(get_month_names("wide", locale="fr")[month])


_READERS: dict[str, Callable[[Raw, Column], Value | Unreadable]] = {
    "string": _read_string,
    "url": _read_string,
    "reference": _read_string,
    "boolean": _read_boolean,
    "number": _read_number,
    "integer": _read_integer,
    "list": _read_list,
    "time": _read_time,
    "email": _read_email,
}
_EXPECTED = {
    "string": "un texte", "url": "un lien ou une cote", "reference": "un identifiant", "boolean": "Oui ou Non",
    "number": "un nombre", "integer": "un nombre entier", "list": "des mots séparés par des points-virgules",
    "time": "une heure, comme 10:30", "email": "une adresse de courriel", "date": "une date, comme 31/03/2026",
}  # fmt: skip
