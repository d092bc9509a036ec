"""Creates an installation: the settings file and the workbook that staff will fill."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdi_sync.demo import DemoRegistry
from cdi_sync.edges.config import (
    MODULES,
    Declarations,
    GoogleSettings,
    RegistrySettings,
    Settings,
    data_folder,
    read_settings,
)
from cdi_sync.edges.files import write_atomically
from cdi_sync.edges.hints import Hints
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.errors import CdiError


def create(
    folder: Path, rows: Mapping[str, Sequence[Mapping[str, object]]], *, modules: Sequence[str] | None = None
) -> tuple[Path, Path]:
    """Writes `settings.toml` and the workbook in a folder: (settings, workbook). Never replaces a registry.

    modules: those switched on, None for the usual ones.
    """
    settings, workbook = folder / "settings.toml", folder / Settings().registre.classeur
    for path in (settings, workbook):
        if path.exists():
            raise CdiError(f"« {path.name} » existe déjà.", where=str(folder),
                           fix="Choisir un autre dossier ; un registre n'est jamais remplacé.")  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    declared = Declarations(folder / "config")
    chosen = Settings().registre
    shown = chosen.modules if modules is None else modules
    hints = hints_of(declared, frozenset(shown))
    data = build_workbook(list(declared.tabs.values()), rows, spare_rows=chosen.lignes_en_reserve, hints=hints)
    write_atomically(workbook, data)
    text = (data_folder("config") / "settings.example.toml").read_text(encoding="utf-8")
    usual, wanted = (f"modules = {json.dumps(list(each))}" for each in (chosen.modules, shown))
    write_atomically(settings, text.replace(usual, wanted, 1).encode())
    return settings, workbook


def create_google(folder: Path, spreadsheet: str, key: Path | None) -> tuple[Path, int]:
    """Makes a registry of a Google spreadsheet, or mends it: (settings, how many things were changed there).

    spreadsheet: its identifier, or its address in a browser. `settings.toml` is written last, when all went well; a
    folder that has one already must be of that spreadsheet. Raises CdiError.
    """
    from cdi_sync.edges.workbook_google.opening import open_http  # gspread: not for a local file
    from cdi_sync.edges.workbook_google.provisioning import provision

    wanted = identifier_of(spreadsheet)
    path = folder / "settings.toml"
    settings = read_settings(path) if path.exists() else _first_settings(wanted, key)
    if settings.registre.google != wanted:
        raise CdiError("Ce dossier est celui d'un autre registre.", where=str(path),
                       fix="Choisir un autre dossier.")  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    declared = Declarations(folder / "config")
    changes = provision(
        open_http(settings.google, folder), wanted, list(declared.tabs.values()),
        spare_rows=settings.registre.lignes_en_reserve, hints=hints_of(declared, frozenset(settings.registre.modules)),
    )  # fmt: skip
    if not path.exists():
        write_atomically(path, _google_settings(wanted, key).encode())
    return path, changes


def identifier_of(spreadsheet: str) -> str:
    """The identifier of a spreadsheet, from itself or from its address. Raises CdiError."""
    told = re.fullmatch(
        r"(?:https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/)?([\w-]+)(?:[/?#].*)?", spreadsheet.strip()
    )
    if told is None:
        raise CdiError("Ce n'est pas l'identifiant d'une feuille de calcul Google.", where=spreadsheet,
                       fix="Copier l'adresse de la feuille de calcul, ou ce qui s'y trouve entre « /d/ » et « /edit ».")  # fmt: skip
    return told[1]


def _first_settings(spreadsheet: str, key: Path | None) -> Settings:
    google = GoogleSettings(cle=key.resolve() if key else None)
    return Settings(registre=RegistrySettings(google=spreadsheet), google=google)


def _google_settings(spreadsheet: str, key: Path | None) -> str:
    """The example's settings, with a spreadsheet in the place of the file."""
    text = (data_folder("config") / "settings.example.toml").read_text(encoding="utf-8")
    text = text.replace('google = ""', f"google = {json.dumps(spreadsheet)}", 1)
    if key is None:
        return text
    chosen = f"cle = {json.dumps(str(key.resolve()), ensure_ascii=False)}\n"
    return text.replace("# cle =", f"{chosen}# cle =", 1)


def hints_of(declared: Declarations, modules: frozenset[str] | None = None) -> Hints:
    """What the stages, the rule on the visa's authority and the modules switched on say of the look of the tabs."""
    readings = [reading for name, reading in declared.rulebook["LEX-10"].parameters.items() if name != "noms"]
    named = {value for reading in readings for value in reading.values()}
    every = [category.value for category in declared.tabs["visas_accords"].column("autorite").categories]
    tiers = {tier for reading in readings for tier in reading}
    return Hints(
        modules=modules,
        situations={stage.code: stage.situation for m in declared.machines.values() for stage in m.stages},
        authorities={
            # an authority that no reading ever gives the visa to may still sign something else
            tier: [value for value in every if value not in named or value in {r.get(tier) for r in readings}]
            for tier in sorted(tiers)
        },
    )


def create_demo(folder: Path, registry: DemoRegistry) -> Path:
    """Writes a demo installation anew, with what was planted in it (`attendu.json`): the settings' path.

    Replaces an earlier demo; refuses a folder that holds anything else.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "attendu.json").exists():
            raise CdiError("Ce dossier n'est pas une démonstration.", where=str(folder),
                           fix="Choisir un dossier vide ; rien n'a été touché.")  # fmt: skip
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    expected = {"as_of": registry.as_of.isoformat(), "rows": registry.expected}
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    write_atomically(
        folder / "attendu.json", text.encode()
    )  # first: it marks the folder as a demo, even a half-made one
    settings, _ = create(folder, registry.rows, modules=MODULES)
    return settings
