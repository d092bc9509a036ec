"""`make docs`: the rulebook as French pages, docs/regles/, the glossary, and an example of each rule, config/exemples.toml.

An example is the first story of a rule in which it finds fault (tests/stories), and the very words that the product says of
it; tests/test_rulebook_pages.py keeps them true.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cdi_sync.assessment import Examination, examine
from cdi_sync.edges.config import data_folder
from cdi_sync.help_texts import ORIGINS, Term
from cdi_sync.law import EVERY_TIER, Confidence, Limit, Origin, Unit
from cdi_sync.model import FORM_LETTER
from cdi_sync.rules import Problem
from cdi_sync.rules.engine import findings, message_of
from cdi_sync.rules.rulebook import FAMILIES, READING, Example, Rule
from cdi_sync.shown import FORM_TITLES, MARKS
from tests.registries import DECLARED, knowledge, registry

ROOT = Path(__file__).parent.parent
STORIES = ROOT / "tests" / "stories"
EXAMPLES = data_folder("config") / "exemples.toml"
PAGES = ROOT / "docs" / "regles"
GLOSSARY = ROOT / "docs" / "glossaire.md"
_ORIGINS = {Origin.GUIDE: "dit par le guide", Origin.LOI: "dit par la loi", Origin.PARAMETRE: "choix du logiciel"}
_UNITS = {Unit.MONTHS_OF_YEAR: "(mois de l'année)", Unit.NUMBER: "", Unit.YEARS: "ans", Unit.YEAR: "",
          Unit.DAY_OF_YEAR: "(mois, jour)", Unit.MONDAY_RANK: "(rang du lundi dans le mois)"}  # fmt: skip
_LEVELS = {EVERY_TIER: "", "REGION": "région ", "PREFECTURE": "préfecture ", "PROVINCE": "province ", "COMMUNE": "commune ",
           "GROUPEMENT": "groupement "}  # fmt: skip
_HEAD = "# Un exemple par règle : ce qui se passe, et ce que le logiciel en dit. Fichier écrit par `make docs`, ne rien y changer.\n"
_READ = {  # rules told by the reading of the cells have no story
    "DATA-01": ("le même numéro sert à deux actes", {"actes": [{"id": "ACT-00001"}, {"id": "ACT-00001"}]}),
    "DATA-02": ("une date de création impossible", {"actes": [{"date_creation": "31/02/2026"}]}),
}  # fmt: skip


def examples() -> Mapping[str, Example]:
    """Rule → its example, in the rulebook's order; rules that aren't executable have none."""
    told = _stories()
    made = ((rule, _read(rule) if rule.kind == READING else _told(rule, told.get(rule.id, ())))
            for rule in DECLARED.rulebook.values() if rule.executable)  # fmt: skip
    return {rule.id: example for rule, example in made if example}


def _stories() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Rule → its stories; those written for one change of the rulebook come last, as they tell less of it."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for path in sorted(STORIES.glob("*.toml"), key=lambda path: (path.name.startswith("mutation_"), path.name)):
        for rule, stories in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(rule, []).extend(stories)
    return found


def _told(rule: Rule, stories: Sequence[Mapping[str, Any]]) -> Example | None:
    """A finding before a mere obstacle; the usual readings before the others."""
    faults = [story for story in stories if story["dit"] in ("probleme", "bloque")]
    for story in sorted(faults, key=lambda story: ("lectures" in story, story["dit"] == "bloque")):
        seen = _examined(story)
        for evaluation in seen.verdicts.all:
            named = "ligne" not in story or evaluation.subject.row.id in story["ligne"]
            if evaluation.rule.id == rule.id and isinstance(evaluation.verdict, Problem) and named:
                return Example(story["histoire"], message_of(evaluation.rule, evaluation.verdict))
    return None


def _examined(story: Mapping[str, Any]) -> Examination:
    rows = {tab: story[tab] for tab in DECLARED.tabs if tab in story}
    return examine(registry(rows), knowledge(**story.get("lectures", {})), story["le"])


def _read(rule: Rule) -> Example | None:
    if rule.id not in _READ:
        return None
    situation, rows = _READ[rule.id]
    known = knowledge()
    seen = examine(registry(rows), known, date(2026, 11, 23))
    all_told = findings(seen.verdicts, seen.problems, known.rulebook, seen.context, known.tabs)
    return next((Example(situation, finding.message) for finding in all_told if finding.rule == rule.id), None)


def examples_text(told: Mapping[str, Example]) -> str:
    """The contents of config/exemples.toml."""
    tables = (
        f"[{id_}]\nsituation = {_quoted(_capital(example.situation))}\nmessage = {_quoted(example.message)}\n"
        for id_, example in told.items()
    )
    return "\n".join([_HEAD, *tables])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------ pages


def pages() -> Mapping[Path, str]:
    """Path → text of every page."""
    texts = DECLARED.help_texts()
    families = {code: [r for r in DECLARED.rulebook.values() if r.id.split("-")[0] == code] for code in FAMILIES}
    found = {PAGES / f"{code.lower()}.md": _family(code, rules, texts.examples) for code, rules in families.items()}
    found[PAGES / "README.md"] = _index(families)
    found[GLOSSARY] = _glossary(texts.glossary)
    return found


def _index(families: Mapping[str, Sequence[Rule]]) -> str:
    every = [rule for rules in families.values() for rule in rules]
    checked = sum(rule.executable for rule in every)
    lines = [
        "# Le recueil des règles",
        "",
        f"{len(every)} règles, tirées du guide et des lois : {checked} contrôlées par le logiciel, {len(every) - checked} laissées",
        "aux personnes, avec la raison. Ces pages sont écrites par `make docs` à partir de `config/procedure/`.",
        "",
        "| Famille | Règles | Contrôlées |",
        "|---|---:|---:|",
    ]
    for code, rules in families.items():
        name = f"[{code} : {FAMILIES[code]}]({code.lower()}.md)"
        lines.append(f"| {name} | {len(rules)} | {sum(rule.executable for rule in rules)} |")
    return "\n".join([*lines, ""])


def _family(code: str, rules: Sequence[Rule], told: Mapping[str, Example]) -> str:
    return "\n".join(
        [f"# {code} : {FAMILIES[code]}", "", *(line for rule in rules for line in _rule(rule, told.get(rule.id)))]
    )


def _rule(rule: Rule, example: Example | None) -> Iterator[str]:
    yield f"## {rule.id} : {rule.title}"
    yield ""
    yield f"- **Gravité** : {MARKS[rule.severity]}"
    yield f"- **Concerne** : {_forms(rule)}"
    yield f"- **Textes** : {' ; '.join(rule.sources)}"
    if not rule.executable:
        yield f"- **Non contrôlée par le logiciel** : {rule.reason}"
        yield ""
        return
    yield f"- **Attendu** : {rule.expected}"
    yield f"- **Contrôlée sur** : {_where(rule)}"
    if rule.fields:
        yield f"- **Lit** : {', '.join(_cell(place) for place in rule.fields)}"
    if rule.limit:
        yield from _limits(rule)
    if rule.gates:
        yield f"- **Conditionne** : {', '.join(gate.replace('>', ' → ') for gate in rule.gates)}"
    deciding = [id_ for id_, point in DECLARED.interpretations.items() if rule.id in point["decide"]]
    if deciding:
        yield f"- **Lecture choisie dans les réglages** : {', '.join(f'{i} ({_title(i)})' for i in deciding)}"
    if example:
        yield f"- **Exemple** : {example.situation}. Le logiciel dit : « {example.message} »"
    yield from (f"- **Comment y remédier** : {fix}" for fix in dict.fromkeys(rule.fixes.values()) if fix)
    yield ""


def _title(point: str) -> str:
    return _small(DECLARED.interpretations[point]["titre"])


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _forms(rule: Rule) -> str:
    forms = [FORM_TITLES[form].lower() for form in FORM_LETTER.values() if form in rule.forms]
    module = f", si le module « {rule.module} » est activé" if rule.module else ""
    return (", ".join(forms) or "tout le registre") + module


def _where(rule: Rule) -> str:
    if rule.kind == READING:
        return "chaque cellule, à la lecture du classeur"
    return f"chaque ligne de l'onglet « {DECLARED.tabs[rule.subject].title} »"


def _cell(place: str) -> str:
    tab, _, column = place.partition(".")
    declared = DECLARED.tabs[tab]
    return f"« {declared.by_key[column].title} » ({declared.title})"


def _limits(rule: Rule) -> Iterator[str]:
    """Each value that its limit has had, with where it comes from and how sure it is."""
    limit = DECLARED.law.limits[rule.limit]
    sure = _ORIGINS[limit.origin] + (", à vérifier" if limit.confidence is Confidence.TO_CHECK else "")
    for dated in limit.history:
        told = {level: _value(limit, level, value) for level, value in dated.values.items()}
        if len(set(told.values())) == 1:
            told = {EVERY_TIER: next(iter(told.values()))}
        values = " ; ".join(f"{_LEVELS[level]}{value}" for level, value in told.items())
        counted = f" ; compte : {limit.counted_from}" if limit.counted_from else ""
        since = f", depuis le {dated.since:%d/%m/%Y}" if limit.origin is not Origin.PARAMETRE else ""
        yield f"- **Limite** : {_small(limit.title)}{since} : {values}{counted} ({sure})"


def _value(limit: Limit, level: str, value: object) -> str:
    unit = limit.units.get(level) or limit.units[EVERY_TIER]
    told = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value).replace(".", ",")
    return f"{told} {_UNITS.get(unit, unit.value.replace('_', ' '))}".strip()


def _glossary(terms: Sequence[Term]) -> str:
    lines = [
        "# Les mots de la coopération décentralisée",
        "",
        "| Français | العربية | English | Origine de l'arabe |",
        "|---|---|---|---|",
    ]
    lines += [f"| {term.fr} | {term.ar} | {term.en} | {ORIGINS[term.origine]} |" for term in terms]
    return "\n".join([*lines, ""])


def main() -> None:
    """Writes the examples first, since the pages show them."""
    EXAMPLES.write_text(examples_text(examples()), encoding="utf-8")
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
