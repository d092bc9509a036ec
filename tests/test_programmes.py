"""The programmes that cofinance projects: what a cell designates, which version holds, what is known and what isn't."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges.config import Declarations, data_folder
from cdi_sync.errors import ConfigError
from cdi_sync.programmes import Programmes
from tests.registries import DECLARED

KNOWN = DECLARED.programmes
START = {"valeur": date(2030, 1, 1), "source": "Circulaire d'essai", "confiance": "confirme"}


def invented(**version: Any) -> dict[str, Any]:
    return {
        "ESSAI": {"titre": "Programme d'essai", "noms": ["Essai"], "versions": {"2030": {"debut": START, **version}}}
    }


@pytest.mark.parametrize(
    ("typed", "code", "version"),
    [
        ("FRMA", "FRMA", None),
        ("frma-2019-2021", "FRMA", "2019-2021"),
        ("Dispositif conjoint franco-marocain 2022-2024", "FRMA", "2022-2024"),
        ("FRMA, deuxième tranche", "FRMA", None),
        ("FONDS AFRICAIN", "FACDI", None),
        ("Fonds africain d'appui à la coopération décentralisée internationale", "FACDI", None),
    ],
)
def test_a_cell_designates_a_programme_and_the_version_that_it_names(
    typed: str, code: str, version: str | None
) -> None:
    asked = KNOWN.read(typed)
    assert asked
    assert asked.programme.code == code
    assert (asked.version.label if asked.version else None) == version


@pytest.mark.parametrize("typed", ["Erasmus", "FRMAX", "Fonds", ""])
def test_a_name_that_is_none_of_theirs_designates_nothing(typed: str) -> None:
    assert KNOWN.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "day", "version"),
    [
        ("FRMA", date(2019, 2, 7), None),
        ("FRMA", date(2019, 2, 8), "2019-2021"),
        ("FRMA", date(2021, 12, 16), "2019-2021"),
        ("FRMA", date(2021, 12, 17), "2022-2024"),  # both are open: the one that began last
        ("FRMA 2019-2021", date(2021, 12, 31), "2019-2021"),
        ("FRMA 2019-2021", date(2022, 1, 1), None),
        ("FRMA", date(2024, 12, 31), "2022-2024"),
        ("FRMA", date(2025, 1, 1), None),
        ("FACDI", date(2020, 3, 8), None),
        ("FACDI", date(2035, 1, 1), "2020"),
    ],
)
def test_a_version_holds_from_its_first_day_to_its_last(typed: str, day: date, version: str | None) -> None:
    asked = KNOWN.read(typed)
    assert asked
    found = asked.on(day)
    assert (found.label if found else None) == version


def test_themes_are_those_of_the_day_and_the_nine_of_the_guide_have_no_names() -> None:
    version = KNOWN.by_code["FRMA"].versions[0]
    nine, twelve = version.themes_on(date(2020, 12, 13)), version.themes_on(date(2020, 12, 14))
    assert nine
    assert twelve
    assert (nine.count, nine.names, len(twelve.names)) == (9, (), 12)
    assert twelve.include("Développement durable")
    assert twelve.include("DEVELOPPEMENT ECONOMIQUE LOCAL")
    assert not twelve.include("Développement")
    assert KNOWN.by_code["FACDI"].versions[0].themes_on(date(2026, 1, 1)) is None


def test_every_rate_rule_that_a_version_names_exists() -> None:
    named = {rule for programme in KNOWN.by_code.values() for version in programme.versions for rule in version.rules}
    assert named
    assert named <= set(DECLARED.rulebook)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"ESSAI": {"titre": "Essai", "noms": ["Essai"]}}, "ESSAI : il manque versions"),
        (invented(couleur="bleu"), "clé inconnue couleur"),
        (invented(fin={**START, "valeur": date(2029, 12, 31)}), "la fin précède le début"),
        (invented(enveloppe_ma=8_000_000), "écrire { valeur = "),
        (invented(enveloppe_ma={**START, "valeur": "huit"}), "n'est pas une valeur de ce genre"),
        (invented(fin={**START, "confiance": "sûr"}), "valeurs admises : confirme, a_verifier"),
        (invented(thematiques=[{"depuis": date(2030, 1, 1), "nombre": 2, "liste": ["Eau"], "source": "Essai",
                                "confiance": "confirme"}]), "la liste a 1 thèmes, nombre dit 2"),
    ],
)  # fmt: skip
def test_a_file_that_doesnt_suit_says_where(data: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        Programmes.parse(data)


def test_an_installation_puts_its_own_file_in_place_of_ours(tmp_path: Path) -> None:
    ours = (data_folder("config") / "programmes.toml").read_text(encoding="utf-8")
    known = 'depuis = 2019-02-08\nnombre = 1\nliste = ["Eau"]'
    (tmp_path / "programmes.toml").write_text(ours.replace("depuis = 2019-02-08\nnombre = 9", known), encoding="utf-8")
    themes = Declarations(tmp_path).programmes.by_code["FRMA"].versions[0].themes_on(date(2019, 3, 1))
    assert themes
    assert themes.names == ("Eau",)


def test_a_file_of_an_installation_that_doesnt_suit_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "programmes.toml").write_text('[ESSAI]\ntitre = "Essai"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="programme de cofinancement") as raised:
        _ = Declarations(tmp_path).programmes
    assert raised.value.where == "programmes.toml"
