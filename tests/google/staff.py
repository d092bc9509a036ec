"""The staff: what a test has people do in a spreadsheet between two requests of the program.

    google.staff.then(lambda people: people.type(book, "Accords!B2", "31/03/2026"), before="sheets.*.values.batchGet")
    google.staff.then(lambda people: people.delete_rows(book, "Accords", 4), after=3)      # after the third request
    google.staff.at_random(7, 0.1, book)                                                   # one request in ten, by seed

People go through the methods of the API like everybody, but are neither counted nor logged.
"""

import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from tests.google.forms.answering import Typed, respond
from tests.google.log import Arrival, Condition, meets
from tests.google.sheets.areas import letters
from tests.google.tokens import ROBOT
from tests.google.wire import ApiError

if TYPE_CHECKING:
    from tests.google.world import Google

PERSON = "amina@essai.example"
Act: TypeAlias = Callable[["People"], object]


class People:
    """Somebody at work on spreadsheets: they are named by identifier, their sheets by title, lines counted from 1."""

    def __init__(self, google: "Google", user: str = PERSON) -> None:
        self._google, self.user = google, user

    def type(self, book: str, cell: str, text: str) -> None:
        """Types a text into a cell ("Accords!B2"), as Google understands what is typed."""
        self.paste(book, cell, [[text]])

    def paste(self, book: str, cell: str, rows: Sequence[Sequence[str]]) -> None:
        """Pastes a block of texts from a cell on."""
        path, body = self._values(book, cell), {"values": [list(row) for row in rows]}
        self._act("PUT", path, body, valueInputOption="USER_ENTERED")

    def clear(self, book: str, area: str) -> None:
        """Empties some cells ("Accords!B2:C9")."""
        self._act("POST", f"{self._values(book, area)}:clear")

    def insert_rows(self, book: str, sheet: str, at: int, count: int = 1) -> None:
        """Inserts rows before row `at`."""
        self._lines(book, "insertDimension", sheet, "ROWS", at, count)

    def insert_columns(self, book: str, sheet: str, at: int, count: int = 1) -> None:
        """Inserts columns before column `at`."""
        self._lines(book, "insertDimension", sheet, "COLUMNS", at, count)

    def delete_rows(self, book: str, sheet: str, at: int, count: int = 1) -> None:
        """Deletes rows from row `at` on."""
        self._lines(book, "deleteDimension", sheet, "ROWS", at, count)

    def delete_columns(self, book: str, sheet: str, at: int, count: int = 1) -> None:
        """Deletes columns from column `at` on."""
        self._lines(book, "deleteDimension", sheet, "COLUMNS", at, count)

    def move_rows(self, book: str, sheet: str, at: int, to: int, count: int = 1) -> None:
        """Drags rows from row `at` on to before row `to`."""
        self._move(book, sheet, "ROWS", at, to, count)

    def move_columns(self, book: str, sheet: str, at: int, to: int, count: int = 1) -> None:
        """Drags columns from column `at` on to before column `to`."""
        self._move(book, sheet, "COLUMNS", at, to, count)

    def sort(self, book: str, sheet: str, column: int, *, below: int = 1, descending: bool = False) -> None:
        """Sorts the rows below the first `below` rows by a column."""
        order = {"dimensionIndex": column - 1, "sortOrder": "DESCENDING" if descending else "ASCENDING"}
        area = {"sheetId": self.sheet_id(book, sheet), "startRowIndex": below}
        self.batch(book, {"sortRange": {"range": area, "sortSpecs": [order]}})

    def rename_sheet(self, book: str, sheet: str, title: str) -> None:
        """Gives a sheet another title."""
        properties = {"sheetId": self.sheet_id(book, sheet), "title": title}
        self.batch(book, {"updateSheetProperties": {"properties": properties, "fields": "title"}})

    def delete_sheet(self, book: str, sheet: str) -> None:
        """Deletes a sheet."""
        self.batch(book, {"deleteSheet": {"sheetId": self.sheet_id(book, sheet)}})

    def batch(self, book: str, *requests: dict[str, Any]) -> dict[str, Any]:
        """Anything else, by the requests of batchUpdate."""
        self._google.staff.let_in(self.user, book)
        return self._act("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": list(requests)})

    def answer(self, form: str, answers: Mapping[str, Typed], *, editing: str = "") -> str:
        """Fills a form in, by identifiers of its questions, or a response again. Gives the identifier of the response.

        Raises ValueError as `forms.respond`.
        """
        return respond(self._google.forms[form], self._google.clock.now(), answers, editing=editing)

    def edit_form(self, form: str, *requests: dict[str, Any]) -> None:
        """Changes a form by hand, by the requests of batchUpdate."""
        self._google.act(self._google.drive.files[form].owner, "POST", f"/v1/forms/{form}:batchUpdate",
                         {"requests": list(requests)})  # fmt: skip

    def new_form(self, title: str, *, shared_with: str = "") -> str:
        """Makes a form, which shows an untitled question, and shares it. Gives its identifier."""
        made = str(self._act("POST", "/v1/forms", {"info": {"title": title}})["formId"])
        question = {
            "questionItem": {"question": {"choiceQuestion": {"type": "RADIO", "options": [{"value": "Option 1"}]}}}
        }
        self.edit_form(made, {"createItem": {"item": question, "location": {"index": 0}}})
        if shared_with:
            wanted = {"type": "user", "role": "writer", "emailAddress": shared_with}
            self._act("POST", f"/drive/v3/files/{made}/permissions", wanted, sendNotificationEmail="false")
        return made

    def sheet_id(self, book: str, title: str) -> int:
        """The identifier of a sheet. Raises LookupError."""
        found = self._google.spreadsheets[book].titled(title)
        if found is None:
            raise LookupError(f"no sheet is called {title!r}")
        return found.id

    def _values(self, book: str, area: str) -> str:
        self._google.staff.let_in(self.user, book)
        return f"/v4/spreadsheets/{book}/values/{quote(area, safe='')}"

    def _lines(self, book: str, kind: str, sheet: str, dimension: str, at: int, count: int) -> None:
        request: dict[str, Any] = {"range": self._range(book, sheet, dimension, at, count)}
        if kind == "insertDimension":
            request["inheritFromBefore"] = at > 1
        self.batch(book, {kind: request})

    def _move(self, book: str, sheet: str, dimension: str, at: int, to: int, count: int) -> None:
        source = self._range(book, sheet, dimension, at, count)
        self.batch(book, {"moveDimension": {"source": source, "destinationIndex": to - 1}})

    def _range(self, book: str, sheet: str, dimension: str, at: int, count: int) -> dict[str, Any]:
        return {"sheetId": self.sheet_id(book, sheet), "dimension": dimension,
                "startIndex": at - 1, "endIndex": at - 1 + count}  # fmt: skip

    def _act(self, http: str, path: str, body: dict[str, Any] | None = None, **query: str) -> dict[str, Any]:
        return self._google.act(self.user, http, path, body, **query)


@dataclass
class _Plan:
    act: Act
    condition: Condition
    is_after: bool
    user: str
    left: int | None

    def fits(self, arrival: Arrival, *, is_after: bool) -> bool:
        """Whether it is for this moment. Counts it."""
        if self.left == 0 or self.is_after != is_after or not meets(arrival, self.condition):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Staff:
    """What people will do, and when."""

    def __init__(self, google: "Google") -> None:
        self._google = google
        self._plans: list[_Plan] = []
        self._let_in: set[tuple[str, str]] = set()
        self.done: list[str] = []  # what people did by chance

    def then(self, act: Act, *, before: Condition | None = None, after: Condition | None = None, times: int | None = 1,
             user: str = PERSON) -> None:  # fmt: skip
        """Has somebody act just before (or after) the next requests that fit: `times` of them, None for all.

        Conditions: a pattern of method identifiers, the number of a request, or a test of it.
        """
        if (before is None) == (after is None):
            raise ValueError("either before or after")
        condition = after if before is None else before
        assert condition is not None
        self._plans.append(_Plan(act, condition, before is None, user, times))

    def now(self, user: str = PERSON) -> People:
        """Somebody who acts at once."""
        return People(self._google, user)

    def at_random(self, seed: int, probability: float, book: str, *, before: Condition = "*", user: str = PERSON,
                  sheets: Sequence[str] = ()) -> None:  # fmt: skip
        """Has somebody make an edit before any request that fits, with that probability; always the same for a seed.

        sheets: the titles of those that they keep to, none for all. `done` tells what they did.
        """
        chance = random.Random(seed)

        def act(people: People) -> None:
            if chance.random() < probability:
                self.done.append(edit_at_random(people, self._google, book, chance, sheets))

        self.then(act, before=before, times=None, user=user)

    def let_in(self, user: str, book: str) -> None:
        """Has the robot share a spreadsheet of its own with somebody, the first time that they work on it.

        A spreadsheet of somebody else is theirs to share.
        """
        if user != ROBOT and (user, book) not in self._let_in:
            self._let_in.add((user, book))
            wanted = {"type": "user", "role": "writer", "emailAddress": user}
            with contextlib.suppress(ApiError):
                self._google.act(
                    ROBOT, "POST", f"/drive/v3/files/{book}/permissions", wanted, sendNotificationEmail="false"
                )

    def leave(self) -> None:
        """Nobody does anything any more."""
        self._plans.clear()

    def before(self, arrival: Arrival) -> None:
        """What people do just before that request is handled."""
        self._act(arrival, is_after=False)

    def after(self, arrival: Arrival) -> None:
        """What people do once that request is handled, before the next one."""
        self._act(arrival, is_after=True)

    def _act(self, arrival: Arrival, *, is_after: bool) -> None:
        for plan in [plan for plan in self._plans if plan.fits(arrival, is_after=is_after)]:
            plan.act(People(self._google, plan.user))


_TYPED = ("12,5", "31/03/2026", "oui", "Rabat", "", "=1+1", "0042", " Fès ", "12/2026")


def edit_at_random(people: People, google: "Google", book: str, chance: random.Random, sheets: Sequence[str]) -> str:
    """One edit of somebody in the used part of a sheet, told in words. An edit that Google refuses is told as such."""
    found = [sheet for sheet in google.spreadsheets[book].sheets if not sheets or sheet.title in sheets]
    sheet = chance.choice(found)
    rows, columns = sheet.used_area()
    row, column = chance.randint(1, rows + 1), chance.randint(1, columns + 1)
    text, to = chance.choice(_TYPED), chance.randint(1, rows + 1)
    name = "'" + sheet.title.replace("'", "''") + "'"
    cell = f"{name}!{letters(column - 1)}{row}"
    edits: dict[str, Act] = {
        f"types {text!r} into {cell}": lambda who: who.type(book, cell, text),
        f"clears {cell}": lambda who: who.clear(book, cell),
        f"inserts a row at {row} of {name}": lambda who: who.insert_rows(book, sheet.title, row),
        f"deletes row {row} of {name}": lambda who: who.delete_rows(book, sheet.title, row),
        f"moves row {row} of {name} to {to}": lambda who: who.move_rows(book, sheet.title, row, to),
        f"inserts a column at {column} of {name}": lambda who: who.insert_columns(book, sheet.title, column),
        f"sorts {name} by column {column}": lambda who: who.sort(book, sheet.title, column),
    }
    told = chance.choice(list(edits))
    try:
        edits[told](people)
    except ApiError as error:
        return f"{told}: refused, {error.message}"
    return told
