"""`make shots`: pictures of the letters and of the weekly report, as a phone (360 px) and a mail reader (640 px) show them,
and of the workbook's tabs as they print; of the Google registry, what LibreOffice draws of it.

Builds demos, takes the fullest letter of each kind in French, Arabic and English, and writes PNG files in build/shots; those
of the workbook in build/shots/classeur, one a printed page, those of the Google registry in build/shots/google, those of the
documents in build/shots/documents, those of the forms to fill in in build/shots/formulaires. `make shots` does them all,
`python -m tests.shots classeur` (or `lettres`, `google`, `documents`, `formulaires`) one of them. Wants Chromium for the
letters, LibreOffice (Calc and Writer) and poppler-utils for the rest. Arabic comes with it.
"""

import email
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from PIL import Image, ImageChops

from cdi_sync.edges.installation import Installation
from cdi_sync.edges.setup import create_demo
from cdi_sync.mail.language import LANGUAGES
from cdi_sync.mail.outbox import KINDS
from cdi_sync.text import fold
from jobs.run import run
from tests.demos import AS_OF, demo_registry, lean_installation

WIDTHS = (360, 640)  # pixels
FOLDER = Path("build/shots")
DOTS = 80  # per inch, of a printed page
PAGES = 12  # of each tab
HEIGHT = 4000  # more than any letter; what is white below it is cut
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


def page_of(eml: bytes) -> str:
    """The HTML body of a message."""
    message = email.message_from_bytes(eml, policy=SMTP)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def shoot(html: str, width: int, target: Path) -> None:
    """Writes what Chromium shows of a page of that width, the white below it cut."""
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "page.html"
        # a frame of the wanted width: a headless window is never narrower than 500 px
        page.write_text(html, encoding="utf-8")
        frame = Path(name) / "frame.html"
        frame.write_text(f'<body style="margin:0"><iframe src="page.html" width="{width}" height="{HEIGHT}" '
                         'frameborder="0"></iframe></body>', encoding="utf-8")  # fmt: skip
        picture = Path(name) / "picture.png"
        subprocess.run(
            [_chromium(), *CHROMIUM, f"--user-data-dir={name}/profile", f"--window-size={max(width, 500)},{HEIGHT}",
             f"--screenshot={picture}", frame.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        with Image.open(picture) as shown:
            cut = shown.convert("RGB").crop((0, 0, width, HEIGHT))
            box = ImageChops.difference(cut, Image.new("RGB", cut.size, "white")).getbbox()
            cut.crop((0, 0, width, (box[3] if box else 0) + 16)).save(target)


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("Chromium isn't installed: apt-get install chromium")
    return found


def fullest(at: Installation) -> Iterator[tuple[str, bytes]]:
    """(kind, bytes) of the longest letter of each kind that was made."""
    letters = at.store.outbox.letters()
    for kind in KINDS:
        if mine := [letter.content for letter in letters if letter.kind == kind]:
            yield kind, max(mine, key=len)


def print_workbook(workbook: Path, folder: Path) -> Path:
    """The PDF that LibreOffice prints of a workbook."""
    print_files(folder, workbook)
    return folder / f"{workbook.stem}.pdf"


def print_files(folder: Path, *files: Path) -> None:
    """Writes in that folder the PDF that LibreOffice prints of each workbook or document, all in one start."""
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    call("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, files))


def draw_tabs(pdf: Path, folder: Path) -> Iterator[Path]:
    """Writes a picture of the first pages of each tab; a page says in its foot which tab it belongs to."""
    shown: dict[str, int] = {}
    for number, page in enumerate(call("pdftotext", "-layout", str(pdf), "-").split("\f")[:-1], start=1):
        # the last line of the page, but for a chart that reaches below it
        foot = re.findall(r"^(.*?)\s+Page \d+ sur \d+", page, re.MULTILINE)[-1]
        name = re.sub(r"\W+", "-", fold(foot)).strip("-")
        shown[name] = shown.get(name, 0) + 1
        if shown[name] <= PAGES:
            target = folder / f"{name}-{shown[name]}"
            call("pdftoppm", "-png", "-singlefile", "-r", str(DOTS), "-f", str(number), "-l", str(number),
                  str(pdf), str(target))  # fmt: skip
            yield target.with_suffix(".png")


def call(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        raise SystemExit(
            f"{program} isn't installed: apt-get install libreoffice-calc libreoffice-writer poppler-utils"
        )
    done = subprocess.run([program, *arguments], check=True, capture_output=True, timeout=300)
    return done.stdout.decode("utf-8")


def shoot_workbook(folder: Path) -> None:
    """The pictures of a small registry, after one day's work."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        at = lean_installation(Path(name) / "demo", seed=1, size=40)
        run(at, AS_OF)
        for target in draw_tabs(print_workbook(at.workbook, Path(name)), folder):
            print(target)


def shoot_letters() -> None:
    """The pictures of the fullest letters of a registry all of whose contacts read one language, for each language."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as name:
            at = speaking(Path(name), lang, size=150)
            run(at, AS_OF)
            for kind, content in fullest(at):
                for width in WIDTHS:
                    target = FOLDER / f"{kind}-{lang}-{width}.png"
                    shoot(page_of(content), width, target)
                    print(target)
        for kind, html in requests_told(lang):
            for width in WIDTHS:
                target = FOLDER / f"{kind}-{lang}-{width}.png"
                shoot(html, width, target)
                print(target)


def requests_told(lang: str) -> Iterator[tuple[str, str]]:
    """(name, page) of what the sender of a form is told: with things to correct, then accepted."""
    from tests.mail.test_request_letter import written

    for name in ("incomplete", "acceptee"):
        yield f"demande-{name}", written(name, lang).html


def speaking(folder: Path, lang: str, *, size: int) -> Installation:
    """A demo, in that folder, whose letters are all in one language."""
    demo = demo_registry(1, size)
    contacts = [{**row, "langue_preferee": lang} for row in demo.rows["contacts"]]
    return Installation.at(create_demo(folder, replace(demo, rows={**demo.rows, "contacts": contacts})))


def shoot_documents(folder: Path) -> None:
    """The pages of each document, French and Arabic, of a case of which all is known and of one of which nothing is."""
    from tests.documents.test_every_document import written  # which wants docxtpl

    with tempfile.TemporaryDirectory() as name:
        _draw_prints(folder, {document.name: document.read_bytes() for document in written(Path(name))})


def shoot_forms(folder: Path) -> None:
    """The pages of each form to fill in, French and Arabic, as they print."""
    from cdi_sync.edges.forms.sheet_file import write_form
    from cdi_sync.forms.sheet_form import lay_out
    from tests.registries import DECLARED

    _draw_prints(
        folder,
        {
            f"{form.name}-{lang}.xlsx": write_form(
                lay_out(form, DECLARED.languages[lang]), "00000000-0000-4000-8000-000000000001"
            )
            for form in DECLARED.forms.values()
            for lang in ("fr", "ar")
        },
    )


def _draw_prints(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes and names the pictures of the pages that LibreOffice prints of those files, by name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            (Path(name) / file).write_bytes(content)
        print_files(Path(name), *(Path(name) / file for file in files))
        for pdf in sorted(Path(name).glob("*.pdf")):
            call("pdftoppm", "-png", "-r", str(DOTS), str(pdf), str(folder / pdf.stem))
    for target in sorted(folder.iterdir()):
        print(target)


def main() -> None:
    """Writes the pictures and prints where they are."""
    wanted = sys.argv[1:] or ["classeur", "lettres", "google", "documents", "formulaires"]
    if "documents" in wanted:
        shoot_documents(FOLDER / "documents")
    if "formulaires" in wanted:
        shoot_forms(FOLDER / "formulaires")
    if "classeur" in wanted:
        shoot_workbook(FOLDER / "classeur")
    if "lettres" in wanted:
        shoot_letters()
    if "google" in wanted:
        from tests.google_pictures import shoot_google  # which prints by this module

        for target in shoot_google(FOLDER / "google"):
            print(target)


if __name__ == "__main__":
    main()
