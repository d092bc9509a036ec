"""The same registry as a local workbook and as a Google spreadsheet, for tests that hold both to the same promises.

`both(...)` makes two installations filled alike. `Kind.copy(...)` gives a test its own copy of one, ledger included: it costs a
file, or one request to Drive. `Hand` is somebody at work on either kind, who goes through neither of our adapters.
"""

import atexit
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal, Protocol, TypeAlias

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from cdi_sync.edges.installation import Installation
from cdi_sync.edges.setup import hints_of
from cdi_sync.edges.workbook_google.book import GoogleWorkbook
from cdi_sync.edges.workbook_google.moving import filling
from cdi_sync.edges.workbook_google.opening import open_http
from cdi_sync.edges.workbook_google.provisioning import provision
from cdi_sync.edges.workbook_xlsx.reading import read_bytes
from cdi_sync.edges.workbook_xlsx.splice import Cell, splice
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.tables import letters
from tests.demos import AS_OF, COMMON, demo_registry
from tests.google.server import serving
from tests.google.world import Google
from tests.google_demo import PERSON, ROBOT, shared_spreadsheet
from tests.registries import DECLARED

Name: TypeAlias = Literal["xlsx", "google"]
TABS = list(DECLARED.tabs.values())


class Hand(Protocol):
    """Somebody at work. Rows and columns are counted from 1; a sheet is named by its title."""

    def type(self, sheet: str, row: int, column: int, value: Any) -> None:
        """A value as its own kind (text that looks like a number or a formula stays a text), None to empty the cell."""

    def insert_row(self, sheet: str, row: int) -> None: ...

    def insert_column(self, sheet: str, column: int) -> None: ...

    def move_column(self, sheet: str, column: int, to: int) -> None:
        """To before that column."""

    def delete_column(self, sheet: str, column: int) -> None: ...

    def rename(self, sheet: str, title: str) -> None: ...


@dataclass(frozen=True)
class Kind:
    """One installation. `edit` has somebody work on its workbook."""

    name: Name
    at: Installation
    google: Google

    def copy(self, folder: Path) -> "Kind":
        """The same in another folder, workbook included, opened anew."""
        shutil.copytree(self.at.folder, folder)
        if self.name == "google":
            book = self.at.settings.registre.google
            made = self.google.act(PERSON, "POST", f"/drive/v3/files/{book}/copy", {})["id"]
            robot = {"type": "user", "role": "writer", "emailAddress": ROBOT}
            self.google.act(PERSON, "POST", f"/drive/v3/files/{made}/permissions", robot)
            settings = folder / "settings.toml"
            settings.write_text(settings.read_text("utf-8").replace(book, made), "utf-8")
        return Kind(self.name, Installation.at(folder / "settings.toml", COMMON), self.google)

    def again(self) -> "Kind":
        """Opened anew, as by the next command."""
        return Kind(self.name, Installation.at(self.at.folder / "settings.toml", COMMON), self.google)

    def type(self, sheet: str, row: int, column: int, value: str | float | None) -> None:
        """Types one value; as `edit`, and a hundred times faster on a file than openpyxl, which loads and saves all of it."""
        if self.name == "google":
            return self.edit(lambda hand: hand.type(sheet, row, column, value))
        typed = splice(self.at.workbook.read_bytes(), {sheet: {(row, column): Cell(value)}}, {})
        self.at.workbook.write_bytes(typed.data)

    def edit(self, act: Callable[[Hand], object]) -> None:
        if self.name == "google":
            act(_OnGoogle(self.google, self.at.settings.registre.google))
        else:
            book = openpyxl.load_workbook(self.at.workbook)
            act(_OnFile(book))
            book.save(self.at.workbook)

    @property
    def held(self) -> Any:
        """All that the workbook holds, to compare with itself later."""
        if self.name == "xlsx":
            return self.at.workbook.read_bytes()
        book = self.google.spreadsheets[self.at.settings.registre.google]
        return {sheet.title: list(sheet.cells()) for sheet in book.sheets}


@dataclass(frozen=True)
class _OnGoogle:
    google: Google
    book: str

    def type(self, sheet: str, row: int, column: int, value: Any) -> None:
        people, cell = self.google.staff.now(PERSON), f"'{sheet}'!{letters(column)}{row}"
        if value is None:
            people.clear(self.book, cell)
        elif isinstance(value, Typed):
            people.type(self.book, cell, value.google)
        else:
            body = {"values": [[value]]}
            self.google.act(PERSON, "PUT", f"/v4/spreadsheets/{self.book}/values/{cell}", body, valueInputOption="RAW")

    def insert_row(self, sheet: str, row: int) -> None:
        self.google.staff.now(PERSON).insert_rows(self.book, sheet, row)

    def insert_column(self, sheet: str, column: int) -> None:
        self.google.staff.now(PERSON).insert_columns(self.book, sheet, column)

    def move_column(self, sheet: str, column: int, to: int) -> None:
        self.google.staff.now(PERSON).move_columns(self.book, sheet, column, to)

    def delete_column(self, sheet: str, column: int) -> None:
        self.google.staff.now(PERSON).delete_columns(self.book, sheet, column)

    def rename(self, sheet: str, title: str) -> None:
        self.google.staff.now(PERSON).rename_sheet(self.book, sheet, title)


@dataclass(frozen=True)
class Typed:
    """A value that people type differently in either program: what Python's openpyxl writes, what is typed in Google."""

    xlsx: Any
    google: str


@dataclass(frozen=True)
class _OnFile:
    book: openpyxl.Workbook

    def type(self, sheet: str, row: int, column: int, value: Any) -> None:
        cell = self._sheet(sheet).cell(row, column)
        cell.value = value.xlsx if isinstance(value, Typed) else value
        if cell.data_type == "f" and not isinstance(value, Typed):
            cell.data_type = "s"  # a person's text that looks like a formula

    def insert_row(self, sheet: str, row: int) -> None:
        self._sheet(sheet).insert_rows(row)

    def insert_column(self, sheet: str, column: int) -> None:
        self._sheet(sheet).insert_cols(column)

    def move_column(self, sheet: str, column: int, to: int) -> None:
        for cells in self._sheet(sheet).iter_rows():
            values = [cell.value for cell in cells]
            values.insert(to - 1, values[column - 1])
            del values[column - 1 if column < to else column]
            for cell, value in zip(cells, values, strict=True):
                cell.value = value

    def delete_column(self, sheet: str, column: int) -> None:
        self._sheet(sheet).delete_cols(column)

    def rename(self, sheet: str, title: str) -> None:
        self._sheet(sheet).title = title

    def _sheet(self, title: str) -> Worksheet:
        found = self.book[title]
        assert isinstance(found, Worksheet)
        return found


# ------------------------------------------------------------------------------------------------- made once


@cache
def served() -> tuple[Google, str]:
    """An emulator for which nobody is kept waiting, and its address, for as long as the process lives."""
    google = Google(no_quota=True)
    stack = ExitStack()
    url = stack.enter_context(serving(google))
    atexit.register(stack.close)
    return google, url


@cache
def both(*, seed: int = 12, size: int = 12, as_of: date = AS_OF, spare_rows: int = 3) -> Mapping[Name, Kind]:
    """The two installations, filled alike with a demo, that no job has touched yet. Tests work on copies."""
    folder = Path(mkdtemp(prefix="cdi-kinds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    google, url = served()
    data = build_workbook(TABS, demo_registry(seed, size, as_of).rows, spare_rows=spare_rows, hints=hints_of(DECLARED))
    return {
        "xlsx": Kind("xlsx", _local(folder / "xlsx", data, spare_rows), google),
        "google": Kind("google", _shared(folder / "google", data, spare_rows, google, url), google),
    }


def _local(folder: Path, data: bytes, spare_rows: int) -> Installation:
    folder.mkdir()
    (folder / "registre.xlsx").write_bytes(data)
    return _settled(folder, spare_rows, 'classeur = "registre.xlsx"')


def _shared(folder: Path, data: bytes, spare_rows: int, google: Google, url: str) -> Installation:
    folder.mkdir()
    (folder / "robot.json").write_text(json.dumps(google.tokens.new_service_account(ROBOT, url)), encoding="utf-8")
    at = _settled(folder, spare_rows, f'google = "{shared_spreadsheet(google)}"',
                  f'[google]\ncle = "robot.json"\nsheets = "{url}"\ndrive = "{url}"\ndelai = 600')  # fmt: skip
    book = at.book
    assert isinstance(book, GoogleWorkbook)
    provision(open_http(at.settings.google, folder), book.spreadsheet, TABS, spare_rows=spare_rows)
    requests = list(filling(book.read(), read_bytes(data, "démonstration").grids, TABS))
    book.http.batch_update(book.spreadsheet, {"requests": requests})
    return at


def _settled(folder: Path, spare_rows: int, registry: str, *more: str) -> Installation:
    text = "\n".join((f"[registre]\n{registry}\nlignes_en_reserve = {spare_rows}", *more, ""))
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return Installation.at(folder / "settings.toml", COMMON)


def position(tab: str, key: str) -> int:
    """Where a column stands in a tab as it was made, from 1."""
    return next(at for at, column in enumerate(DECLARED.tabs[tab].columns, start=1) if column.key == key)
