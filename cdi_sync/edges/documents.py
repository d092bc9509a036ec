"""Puts the facts of a case into a `.docx` template, and files the document without ever replacing one that somebody edited.

What is missing is highlighted. A document bears the digest of its own text (`identifier` of its properties): a file whose text
no longer has that digest was edited by somebody.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdi_sync.documents.facts import CLOSE, OPEN, Facts, as_context
from cdi_sync.edges.files import write_atomically
from cdi_sync.errors import CdiError, ConfigError
from cdi_sync.mail.language import Language
from cdi_sync.mail.sandbox import Sandbox

if TYPE_CHECKING:
    from docx.document import Document

_TEXT = "word/document.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same facts make the same bytes


@dataclass(frozen=True)
class Rendered:
    """A document. missing: what is highlighted in it, each once, as it reads."""

    content: bytes
    missing: tuple[str, ...]


def render(template: Path, facts: Facts, language: Language) -> Rendered:
    """The template filled in. Raises ConfigError when it can't be used, CdiError when the library isn't installed."""
    try:
        from docxtpl import DocxTemplate
    except ImportError:
        raise CdiError("Les documents ne peuvent pas être écrits.", why="le module « docxtpl » n'est pas installé",
                       fix="Installer cdi-sync avec ses formulaires : pip install 'cdi-sync[forms]'.") from None  # fmt: skip
    from jinja2 import StrictUndefined, TemplateError

    where, context = f"documents/{template.name}", as_context(facts, language)
    try:
        filled = DocxTemplate(template)
        filled.render(context, Sandbox(undefined=StrictUndefined, autoescape=True))
    except TemplateError as error:
        raise ConfigError("Un modèle de document ne convient pas.", where=where, why=f"Jinja : {error}",
                          fix=f"Corriger ce champ du modèle, ou supprimer votre copie du modèle. Champs de ce document : "
                              f"{', '.join(sorted(context))}.") from None  # fmt: skip
    except Exception as error:  # whatever a file that isn't a sound .docx makes the libraries raise
        raise ConfigError("Un modèle de document ne se lit pas.", where=where, why=f"{type(error).__name__} : {error}",
                          fix="L'enregistrer au format Word (.docx), ou supprimer votre copie du modèle.") from None  # fmt: skip
    missing = tuple(dict.fromkeys(_highlighted(filled.docx)))
    return Rendered(_saved(filled.docx), missing)


# ------------------------------------------------------------------------------------------------- highlights


def _highlighted(document: "Document") -> Iterator[str]:
    """Highlights what stands between the marks, takes the marks out, and yields what they held."""
    from docx.oxml.ns import qn

    for part in _parts(document):
        for text in list(part.iter(qn("w:t"))):
            if text.text and OPEN in text.text:
                yield from _split(text)


def _parts(document: "Document") -> Iterator[Any]:
    """The body, headers and footers. The last two are asked of the relations: docxtpl has put new ones there."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    yield document.element.body
    for relation in document.part.rels.values():
        if relation.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER):
            yield relation.target_part.element


def _split(text: Any) -> Iterator[str]:
    """Puts each marked piece of a text in a highlighted run of its own; what follows it in its run goes in a last one."""
    from docx.oxml.ns import qn

    run = last = text.getparent()
    beside = list(text.itersiblings())  # line breaks, and the texts after them
    first, *marked = text.text.split(OPEN)
    _write(text, first)
    for piece, is_missing in (end for part in marked for end in _ends(part)):
        last = _run_after(last, run)
        _write(last.makeelement(qn("w:t"), {}), piece, within=last)
        if is_missing:
            _highlight(last)
            yield piece
    if beside:
        last = _run_after(last, run)
        last.extend(beside)


def _write(text: Any, piece: str, *, within: Any = None) -> None:
    from docx.oxml.ns import qn

    text.text = piece
    text.set(qn("xml:space"), "preserve")
    if within is not None:
        within.append(text)


def _run_after(last: Any, model: Any) -> Any:
    """A new run after that one, with the looks of the model and no text."""
    from docx.oxml.ns import qn

    new = model.makeelement(qn("w:r"), {})
    looks = model.find(qn("w:rPr"))
    if looks is not None:
        new.append(deepcopy(looks))
    last.addnext(new)
    return new


def _ends(marked: str) -> Iterator[tuple[str, bool]]:
    """The pieces of what follows an opening mark: (text, whether it is missing)."""
    inside, mark, after = marked.partition(CLOSE)
    if not mark:
        yield inside, False
        return
    yield inside, True
    if after:
        yield after, False


def _highlight(run: Any) -> None:
    from docx.enum.text import WD_COLOR_INDEX
    from docx.text.run import Run

    Run(run, None).font.highlight_color = WD_COLOR_INDEX.YELLOW  # type: ignore[arg-type]  # it asks its parent nothing


# ------------------------------------------------------------------------------------------------------- files


def _saved(document: "Document") -> bytes:
    """The bytes of a document, the same for the same content."""
    document.core_properties.identifier = hashlib.sha256(document.part.blob).hexdigest()
    raw = io.BytesIO()
    document.save(raw)
    settled = io.BytesIO()
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            kept.writestr(zipfile.ZipInfo(name, _EPOCH), made.read(name), zipfile.ZIP_DEFLATED)
    return settled.getvalue()


@dataclass(frozen=True)
class Filed:
    """Where a document is. is_new: it was written; False when the same one was there. beside: the edited file that was left alone."""

    path: Path
    is_new: bool
    beside: Path | None = None


def file_document(folder: Path, stem: str, content: bytes, *, dry_run: bool = False) -> Filed:
    """Writes a document in that folder: in place of one that nobody edited, else beside it under a new number.

    Raises CdiError when the folder or the file can't be written or read.
    """
    try:
        return _filed(folder, stem, content, dry_run=dry_run)
    except OSError as error:
        raise CdiError("Un document n'a pas pu être écrit.", where=str(folder / f"{stem}.docx"),
                       why=error.strerror or type(error).__name__,
                       fix="Fermer le document s'il est ouvert, vérifier que l'on peut écrire dans ce dossier, ou en choisir un autre "
                           "avec -o.") from None  # fmt: skip


def _filed(folder: Path, stem: str, content: bytes, *, dry_run: bool) -> Filed:
    edited = None
    for path in _names(folder, stem):
        if path.exists() and path.read_bytes() == content:
            return Filed(path, False, edited)
        if path.exists() and not is_untouched(path):
            edited = edited or path
            continue
        if not dry_run:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
        return Filed(path, True, edited)
    raise AssertionError("names never end")


def file_name(text: str) -> str:
    """A text as a file or a folder may be called: the number of a row is whatever somebody typed in its cell."""
    return re.sub(r"[^\w-]+", "_", text)[:60] or "_"


def _names(folder: Path, stem: str) -> Iterator[Path]:
    yield folder / f"{stem}.docx"
    number = 2
    while True:
        yield folder / f"{stem} ({number}).docx"
        number += 1


def is_untouched(path: Path) -> bool:
    """True when a file is a document of ours that nobody has edited since."""
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        with zipfile.ZipFile(path) as parts:
            text, properties = parts.read(_TEXT), fromstring(parts.read("docProps/core.xml"))
    except (OSError, KeyError, zipfile.BadZipFile, ParseError):
        return False
    own: Sequence[Any] = properties.findall("{http://purl.org/dc/elements/1.1/}identifier")
    return len(own) == 1 and own[0].text == hashlib.sha256(text).hexdigest()
