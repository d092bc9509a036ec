"""Headers of answers laid in columns: which form, which question each."""

from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.forms.headers import recognise
from tests.edges.forms.filled import TWINNING
from tests.registries import DECLARED


def form(name: str, *questions: dict[str, str]) -> Declared:
    asked = [{"champ": "demandeur.nom"}, {"champ": "demandeur.courriel"}, *questions]
    return parse_form(
        {"nom": name, "titre": name, "presentation": "x", "merci": "x", "onglet": "actes", "ligne": "nouvelle",
         "sections": [{"titre": "Tout", "questions": asked}]},
        DECLARED.tabs,
    )  # fmt: skip


ALIKE = form("semblable", {"champ": "intitule", "titre": "Nom"}, {"champ": "objet", "titre": "Nom"})
HEADS = ["Votre nom", "Votre adresse de courriel"]


def test_questions_of_one_title_are_told_by_their_order() -> None:
    found = recognise([*HEADS, "Nom", "Nom"], {"semblable": ALIKE}, DECLARED.languages)
    assert found is not None
    assert found.asked == {0: "demandeur.nom", 1: "demandeur.courriel", 2: "intitule", 3: "objet"}


def test_one_column_for_two_questions_of_one_title_answers_neither_and_is_told() -> None:
    found = recognise([*HEADS, "Nom"], {"semblable": ALIKE}, DECLARED.languages)
    assert found is not None
    assert (found.asked, found.others) == ({0: "demandeur.nom", 1: "demandeur.courriel"}, {2: "Nom"})


def test_headers_of_two_forms_are_of_none() -> None:
    twins = {name: form(name, {"champ": "objet"}) for name in ("une", "autre")}
    assert recognise([*HEADS, "Objet"], twins, DECLARED.languages) is None
    fuller = {**twins, "pleine": form("pleine", {"champ": "objet"}, {"champ": "intitule"})}
    found = recognise([*HEADS, "Objet", "Intitulé"], fuller, DECLARED.languages)
    assert found is not None
    assert found.form.name == "pleine"


def test_without_the_address_of_who_asks_nothing_is_recognised() -> None:
    titles = [question.title for key, question in TWINNING.questions.items() if key != "demandeur.courriel"]
    assert recognise(titles, DECLARED.forms, DECLARED.languages) is None
