"""`python -m tests.google.coverage`: what the real clients can do with the emulator, as tables in Markdown.

Every public method of gspread's four classes, and every method of Sheets v4, Drive v3 and Forms v1 by google-api-python-client, is
run with sensible arguments: it works, or is refused with an error of Google's. The methods are those that the installed
clients have, so that one added to them shows up as missing from `ways`.
"""

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gspread
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]

from tests.google import ways
from tests.google.clients import service
from tests.google.discovery import Method, api
from tests.google.server import serving
from tests.google.ways import Desk, Way
from tests.google.world import Google

CLASSES = (gspread.Client, gspread.Spreadsheet, gspread.Worksheet, gspread.Cell)
WORKS, MISSING = "works", "missing: nobody tries it"


@dataclass(frozen=True)
class Outcome:
    """What came of one method: WORKS, MISSING, "refused: …" by Google, or "fails: …" otherwise."""

    method: str
    told: str


@contextmanager
def emulator() -> Iterator[tuple[Google, str]]:
    """An emulator, and its address."""
    google = Google(any_token=True, no_quota=True)
    with serving(google) as url:
        yield google, url


def gspread_methods() -> list[str]:
    """Every public method and property of the four classes: "Worksheet.sort"."""
    return [
        f"{class_.__name__}.{name}"
        for class_ in CLASSES
        for name, member in inspect.getmembers(class_)
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    ]


def gspread_outcomes(google: Google, url: str) -> list[Outcome]:
    """What comes of each of them."""
    return [Outcome(name, _tried(_gspread_way(name), google, url)) for name in gspread_methods()]


def api_methods(document: str) -> list[str]:
    """The identifiers of the methods of "sheets.v4", "drive.v3" or "forms.v1"."""
    return [method.id for method in _methods(document)]


def _methods(document: str) -> list[Method]:
    return sorted(api(document).methods, key=lambda method: method.id)


def api_outcomes(google: Google, url: str, document: str) -> list[Outcome]:
    """What comes of each of the methods of a document."""
    name, _, version = document.partition(".")
    client = service(url, name, version)
    return [Outcome(method.id, _tried(_api_way(client, method), google, url)) for method in _methods(document)]


def _gspread_way(name: str) -> Way | None:
    class_name, _, member = name.partition(".")
    class_ = next(class_ for class_ in CLASSES if class_.__name__ == class_name)
    if isinstance(inspect.getattr_static(class_, member), property):
        return lambda desk: getattr(desk.an(class_), member)
    return ways.GSPREAD.get(name)


def _api_way(client: Any, method: Method) -> Way:
    """Runs a method with the arguments that `ways` has for it, and for the parameters that it requires."""

    def way(desk: Desk) -> object:
        said = ways.ARGUMENTS[method.id](desk) if method.id in ways.ARGUMENTS else {}
        required = [name for name in ways.PARAMETERS if method.parameters.get(name, {}).get("required")]
        arguments = {name: ways.PARAMETERS[name](desk) for name in required} | said
        of = client
        for part in method.id.split(".")[1:-1]:
            of = getattr(of, part)()
        return getattr(of, method.id.rpartition(".")[2])(**arguments).execute()

    return way


def _tried(way: Way | None, google: Google, url: str) -> str:
    if way is None:
        return MISSING
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            way(Desk.new(google, url))
        except gspread.exceptions.APIError as error:
            return f"refused: [{error.code}] {_line(error.error['message'])}"
        except HttpError as error:
            return f"refused: [{error.status_code}] {_line(error.reason)}"
        except Exception as error:
            return f"fails: {type(error).__name__}: {_line(str(error))}"
    return WORKS


def _line(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:160]


def table(outcomes: list[Outcome]) -> str:
    """The outcomes in Markdown."""
    rows = "\n".join(f"| `{outcome.method}` | {outcome.told} |" for outcome in outcomes)
    return f"| method | outcome |\n| --- | --- |\n{rows}"


def main() -> None:
    """Prints the tables, each with its count."""
    with emulator() as (google, url):
        for title, outcomes in (
            ("gspread", gspread_outcomes(google, url)),
            ("Sheets v4", api_outcomes(google, url, "sheets.v4")),
            ("Drive v3", api_outcomes(google, url, "drive.v3")),
            ("Forms v1", api_outcomes(google, url, "forms.v1")),
        ):
            works = sum(outcome.told == WORKS for outcome in outcomes)
            print(f"## {title}: {works} of {len(outcomes)} work\n\n{table(outcomes)}\n")
        for violation in google.violations:
            print(f"never said by Google: {violation}")


if __name__ == "__main__":
    main()
