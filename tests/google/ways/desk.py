"""What a method is tried on, and how what came of it is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

import gspread

from tests.google.clients import gspread_client
from tests.google.world import Google

AMINA, ROBOT = "amina@essai.example", "robot@essai.example"
ROWS: list[list[str | int]] = [["Nom", "Ville", "Nombre"], ["Amina", "Rabat", 3], ["Karim", "Fès", 1]]


@cache
def _client(url: str) -> gspread.Client:
    return gspread_client(url)


@dataclass
class Desk:
    """What a method is tried on: a spreadsheet "Suivi" with one filled sheet."""

    google: Google
    url: str
    client: gspread.Client
    book: gspread.Spreadsheet
    sheet: gspread.Worksheet
    made: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def new(google: Google, url: str) -> "Desk":
        """A new spreadsheet of the robot's."""
        client = _client(url)
        book = client.create("Suivi")
        book.sheet1.update(ROWS, "A1")
        return Desk(google, url, client, book, book.sheet1)

    def an(self, class_: type) -> Any:
        """The object of that class."""
        return {gspread.Client: self.client, gspread.Spreadsheet: self.book, gspread.Worksheet: self.sheet,
                gspread.Cell: gspread.Cell(2, 3, "3")}[class_]  # fmt: skip

    def share(self, role: str = "writer") -> str:
        """Shares the spreadsheet with Amina. Gives the permission's identifier."""
        shared = self.client.insert_permission(self.book.id, AMINA, "user", role, notify=False)
        return str(shared.json()["id"])

    def values(self, area: str = "") -> list[list[Any]]:
        """What the cells show."""
        shown: list[list[Any]] = self.sheet.get(area or None)
        return shown


Way: TypeAlias = Callable[[Desk], object]


def expect(found: object, wanted: object) -> None:
    """Fails unless what was found is what was wanted."""
    assert found == wanted, f"{found!r} is not {wanted!r}"


def then(act: Way | Sequence[Way], seen: Way, wanted: object) -> Way:
    """Acts, and looks at what came of it."""

    def way(desk: Desk) -> None:
        for one in act if isinstance(act, Sequence) else [act]:
            one(desk)
        expect(seen(desk), wanted)

    return way


def gives(act: Way, wanted: object) -> Way:
    """Asks, and looks at the answer."""
    return lambda desk: expect(act(desk), wanted)


def titles(desk: Desk) -> list[str]:
    """The titles of the sheets."""
    return [sheet.title for sheet in desk.book.worksheets()]


def named(desk: Desk) -> str:
    """Names a range "noms". Gives the identifier of the name."""
    return str(
        desk.sheet.define_named_range("A1:B2", "noms")["replies"][0]["addNamedRange"]["namedRange"]["namedRangeId"]
    )


def protected(desk: Desk) -> str:
    """Protects a range. Gives the identifier of the protection."""
    added = desk.sheet.add_protected_range("A1:B2", [AMINA])["replies"][0]["addProtectedRange"]
    return str(added["protectedRange"]["protectedRangeId"])
