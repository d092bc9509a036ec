"""The rulebook as a document: true to the rules, and with an example of each."""

from cdi_sync.publish import plan
from tests.registries import DECLARED, knowledge, registry
from tests.rulebook_pages import EXAMPLES, PAGES, examples, examples_text, pages
from tests.test_publish import TODAY, assess


def test_examples_are_what_the_product_says_today() -> None:
    assert EXAMPLES.read_text(encoding="utf-8") == examples_text(examples()), "make docs"


def test_pages_are_those_of_the_rules_of_today() -> None:
    stale = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "make docs"
    assert {path.name for path in PAGES.iterdir()} == {path.name for path in pages() if path.parent == PAGES}


def test_every_rule_that_is_checked_has_an_example() -> None:
    checked = {rule.id for rule in DECLARED.rulebook.values() if rule.executable}
    assert checked - set(DECLARED.help_texts().examples) == set()


def test_every_rule_stands_in_the_pages_with_its_texts_and_what_to_do() -> None:
    text = "\n".join(pages().values())
    for rule in DECLARED.rulebook.values():
        assert f"## {rule.id} : {rule.title}\n" in text
        assert all(source in text for source in rule.sources)
        assert rule.executable or rule.reason in text
        assert all(fix in text for fix in rule.fixes.values())


def test_the_glossary_has_three_languages_everywhere() -> None:
    terms = DECLARED.help_texts().glossary
    assert len(terms) == 108
    assert all(term.fr and term.en and any("\u0600" <= letter <= "\u06ff" for letter in term.ar) for term in terms)


def test_the_help_tab_shows_an_example_what_to_do_and_the_glossary() -> None:
    known = knowledge()
    shown = plan(assess(registry({}), known, TODAY), known, spare_rows=2).tabs["Aide"]
    by_name = {row[0].value: [cell.value if cell else None for cell in row] for row in shown if row and row[0]}
    example = DECLARED.help_texts().examples["LEX-02"]
    assert by_name["LEX-02"][4] == f"{example.situation} : « {example.message} »"
    assert by_name["LEX-02"][5] == known.rulebook["LEX-02"].fixes[""]
    assert by_name["jumelage"] == ["jumelage", "twinning", "توأمة", "texte arabe des lois organiques"]
