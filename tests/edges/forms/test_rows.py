"""Answers laid in rows: the CSV exports of Google Forms, ODK and Kobo, and the responses tab of a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from cdi_sync.edges.clock import MOROCCO
from cdi_sync.edges.forms.csv_file import NoFormError, read_csv
from cdi_sync.edges.forms.responses_tab import read_responses, zone_of
from cdi_sync.edges.forms.returned_files import read_returned
from cdi_sync.errors import RegistryError
from cdi_sync.forms.moments import Order
from cdi_sync.forms.response_rows import Rows
from cdi_sync.mail.language import Language
from cdi_sync.model import Grid, Raw
from tests.edges.forms.filled import AT, MINUTES, TWINNING, declared_with
from tests.registries import DECLARED

WITH_MINUTES = declared_with(MINUTES)
LYON: Mapping[str, str] = {
    "demandeur.nom": "Amina Alaoui", "demandeur.courriel": "amina@fes.example", "collectivite": "Fès",
    "partenaires.nom": "Ville de Lyon", "partenaires.type": "Collectivité territoriale étrangère", "partenaires.pays": "France",
    "intitule": "Jumelage Fès - Lyon", "objet": "Échanger, \"sans détour\"\nsur l'eau ; et le reste",
}  # fmt: skip
DAKAR = {**LYON, "partenaires.nom": "Ville de Dakar", "intitule": "Jumelage Fès - Dakar"}
TITLES = {key: question.title for key, question in TWINNING.questions.items() if key in LYON}
SENT = "2026/11/20 10:15:30 AM UTC+1"


def table(
    *rows: Mapping[str, str], sent: str = SENT, first: str = "Horodateur", keys: Sequence[str] = tuple(LYON)
) -> list[list[str]]:
    return [
        [first, *(TITLES[key] for key in keys)],
        *([row.get("sent", sent), *(row.get(key, "") for key in keys)] for row in rows),
    ]


def text(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def read(data: bytes | Sequence[Sequence[str]], **how: object) -> Rows:
    data = data if isinstance(data, bytes) else text(data).encode()
    return read_csv(data, "export.csv", DECLARED, at=AT, **how)  # type: ignore[arg-type]  # as the test says


# ------------------------------------------------------------------------------------------------- Google's export


def test_each_row_of_an_export_is_an_answer() -> None:
    found = read(table(LYON, DAKAR))
    assert [one.values for one in found.submissions] == [LYON, DAKAR]
    assert {(one.form, one.lang, one.received) for one in found.submissions} == {
        ("jumelage", "fr", datetime(2026, 11, 20, 9, 15, 30, tzinfo=UTC))
    }
    assert (found.faults, found.notes) == ((), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_usual_encoding_and_separator(encoding: str, separator: str) -> None:
    found = read(text(table(LYON), separator).encode(encoding))
    assert [one.values for one in found.submissions] == [LYON]


def test_the_line_by_which_spreadsheets_tell_the_separator_is_no_header() -> None:
    assert len(read(b"sep=;\r\n" + text(table(LYON), ";").encode()).submissions) == 1


def test_the_old_arabic_encoding_is_told_from_the_french_one_by_its_words() -> None:
    arabic = {**LYON, "objet": "تبادل التجارب", "intitule": "Jumelage de l'été à Fès"}
    assert read(text(table(arabic)).encode("cp1256")).submissions[0].values == arabic
    french = {**LYON, "objet": "École À l'Île d'Été"}
    assert read(text(table(french)).encode("cp1252")).submissions[0].values == french


def test_an_encoding_that_is_not_sure_is_refused() -> None:
    mixed = text(table(LYON)).encode("cp1252") + "مدينة,".encode("cp1256") + "École".encode("cp1252")
    with pytest.raises(RegistryError, match="ne peut pas être lu"):
        read(mixed)


def test_titles_are_known_in_another_language() -> None:
    told = {title: f"س {number}" for number, title in enumerate(TITLES.values())}
    arabic = Language("ar", {("", title): (text,) for title, text in told.items()})
    declared = declared_with(languages={**DECLARED.languages, "ar": arabic})
    rows = table(LYON, first="طابع زمني")
    rows[0][1:] = [told[title] for title in rows[0][1:]]
    (one,) = read_csv(text(rows).encode(), "x.csv", declared, at=AT).submissions
    assert (one.values, one.lang) == (LYON, "ar")


def test_titles_in_two_languages_are_known_by_either() -> None:
    rows = table(LYON)
    rows[0][1:] = [f"{title} / عنوان" for title in rows[0][1:]]
    assert read(rows).submissions[0].values == LYON


def test_what_no_question_asks_is_kept_and_told() -> None:
    rows = table(LYON)
    rows[0] += ["Remarque", "Remarque", ""]
    rows[1] += ["bonjour", "", "suite"]
    assert read(rows).submissions[0].unknown == {"Remarque": "bonjour", "Colonne 12": "suite"}


def test_two_columns_of_one_question_answer_it_when_they_agree() -> None:
    rows = table(LYON)
    rows[0] += [TITLES["objet"]]
    rows[1] += [""]
    assert read(rows).submissions[0].values == LYON
    rows[1][-1] = "autre objet"
    one = read(rows).submissions[0]
    assert "objet" not in one.values
    assert one.unknown == {f"{TITLES['objet']} (deux réponses différentes)": f"{LYON['objet']} | autre objet"}


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"rien", text([["Horodateur", "Intitulé", "Objet"]]).encode()])
def test_an_export_of_none_of_our_forms_says_so(data: bytes) -> None:
    with pytest.raises(RegistryError) as told:
        read(data)
    assert told.value.why and told.value.fix
    assert isinstance(told.value, NoFormError) == bool(data)


def test_a_row_without_any_answer_is_told() -> None:
    rows = table(LYON, {})
    rows[0].append("Remarque")
    rows[2].append("seule")
    assert read(rows).faults == ("ligne 3 : aucune réponse à une question du formulaire",)


def test_hostile_text_is_text() -> None:
    for typed in ("=cmd|'/c calc'!A1", "<script>", "{{ 7*7 }}", "x" * 50_000, "\u202egnp"):
        assert read(table({**LYON, "objet": typed})).submissions[0].values["objet"] == typed


# --------------------------------------------------------------------------------------------------- which days


def minutes(*days: str, sent: str) -> bytes:
    titles = [question.title for question in MINUTES.questions.values()][:5]
    return text(
        [["Horodateur", *titles], *([sent, "A", "a@fes.example", "REU-1", "Coordination", day] for day in days)]
    ).encode()


def dates(*days: str, sent: str, order: Order | None = None) -> list[object]:
    found = read_csv(minutes(*days, sent=sent), "x.csv", WITH_MINUTES, at=AT, order=order)
    return [one.values["date"] for one in found.submissions]


def test_days_follow_the_format_that_the_moments_show() -> None:
    assert dates("03/04/2026", sent="20/11/2026 10:00:00") == [date(2026, 4, 3)]
    assert dates("03/04/2026", sent="11/20/2026 10:00:00") == [date(2026, 3, 4)]
    assert dates("2026-04-03", sent="20/11/2026 10:00:00") == ["2026-04-03"]


def test_an_ambiguous_day_stays_as_typed_when_nothing_shows_the_format() -> None:
    assert dates("03/04/2026", sent=SENT) == ["03/04/2026"]


def test_ambiguous_moments_are_refused_until_somebody_says_which() -> None:
    with pytest.raises(RegistryError, match="deux façons"):
        dates("03/04/2026", sent="03/04/2026 10:00:00")
    assert dates("03/04/2026", sent="03/04/2026 10:00:00", order=Order.DAY) == [date(2026, 4, 3)]


# --------------------------------------------------------------------------------------- one answer, or another


def keys(*rows: Mapping[str, str]) -> list[str]:
    return [one.key for one in read(table(*rows)).submissions]


def test_an_edited_row_is_the_same_answer_though_its_moment_changes() -> None:
    later = {**LYON, "objet": "autre", "sent": "2026/11/21 10:15:30 AM UTC+1"}
    assert keys(LYON) == keys(later)


def test_the_last_of_two_rows_of_one_case_counts_and_it_is_told() -> None:
    found = read(table({**LYON, "objet": "nouveau", "sent": "2026/11/22 10:00:00 AM UTC"}, LYON))
    (one,) = found.submissions
    assert (one.values["objet"], one.received.day, one.edited.day) == ("nouveau", 20, 22)
    assert found.notes == ("lignes 2 et 3 : la même demande ; la plus récente vaut",)


def test_where_nothing_names_the_case_each_moment_is_an_answer() -> None:
    unnamed = {key: value for key, value in LYON.items() if key != "intitule"}
    assert len(keys(unnamed, {**unnamed, "sent": "2026/11/21 10:15:30 AM UTC+1"})) == 2


def test_a_row_whose_moment_cannot_be_read_is_taken_and_told() -> None:
    found = read(table({**LYON, "sent": "hier"}))
    assert [one.received for one in found.submissions] == [AT]
    assert "illisible (hier)" in found.notes[0]


# ------------------------------------------------------------------------------------------------- ODK and Kobo


def odk(header: Mapping[str, str], *rows: Mapping[str, str]) -> bytes:
    names = {key: key.replace(".", "_") for key in LYON}
    # of an export of this form alone: others ask for the rest too
    heads = [*header, *names.values(), "origine_proposition"]
    return text([heads, *([*header.values(), *row.values(), ""] for row in rows)]).encode()


def test_names_of_questions_are_known_under_their_groups() -> None:
    data = odk({"SubmissionDate": "2026-11-20T09:15:30.000Z", "KEY": "uuid:1", "DeviceID": "x"}, LYON)
    (one,) = read(data).submissions
    assert (one.values, one.response, one.unknown) == (LYON, "uuid:1", {})
    grouped = data.replace(b"demandeur_nom", b"qui/demandeur_nom").replace(b"objet", b"pourquoi-objet")
    assert read(grouped).submissions[0].values == LYON


def test_kobo_s_own_number_is_not_the_question_that_asks_for_one() -> None:
    answers = {"demandeur_nom": "A", "demandeur_courriel": "a@fes.example", "id": "ACN-00001", "statut": "EN_COURS",
               "mise_a_jour_le": "2026-11-20"}  # fmt: skip
    (one,) = read(text([[*answers, "_id", "_uuid"], [*answers.values(), "71", "u"]]).encode()).submissions
    assert (one.form, one.values["id"], one.unknown) == ("avancement", "ACN-00001", {})


def test_an_export_of_names_says_in_which_language_to_write_back() -> None:
    for lang, kept in (("ar", "ar"), ("fr", "fr"), ("xx", "fr"), ("", "fr")):
        (one,) = read(odk({"KEY": "uuid:1", "cdi_langue": lang}, LYON)).submissions
        assert (one.lang, one.unknown) == (kept, {})


def test_the_name_that_kobo_keeps_when_an_answer_is_edited_is_the_answer_s() -> None:
    header = {
        "_submission_time": "2026-11-20T09:15:30",
        "_uuid": "b",
        "meta/instanceID": "uuid:c",
        "meta/rootUuid": "a",
    }
    assert [one.response for one in read(odk(header, LYON)).submissions] == ["b"]


# ---------------------------------------------------------------------------------------------- the responses tab


def tab(
    rows: Sequence[Sequence[Raw]], title: str = "Réponses au formulaire 1", zone: str = "Africa/Casablanca"
) -> Rows:
    found = read_responses(
        {title: Grid(title, rows), "Actes": Grid("Actes", [["N°", "Intitulé"]])}, DECLARED, zone=zone_of(zone), at=AT
    )
    return found.get(title, Rows(faults=("rien",)))


@pytest.mark.parametrize("first", ["Horodateur", "Timestamp", "طابع زمني", "Aikaleima"])
def test_the_moment_is_known_by_its_name_or_its_place_and_kind(first: str) -> None:
    rows: list[list[Raw]] = [list(row) for row in table(LYON, first=first)]
    rows[1][0] = 46346.5  # 20 November 2026, noon
    (one,) = tab(rows).submissions
    assert (one.values, one.received, one.unknown) == (LYON, datetime(2026, 11, 20, 12, tzinfo=UTC), {})
    assert tab(rows, zone="Europe/Paris").submissions[0].received.hour == 11


def test_the_tab_and_its_export_are_one_answer() -> None:
    rows: list[list[Raw]] = [list(row) for row in table(LYON)]
    rows[1][0] = datetime(2026, 11, 20, 9, 15, 30)
    unnamed = {key: value for key, value in LYON.items() if key != "intitule"}
    assert [one.key for one in tab(rows).submissions] == keys(LYON)
    rows[1][1 + list(LYON).index("intitule")] = ""
    assert [one.key for one in tab(rows).submissions] == keys(unnamed)


def test_a_responses_tab_of_another_form_is_told_and_staff_s_own_tabs_are_left_alone() -> None:
    assert tab([["Horodateur", "Plat préféré"], ["x", "tajine"]]).faults[0].startswith("ses titres")
    assert tab([["Horodateur", "Plat préféré"]], title="Cantine").faults == ("rien",)
    assert tab([]).faults == ("rien",)


def test_moments_as_ambiguous_text_are_told_and_nothing_is_taken() -> None:
    found = tab(table(LYON, sent="03/04/2026 10:00:00"))
    assert (found.submissions, len(found.faults)) == ((), 1)


def test_an_unknown_time_zone_says_where_to_choose_one() -> None:
    assert zone_of("Africa/Casablanca") == MOROCCO
    with pytest.raises(RegistryError, match="fuseau"):
        zone_of("Mars/Olympe")


def test_a_responses_tab_saved_as_a_workbook_is_read_too() -> None:
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0].title = "Réponses au formulaire 1"
    for row in table(LYON):
        book.worksheets[0].append(row)
    book.save(out)
    found = read_returned(out.getvalue(), "reponses.xlsx", DECLARED, at=AT)
    assert [one.key for one in found.submissions] == keys(LYON)
