"""A form as a fillable .xlsx: what it looks like to who fills it in, and what is read of it when it comes back."""

import io
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from cdi_sync.edges.config import Declarations
from cdi_sync.edges.forms.sheet_file import new_mark
from cdi_sync.edges.forms.sheet_reading import NotAFormError, read_form
from cdi_sync.errors import RegistryError
from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.forms.submission import Source
from cdi_sync.mail.language import Language
from cdi_sync.model import CellError
from tests.edges.forms.filled import ANSWERS, AT, MINUTES, TWINNING, blank, declared_with, filled, read
from tests.registries import DECLARED
from tests.workbooks import saved_by_libreoffice

WITH_MINUTES = declared_with(MINUTES)


def page_of(data: bytes, title: str = "Formulaire") -> Worksheet:
    return load_workbook(io.BytesIO(data))[title]


def texts(data: bytes, title: str = "Formulaire") -> list[str]:
    return [str(cell.value) for row in page_of(data, title).iter_rows() for cell in row if cell.value is not None]


# ------------------------------------------------------------------------------------------- what is handed out


def test_a_form_is_one_page_that_says_what_it_asks() -> None:
    page = page_of(blank())
    said = texts(blank())
    assert said[:2] == ["Proposer un jumelage", TWINNING.intro]
    assert [text for text in said if text.endswith(" *")] == [
        f"{question.title} *" for question in TWINNING.questions.values() if question.required
    ]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "portrait")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 1)


def test_only_the_answers_can_be_typed_and_no_password_is_asked() -> None:
    page = page_of(blank())
    free = [cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked]
    assert len(free) == len(TWINNING.questions)
    assert all(place.startswith("B") for place in free)
    assert (page.protection.sheet, page.protection.password) == (True, None)


def test_choices_come_from_hidden_lists() -> None:
    book = load_workbook(io.BytesIO(blank()))
    assert [sheet.sheet_state for sheet in book] == ["visible", "hidden", "hidden"]
    checks = {check.type: check for check in book["Formulaire"].data_validations.dataValidation}
    assert "list" in checks
    labels = {str(cell.value) for row in book["Listes"].iter_rows() for cell in row}
    assert {c.label for c in TWINNING.questions["partenaires.type"].column.categories} | {"France"} <= labels


def test_days_hours_and_conditions_are_told() -> None:
    data = blank(MINUTES)
    kinds = {check.type for check in page_of(data).data_validations.dataValidation}
    assert kinds == {"list", "date", "time"}
    label = next(c.label for c in MINUTES.questions["type"].column.categories if c.value == "COPIL")
    assert any(text.endswith(f"Seulement si « Type de réunion » vaut : {label}.") for text in texts(data))
    assert len(page_of(data).conditional_formatting) == 1


def test_an_arabic_form_reads_from_right_to_left_in_arabic() -> None:
    arabic = Language("ar", {**DECLARED.languages["ar"].texts, ("", TWINNING.title): ("اقتراح توأمة",)})
    data = blank(lang="ar", declared=declared_with(languages={**DECLARED.languages, "ar": arabic}))
    page = page_of(data, "الاستمارة")
    assert page.sheet_view.rightToLeft
    assert page["A1"].value == "اقتراح توأمة"
    assert page["A1"].alignment.horizontal == "right"
    assert "المغرب" in {str(cell.value) for row in page_of(data, "Listes").iter_rows() for cell in row}


def test_each_file_that_is_handed_out_has_a_mark_of_its_own() -> None:
    assert new_mark() != new_mark()


# ------------------------------------------------------------------------------------------------ what comes back


def test_answers_come_back_as_typed() -> None:
    one = read(filled())
    assert one.values == ANSWERS
    assert (one.form, one.lang, one.unknown, one.received, one.edited) == ("jumelage", "fr", {}, AT, AT)


def test_days_hours_numbers_and_arabic_come_back_as_typed() -> None:
    typed = {
        "date": date(2026, 11, 3),
        "heure_debut": time(10, 30),
        "annulee": "لا",
        "cr_decisions": 12,
        "id": "REU-00001",
    }
    one = read(filled(typed, MINUTES, data=blank(MINUTES, lang="ar")), declared=WITH_MINUTES)
    assert one.values == {**typed, "cr_decisions": 12.0}
    assert one.lang == "ar"


def test_a_day_counted_from_1904_is_the_same_day() -> None:
    def from_1904(book: Workbook) -> None:
        book.epoch = datetime(1904, 1, 1)
        for row in book["Formulaire"].iter_rows(min_col=2, max_col=2):
            row[0].number_format = "General" if row[0].value == 44800 else row[0].number_format

    one = read(filled({"date": 44800, "cr_decisions": 44800.5}, MINUTES, also=from_1904), declared=WITH_MINUTES)
    assert one.values == {"date": 44800 + 1462, "cr_decisions": 44800.5}  # 28 August 2026, both ways


def test_lines_moved_and_sheets_renamed_change_nothing() -> None:
    def moved(book: Workbook) -> None:
        page = book["Formulaire"]
        page.title = "l'été"
        page.move_range("A7:C8", rows=40)
        for name in book.defined_names.values():
            name.attr_text = name.attr_text.replace("Formulaire!", "'l''été'!")
            for row in (7, 8):
                name.attr_text = (
                    name.attr_text if not name.attr_text.endswith(f"$B${row}") else f"'l''été'!$B${row + 40}"
                )

    assert read(filled(also=moved)).values == ANSWERS


def test_a_program_that_forgets_names_leaves_the_labels() -> None:
    assert read(filled(also=lambda book: book.defined_names.clear())).values == ANSWERS


def test_a_label_that_stands_twice_tells_nothing_and_both_answers_are_told() -> None:
    def doubled(book: Workbook) -> None:
        book.defined_names.clear()
        book["Formulaire"]["E40"] = f"{TWINNING.questions['objet'].title} *"
        book["Formulaire"]["F40"] = "autre objet"

    one = read(filled(also=doubled))
    assert "objet" not in one.values
    assert {"=1+1", "autre objet"} <= set(one.unknown.values())


def test_an_answer_moved_to_another_sheet_is_still_one() -> None:
    def moved(book: Workbook) -> None:
        book.create_sheet("Suite")["C3"] = "déplacée"
        from cdi_sync.forms.sheet_form import cell_name

        book.defined_names[cell_name(TWINNING, "lien_dossier")].attr_text = "Suite!$C$3"

    assert read(filled(also=moved)).values == {**ANSWERS, "lien_dossier": "déplacée"}


def test_what_is_typed_elsewhere_is_kept_and_told() -> None:
    def noted(book: Workbook) -> None:
        book["Formulaire"]["E3"] = "merci de rappeler"
        book.create_sheet("Notes")["B2"] = 12

    assert read(filled(also=noted)).unknown == {
        "Formulaire, cellule E3": "merci de rappeler",
        "Notes, cellule B2": "12",
    }


def test_a_flood_of_other_cells_is_counted() -> None:
    def flooded(book: Workbook) -> None:
        for row in range(1, 101):
            book["Formulaire"][f"F{row}"] = f"x{row}"

    unknown = read(filled(also=flooded)).unknown
    assert len(unknown) == 41
    assert unknown["Autres cellules"] == "60 autres cellules remplies hors des réponses"


# --------------------------------------------------------------------------------------- one answer, or another


def key(data: bytes, *, declared: Declarations = DECLARED, source: Source = Source.FOLDER) -> str:
    return read(data, declared=declared, source=source).key


def test_the_same_file_twice_is_one_answer_by_whatever_way_it_comes() -> None:
    assert key(filled()) == key(filled(), source=Source.MAIL)


def test_a_corrected_file_is_the_same_answer() -> None:
    assert key(filled()) == key(filled({**ANSWERS, "objet": "Échanger sur l'eau", "demandeur.nom": "A. Alaoui"}))


@pytest.mark.parametrize("changed", ["intitule", "partenaires.nom", "collectivite", "demandeur.courriel"])
def test_a_copy_filled_in_for_another_case_is_another_answer(changed: str) -> None:
    assert key(filled()) != key(filled({**ANSWERS, changed: "autre@lyon.example"}))


def test_where_nothing_names_the_case_any_other_content_is_another_answer() -> None:
    unnamed = {key: value for key, value in ANSWERS.items() if key != "intitule"}
    assert key(filled(unnamed)) == key(filled(unnamed))
    assert key(filled(unnamed)) != key(filled({**unnamed, "objet": "autre"}))


def test_another_file_is_another_answer() -> None:
    assert key(filled()) != key(filled(data=blank(mark=new_mark())))


def test_a_row_that_is_there_is_told_apart_by_the_day_that_is_given() -> None:
    first = {"id": "REU-00001", "date": date(2026, 11, 3), "cr_decisions": "une", "demandeur.courriel": "a@fes.example"}

    def named(**changed: object) -> str:
        return key(filled({**first, **changed}, MINUTES), declared=WITH_MINUTES)

    assert named() == named(cr_decisions="deux")
    assert named() != named(date=date(2026, 12, 3))
    assert named() != named(id="REU-00002")


def test_sheets_copied_inside_a_file_are_answers_of_their_own() -> None:
    def copied(book: Workbook) -> None:
        other = book.copy_worksheet(book["Formulaire"])
        for row in other.iter_rows():
            for cell in row:
                if cell.value == "Ville de Lyon":
                    cell.value = "Ville de Dakar"

    found = read_form(filled(also=copied), "retour.xlsx", DECLARED, source=Source.FOLDER, at=AT)
    assert [one.values["partenaires.nom"] for one in found] == ["Ville de Lyon", "Ville de Dakar"]
    assert len({one.key for one in found}) == 2


def test_a_copied_sheet_is_known_by_the_names_that_excel_gives_it() -> None:
    def copied(book: Workbook) -> None:
        other = book.copy_worksheet(book["Formulaire"])
        other.title = "Deuxième cas"
        for row in other.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and cell.column != 2:
                    cell.value = None  # no label to help
                elif isinstance(cell, Cell) and cell.value == "Ville de Lyon":
                    cell.value = "Ville de Dakar"
        for name, defined in book.defined_names.items():
            place = defined.attr_text.replace("Formulaire", "Deuxième cas")
            other.defined_names[name] = DefinedName(name, attr_text=place)

    found = read_form(filled(also=copied), "retour.xlsx", DECLARED, source=Source.FOLDER, at=AT)
    assert [one.values for one in found] == [ANSWERS, {**ANSWERS, "partenaires.nom": "Ville de Dakar"}]


def test_copied_sheets_of_one_name_and_other_answers_are_never_merged() -> None:
    def copied(book: Workbook) -> None:
        other = book.copy_worksheet(book["Formulaire"])
        for row in other.iter_rows():
            for cell in row:
                if cell.value == "Amina Alaoui":
                    cell.value = "Brahim Naciri"

    def doubled(book: Workbook) -> None:
        book.copy_worksheet(book["Formulaire"])

    assert len({one.key for one in read_form(filled(also=copied), "x", DECLARED, source=Source.FOLDER, at=AT)}) == 2
    assert len(read_form(filled(also=doubled), "x", DECLARED, source=Source.FOLDER, at=AT)) == 1


# --------------------------------------------------------------------------------------------- what is refused


def refusal(data: bytes, declared: Declarations = DECLARED) -> RegistryError:
    with pytest.raises(RegistryError) as told:
        read_form(data, "retour.xlsx", declared, source=Source.FOLDER, at=AT)
    assert (bool(told.value.why), told.value.where, bool(told.value.fix)) == (True, "retour.xlsx", True)
    return told.value


def any_workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0]["A1"] = "Bonjour"
    book.save(out)
    return out.getvalue()


def test_another_workbook_is_not_one_of_our_forms() -> None:
    assert isinstance(refusal(any_workbook()), NotAFormError)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "Le fichier est vide."),
        (b"%PDF-1.7", "Ce fichier n'est pas un classeur .xlsx."),
        (blank()[:3000], "Le classeur est incomplet."),
        (blank(), "Le formulaire est vide."),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(data: bytes, what: str) -> None:
    assert refusal(data).what == what


def test_a_form_that_is_no_longer_declared_says_so() -> None:
    assert refusal(filled({"id": "REU-00001"}, MINUTES)).what == "Ce formulaire n'existe plus."


def without_place(form: Declared) -> Declared:
    """The same form, which asks one question less."""
    asked = [key for key in form.questions if key != "lien_dossier"]
    return parse_form(
        {"nom": form.name, "titre": form.title, "presentation": form.intro, "merci": form.thanks, "onglet": form.tab,
         "ligne": "nouvelle", "liens": dict(form.links),
         "sections": [{"titre": "Tout", "questions": [
             {"champ": key.partition(":")[0], "piece": key.partition(":")[2]} for key in asked]}]},
        DECLARED.tabs,
    )  # fmt: skip


def test_an_older_version_is_read_and_what_is_not_asked_any_more_is_told() -> None:
    one = read(
        filled({**ANSWERS, "lien_dossier": "https://fes.example/1"}), declared=declared_with(without_place(TWINNING))
    )
    assert one.values == ANSWERS
    assert one.unknown[TWINNING.questions["lien_dossier"].title] == "https://fes.example/1"
    assert one.unknown["Version du formulaire"].startswith("ancienne")


def test_errors_and_uncomputed_formulas_are_told_as_such() -> None:
    def wrong(book: Workbook) -> None:
        from cdi_sync.forms.sheet_form import cell_name

        place = book.defined_names[cell_name(TWINNING, "objet")].attr_text.rpartition("!")[2].replace("$", "")
        book["Formulaire"][place] = "=1/0"

    assert isinstance(read(filled(also=wrong)).values["objet"], CellError)


@pytest.mark.proof
@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_libreoffice_gives_back_what_was_typed(tmp_path: Path, lang: str) -> None:
    typed = {
        "date": date(2026, 11, 3),
        "heure_debut": time(10, 30),
        "annulee": "Oui",
        "id": "REU-00001",
        "cr_decisions": "=1",
    }
    data = filled(typed, MINUTES, data=blank(MINUTES, lang=lang))
    saved = saved_by_libreoffice(data, tmp_path)
    assert read(saved, declared=WITH_MINUTES).values == typed
    assert key(saved, declared=WITH_MINUTES) == key(data, declared=WITH_MINUTES)
    page = load_workbook(io.BytesIO(saved)).worksheets[0]
    assert (page.protection.sheet, page.sheet_view.rightToLeft) == (True, lang == "ar")
    assert {check.type for check in page.data_validations.dataValidation} == {"list", "date", "time"}
