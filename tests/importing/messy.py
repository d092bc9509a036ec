"""A council's list as people keep it by hand, made by code so that what it says is known.

Three councils, forty foreign partners, 262 agreements. Titles in French and Arabic under a letterhead, dates of every
kind, one partner spelt in several ways, lines entered twice, blank lines, lines that only name a year, a total.
"""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import openpyxl

COUNCILS = {"3231010": "Fès", "4421010": "Rabat", "30610101": "Meknès"}  # code → name in the registry
HEADERS = ("N°", "Ville marocaine", "الطرف الأجنبي", "Pays du partenaire", "Nature de l'acte", "موضوع الاتفاقية",
           "Date de la signature", "Durée", "Observations")  # fmt: skip
LATIN_HEADERS = ("N°", "Ville marocaine", "Partenaires", "Pays du partenaire", "Nature de l'acte", "Objet de la convention",
                 "Date de la signature", "Durée", "Observations")  # fmt: skip
HEADER_ROW = 4
DOUBLES, ROWS = 22, 300
_TOWNS = ("Lyon", "Florence", "Barcelone", "Dakar", "Kyoto", "Lille", "Grenade", "Coimbra", "Strasbourg", "Bamako", "Porto",
          "Cracovie", "Montpellier", "Cordoue", "Bordeaux", "Lahore", "Nantes", "Séville", "Kairouan", "Akka")  # fmt: skip
_COUNTRIES = {
    "France": ("France", "FRANCE", "FR", "فرنسا"),
    "Espagne": ("Espagne", "Spain", "espagne", "إسبانيا"),
    "Sénégal": ("Sénégal", "Senegal", "SN", "السنغال"),
    "Italie": ("Italie", "Italy", "إيطاليا", "italie "),
}
_FORMS = {
    "JUMELAGE": ("Jumelage", "jumelage", "Accord de jumelage", "توأمة"),
    "CONVENTION": ("Convention", "Convention de partenariat", "ACCORD", "اتفاقية شراكة"),
    "ADHESION_OING": ("Adhésion", "adhésion", "انخراط", "Adhésion à une OING"),
}
_SUBJECTS = ("Gestion de l'eau", "Jeunesse", "Patrimoine de la médina", "Formation des agents", "Collecte des déchets")


@dataclass(frozen=True)
class Truth:
    """One agreement. day None and year None: the list gives a date that nobody can read."""

    code: str
    partner: str
    country: str
    form: str
    subject: str
    day: date | None = None
    year: int | None = None
    month: int | None = None


@dataclass(frozen=True)
class Messy:
    """rows: the sheet's, from row 1. truth: its agreements, each once. doubled: numbers of rows that repeat one."""

    rows: Sequence[Sequence[Any]]
    truth: Sequence[Truth]
    doubled: frozenset[int]

    def as_xlsx(self) -> bytes:
        """One sheet, its letterhead merged; a second sheet of notes."""
        book = openpyxl.Workbook()
        sheet, notes = book.worksheets[0], book.create_sheet("Notes")
        sheet.title = "Coopération"
        for row in self.rows:
            sheet.append(row)
        sheet.merge_cells("A1:I1")
        notes["A1"], notes["B3"] = "Liste tenue par le service", "à compléter"
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def as_text(self, separator: str, encoding: str) -> bytes:
        """The same rows as a text file; days as they would be typed."""
        out = io.StringIO()
        lines = csv.writer(out, delimiter=separator, lineterminator="\r\n")
        for number, row in enumerate(self.rows, start=1):
            cells = LATIN_HEADERS if number == HEADER_ROW else row
            lines.writerow([f"{c:%d/%m/%Y}" if isinstance(c, date) else "" if c is None else c for c in cells])
        return out.getvalue().encode(encoding, "ignore")  # Arabic words have no place in cp1252


def messy(seed: int = 1, *, arabic: bool = True) -> Messy:
    """The list of that seed. arabic: with Arabic words in its cells."""
    chance = random.Random(seed)
    partners = [
        (f"{town} {part}".strip(), chance.choice(list(_COUNTRIES))) for town in _TOWNS for part in ("", "Métropole")
    ]
    triples = list(product(COUNCILS, partners, _FORMS))
    chance.shuffle(triples)
    truth = [_agreement(chance, *triple) for triple in triples[:242]]
    dated = [act for act in truth if act.day and act.day.year < 2015]
    renewed = [replace(act, day=act.day.replace(year=act.day.year + 5, day=20)) for act in dated[:20] if act.day]
    truth += renewed  # the same partnership, five years later, is another agreement
    chance.shuffle(truth)
    lines = [(act, False) for act in truth]
    for act in chance.sample(dated, DOUBLES):
        again = replace(act, day=act.day + timedelta(days=chance.randint(0, 9))) if act.day else act
        lines.insert(chance.randint(lines.index((act, False)) + 1, len(lines)), (again, True))
    rows: list[list[Any]] = [
        ["ROYAUME DU MAROC – Liste des actes de coopération internationale"],
        [None, "Situation arrêtée à la fin de 2024"],
        [],
        list(HEADERS),
    ]
    doubled = set()
    for rank, (act, is_double) in enumerate(lines, start=1):
        if rank % 40 == 0:
            rows += [[], [None, f"Suite, page {rank // 40}"]]
        rows.append([rank, *_cells(chance, act, arabic=arabic, plain_date=is_double)])
        if is_double:
            doubled.add(len(rows))
    rows += [[], ["Total", None, None, None, None, None, f"{len(lines)} actes"]]
    assert len(rows) >= ROWS
    return Messy(rows, truth, frozenset(doubled))


def _agreement(chance: random.Random, code: str, partner: tuple[str, str], form: str) -> Truth:
    day = date(1990, 1, 1) + timedelta(days=chance.randrange(12_000))
    known = Truth(code, *partner, form, f"{chance.choice(_SUBJECTS)}, lot {chance.randrange(10_000)}")
    kind = chance.random()
    if kind < 0.7:
        return replace(known, day=day)
    if kind < 0.9:
        return replace(known, year=day.year, month=day.month if kind < 0.8 else None)
    return known


def _cells(chance: random.Random, act: Truth, *, arabic: bool, plain_date: bool) -> list[Any]:
    def one_of(words: Sequence[str]) -> str:
        return chance.choice([word for word in words if arabic or not "\u0600" < word[0] < "\u0700"])

    name = chance.choice([act.partner, f"Ville de {act.partner}", act.partner.upper(), f" {act.partner} (ville)"])
    council = chance.choice(
        [COUNCILS[act.code], act.code, f"Commune de {COUNCILS[act.code]}", COUNCILS[act.code].upper()]
    )
    when = act.day if plain_date else _when(chance, act, arabic=arabic)
    duration = chance.choice([None, "3 ans", "36 mois", "illimitée", None])
    note = chance.choice([None, None, "à relancer", "dossier incomplet"])
    return [council, name, one_of(_COUNTRIES[act.country]), one_of(_FORMS[act.form]), act.subject, when, duration, note]


def _when(chance: random.Random, act: Truth, *, arabic: bool) -> Any:
    """The date as someone typed it; when nobody can read it, a day and a month that may be swapped, or a short year."""
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    if act.day:
        ways: list[Any] = [act.day, f"{act.day:%Y-%m-%d}", f"{act.day.day} {months[act.day.month - 1]} {act.day.year}"]
        if act.day.day > 12:
            ways.append(f"{act.day:%d/%m/%Y}")
        return chance.choice(ways)
    if act.year and act.month:
        return chance.choice([f"{months[act.month - 1]} {act.year}", f"{act.month:02d}/{act.year}"])
    if act.year:
        return chance.choice([act.year, str(act.year)])
    return chance.choice(["03/04/2009", "12/05/98", "vers 1995", "?"])
