"""Settings changed by the software as a person would change them."""

import tomllib

import pytest

from cdi_sync.edges.config import data_folder
from cdi_sync.edges.settings_text import with_values
from cdi_sync.errors import ConfigError

SWITCH = {("registre", "google"): "abc-1", ("registre", "classeur"): 'é "là".xlsx'}


def test_the_example_keeps_its_comments_and_all_other_lines() -> None:
    text = (data_folder("config") / "settings.example.toml").read_text(encoding="utf-8")
    lines, changed = text.splitlines(), with_values(text, SWITCH).splitlines()
    differing = [after for before, after in zip(lines, changed, strict=True) if before != after]
    assert differing == [
        'classeur = "é \\"là\\".xlsx"      # le classeur que le service remplit (chemin relatif à ce fichier)',
        "google = \"abc-1\"                     # ou l'identifiant d'une feuille de calcul Google, à la place du classeur : "
        "voir docs/google.md",
    ]


@pytest.mark.parametrize(("text", "why"), [
    ("", "no settings yet"),
    ("[registre]\nlignes_en_reserve = 0", "no line of that key, no end of line"),
    ("[mail]\ngoogle = 'autre'\n\n[registre]  # ici\nclasseur = 'a.xlsx'\n[suivi]\nbase = 'b'\n", "keys of other sections"),
])  # fmt: skip
def test_what_is_not_there_is_added_in_its_section(text: str, why: str) -> None:
    before = tomllib.loads(text)
    after = tomllib.loads(with_values(text, SWITCH))
    assert after["registre"] == {**before.get("registre", {}), "google": "abc-1", "classeur": 'é "là".xlsx'}
    assert {k: v for k, v in after.items() if k != "registre"} == {k: v for k, v in before.items() if k != "registre"}


@pytest.mark.parametrize("text", ["registre = { google = 'x' }\n", "registre.google = 'x'\n"])
def test_settings_written_in_another_way_are_left_to_a_person(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        with_values(text, SWITCH)
    assert '[registre] google = "abc-1"' in refused.value.fix
