"""Lists made by hand, and the file that says which of their columns is which: read from and written to disk.

A list is .xlsx, or text with separators in any usual encoding. Merged cells of a column count for each row they cover.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cdi_sync.edges.config import read_toml
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.errors import ConfigError, RegistryError
from cdi_sync.importing import Correspondence, SheetPlan, Target, Vocabulary
from cdi_sync.importing.vocabulary import ACTS, COUNCIL, PARTNER
from cdi_sync.model import Grid, Raw
from cdi_sync.tables import letters

LARGEST = 50 << 20  # bytes
_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 60  # lines that tell the separator


def read_list(path: Path) -> Sequence[Grid]:
    """The sheets of a list, a text file being one. Raises RegistryError when it can't be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RegistryError("La liste ne peut pas être lue.", where=path.name, why=str(error),
                            fix="Vérifier le nom du fichier et les droits d'accès.") from None  # fmt: skip
    if not data.strip():
        raise RegistryError("La liste est vide.", where=path.name, why="le fichier ne contient rien",
                            fix="L'ouvrir, l'enregistrer de nouveau, puis relancer.")  # fmt: skip
    if len(data) > LARGEST:
        raise RegistryError("La liste est trop grande.", where=path.name, why=f"plus de {LARGEST >> 20} Mo",
                            fix="La partager en plusieurs fichiers.")  # fmt: skip
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _from_workbook(data, path.name)
    return [Grid(path.stem, _from_text(_decoded(data, path.name)))]


def _from_workbook(data: bytes, name: str) -> Sequence[Grid]:
    from python_calamine import load_workbook

    snapshot, book = read_bytes(data, name), load_workbook(io.BytesIO(data))
    return [
        Grid(title, _unmerged(grid.rows, book.get_sheet_by_name(title).merged_cell_ranges or ()), grid.date1904)
        for title, grid in snapshot.grids.items()
    ]


def _unmerged(
    rows: Sequence[Sequence[Raw]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> Sequence[Sequence[Raw]]:
    """The rows with the value of a cell merged down a column repeated on each row it covers. Positions count from 0."""
    grid = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if left == right and top < len(grid) and left < len(grid[top]):
            for row in grid[top + 1 : bottom + 1]:
                row.extend([None] * (left + 1 - len(row)))
                row[left] = grid[top][left]
    return grid


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:2000]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RegistryError("La liste ne peut pas être lue.", where=name, why="ses lettres ne sont pas codées d'une façon connue",
                        fix="L'ouvrir dans le tableur et l'enregistrer en .xlsx ou en CSV UTF-8.")  # fmt: skip


def _from_text(text: str) -> Sequence[Sequence[Raw]]:
    return [[cell or None for cell in row] for row in _split(text, _separator(text))]


def _split(text: str, separator: str) -> list[list[str]]:
    csv.field_size_limit(LARGEST)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _separator(text: str) -> str:
    """The one that cuts the most lines into the same number of cells, two at least."""
    head = "\n".join(text.splitlines()[:_LOOKED_AT])

    def regularity(separator: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in _split(head, separator) if len(row) > 1)
        width, lines = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        return lines, width

    return max(_SEPARATORS, key=regularity)


# ------------------------------------------------------------------------------------------- the correspondence


_HEAD = """\
# Correspondance entre les colonnes de « {name} » et celles du registre, proposée par « cdi import ».
# À relire : « vers » nomme la colonne du registre ; "" laisse la colonne de côté, et le rapport le dit.
# « valeurs » s'applique à toutes les lignes de la feuille. Les noms possibles : « cdi schema --json ».
"""


def correspondence_path(path: Path) -> Path:
    """Where the correspondence of a list is kept: beside it."""
    return path.with_name(f"{path.name}.correspondance.toml")


def correspondence_text(plan: Correspondence, name: str) -> str:
    """A correspondence as the file that people change."""
    lines = [_HEAD.format(name=name)]
    for sheet in plan.sheets:
        lines += ["[[feuilles]]", f"feuille = {_quoted(sheet.title)}", f"ligne_titres = {sheet.header_row or 0}"]
        constants = ", ".join(f"{_quoted(key)} = {_quoted(value)}" for key, value in sheet.constants.items())
        lines += [f"valeurs = {{ {constants} }}" if constants else "valeurs = {}", "colonnes = ["]
        lines += [
            f"    {{ lettre = {_quoted(letters(t.column))}, titre = {_quoted(t.header)}, vers = {_quoted(t.to)} }},"
            for t in sheet.targets
        ]
        lines += ["]", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")  # TOML's escapes are those of JSON


def read_correspondence(path: Path, words: Vocabulary) -> Correspondence:
    """The correspondence of a file. Raises ConfigError, naming the line, for what the registry doesn't know."""
    data = read_toml(path)
    try:
        return Correspondence(tuple(_sheet_plan(sheet, words) for sheet in data["feuilles"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError("La correspondance ne convient pas.", where=path.name, why=str(error.args[0] if error.args else error),
                          fix="Corriger cette ligne, ou supprimer le fichier pour qu'il soit proposé de nouveau.") from None  # fmt: skip


def _sheet_plan(data: Mapping[str, Any], words: Vocabulary) -> SheetPlan:
    targets = tuple(_target(column, words) for column in data["colonnes"])
    used = Counter(target.to for target in targets if target.to)
    if doubled := [name for name, times in used.items() if times > 1]:
        raise ValueError(f"feuille « {data['feuille']} » : « {doubled[0]} » reçoit deux colonnes")
    constants = {_known(name, words): str(text) for name, text in data.get("valeurs", {}).items()}
    return SheetPlan(data["feuille"], int(data["ligne_titres"]) or None, targets, constants)


def _target(data: Mapping[str, Any], words: Vocabulary) -> Target:
    letter = str(data["lettre"]).upper()
    if not (letter.isascii() and letter.isalpha() and len(letter) <= 3):
        raise ValueError(f"« {letter} » n'est pas la lettre d'une colonne")
    index = 0
    for one in letter:
        index = index * 26 + ord(one) - ord("A") + 1
    return Target(index, str(data.get("titre", "")), _known(str(data["vers"]), words), "correspondance donnée")


def _known(name: str, words: Vocabulary) -> str:
    if name == f"{ACTS}.partenaire":  # the registry numbers it, a list names it
        return PARTNER
    if name and name != COUNCIL and name not in words.targets:
        raise ValueError(f"« {name} » n'est pas une colonne du registre que l'on puisse reprendre")
    return name
