"""`make docs`: writes docs/lectures.md, the readings and what the guide says beside the rules.

All of it comes from config/interpretations.toml, choix_documentes.toml and hors_controle.toml; tests/test_statements.py keeps
the page true.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cdi_sync.edges.config import Declarations

PAGE = Path(__file__).parent.parent / "docs" / "lectures.md"
FORMS = {"J": "jumelages", "C": "conventions", "O": "adhésions"}
TIERS = {"REGION": "régions", "PREFECTURE": "préfectures", "PROVINCE": "provinces", "COMMUNE": "communes"}


def page(declared: Declarations) -> str:
    """The whole page, in Markdown."""
    return "\n".join([*_settings(declared), *_choices(declared), *_statements(declared)]) + "\n"


def _settings(declared: Declarations) -> Iterator[str]:
    points = declared.interpretations
    yield from ("# Comment les textes sont lus", "")
    yield (
        f"Le guide et les lois organiques se contredisent ou se taisent sur {len(points) + len(declared.choices)} points. "
        f"{len(points)} se règlent dans `settings.toml`, section `[interpretations]` ; {len(declared.choices)} sont des choix "
        "du logiciel, sans réglage. Là où le guide parle, sa lecture est celle par défaut. "
        "Page écrite par `make docs` ; ne pas la modifier à la main."
    )
    yield ""
    yield (
        "« cdi explain N° » dit, pour un acte ou une ligne, quelles lectures y décident quelque chose ; « cdi rules RÈGLE » dit "
        "de quelles lectures une règle dépend. Changer une lecture ne change rien à ce qui est saisi : le contrôle suivant "
        "conclut autrement."
    )
    yield from ("", f"## Les {len(points)} réglages")
    for id_, point in points.items():
        yield from ("", f"### {id_} · {point['titre']}", "")
        yield from ("| Valeur | Lecture |", "|---|---|")
        for name, text in point["lectures"].items():
            default = " (par défaut)" if name == point["defaut"] else ""
            yield f"| `{name}`{default} | {text} |"
        yield from ("", f"{_about(point)}Décide : {', '.join(_decided(id_, point, declared))}.")


def _about(point: Mapping[str, Any]) -> str:
    whom = [*(FORMS[form] for form in point.get("formes", ())), *(TIERS[tier] for tier in point.get("niveaux", ()))]
    return f"Ne concerne que les {', '.join(whom)}. " if whom else ""


def _decided(id_: str, point: Mapping[str, Any], declared: Declarations) -> Iterator[str]:
    for rule in point["decide"]:
        yield f"{rule} ({declared.rulebook[rule].title[0].lower()}{declared.rulebook[rule].title[1:]})"
    for machine in declared.machines.values():
        for stage in machine.stages:
            if any(name.startswith(f"{id_}:") for name in (stage.reading, stage.excused)):
                yield f"l'étape {stage.code} ({stage.title[0].lower()}{stage.title[1:]})"


def _choices(declared: Declarations) -> Iterator[str]:
    yield from ("", f"## Les {len(declared.choices)} choix sans réglage", "")
    yield from ("| | Point | Choix | Pourquoi | Règles |", "|---|---|---|---|---|")
    for choice in declared.choices.values():
        rules = ", ".join(choice.rules) or "—"
        yield f"| {choice.id} | {choice.title} | {choice.chosen} | {choice.why} | {rules} |"


def _statements(declared: Declarations) -> Iterator[str]:
    statements = declared.statements.values()
    yield from ("", f"## Ce que le guide dit et qu'aucun logiciel ne vérifie : {len(statements)} phrases", "")
    yield "Dites ici en d'autres mots ; « cdi rules --hors-controle » les donne aussi."
    yield from ("", "| | Ce qui est dit | Pourquoi aucun contrôle | À la place | Règles |", "|---|---|---|---|---|")
    for one in statements:
        rules = ", ".join(one.rules) or "—"
        yield f"| {one.id} | {one.says} *{one.source}* | {one.why} | {one.instead} | {rules} |"


def main() -> None:
    PAGE.write_text(page(Declarations()), encoding="utf-8")
    print("docs/lectures.md est à jour.")


if __name__ == "__main__":
    main()
