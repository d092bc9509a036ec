"""Settings and data files: an installation's own files go over ours, and every fault names its file and key."""

from pathlib import Path

import pytest

from cdi_sync.edges.config import Declarations, data_folder, read_settings
from cdi_sync.errors import ConfigError
from cdi_sync.model import Form
from tests.registries import DECLARED


def overlaid(folder: Path, name: str, text: str) -> Declarations:
    """Declarations with one file of an installation over ours."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Declarations(folder)


def test_the_example_settings_are_the_defaults(tmp_path: Path) -> None:
    empty = tmp_path / "settings.toml"
    empty.write_text("", encoding="utf-8")
    example = read_settings(data_folder("config") / "settings.example.toml")
    assert example.model_copy(update={"interpretations": {}}) == read_settings(empty)
    assert DECLARED.readings(example.interpretations) == DECLARED.readings({})


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "mail.smtp.serveur : à remplir"),
        ("[mail.smtp]\nserveur = 'smtp.fes.example:587'", "mail.smtp.serveur : un nom seulement"),
        ("[mail.smtp]\nserveur = 'smtp://fes.example'", "mail.smtp.serveur : un nom seulement"),
        ("[mail.smtp]\nserveur = 's.example'\nport = 465", "mail.smtp.securite"),
        ("[mail.smtp]\nserveur = 's.example'\nsecurite = 'aucune'", "mail.smtp.securite"),
        ("[mail.smtp]\nserveur = 's.example'\nmot_de_passe = 's3cret'", "mail.smtp.mot_de_passe : clé inconnue"),
        ("[mail.smtp]\nserveur = 's.example'\ndelai = 0", "mail.smtp.delai"),
        ("expediteur = 'CDI <cdi@fes.example>'\n[mail.smtp]\nserveur = 's.example'", "mail.expediteur"),
        ("destinataires_autorises = ['fes.example']\n[mail.smtp]\nserveur = 's'", "mail.destinataires_autorises"),
        ("plafond = 0\n[mail.smtp]\nserveur = 's.example'", "mail.plafond"),
        ("environnement = 'prod'\n[mail.smtp]\nserveur = 's.example'", "mail.environnement"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_told_by_its_key(text: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"[mail]\ntransport = 'smtp'\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_settings(path)
    assert key in error.value.why
    assert "s3cret" not in error.value.why


@pytest.mark.parametrize(
    "text",
    ["[mail.smtp]\nserveur = 's.example'", "[mail.smtp]\nserveur = 's.example'\nport = 465\nsecurite = 'tls'",
     "[mail.smtp]\nserveur = '10.0.0.2'\nport = 25"],
)  # fmt: skip
def test_a_mail_server_that_can_be_used_is_accepted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"[mail]\ntransport = 'smtp'\n{text}\n", encoding="utf-8")
    mail = read_settings(path).mail
    assert (mail.live, mail.environnement, mail.is_trial) == (False, "essai", True)


def test_an_internationalised_sender_is_kept_as_servers_take_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[mail]\nexpediteur = 'cdi@fès.example'\n", encoding="utf-8")
    assert read_settings(path).mail.expediteur == "cdi@xn--fs-7ia.example"


def test_an_installation_replaces_a_file_of_ours_and_says_so(tmp_path: Path) -> None:
    ours = (data_folder("config") / "reminders.toml").read_text(encoding="utf-8")
    declared = overlaid(tmp_path, "reminders.toml", ours.replace('titre = "Visa en cours"', 'titre = "Visa attendu"'))
    assert "Visa attendu" in {reminder.title for reminder in declared.reminders}
    assert list(declared.overlaid()) == ["reminders.toml"]
    assert len(declared.rulebook) == 236


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("law.toml", "[delai_visa]\ntitre = 'x'\n", "law.toml"),
        ("reminders.toml", "[REM-VIS-01]\ntitre = 'x'\n", "reminders.toml [REM-VIS-01]"),
        ("procedure/gen.toml", "[GEN-01]\ntitre = 'x'\n", "procedure/gen.toml [GEN-01]"),
        (
            "procedure/gen.toml",
            "[GEN-01]\ntitre='x'\nseverite='INFO'\nformes=['C']\nsources=['x']\ncontrole='magie'\n",
            "gen.toml [GEN-01]",
        ),
        (
            "procedure/gen.toml",
            "[GEN-01]\ntitre='x'\nseverite='INFO'\nformes=['C']\nsources=['x']\ncouleur='x'\n",
            "gen.toml [GEN-01]",
        ),
        ("stages/convention.toml", "forme = 'CONVENTION'\n", "stages/convention.toml"),
        ("registry/40_actes.toml", "name = 'actes'\n", "registry/40_actes.toml"),
        ("interpretations.toml", "[D-01\n", "interpretations.toml"),
    ],
)
def test_a_faulty_file_is_named_with_its_key(name: str, text: str, named: str, tmp_path: Path) -> None:
    declared = overlaid(tmp_path, name, text)
    with pytest.raises(ConfigError) as error:
        _ = (
            declared.law,
            declared.reminders,
            declared.rulebook,
            declared.machines,
            declared.tabs,
            declared.interpretations,
        )
    assert named in error.value.where


def test_every_state_is_reachable_and_every_gate_names_states_or_is_ahead() -> None:
    codes = {stage.code for machine in DECLARED.machines.values() for stage in machine.stages}
    for machine in DECLARED.machines.values():
        for stage in machine.stages:
            assert {*stage.next} <= codes
            assert stage.todo
    for setback in (s for machine in DECLARED.machines.values() for s in machine.setbacks):
        assert {setback.state, setback.back_to} - {""} <= codes


def test_the_three_forms_are_in_force_from_their_entry_into_it_to_their_execution() -> None:
    ends = {
        form: [s.code for s in machine.stages if s.situation == "vigueur"]
        for form, machine in DECLARED.machines.items()
    }
    assert ends == {
        Form.JUMELAGE: ["J85", "J90"],
        Form.CONVENTION: ["C100", "C110"],
        Form.ADHESION_OING: ["O70"],
    }


@pytest.mark.parametrize(
    ("name", "wrong", "right", "told"),
    [
        ("pieces.toml", 'etapes = ["J95"', 'etapes = ["J94"', "J94"),
        ("stages/convention.toml", 'quand = "dormante"', 'quand = "endormie"', "endormie"),
        ("stages/convention.toml", 'a = "C140"', 'a = "C141"', "C141"),
        ("stages/convention.toml", 'situation = "signe"', 'situation = "signée"', "signée"),
    ],
)
def test_a_state_or_a_condition_that_does_not_exist_is_refused(
    name: str, wrong: str, right: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    text = (data_folder("config") / name).read_text(encoding="utf-8")
    assert wrong in text
    (tmp_path / name).write_text(text.replace(wrong, right, 1), encoding="utf-8")
    declared = Declarations(tmp_path)
    with pytest.raises(ConfigError) as error:
        _ = declared.checklists, declared.machines
    assert name in error.value.where and told in error.value.why


def test_every_text_that_quotes_a_column_uses_its_real_title() -> None:
    import re

    from cdi_sync.text import fold

    columns = [column for tab in DECLARED.tabs.values() for column in tab.columns]
    names = {fold(c.title) for c in columns} | {fold(k.label) for c in columns for k in c.categories}
    for rule in DECLARED.rulebook.checked:
        for text in (*rule.messages.values(), *rule.fixes.values(), rule.expected):
            assert {fold(quoted) for quoted in re.findall(r"« ([^»{]*) »", text)} <= names, rule.id


def test_every_column_a_rule_reads_exists() -> None:
    for rule in DECLARED.rulebook.checked:
        assert rule.column in DECLARED.tabs[rule.subject].by_key, rule.id
        for place in rule.fields:
            tab, _, column = place.partition(".")
            assert column in DECLARED.tabs[tab].by_key, (rule.id, place)
