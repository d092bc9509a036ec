"""The folder where returned files are put: each is taken whole, once, then set aside; none is deleted nor overwritten.

`recus/` gets what was taken, `a_regarder/` what a person must look at, beside a `.txt` that says why. What is still being
written, or is open in a spreadsheet program, waits. Cut short between the taking and the moving, a file is taken again: the
same answers again change nothing.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cdi_sync.edges.config import Declarations
from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.forms.returned_files import read_returned
from cdi_sync.errors import CdiError, RegistryError
from cdi_sync.forms.response_rows import Rows
from cdi_sync.forms.submission import Submission

RECEIVED, TO_LOOK_AT = "recus", "a_regarder"
SETTLED = timedelta(seconds=60)  # parametre: unchanged for so long, a file is whole
LARGEST = 50 << 20  # bytes
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download")
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Outcome:
    """What became of a file. went_to: the folder that it is in now, "" when it stays and waits.

    changed: answers that were new or edited; known: those that were there already. told: in French, what to look at.
    """

    file: str
    went_to: str
    changed: int = 0
    known: int = 0
    told: tuple[str, ...] = ()


def take_folder(
    folder: Path, declared: Declarations, take: Callable[[Submission], bool], *, at: datetime, dry_run: bool = False
) -> Sequence[Outcome]:
    """Takes the files of a folder, the oldest first, so that of two versions the later one counts. dry_run: only tells.

    Whatever `take` raises stops at that file, which stays.
    """
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        return ()
    found = sorted(_files(folder), key=lambda path: (_changed_at(path), path.name))
    # each file counts as later than the one before it
    return [_take(path, declared, take, at + n * _A_MOMENT, dry_run=dry_run) for n, path in enumerate(found)]


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith((".", "~$")) or path.suffix.casefold() in _UNFINISHED
        if not hidden and not (path.is_dir() and not path.is_symlink()):
            yield path


def _changed_at(path: Path) -> float:
    """When it was last changed, or came there: a copy may keep the hour of its model."""
    try:
        status = path.lstat()
    except OSError:
        return 0
    return max(status.st_mtime, status.st_ctime)


def _take(
    path: Path, declared: Declarations, take: Callable[[Submission], bool], at: datetime, *, dry_run: bool
) -> Outcome:
    if waits := _why_it_waits(path, at):
        return Outcome(path.name, "", told=(waits,))
    try:
        before = _print_of(path)
        rows = read_returned(content_of(path), path.name, declared, at=at)
        if _print_of(path) != before:
            return Outcome(path.name, "", told=("le fichier change encore ; il sera lu au prochain passage",))
    except RegistryError as error:
        return _set_aside(path, TO_LOOK_AT, _in_words(error), dry_run=dry_run)
    except OSError as error:
        return Outcome(
            path.name, "", told=(f"ne peut pas être lu ({error.strerror or type(error).__name__}) ; il attend",)
        )
    changed = len(rows.submissions) if dry_run else sum(map(take, rows.submissions))
    return _set_aside(
        path, TO_LOOK_AT if rows.faults else RECEIVED, _told(rows), dry_run=dry_run, changed=changed,
        known=len(rows.submissions) - changed,
    )  # fmt: skip


def _why_it_waits(path: Path, at: datetime) -> str:
    """Why it isn't read yet, in French; "" when it may be."""
    if any((path.parent / name).exists() for name in (f"~${path.name}", f".~lock.{path.name}#")):
        return "ouvert dans un tableur ; il sera lu une fois fermé"
    if abs(at.timestamp() - _changed_at(path)) < SETTLED.total_seconds():
        return "déposé à l'instant ; il sera lu au prochain passage"
    return ""


def _print_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def content_of(path: Path) -> bytes:
    """The bytes of a returned file. Raises RegistryError for what isn't a plain file of a reasonable size, and OSError."""
    if path.is_symlink() or not path.is_file():
        raise RegistryError("Ce n'est pas un fichier.", where=path.name, why="c'est un lien ou un fichier spécial",
                            fix="Déposer le fichier lui-même.")  # fmt: skip
    if path.stat().st_size > LARGEST:
        raise RegistryError("Le fichier est trop grand.", where=path.name, why=f"plus de {LARGEST >> 20} Mo",
                            fix="En retirer les images, ou partager l'export en plusieurs fichiers.")  # fmt: skip
    return path.read_bytes()


def _in_words(error: CdiError) -> tuple[str, ...]:
    labelled = (("", error.what), ("Pourquoi : ", error.why), ("Que faire : ", error.fix))
    return tuple(f"{label}{text}" for label, text in labelled if text)


def _told(rows: Rows) -> tuple[str, ...]:
    taken = f"{len(rows.submissions)} demande(s) prise(s) en compte ; non prises en compte :"
    return (*((taken, *rows.faults) if rows.faults else ()), *rows.notes)


# ------------------------------------------------------------------------------------------------------- set aside


def _set_aside(
    path: Path, name: str, told: tuple[str, ...], *, dry_run: bool, changed: int = 0, known: int = 0
) -> Outcome:
    if dry_run:
        return Outcome(path.name, name, changed, known, told)
    folder = path.parent / name
    try:
        folder.mkdir(exist_ok=True)
        target = _free(folder, path.name)
        if name == TO_LOOK_AT:  # first: a file is never there without its reason
            write_atomically(_reason_of(target), "\n".join((f"Fichier : {path.name}", *told, "")).encode("utf-8"))
        _move(path, target)
    except OSError as error:
        stays = f"n'a pas pu être rangé dans « {name} » ({error.strerror or type(error).__name__}) ; il sera repris"
        return Outcome(path.name, "", changed, known, (*told, stays))
    return Outcome(path.name, name, changed, known, told)


def _free(folder: Path, name: str) -> Path:
    """A name that nobody bears there: fiche.xlsx, fiche (2).xlsx…"""
    stem, suffix = Path(name).stem, Path(name).suffix
    target, number = folder / name, 1
    while os.path.lexists(target) or _reason_of(target).exists():
        number += 1
        target = folder / f"{stem} ({number}){suffix}"
    return target


def _reason_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.txt")


def _move(path: Path, target: Path) -> None:
    """Under its new name, which nobody may have taken meanwhile."""
    try:
        os.link(path, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if os.path.lexists(target):
            raise
        path.rename(target)
    else:
        path.unlink()
