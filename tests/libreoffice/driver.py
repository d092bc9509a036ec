"""Does with LibreOffice what people do with it: opens a workbook, edits it, saves it where it stands.

Run by a Python that has LibreOffice's `uno` module, which a virtual environment lacks: nothing but that and the
standard library here. One LibreOffice for the life of this process, with a profile of its own, in French.

A line of JSON asks, a line answers. {"path": file, "edits": [{"do": "sort", "tab": …, …}, …]} opens, edits, saves and
closes; {"path": file, "hold": true} opens and leaves open; {} closes what is held. The answer is {"done": n} or
{"error": why}. Rows count from 1, as on the sheet; columns go by their title in row 1.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException
from com.sun.star.sheet import TableFilterField2
from com.sun.star.sheet.FilterOperator2 import CONTAINS
from com.sun.star.table import TableSortField

START = 120  # seconds that a slow machine may take to start it
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop></item></oor:items>
"""


def named(**values):
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


# ------------------------------------------------------------------------------------------------------ a sheet


def last_cell(sheet):
    """Last used column and row, from 0."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    return cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow


def titles(sheet):
    # what the cell holds, not what it shows: its format may add words
    return [sheet.getCellByPosition(column, 0).Formula for column in range(last_cell(sheet)[0] + 1)]


def column_of(sheet, edit):
    return titles(sheet).index(edit["column"])


def cell_of(sheet, edit):
    return sheet.getCellByPosition(column_of(sheet, edit), edit["row"] - 1)


def table(sheet, *, header):
    column, row = last_cell(sheet)
    return sheet.getCellRangeByPosition(0, 0 if header else 1, column, row)


# ------------------------------------------------------------------------------------------------------ edits


def sort(sheet, edit):
    """Whole rows, the header excluded."""
    field = TableSortField()
    field.Field, field.IsAscending = column_of(sheet, edit), not edit.get("descending", False)
    fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
    table(sheet, header=False).sort(named(SortFields=fields, IsSortColumns=False, ContainsHeader=False))


def insert_rows(sheet, edit):
    sheet.Rows.insertByIndex(edit["row"] - 1, edit.get("count", 1))


def delete_rows(sheet, edit):
    sheet.Rows.removeByIndex(edit["row"] - 1, edit.get("count", 1))


def type_(sheet, edit):
    """As at the keyboard: a date becomes a date, a number a number, an empty text clears."""
    cell_of(sheet, edit).FormulaLocal = edit["text"]


def paste(sheet, edit):
    """Rows of texts and numbers, from that cell on."""
    left, top, rows = column_of(sheet, edit), edit["row"] - 1, edit["rows"]
    area = sheet.getCellRangeByPosition(left, top, left + len(rows[0]) - 1, top + len(rows) - 1)
    area.setDataArray(tuple(tuple(row) for row in rows))


def rename_header(sheet, edit):
    sheet.getCellByPosition(column_of(sheet, edit), 0).String = edit["name"]


def move_column(sheet, edit):
    """Cut and inserted before another column, or after the last one."""
    where = titles(sheet).index(edit["before"]) if edit.get("before") else last_cell(sheet)[0] + 1
    sheet.Columns.insertByIndex(where, 1)
    source, last = titles(sheet).index(edit["column"]), last_cell(sheet)[1]
    cut = sheet.getCellRangeByPosition(source, 0, source, last).RangeAddress
    sheet.moveRange(sheet.getCellByPosition(where, 0).CellAddress, cut)
    sheet.Columns.removeByIndex(source, 1)


def add_column(sheet, edit):
    """A column of people's own, after the last one: its title, then its texts."""
    at = last_cell(sheet)[0] + 1
    for row, text in enumerate([edit["column"], *edit["texts"]]):
        sheet.getCellByPosition(at, row).String = text


def hide_column(sheet, edit):
    sheet.Columns.getByIndex(column_of(sheet, edit)).IsVisible = False


def hide_rows(sheet, edit):
    for row in range(edit["row"], edit["row"] + edit.get("count", 1)):
        sheet.Rows.getByIndex(row - 1).IsVisible = False


def auto_filter(sheet, edit):
    """Arrows on the header; with `text`, only the rows whose column holds it stay visible."""
    areas = edit["book"].getPropertyValue("UnnamedDatabaseRanges")  # what the menu uses; a named one becomes a table
    index = sheet.RangeAddress.Sheet
    areas.setByTable(table(sheet, header=True).RangeAddress)
    area = areas.getByTable(index)
    area.AutoFilter = True
    if "text" in edit:
        wanted = TableFilterField2()
        wanted.Field, wanted.Operator, wanted.StringValue = column_of(sheet, edit), CONTAINS, edit["text"]
        chosen = area.getFilterDescriptor()
        chosen.ContainsHeader = True
        chosen.setFilterFields2((wanted,))
        area.refresh()


def comment(sheet, edit):
    sheet.Annotations.insertNew(cell_of(sheet, edit).CellAddress, edit["text"])


def colour(sheet, edit):
    cell_of(sheet, edit).CellBackColor = edit.get("rgb", 0xFFFF00)


def rename_tab(sheet, edit):
    sheet.Name = edit["name"]


def recalculate(_sheet, edit):
    edit["book"].calculateAll()


EDITS = {
    "sort": sort, "insert_rows": insert_rows, "delete_rows": delete_rows, "type": type_, "paste": paste,
    "rename_header": rename_header, "move_column": move_column, "add_column": add_column, "hide_column": hide_column,
    "hide_rows": hide_rows, "auto_filter": auto_filter, "comment": comment, "colour": colour,
    "rename_tab": rename_tab, "recalculate": recalculate,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------- the program


class Office:
    """One LibreOffice, without a window."""

    def __init__(self, program, profile):
        pipe = f"cdi{os.getpid()}"
        user = profile / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
        self._process = subprocess.Popen(
            [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo",
             "--nodefault", f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._desktop = self._connected(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self._held = None

    def _connected(self, address):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        end = time.monotonic() + START
        while True:
            try:
                context = resolver.resolve(address)
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            except NoConnectException:
                if time.monotonic() > end or self._process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.1)

    def do(self, request):
        """Carries a request out; how many edits were made."""
        if self._held is not None:
            self._held.close(True)
            self._held = None
        if "path" not in request:
            return 0
        book = self._desktop.loadComponentFromURL(Path(request["path"]).as_uri(), "_blank", 0, named(Hidden=True))
        if request.get("hold"):
            self._held = book
            return 0
        try:
            for edit in request["edits"]:
                EDITS[edit["do"]](book.Sheets.getByName(edit["tab"]), {**edit, "book": book})
            book.store()
        finally:
            book.close(True)
        return len(request["edits"])

    def stop(self):
        with suppress(DisposedException, AttributeError):
            self._desktop.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)


def main(program, profile):
    office = Office(program, Path(profile))
    try:
        for line in sys.stdin:
            try:
                answer = {"done": office.do(json.loads(line))}
            except Exception as error:  # told to the test, whatever it is
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
    finally:
        office.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
