"""How a command ends, whoever started it: every error says what, where, why and how to mend it, and has its exit code."""

import atexit
import gc
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.text import visible


def finish(action: Callable[[], object]) -> NoReturn:
    """Runs an action and leaves with its exit code; what goes wrong is told on stderr, in French."""
    atexit.register(gc.freeze)  # all goes with the process: no last hunt for cycles, which takes a tenth of a second
    try:
        action()
    except CdiError as error:
        _tell(error)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
        raise SystemExit(ExitCode.INTERRUPTED) from None
    except Exception as error:
        _tell_bug(error)
        raise SystemExit(ExitCode.BUG) from None
    raise SystemExit(ExitCode.FINE)


def in_one_line(error: BaseException) -> str:
    """An error for a log: what failed, without the data, names or addresses that its details may hold."""
    if isinstance(error, CdiError):
        return error.what
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__} : {error.strerror}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, ligne {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{place}"


def _tell(error: CdiError) -> None:
    print(f"Erreur : {_indented(error.what)}", file=sys.stderr)
    for label, text in (("Où", error.where), ("Pourquoi", error.why), ("Que faire", error.fix)):
        if text:
            indented = _indented(text)
            print(f"  {label} : {indented}", file=sys.stderr)


def _indented(text: str) -> str:
    """The text below its label: what a file or a server put in it can't be taken for a line of ours."""
    return visible(text).replace("\n", "\n    ")


def _tell_bug(error: Exception) -> None:
    print("Erreur du logiciel, pas de votre fait. Rien n'a été perdu.", file=sys.stderr)
    print("  Que faire : transmettre les lignes qui suivent à la personne qui a installé cdi_sync.", file=sys.stderr)
    print(visible("".join(traceback.format_exception(error))), file=sys.stderr)
