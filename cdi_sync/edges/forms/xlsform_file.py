"""An XLSForm as an `.xlsx` file, each cell a text: none can be taken for a formula."""

from io import BytesIO
from pathlib import Path

from cdi_sync.edges.files import write_atomically
from cdi_sync.forms.xlsform import Sheets


def write_xlsform(path: Path, sheets: Sheets) -> None:
    """Writes those sheets. Raises OSError when the file can't be written."""
    write_atomically(path, xlsform_bytes(sheets))


def xlsform_bytes(sheets: Sheets) -> bytes:
    """The workbook that holds those sheets; empty cells are left out."""
    from openpyxl import Workbook  # slow to load
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            cells = [WriteOnlyCell(sheet, value=text or None) for text in row]
            for cell, text in zip(cells, row, strict=True):
                if text:
                    cell.data_type = "s"
            sheet.append(cells)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
