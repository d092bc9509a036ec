"""`make docs`: the states of each form and of an evaluation, their passages, what they ask, the life that goes through them.

Writes docs/etats.md from config/stages/, config/catalogue/passages.toml, the rules' `transitions` and tests/lives/.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from cdi_sync.edges.config import data_folder, read_toml
from cdi_sync.model import Form
from cdi_sync.procedure import EVENT_WORDS, Machine, Stage
from cdi_sync.shown import actor_title
from tests.registries import DECLARED
from tests.walking import lives, passages

PAGE = Path(__file__).parent.parent / "docs" / "etats.md"
PASSAGES: Mapping[str, Mapping[str, str]] = read_toml(data_folder("config") / "catalogue" / "passages.toml")
RANGES: Mapping[str, Machine] = {
    **{form: DECLARED.machines[Form(form)] for form in PASSAGES if form != "EVALUATION"},
    "EVALUATION": DECLARED.evaluation_machine,
}
_TITLES = {
    "JUMELAGE": "Jumelage",
    "CONVENTION": "Convention ou accord de partenariat",
    "ADHESION_OING": "Adhésion à une organisation",
    "EVALUATION": "Évaluation d'un acte",
}


@cache
def lived() -> Mapping[str, str]:
    """Passage → the first life that goes through it; « *>C-A » by any way to C-A, « >C00 » for where a life begins."""
    found: dict[str, str] = {}
    for life in lives():
        for before, after in passages(life):
            found.setdefault(f"{before}>{after}", life.name)
            found.setdefault(f"*>{after}", life.name)
    return found


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([*_head(), *(line for form in PASSAGES for line in _machine(form))]) + "\n"


def _head() -> Iterator[str]:
    states, ways = sum(len(m.stages) for m in RANGES.values()), sum(len(p) for p in PASSAGES.values())
    yield "# Les états d'un acte, et les passages de l'un à l'autre"
    yield ""
    yield (
        f"{states} états et {ways} passages. L'état n'est jamais saisi : il se déduit des dates et des pièces du registre. "
        "Une règle citée par un passage retient l'acte tant qu'elle n'est pas satisfaite, si elle est bloquante ; une "
        "dérogation motivée la lève. La dernière colonne dit quelle vie (`tests/lives/`) passe par là, jour après jour."
    )
    yield ""
    yield "Page écrite par `make docs` ; ne pas la modifier à la main."


def _machine(form: str) -> Iterator[str]:
    machine = RANGES[form]
    yield from (
        "",
        f"## {_TITLES[form]}",
        "",
        "| État | Titre | Preuves | À qui d'agir | La suite |",
        "|---|---|---|---|---|",
    )
    for stage in machine.stages:
        yield f"| {stage.code} | {stage.title} | {_evidence(stage, machine)} | {actor_title(stage.actor)} | {stage.todo} |"
    yield from ("", "| Passage | Quand | Règles à satisfaire | Vie |", "|---|---|---|---|")
    for passage, when in PASSAGES[form].items():
        yield f"| {passage} | {when} | {_guards(passage)} | {lived().get(passage, '')} |"


def _evidence(stage: Stage, machine: Machine) -> str:
    """What proves a state, in words; for those that nothing proves, how they come to show."""
    if stage.evidence:
        kinds = (" ou ".join(EVENT_WORDS[kind] for kind in wanted.split("|")) for wanted in stage.evidence)
        return " ; ".join(kinds)
    back = [EVENT_WORDS[setback.event] for setback in machine.setbacks if setback.state == stage.code]
    over = [overlay.condition.replace("_", " ") for overlay in machine.overlays if overlay.state == stage.code]
    return " ou ".join([*back, *dict.fromkeys(over)])


def _guards(passage: str) -> str:
    guards = DECLARED.rulebook.guards(passage)
    return ", ".join(rule.id if rule.executable else f"{rule.id} (par une personne)" for rule in guards)


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"docs/{PAGE.name} est à jour.")


if __name__ == "__main__":
    main()
