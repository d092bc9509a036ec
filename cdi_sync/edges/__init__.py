"""The only modules that touch the world: files, spreadsheets, mail, clock and ledger."""

import os

# openpyxl writes other bytes when lxml happens to be there: a workbook is the same wherever it is made
os.environ.setdefault("OPENPYXL_LXML", "False")
