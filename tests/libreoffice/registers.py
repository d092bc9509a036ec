"""What a register holds, read without the code under test: tabs and columns by their exact titles, cells by calamine.

`assert_survived` says what a run must leave of what people saved, whatever they did to the file.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
from openpyxl.utils import coordinate_to_tuple
from python_calamine import CalamineWorkbook

from cdi_sync.assessment import assess
from cdi_sync.edges.config import RegistrySettings
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.model import Assessment, Grid, Raw, Tab
from cdi_sync.tables import read_registry
from jobs.run import RunReport, run
from jobs.sync import sync
from tests.demos import AS_OF, COMMON, demo_registry
from tests.registries import DECLARED, knowledge
from tests.workbooks import MAIN, parts_of, zipped

SPARE = 4
FAULTS: Mapping[str, Mapping[int, Mapping[str, object]]] = {
    "actes": {1: {"date_signature": "31/02/2026"}, 5: {"collectivite": "COL-99999"}, 9: {"forme": None}},
    "deliberations": {0: {"date_pv": "bientôt"}, 3: {"votes_pour": "douze"}},
    "visas_accords": {2: {"date_reception": "31/13/2026"}, 4: {"id_acte": "ACT-99999"}},
    "contacts": {6: {"courriel_institutionnel": "pas une adresse"}, 11: {"collectivite": "COL-77777"}},
}
_RULE = re.compile(r"^\S+ [^·]*· ([A-Z]+(?:-[A-Z]+)*-\d+) : ", re.MULTILINE)
_MORE = re.compile(r"… et (\d+) autre")
_TARGET = re.compile(r'HYPERLINK\("#\'(.*)\'!([A-Z]+\d+)"')


def small_register(folder: Path) -> Installation:
    """Twelve agreements, faults in four tabs, few rows in reserve.

    The rows to repeat when printing are left out: LibreOffice then opens the file in a quarter of the time.
    """
    rows = {name: [dict(row) for row in found] for name, found in demo_registry(12, 12).rows.items()}
    for name, faults in FAULTS.items():
        for at, cells in faults.items():
            rows[name][at].update(cells)
    parts = parts_of(build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=SPARE))
    titles = re.compile(rb"<definedName [^>]*Print_Titles[^<]*</definedName>")
    parts["xl/workbook.xml"] = titles.sub(b"", parts["xl/workbook.xml"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "registre.xlsx").write_bytes(zipped(parts))
    settings = f"[registre]\nlignes_en_reserve = {SPARE}\nsauvegardes = 0\n"
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    return Installation.at(folder / "settings.toml", COMMON)


# ---------------------------------------------------------------------------------------------- what a file holds


@dataclass(frozen=True)
class Table:
    """A staff tab as saved.

    titles: the headers. keys: by column, the declared key, or the title of a column of people's own. rows: raw cells.
    """

    tab: Tab
    title: str
    titles: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[Raw, ...], ...]

    @cached_property
    def numbers(self) -> Mapping[int, str]:
        """Row of the sheet → the number in it."""
        at = self.keys.index("id")
        return {number: str(row[at]) for number, row in enumerate(self.rows, start=2) if row[at] is not None}

    def is_system(self, key: str) -> bool:
        return key in self.tab.by_key and self.tab.by_key[key].is_system

    def staff(self) -> dict[tuple[int, str], Raw]:
        """(row, key) → what people typed, the identifiers aside."""
        return {
            (number, key): cell
            for number, row in enumerate(self.rows, start=2)
            for key, cell in zip(self.keys, row, strict=True)
            if cell is not None and not self.is_system(key)
        }

    def column(self, key: str) -> Mapping[str, Raw]:
        """Identifier → that column."""
        at = self.keys.index(key)
        return {id_: self.rows[number - 2][at] for number, id_ in self.numbers.items()}


def tables(workbook: Path) -> dict[str, Table]:
    """The staff tabs of a file, by the name of their declaration. Their titles are in row 1."""
    book = CalamineWorkbook.from_path(str(workbook))
    return {tab.name: _table(book, tab) for tab in DECLARED.tabs.values()}


def _table(book: CalamineWorkbook, tab: Tab) -> Table:
    title = next(name for name in book.sheet_names if name in (tab.title, *tab.aliases))
    lines = [[_raw(cell) for cell in line] for line in book.get_sheet_by_name(title).to_python(skip_empty_area=False)]
    keys = {name: column.key for column in tab.columns for name in (column.title, *column.aliases)}
    headers = tuple(str(cell or "") for cell in lines[0])
    return Table(tab, title, headers, tuple(keys.get(name, name) for name in headers), tuple(map(tuple, lines[1:])))


def _raw(cell: object) -> Raw:
    return None if cell == "" else cell  # type: ignore[return-value]  # calamine gives nothing else


def staff_rows(found: Mapping[str, Table]) -> dict[str, dict[str, dict[str, Raw]]]:
    """By tab, identifier and key: what people typed. Rows without an identifier are left out."""
    rows: dict[str, dict[str, dict[str, Raw]]] = {}
    for name, table in found.items():
        for (number, key), cell in table.staff().items():
            if number in table.numbers:
                rows.setdefault(name, {}).setdefault(table.numbers[number], {})[key] = cell
    return rows


def told_apart(found: Mapping[str, Table]) -> Assessment:
    """What the same rows say in the order of their numbers, each column where it was declared, nothing but staff cells."""
    grids = {table.tab.title: _in_order(table) for table in found.values()}
    known = replace(
        knowledge(), modules=frozenset(RegistrySettings().modules)
    )  # those of the installation that was edited
    return assess(read_registry(grids, list(DECLARED.tabs.values())), known, AS_OF)


def _in_order(table: Table) -> Grid:
    at = {key: index for index, key in enumerate(table.keys)}
    columns = table.tab.columns
    kept = [column.key == "id" or not column.is_system for column in columns]
    lines = [
        [row[at[column.key]] if keep else None for column, keep in zip(columns, kept, strict=True)]
        for row in table.rows
    ]
    return Grid(table.tab.title, [[column.title for column in columns], *sorted(lines, key=_number)])


def _number(line: list[Raw]) -> tuple[bool, str]:
    return (line[0] is None, str(line[0]))


def furniture(workbook: Path) -> Counter[str]:
    """How many charts, and by part: validations, conditional formats and notes."""
    count: Counter[str] = Counter()
    with ZipFile(workbook) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"xl/(worksheets/sheet|charts/chart|comments/?comment\w*|comments)\d*\.xml", name):
                root = ElementTree.fromstring(archive.read(name))
                count[f"{name} itself"] = 1
                for kind in ("dataValidation", "conditionalFormatting", "comment"):
                    count[f"{name} {kind}"] = len(root.findall(f".//{{{MAIN}}}{kind}"))
    return +count


# -------------------------------------------------------------------------------------------------- what must hold


def run_and_check(at: Installation) -> RunReport:
    """A run on what people left, and all that must hold afterwards."""
    left, kept = tables(at.workbook), furniture(at.workbook)
    report = run(at, AS_OF)
    assert report.busy == ""
    after = tables(at.workbook)
    assert_survived(left, after)
    assert_told_on_the_right_rows(report, told_apart(left), after)
    assert_links_lead_there(report, at.workbook, after)
    assert furniture(at.workbook) == kept
    assert any(name.startswith("xl/charts/") for name in kept)
    saved = at.workbook.read_bytes()
    assert sync(at, at.read(AS_OF)).cells == 0  # every system cell is as it should be
    assert at.workbook.read_bytes() == saved
    return report


def assert_survived(left: Mapping[str, Table], after: Mapping[str, Table]) -> None:
    """Every staff cell where it was, as it was; the numbers too, and one on each row in use, given only once."""
    for name, table in after.items():
        before = left[name]
        assert table.keys == before.keys
        assert table.staff() == before.staff()
        declared = set(table.tab.by_key)
        used = {number for number, key in table.staff() if key in declared}
        assert used <= set(table.numbers)
        count, borne = Counter(before.numbers.values()), {before.numbers.get(number) for number in used}
        free = {id_ for id_, times in count.items() if times > 1} - borne  # doubled among empty rows: given anew
        kept = {number: id_ for number, id_ in before.numbers.items() if id_ not in free}
        assert {number: table.numbers[number] for number in kept} == kept
        new = [id_ for number, id_ in table.numbers.items() if number not in kept and id_ not in free]
        assert all(re.fullmatch(rf"{table.tab.prefix}-\d{{5}}", id_) for id_ in new)
        assert len(set(new)) == len(new)
        assert not set(new) & set(before.numbers.values())


def assert_told_on_the_right_rows(report: RunReport, truth: Assessment, after: Mapping[str, Table]) -> None:
    """Each row is told what it would be told were the rows in the order of their numbers."""
    expected = _by_row(truth)
    assert _by_row(report.reading.assessment) == expected
    for finding in report.reading.assessment.findings:
        assert after[finding.tab].numbers[finding.row] == finding.id
    for name, table in after.items():
        doubled = {id_ for id_, times in Counter(table.numbers.values()).items() if times > 1}
        for id_, text in table.column("a_corriger").items():
            if id_ not in doubled:
                assert_says(str(text or ""), expected.get((name, id_), Counter()))
    doubled = {id_ for id_, times in Counter(after["actes"].numbers.values()).items() if times > 1}
    stages = {id_: s for id_, s in after["actes"].column("etape").items() if s is not None and id_ not in doubled}
    assert stages == {id_: f"{s.stage} · {s.stage_title}" for id_, s in truth.standings.items()}


def _by_row(assessment: Assessment) -> Mapping[tuple[str, str], Counter[str]]:
    rows: dict[tuple[str, str], Counter[str]] = {}
    for finding in assessment.findings:
        if not finding.derogation:
            rows.setdefault((finding.tab, finding.id), Counter())[finding.rule] += 1
    return rows


def assert_says(text: str, rules: Counter[str]) -> None:
    """The cell « À corriger » names two of these rules, and counts the others."""
    named, more = Counter(_RULE.findall(text)), _MORE.search(text)
    assert named <= rules, text
    assert named.total() + (int(more[1]) if more else 0) == rules.total(), text


def assert_links_lead_there(report: RunReport, workbook: Path, after: Mapping[str, Table]) -> None:
    """Each line of Anomalies leads to the cell of its finding, on the sheet as people named it."""
    sheet = openpyxl.load_workbook(workbook, read_only=True)["Anomalies"]
    lines = [(str(line[1]), str(line[3])) for line in sheet.iter_rows(min_row=3, max_col=4, values_only=True)]
    told = Counter(
        (f.rule, after[f.tab].title, after[f.tab].numbers[f.row], f.column) for f in report.reading.assessment.findings
    )
    assert Counter(_led_to(after, rule, link) for rule, link in lines if rule != "None") == told


def _led_to(after: Mapping[str, Table], rule: str, link: str) -> tuple[str, str, str, str]:
    found = _TARGET.search(link)
    assert found, link
    title, cell = found[1].replace("''", "'"), found[2]
    row, column = coordinate_to_tuple(cell)
    table = next((table for table in after.values() if table.title == title), None)
    assert table, f"the link {link} leads nowhere"
    name = re.search(r'"([A-Z]+-\d+)"\)$', rule)
    return (name[1] if name else rule, title, table.numbers[row], table.keys[column - 1])
