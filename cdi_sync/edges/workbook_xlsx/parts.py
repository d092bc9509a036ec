"""What an .xlsx package holds, read-only: its parts, sheets and styles, and what readers of values hide.

Rows and columns count from 1. Part names carry no leading slash ("xl/workbook.xml"). A part that is parsed
must be UTF-8 XML without a document type; what can't be read raises WorkbookError, written for whoever owns
the file; parts that nobody asks for aren't parsed. Elements are told apart by local name under the prefix of
the part's root, so `<x:c>` reads like `<c>`.
"""

import posixpath
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from io import BytesIO
from itertools import pairwise
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from zipfile import BadZipFile, ZipFile, ZipInfo

from cdi_sync.errors import RegistryError

LARGEST_PACKAGE = 1 << 30  # bytes, all parts uncompressed
LARGEST_UNSUSPECTED = 50 << 20  # bytes; only larger parts have their compression ratio looked at
LARGEST_RATIO = 200
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384

TRUE = ("1", "true")  # how XML Schema spells it
CONTENT_TYPES = "[Content_Types].xml"

_START_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_DIGITS = "0123456789"
_SAVE_AGAIN = "ouvrir le fichier dans Excel ou LibreOffice et l'enregistrer de nouveau au format .xlsx"
_COPY_AGAIN = "attendre la fin de la copie ou de l'enregistrement, ou reprendre une sauvegarde"


class WorkbookError(RegistryError):
    """A workbook that can't be read or changed safely; `what`, `why` and `fix` are in French."""


# ------------------------------------------------------------------------------- names of cells


@lru_cache(maxsize=1024)
def column_letters(index: int) -> str:
    """From 5 to "E". `index` counts from 1; ValueError below 1."""
    if index < 1:
        raise ValueError(f"no column {index}: columns count from 1")
    before, last = divmod(index - 1, 26)
    return (column_letters(before) if before else "") + chr(ord("A") + last)


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """From "E" to 5. ValueError when `letters` isn't a column name in capitals."""
    if not letters or not all("A" <= letter <= "Z" for letter in letters):
        raise ValueError(f"{letters!r} isn't the name of a column")
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index


def cell_name(row: int, col: int) -> str:
    """From (20, 1) to "A20"."""
    return f"{column_letters(col)}{row}"


# -------------------------------------------------------------------------------- XML with offsets


def new_parser(where: str) -> XMLParserType:
    """A parser that takes UTF-8 only and refuses document types; `where` names the part in messages."""

    def check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8"):
            raise _encoding_error(where, encoding)

    def refuse_doctype(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
        raise WorkbookError(
            f"La partie {where} du classeur est refusée.",
            why="elle déclare des entités XML, ce qu'aucun tableur ne fait : ce peut être un fichier piégé",
            fix="ne pas ouvrir ce fichier ; en demander un autre à la personne qui l'a envoyé",
        )

    parser = ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.XmlDeclHandler = check_encoding
    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def _encoding_error(where: str, encoding: str) -> WorkbookError:
    return WorkbookError(
        f"La partie {where} du classeur ne peut pas être lue.",
        why=f"elle est codée en {encoding}, pas en UTF-8",
        fix=_SAVE_AGAIN,
    )


def run_parser(parser: XMLParserType, part: bytes, where: str) -> None:
    """Parses a whole part; WorkbookError when it isn't well-formed UTF-8 XML."""
    # expat lets a byte order mark win over the encoding it was told
    if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in part[:4]:
        raise _encoding_error(where, "UTF-16")
    try:
        parser.Parse(part, True)
    except ExpatError as error:
        raise WorkbookError(
            f"La partie {where} du classeur est abîmée.", why=f"XML incorrect ({error})", fix=_SAVE_AGAIN
        ) from error


def local_name(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def tag_end(part: bytes, start: int) -> int:
    """The offset just after the start tag that opens at `start`; quoted attributes may hold ">"."""
    tag = _START_TAG.match(part, start)
    if tag is None:
        raise ValueError(f"no start tag at byte {start}")
    return tag.end()


def is_self_closing(part: bytes, start: int) -> bool:
    """True for `<c/>`."""
    return part[tag_end(part, start) - 2] == ord("/")


def element_end(part: bytes, start: int, end_event: int) -> int:
    """The offset just after an element, from the offset that expat gives at its end."""
    return tag_end(part, start) if is_self_closing(part, start) else part.index(b">", end_event) + 1


@dataclass(frozen=True)
class Element:
    """An element below the root: local names joined by "/", attributes as written, byte offsets."""

    path: str
    attributes: Mapping[str, str]
    start: int
    end: int

    def attribute(self, name: str) -> str | None:
        """An attribute by local name: "id" finds `r:id`."""
        return next((value for key, value in self.attributes.items() if local_name(key) == name), None)


def elements(part: bytes, where: str, depth: int = 1) -> tuple[Element, ...]:
    """The elements down to `depth` below the root, in the order in which they open. For small parts."""
    parser, stack, found = new_parser(where), list[tuple[str, dict[str, str], int]](), list[Element]()

    def starts(name: str, attributes: dict[str, str]) -> None:
        stack.append((local_name(name), attributes, parser.CurrentByteIndex))

    def ends(_name: str) -> None:
        if 2 <= len(stack) <= depth + 1:
            _, attributes, start = stack[-1]
            path = "/".join(name for name, _, _ in stack[1:])
            found.append(Element(path, attributes, start, element_end(part, start, parser.CurrentByteIndex)))
        stack.pop()

    parser.StartElementHandler, parser.EndElementHandler = starts, ends
    run_parser(parser, part, where)
    return tuple(sorted(found, key=lambda element: element.start))


# ----------------------------------------------------------------------------------- the package


@dataclass(frozen=True)
class Relationship:
    """A link of a part. `kind`: last word of its type. `target`: a part name, "" for what is outside."""

    id: str
    kind: str
    target: str


@dataclass(frozen=True)
class Package:
    """An open workbook. `sheets`: title → part name, in the order of the tabs, worksheets only."""

    data: bytes
    archive: ZipFile = field(repr=False)
    workbook: str
    sheets: Mapping[str, str]
    date1904: bool

    def part(self, name: str) -> bytes:
        """The bytes of a part; WorkbookError when it is missing or damaged."""
        return _read(self.archive, name)

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """The links of a part; empty when it has none."""
        return _relationships(self.archive, part)

    def linked(self, kind: str) -> str | None:
        """The part that the workbook links to under a kind ("styles"), if any."""
        return next((link.target for link in self.relationships(self.workbook) if link.kind == kind), None)

    @cached_property
    def named_styles(self) -> Mapping[str, int]:
        """Name of a cell style → index of the first entry of `cellXfs` made from it, the plain one.

        A style from which no entry is made is left out.
        """
        part = self.linked("styles")
        found = elements(self.part(part), part, depth=2) if part else ()
        formats = [element.attributes.get("xfId", "0") for element in found if element.path == "cellXfs/xf"]
        styles = [element.attributes for element in found if element.path == "cellStyles/cellStyle"]
        return {style["name"]: formats.index(style["xfId"]) for style in styles if style["xfId"] in formats}

    @cached_property
    def shared_strings(self) -> Sequence[str]:
        """The texts that cells share, in order: runs of rich text joined, phonetic readings left out."""
        part = self.linked("sharedStrings")
        return _read_strings(self.part(part), part) if part else ()


def open_package(data: bytes) -> Package:
    """Opens an .xlsx or .xlsm; WorkbookError for anything else, and for what could harm its reader."""
    archive = _open_archive(data)
    _refuse_harmful(archive.infolist())
    workbook = _workbook_part(archive)
    found = elements(_read(archive, workbook), workbook, depth=2)
    links = {link.id: link for link in _relationships(archive, workbook)}
    properties = [element for element in found if element.path == "workbookPr"]
    return Package(
        data=data,
        archive=archive,
        workbook=workbook,
        sheets=_sheets(archive, [element for element in found if element.path == "sheets/sheet"], links),
        date1904=any(element.attributes.get("date1904") in TRUE for element in properties),
    )


def _open_archive(data: bytes) -> ZipFile:
    if not data:
        raise WorkbookError("Le fichier est vide.", why="il contient 0 octet", fix=_COPY_AGAIN)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _ole_error(data)
    try:
        return ZipFile(BytesIO(data))
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if data.startswith(b"PK"):
            raise WorkbookError(
                "Le classeur est incomplet.", why="la fin du fichier manque", fix=_COPY_AGAIN
            ) from error
        raise WorkbookError(
            "Ce fichier n'est pas un classeur .xlsx.",
            why="son contenu n'est pas celui d'un tel classeur, quel que soit son nom",
            fix=_SAVE_AGAIN,
        ) from error


def _ole_error(data: bytes) -> WorkbookError:
    if "Workbook".encode("utf-16-le") in data:
        return WorkbookError(
            "Ce fichier n'est pas un classeur .xlsx.", why="il est à l'ancien format .xls", fix=_SAVE_AGAIN
        )
    return WorkbookError(
        "Le classeur ne peut pas être lu.",
        why="il est protégé par mot de passe",
        fix="retirer le mot de passe d'ouverture dans Excel (Fichier, Informations, Protéger le classeur), "
        "puis enregistrer",
    )


def _refuse_harmful(infos: Sequence[ZipInfo]) -> None:
    names = Counter(info.filename for info in infos)
    if any(info.flag_bits & 1 for info in infos):
        raise WorkbookError(
            "Le classeur ne peut pas être lu.",
            why="il est protégé par mot de passe",
            fix="retirer le mot de passe, puis enregistrer",
        )
    if strange := next((name for name in names if _is_unsafe(name) or names[name] > 1), None):
        raise WorkbookError(
            "Le classeur est refusé.",
            why=f"il contient un élément au nom dangereux ou en double ({strange!r})",
            fix=_SAVE_AGAIN,
        )
    if sum(info.file_size for info in infos) > LARGEST_PACKAGE or any(map(_is_bomb, infos)):
        raise WorkbookError(
            "Le classeur est refusé.",
            why="une fois décompressé, il serait démesuré",
            fix="supprimer les lignes, colonnes et images inutiles, puis enregistrer",
        )


def _is_unsafe(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _is_bomb(info: ZipInfo) -> bool:
    return info.file_size > max(LARGEST_UNSUSPECTED, LARGEST_RATIO * info.compress_size)


def _workbook_part(archive: ZipFile) -> str:
    names = set(archive.namelist())
    links = _relationships(archive, "") if "_rels/.rels" in names else ()
    target = next((link.target for link in links if link.kind == "officeDocument"), "xl/workbook.xml")
    if target in names and target.endswith(".xml"):
        return target
    raise WorkbookError("Ce fichier n'est pas un classeur .xlsx.", why=_other_format(names), fix=_SAVE_AGAIN)


def _other_format(names: set[str]) -> str:
    if "mimetype" in names and "content.xml" in names:
        return "il est au format OpenDocument (.ods)"
    if "xl/workbook.bin" in names:
        return "il est au format binaire .xlsb"
    return "il ne contient pas de classeur (workbook.xml)"


def _read(archive: ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (KeyError, BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise WorkbookError(
            "Le classeur est abîmé.",
            why=f"sa partie {name} manque ou ne peut pas être décompressée",
            fix=_COPY_AGAIN,
        ) from error


def relationships_part(part: str) -> str:
    """The name of the part that holds the links of `part`; "" stands for the package itself."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relationships(archive: ZipFile, part: str) -> tuple[Relationship, ...]:
    name = relationships_part(part)
    if name not in archive.namelist():
        return ()
    # part names ignore case, and some writers count on it
    spelled = {known.lower(): known for known in archive.namelist()}
    found = [element.attributes for element in elements(_read(archive, name), name)]
    return tuple(_relationship(part, attributes, spelled) for attributes in found)


def _relationship(part: str, attributes: Mapping[str, str], spelled: Mapping[str, str]) -> Relationship:
    kind = attributes.get("Type", "").rpartition("/")[2]
    if attributes.get("TargetMode") == "External":
        return Relationship(attributes.get("Id", ""), kind, "")
    target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), attributes.get("Target", ""))).lstrip("/")
    return Relationship(attributes.get("Id", ""), kind, spelled.get(target.lower(), target))


def _sheets(archive: ZipFile, found: Sequence[Element], links: Mapping[str, Relationship]) -> dict[str, str]:
    linked = {element.attributes["name"]: links.get(element.attribute("id") or "") for element in found}
    sheets = {title: link.target for title, link in linked.items() if link and link.kind == "worksheet"}
    if missing := next((title for title, part in sheets.items() if part not in archive.namelist()), None):
        raise WorkbookError(
            "Le classeur est abîmé.", why=f"le contenu de l'onglet « {missing} » manque", fix=_COPY_AGAIN
        )
    return sheets


def _read_strings(part: bytes, where: str) -> tuple[str, ...]:
    parser, strings, pieces = new_parser(where), list[str](), list[str]()

    def starts(name: str, _attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "si":
            pieces.clear()
        elif local == "t":
            parser.CharacterDataHandler = pieces.append
        elif local == "rPh":
            parser.StartElementHandler = None

    def ends(name: str) -> None:
        local = local_name(name)
        parser.CharacterDataHandler = None
        if local == "si":
            strings.append("".join(pieces))
        elif local == "rPh":
            parser.StartElementHandler = starts

    parser.StartElementHandler, parser.EndElementHandler = starts, ends
    run_parser(parser, part, where)
    return tuple(strings)


# ------------------------------------------------------------------------------- walking a sheet


class SheetWalk:
    """One pass over the cells of a sheet part, to be subclassed.

    The hooks run in document order, with `row` and `col` set to the place where the pass stands; a row or
    cell without `r` follows the one before it. WorkbookError when rows or cells aren't in order.
    """

    def __init__(self, part: bytes, title: str) -> None:
        self.part, self.title = part, title
        self.prefix = ""
        self.row = self.col = 0
        self._row_name = "0"
        self.data_start = -1  # offset of <sheetData>
        self.parser = new_parser(f"« {title} »")
        self.parser.StartElementHandler = self._root

    def walk(self) -> None:
        """Runs the hooks over the whole part."""
        run_parser(self.parser, self.part, f"« {self.title} »")
        if self.data_start < 0:
            raise self.damaged("la grille (sheetData) manque")

    def damaged(self, why: str) -> WorkbookError:
        """The error for a sheet that can't be followed."""
        return WorkbookError(f"L'onglet « {self.title} » est abîmé.", why=why, fix=_SAVE_AGAIN)

    def before_data(self, name: str, attributes: dict[str, str]) -> None:
        """An element before the grid opens; `name` is local."""

    def row_begins(self, attributes: dict[str, str]) -> None:
        """A row opens."""

    def cell_begins(self, attributes: dict[str, str]) -> None:
        """A cell opens."""

    def inner_begins(self, name: str, attributes: dict[str, str]) -> None:
        """An element inside a cell opens; `name` carries its prefix."""

    def inner_ends(self, name: str) -> None:
        """An element inside a cell closes; `name` carries its prefix."""

    def cell_ends(self) -> None:
        """A cell closes."""

    def row_ends(self) -> None:
        """A row closes."""

    def data_ends(self) -> None:
        """The grid closes."""

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        self.prefix = name[: -len(local_name(name))]
        self._data, self._row, self._cell = self.prefix + "sheetData", self.prefix + "row", self.prefix + "c"
        self.parser.StartElementHandler = self._before

    def _before(self, name: str, attributes: dict[str, str]) -> None:
        if name != self._data:
            self.before_data(local_name(name), attributes)
            return
        self.data_start = self.parser.CurrentByteIndex
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._begin, self._end

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._cell:
            self._enter_cell(attributes.get("r"))
            self.cell_begins(attributes)
        elif name == self._row:
            self._enter_row(attributes.get("r"))
            self.row_begins(attributes)
        else:
            self.inner_begins(name, attributes)

    def _end(self, name: str) -> None:
        if name == self._cell:
            self.cell_ends()
        elif name == self._row:
            self.row_ends()
        elif name == self._data:
            self.data_ends()
            self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
        else:
            self.inner_ends(name)

    def _enter_row(self, number: str | None) -> None:
        row = self.row + 1 if number is None else int(number) if number.isdecimal() else 0
        if not self.row < row <= LAST_ROW:
            raise self.damaged(f"la ligne {number} n'est pas à sa place après la ligne {self.row}")
        self.row, self.col, self._row_name = row, 0, str(row)

    def _enter_cell(self, name: str | None) -> None:
        col = self.col + 1 if name is None else self._column(name)
        if not self.col < col <= LAST_COLUMN:
            raise self.damaged(f"la cellule {name} n'est pas à sa place dans la ligne {self.row}")
        self.col = col

    def _column(self, name: str) -> int:
        try:  # nearly every name: letters, then this row's number
            return column_index(name.removesuffix(self._row_name))
        except ValueError:
            return self._odd_column(name)

    def _odd_column(self, name: str) -> int:
        """A name written otherwise ("A007"), or one that isn't of this row: 0."""
        letters = name.rstrip(_DIGITS)
        try:
            return column_index(letters) if int(name[len(letters) :]) == self.row else 0
        except ValueError:
            return 0


@dataclass(frozen=True)
class SheetScan:
    """What readers of values don't tell. Cells are (row, column).

    `errors`: what an error cell shows ("#N/A"). `formulas`: text without "=", None for a cell that repeats a
    shared formula. `uncached`: formulas whose result was never stored. `last_row`, `last_col`: of the cells
    that hold something, 0 for an empty sheet.
    """

    errors: dict[tuple[int, int], str]
    formulas: dict[tuple[int, int], str | None]
    uncached: set[tuple[int, int]]
    last_row: int
    last_col: int


def scan(package: Package, title: str) -> SheetScan:
    """Looks through one sheet in a single pass; KeyError for an unknown title."""
    scanner = _Scanner(package.part(package.sheets[title]), title)
    scanner.walk()
    return scanner.found()


def scan_telling_rows(package: Package, title: str, *, far: int) -> SheetScan:
    """The errors and the uncached formulas of `scan`, far faster: only the rows that have one are looked through.

    `last_row`, `last_col` and `formulas` are those of such rows, and of rows that reach past column ZZ.
    A sheet that goes beyond row `far`, or that a program wrote in an unusual way, is scanned in full.
    """
    part = package.part(package.sheets[title])
    scanner = _Scanner(_only_telling_rows(part, far) or part, title)
    scanner.walk()
    return scanner.found()


_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^>]*\?>\s*)?<worksheet[\s>]")
_ENCODING = re.compile(rb'<\?xml [^>]*encoding=["\'](?!utf-8["\'])', re.IGNORECASE)
_ROW_NUMBER = re.compile(rb'<row r="(\d+)"')
_TELLING = (  # patterns that begin with plain text, which are searched for far faster than one for all
    re.compile(rb't="e"'),
    re.compile(rb"t='e'"),
    re.compile(rb' r="[A-Z]{3}\d'),
    re.compile(rb"<f[\s/>](?![^<]*(?:</f>)?<v>[^<])"),  # a formula that no stored result follows
)


def _only_telling_rows(part: bytes, far: int) -> bytes | None:
    """The part without the rows that tell nothing; None unless it can be cut safely without parsing it.

    Safely: UTF-8, no prefix, no comment nor CDATA that could hold what looks like a tag, every row numbered, in order.
    """
    head, opening, rest = part.partition(b"<sheetData>")
    rows, closing, tail = rest.partition(b"</sheetData>")
    if not closing or not _PLAIN_START.match(part) or _ENCODING.match(part) or b"<!" in part:
        return None
    numbers = list(map(int, _ROW_NUMBER.findall(rows)))
    if rows.count(b"<row") != len(numbers) or (numbers and numbers[-1] > far):
        return None
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        return None
    return head + opening + b"".join(_telling_rows(rows)) + closing + tail


def _telling_rows(rows: bytes) -> Iterator[bytes]:
    end = 0
    for place in sorted({match.start() for pattern in _TELLING for match in pattern.finditer(rows)}):
        if place >= end:
            start, end = rows.rindex(b"<row", 0, place), rows.index(b"</row>", place) + len(b"</row>")
            yield rows[start:end]


class _Scanner(SheetWalk):
    def __init__(self, part: bytes, title: str) -> None:
        super().__init__(part, title)
        self._errors: dict[tuple[int, int], str] = {}
        self._formulas: dict[tuple[int, int], str | None] = {}
        self._uncached: set[tuple[int, int]] = set()
        self._last_row = self._last_col = 0
        self._type = ""
        self._texts: dict[str, str] = {}  # of the cell in hand: element name → text
        self._text: list[str] = []
        self.parser.CharacterDataHandler = self._text.append

    def found(self) -> SheetScan:
        return SheetScan(self._errors, self._formulas, self._uncached, self._last_row, self._last_col)

    def cell_begins(self, attributes: dict[str, str]) -> None:
        self._type = attributes.get("t", "")
        self._texts.clear()

    def inner_begins(self, name: str, attributes: dict[str, str]) -> None:
        self._text.clear()

    def inner_ends(self, name: str) -> None:
        self._texts[name] = "".join(self._text)

    def cell_ends(self) -> None:
        if not self._texts:
            return
        value, has_formula = self._texts.get(self.prefix + "v"), self.prefix + "f" in self._texts
        if not (value or has_formula or self.prefix + "is" in self._texts):
            return
        self._last_row, self._last_col = self.row, max(self._last_col, self.col)
        if self._type == "e":
            self._errors[self.row, self.col] = value or ""
        if has_formula:
            self._note_formula(value)

    def _note_formula(self, value: str | None) -> None:
        self._formulas[self.row, self.col] = self._texts[self.prefix + "f"] or None
        # an empty text is a result; an empty <v> of any other kind is what writers that don't compute leave
        if not value and not (value == "" and self._type == "str"):
            self._uncached.add((self.row, self.col))
