"""Settings of an installation, and the data files under `config/`: found, read, checked.

Data files come from the checkout or from the wheel, and `DIR/config/` of an installation overlays them file by file.
Every error names the file and the key. Nothing else reads configuration.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import tomli
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cdi_sync.errors import ConfigError
from cdi_sync.forms.declaration import Declared, parse_form
from cdi_sync.help_texts import HelpTexts, Term
from cdi_sync.law import Law
from cdi_sync.living import CONDITIONS
from cdi_sync.mail.tokens import LONGEST_NAME, is_answerable
from cdi_sync.model import Category, Column, Form, Owner, Tab
from cdi_sync.people import Role, parse_roles
from cdi_sync.pieces import Checklist, categories, parse_checklist
from cdi_sync.procedure import CONCERNS, EXCUSES, SITUATIONS, Machine, Overlay, Setback, Stage
from cdi_sync.programmes import Programmes
from cdi_sync.reminders import Reminder, parse_reminder
from cdi_sync.reminders.notices import check_triggers
from cdi_sync.rules.kinds import KINDS
from cdi_sync.rules.rulebook import FAMILIES, READING, Example, Rulebook, parse_rule
from cdi_sync.rules.statements import Choice, Statement, parse_choice, parse_statement
from cdi_sync.text import ascii_address

if TYPE_CHECKING:
    from cdi_sync.documents.declaration import Declared as Document
    from cdi_sync.forms.telling import Practice as Acknowledging
    from cdi_sync.importing.vocabulary import Vocabulary
    from cdi_sync.mail.guests import Practice
    from cdi_sync.mail.language import Language
    from cdi_sync.mail.words import Words

Module: TypeAlias = Literal["suivi", "finances", "projet", "appels", "formulaires"]
MODULES: tuple[Module, ...] = get_args(Module)

_PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """The folder of data files of that name: at the top of a checkout, inside the package in a wheel."""
    checkout = _PACKAGE.parent / name
    return checkout if (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / "data" / name


# ---------------------------------------------------------------------------------------------------- settings


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RegistrySettings(_Section):
    """The workbook that staff edit. modules: the tabs and columns that show, beside those that always do.

    google: identifier of a Google spreadsheet, which takes the place of the file `classeur`; "" for the file.
    """

    classeur: Path = Path("registre.xlsx")
    google: str = Field(default="", pattern=r"^[\w-]*$")
    lignes_en_reserve: int = Field(default=200, ge=0, le=5000)
    sauvegardes: int = Field(default=30, ge=0)
    modules: tuple[Module, ...] = ("suivi", "finances")


class GoogleSettings(_Section):
    """How Google is spoken to, when the registry is there. Times are in seconds.

    cle: the key file of the service account, "" for the environment's. sheets, drive, forms: addresses of the services.
    lectures_par_minute, ecritures_par_minute: what all jobs take together, under Google's 60 each. delai: for an answer;
    essais: tries of one request; patience: what one run may spend waiting before it gives up. relire_apres: days after
    which cells are read again though Drive says that nothing changed; 0 to read them each time.
    """

    cle: Path | None = None
    sheets: str = "https://sheets.googleapis.com"
    drive: str = "https://www.googleapis.com"
    forms: str = "https://forms.googleapis.com"
    lectures_par_minute: int = Field(default=50, ge=1, le=300)
    ecritures_par_minute: int = Field(default=50, ge=1, le=300)
    delai_connexion: float = Field(default=10, gt=0)
    delai: float = Field(default=60, gt=0)
    essais: int = Field(default=10, ge=1, le=20)
    patience: float = Field(default=420, ge=0)
    relire_apres: int = Field(default=7, ge=0, le=31)


class MailServerSettings(_Section):
    """A server of mail, of either kind; serveur: "" for none. Its password is never written here.

    The password is in a secret file, or in an environment variable. delai: seconds to wait for an answer. autorite:
    certificates of the authority that vouches for the server, when it is an own one.
    """

    serveur: str = ""
    securite: Literal["starttls", "tls"] = "tls"
    utilisateur: str = ""
    mot_de_passe_fichier: Path | None = None
    autorite: Path | None = None
    delai: float = Field(default=60, gt=0)


class SmtpSettings(MailServerSettings):
    """Where letters are handed over. delai_final: seconds for the answer that accepts one (RFC 5321: ten minutes)."""

    port: int = Field(default=587, ge=1, le=65535)
    securite: Literal["starttls", "tls"] = "starttls"
    mot_de_passe_variable: str = "CDI_SMTP_PASSWORD"
    delai_final: float = Field(default=600, gt=0)


class ImapSettings(MailServerSettings):
    """The mailbox that is read for answers, returned letters and audit copies.

    boite: the folder where they come in; temoin: the one where audit copies are filed, "" for the same.
    """

    port: int = Field(default=993, ge=1, le=65535)
    mot_de_passe_variable: str = "CDI_IMAP_PASSWORD"
    boite: str = "INBOX"
    temoin: str = ""


class MailSettings(_Section):
    """How letters leave: a folder of `.eml` files, a mail server, or not at all.

    live: a mail server is used only when it is true. destinataires_autorises: addresses, or "@domaine"; outside
    production nobody else is written to. plafond: letters handed to a server in one run. reponses: the address that
    answers go to, whose server must take "name+anything@domain"; "" to take none. temoin: the address that gets a copy
    of each letter, in the same transaction, so that a lost answer of the server can be settled; "" for none.
    """

    transport: Literal["folder", "smtp", "none"] = "folder"
    live: bool = False
    environnement: Literal["essai", "production"] = "essai"
    destinataires_autorises: tuple[str, ...] = ()
    plafond: int = Field(default=200, ge=1)
    dossier: Path = Path("courriels")
    expediteur: str = "cdi@collectivite.example"
    service: str = "Service de la coopération décentralisée internationale"
    reponses: str = ""
    temoin: str = ""
    smtp: SmtpSettings = SmtpSettings()
    imap: ImapSettings = ImapSettings()

    @field_validator("expediteur", "reponses", "temoin")
    @classmethod
    def _in_ascii(cls, address: str) -> str:
        """A domain such as « fès.ma » is written as mail servers take it."""
        return address if address.isascii() else (ascii_address(address) or address)

    @property
    def is_trial(self) -> bool:
        """True when letters go through a mail server outside production: their subject says so."""
        return self.transport == "smtp" and self.environnement != "production"


class StoreSettings(_Section):
    """Where what was sent is recorded: a SQLite file, or the address of a database that several machines share.

    base: a path, or "postgresql+psycopg://user@server/name" (its password from PGPASSWORD or ~/.pgpass).
    """

    base: str = "suivi.sqlite"

    @property
    def is_shared(self) -> bool:
        return "://" in self.base


class FormsSettings(_Section):
    """How forms come back. dossier: the folder where returned files are put (module `formulaires`)."""

    dossier: Path = Path("formulaires")


class Settings(_Section):
    """`settings.toml`, checked as a whole; paths in it are relative to its folder."""

    registre: RegistrySettings = RegistrySettings()
    google: GoogleSettings = GoogleSettings()
    mail: MailSettings = MailSettings()
    suivi: StoreSettings = StoreSettings()
    formulaires: FormsSettings = FormsSettings()
    interpretations: dict[str, str] = {}


_ERRORS = {
    "extra_forbidden": "clé inconnue",
    "missing": "clé manquante",
    "literal_error": "valeur impossible ; valeurs possibles : {expected}",
    "greater_than_equal": "nombre trop petit (au moins {ge})",
    "string_pattern_mismatch": "forme impossible",
    "less_than_equal": "nombre trop grand (au plus {le})",
}


def read_settings(path: Path) -> Settings:
    """Reads and checks a settings file. Raises ConfigError that lists every fault with its key."""
    if not path.is_file():
        raise ConfigError(
            "Aucun fichier de réglages.",
            where=str(path),
            fix="Créer une installation par « cdi init DOSSIER », ou indiquer la sienne : --config DOSSIER/settings.toml.",
        )
    try:
        settings = Settings.model_validate(read_toml(path))
        faults = list(_contradictions(settings.mail))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))} : {_fault(e)}" for e in error.errors()]
    if faults:
        raise ConfigError("Des réglages ne conviennent pas.", where=path.name, why="\n".join(faults),
                          fix="Corriger ces lignes ; le modèle commenté est config/settings.example.toml.")  # fmt: skip
    return settings


def _contradictions(mail: MailSettings) -> Iterator[str]:
    """What can't be used though each value is possible, by key."""
    if mail.reponses and not is_answerable(mail.reponses):
        yield (
            f"mail.reponses : « {mail.reponses} » n'est pas une adresse d'au plus {LONGEST_NAME} signes avant « @ » "
            "(une signature la suit)"
        )
    if mail.transport != "smtp":
        return
    if not mail.smtp.serveur:
        yield "mail.smtp.serveur : à remplir, puisque mail.transport vaut « smtp »"
    if ":" in mail.smtp.serveur or "/" in mail.smtp.serveur:
        yield "mail.smtp.serveur : un nom seulement, comme smtp.collectivite.ma ; le port a sa propre clé"
    if (mail.smtp.securite, mail.smtp.port) == ("starttls", 465):
        yield "mail.smtp.securite : le port 465 demande « tls » ; « starttls » va avec 587"
    if ascii_address(mail.expediteur) is None:
        yield f"mail.expediteur : « {mail.expediteur} » n'est pas une adresse"
    for name in mail.destinataires_autorises:
        if "@" not in name:
            yield f"mail.destinataires_autorises : « {name} » n'est ni une adresse, ni un domaine comme « @collectivite.ma »"


def _fault(error: Any) -> str:
    template = _ERRORS.get(error["type"])
    return template.format(**error.get("ctx", {})) if template else f"valeur impossible ({error['input']!r})"


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a mapping. Raises ConfigError naming the file and the line."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8-sig"))
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("Le fichier n'est pas du TOML correct.", where=path.name, why=str(error),
                          fix="Vérifier guillemets, crochets et signe = autour de cet endroit.") from None  # fmt: skip


# ----------------------------------------------------------------------------------------------- declarations


@dataclass(frozen=True)
class Declarations:
    """All that `config/` declares, overlaid by an installation's own files. Read lazily, each file once."""

    overlay: Path | None = None

    def files(self, pattern: str) -> Sequence[Path]:
        """The files of that pattern, in order of name, the overlay's in place of ours."""
        found = {path.relative_to(root): path for root in self._roots for path in root.glob(pattern)}
        return [found[name] for name in sorted(found, key=lambda name: _natural(name.name))]

    @property
    def _roots(self) -> Sequence[Path]:
        return [data_folder("config"), *([self.overlay] if self.overlay and self.overlay.is_dir() else [])]

    def overlaid(self) -> Sequence[str]:
        """Names of the files that this installation puts in place of ours."""
        if self.overlay is None or not self.overlay.is_dir():
            return []
        own = [path for pattern in ("*.toml", "*.docx") for path in self.overlay.rglob(pattern)]
        return sorted(str(path.relative_to(self.overlay)) for path in own)

    def _one(self, name: str) -> dict[str, Any]:
        return read_toml(self.files(name)[0])

    @cached_property
    def tabs(self) -> Mapping[str, Tab]:
        """Staff tabs by name, in the workbook's order."""
        lists = {"pieces": categories(self.checklists), "formulaires": self._form_titles}
        tabs = [_parse_tab(read_toml(path), f"registry/{path.name}", lists) for path in self.files("registry/*.toml")]
        return {tab.name: tab for tab in tabs}

    @cached_property
    def forms(self) -> Mapping[str, Declared]:
        """What departments fill in, by name, in order. Raises ConfigError."""
        forms = [self._form(path) for path in self.files("forms/*.toml")]
        return {form.name: form for form in forms}

    def _form(self, path: Path) -> Declared:
        try:
            return parse_form(read_toml(path), self.tabs)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError("Un formulaire ne convient pas.", where=f"forms/{path.name}",
                              why=f"clé ou valeur : {error}") from None  # fmt: skip

    @property
    def _form_titles(self) -> tuple[Category, ...]:
        """The forms as a drop-down list: asked by a tab that forms are checked against."""
        declared = (read_toml(path) for path in self.files("forms/*.toml"))
        return tuple(Category(data.get("nom", ""), data.get("titre", "")) for data in declared)

    @cached_property
    def documents(self) -> Mapping[str, "Document"]:
        """The documents that steps ask for, by name, in order. Raises ConfigError."""
        from cdi_sync.documents.declaration import parse_document  # Babel: not for a mere check

        stages = [
            stage.code for machine in [*self.machines.values(), self.evaluation_machine] for stage in machine.stages
        ]
        found: dict[str, Document] = {}
        for number, data in enumerate(self._one("documents.toml")["documents"], start=1):
            try:
                document = parse_document(data, stages)
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigError("Un document ne convient pas.", where=f"documents.toml, document n° {number}",
                                  why=f"clé ou valeur : {error}") from None  # fmt: skip
            found[document.name] = document
        return found

    def document_template(self, template: str, lang: str) -> Path | None:
        """The template of that name in that language, the installation's own first; None when there is none."""
        return next(iter(self.files(f"documents/{template}.{lang}.docx")), None)

    @cached_property
    def checklists(self) -> Sequence[Checklist]:
        """The files whose items the « Pièces et clauses » tab lists, in order."""
        try:
            checklists = [parse_checklist(code, data) for code, data in self._one("pieces.toml").items()]
        except (KeyError, ValueError) as error:
            raise ConfigError(
                "Un dossier de pièces ne convient pas.", where="pieces.toml", why=f"clé ou valeur : {error}"
            ) from None
        for checklist in checklists:
            self._check_stages(checklist)
        return checklists

    def _check_stages(self, checklist: Checklist) -> None:
        """Lines that wait for a state that no machine knows would never come."""
        known = {stage.code for form in checklist.forms for stage in self.machines[form].stages}
        if strangers := [code for code in checklist.stages if code not in known]:
            raise ConfigError(
                "Un dossier de pièces attend une étape qui n'existe pas.",
                where=f"pieces.toml [{checklist.code}] etapes",
                why=f"inconnue pour ses formes d'acte : {', '.join(strangers)}",
                fix="Reprendre les codes des fichiers stages/*.toml, comme C50 ou J85.",
            )

    @cached_property
    def law(self) -> Law:
        try:
            return Law.parse(self._one("law.toml"))
        except ValueError as error:
            raise ConfigError("Une valeur de droit ne convient pas.", where="law.toml", why=str(error)) from None

    @cached_property
    def programmes(self) -> Programmes:
        """The programmes that cofinance projects."""
        try:
            return Programmes.parse(self._one("programmes.toml"))
        except (AttributeError, TypeError, ValueError) as error:
            raise ConfigError(
                "Un programme de cofinancement ne convient pas.", where="programmes.toml", why=str(error)
            ) from None

    @cached_property
    def calendar(self) -> Mapping[str, Any]:
        return self._one("calendar.toml")

    @cached_property
    def rulebook(self) -> Rulebook:
        rules = []
        for path in self.files("procedure/*.toml"):
            for id_, data in read_toml(path).items():
                rules.append(parse_rule(id_, data, f"procedure/{path.name}", {READING, *KINDS}))
        return Rulebook(sorted(rules, key=lambda rule: _FAMILIES.index(rule.id.split("-")[0])))

    @cached_property
    def machines(self) -> Mapping[Form, Machine]:
        return {machine.form: machine for machine in self._machines if machine.form}

    @property
    def evaluation_machine(self) -> Machine:
        """The states of an evaluation."""
        return next(machine for machine in self._machines if machine.form is None)

    @cached_property
    def _machines(self) -> Sequence[Machine]:
        return [_parse_machine(read_toml(path), f"stages/{path.name}") for path in self.files("stages/*.toml")]

    @cached_property
    def interpretations(self) -> Mapping[str, Any]:
        return self._one("interpretations.toml")

    def help_texts(self) -> HelpTexts:
        """What the help tab tells beside the declarations. Raises ConfigError."""
        try:
            examples = {id_: Example(**told) for id_, told in self._one("exemples.toml").items()}
            glossary = tuple(Term(**told) for told in self._one("glossaire.toml")["termes"])
        except (KeyError, TypeError) as error:
            raise ConfigError("Un exemple ou un mot du glossaire ne convient pas.",
                              where="exemples.toml ou glossaire.toml", why=f"clé : {error}") from None  # fmt: skip
        return HelpTexts(examples, glossary)

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        """What the guide says and no machine can check, by identifier."""
        return {id_: parse_statement(id_, data, self.rulebook) for id_, data in self._one("hors_controle.toml").items()}

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        """Points on which the software has chosen without leaving a setting, by identifier."""
        return {id_: parse_choice(id_, data, self.rulebook) for id_, data in self._one("choix_documentes.toml").items()}

    @cached_property
    def reminders(self) -> Sequence[Reminder]:
        reminders = [parse_reminder(name, data, self.roles) for name, data in self._one("reminders.toml").items()]
        check_triggers(reminders)
        return reminders

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The words of lists to import."""
        from cdi_sync.importing.vocabulary import Vocabulary  # not for the daily work

        try:
            return Vocabulary.parse(self._one("reprise.toml"), self.tabs)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError("Un mot des listes à reprendre ne convient pas.", where="reprise.toml",
                              why=f"clé ou valeur : {error}") from None  # fmt: skip

    @cached_property
    def languages(self) -> Mapping[str, "Language"]:
        """The languages of letters, by code, with what `langues/CODE/*.po` translate. Raises ConfigError."""
        from cdi_sync.edges.catalogues import read_texts  # Babel: not for a mere check
        from cdi_sync.mail.language import LANGUAGES, Language

        return {code: Language(code, read_texts(self.files(f"langues/{code}/*.po"))) for code in LANGUAGES}

    @cached_property
    def answer_words(self) -> "Words":
        """The words by which reminders are answered. Raises ConfigError."""
        from cdi_sync.mail.words import Words  # not for a mere check

        return Words.parse(self._one("reponses.toml"))

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        return parse_roles(self._one("roles.toml"))

    @cached_property
    def practice(self) -> "Practice":
        """How meetings are invited to. Raises ConfigError."""
        from cdi_sync.mail.guests import parse_practice  # Babel: not for a mere check

        return parse_practice(self._one("invitations.toml"), self.roles)

    @cached_property
    def acknowledging(self) -> "Acknowledging":
        """How those who fill in forms are answered. Raises ConfigError."""
        from cdi_sync.forms.telling import parse_practice as parse  # not for a mere check

        try:
            return parse(self._one("accuses.toml"))
        except (KeyError, ValueError) as error:
            raise ConfigError("Un réglage des accusés de réception ne convient pas.", where="accuses.toml",
                              why=f"clé ou valeur : {error}") from None  # fmt: skip

    def readings(self, chosen: Mapping[str, str]) -> Mapping[str, str]:
        """Contradiction → reading: the one chosen in the settings, else the default. Raises ConfigError."""
        readings = {id_: point["defaut"] for id_, point in self.interpretations.items()}
        for id_, reading in chosen.items():
            if id_ not in readings or reading not in self.interpretations[id_]["lectures"]:
                possible = self.interpretations.get(id_, {}).get("lectures", self.interpretations)
                raise ConfigError(f"Lecture inconnue : {id_} = « {reading} ».", where="settings.toml [interpretations]",
                                  fix=f"Valeurs possibles : {', '.join(possible)}.")  # fmt: skip
            readings[id_] = reading
        return readings


_FAMILIES = list(FAMILIES)


def _natural(name: str) -> tuple[int, str]:
    head = name.split("_")[0]
    return (int(head) if head.isdigit() else 0, name)


def _parse_tab(data: Mapping[str, Any], where: str, lists: Mapping[str, tuple[Category, ...]]) -> Tab:
    try:
        columns = tuple(_parse_column(field, lists) for field in data["fields"])
        return Tab(
            name=data["name"],
            title=data["title"],
            description=data["description"],
            prefix=data["prefix"],
            module=data["module"],
            columns=columns,
            keys=tuple(data.get("keys", ())),
            names=tuple(data.get("names", ())),
            case_key=data.get("case_key", ""),
            aliases=tuple(data.get("aliases", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            "Une déclaration d'onglet ne convient pas.", where=where, why=f"clé ou valeur : {error}"
        ) from None


_YEARS = (2000, 2100)


def _parse_column(field: Mapping[str, Any], lists: Mapping[str, tuple[Category, ...]]) -> Column:
    cdi, constraints = field.get("cdi", {}), field.get("constraints", {})
    first, last = cdi.get("years", _YEARS)
    return Column(
        key=field["name"],
        title=field["title"],
        description=field["description"],
        type=field["type"],
        format=cdi.get("format", ""),
        owner=Owner(cdi.get("owner", "staff")),
        catalogue=cdi.get("catalogue", ""),
        aliases=tuple(cdi.get("aliases", ())),
        categories=lists[cdi["categories"]]
        if "categories" in cdi
        else tuple(Category(c["value"], c["label"]) for c in field.get("categories", ())),
        required=constraints.get("required", False),
        reference=cdi.get("reference", ""),
        minimum=constraints.get("minimum"),
        maximum=constraints.get("maximum"),
        pattern=constraints.get("pattern", ""),
        years=(first, last),
        width=cdi.get("width", 18),
        section=cdi.get("section", ""),
        module=cdi.get("module", ""),
        has_lines=cdi.get("lines", False),
    )


def _parse_machine(data: Mapping[str, Any], where: str) -> Machine:
    try:
        machine = Machine(
            form=None if data.get("sujet") == "evaluations" else Form(data["forme"]),
            stages=tuple(_parse_stage(stage) for stage in data["etapes"]),
            setbacks=tuple(
                Setback(s["evenement"], s.get("etat", ""), s.get("retour", ""), s.get("jusqu_a", ""))
                for s in data.get("retours", ())
            ),
            overlays=tuple(
                Overlay(o["etat"], o["quand"], o["de"], o["a"], o.get("faire", "")) for o in data.get("par_dessus", ())
            ),
        )
        for fault in _machine_faults(machine):
            raise ValueError(fault)
        return machine
    except (KeyError, ValueError) as error:
        raise ConfigError("Une étape ne convient pas.", where=where, why=f"clé ou valeur : {error}") from None


def _machine_faults(machine: Machine) -> Iterator[str]:
    """What an overlay names that doesn't exist, and situations that aren't one of ours."""
    for overlay in machine.overlays:
        for code in (overlay.state, overlay.first, overlay.last):
            if code not in machine.ranks:
                yield f"par_dessus {overlay.state} : l'étape {code} n'existe pas"
        if overlay.condition not in CONDITIONS:
            yield f"quand = {overlay.condition} ; valeurs possibles : {', '.join(CONDITIONS)}"
    for setback in machine.setbacks:
        for code in filter(None, (setback.state, setback.back_to, setback.up_to)):
            if code not in machine.ranks:
                yield f"retours {setback.event} : l'étape {code} n'existe pas"
    shown_over = {overlay.state for overlay in machine.overlays}
    for stage in machine.stages:
        if stage.excused_if and stage.excused_if not in EXCUSES:
            yield f"{stage.code}.dispense_si = {stage.excused_if} ; valeurs possibles : {', '.join(EXCUSES)}"
        for code in stage.next:
            if code not in machine.ranks:
                yield f"{stage.code}.vers : l'étape {code} n'existe pas"
        if stage.condition not in CONCERNS:
            yield f"{stage.code}.si = {stage.condition} ; valeurs possibles : {', '.join(filter(None, CONCERNS))}"
        if stage.situation not in SITUATIONS and not (stage.situation == "" and stage.code in shown_over):
            yield f"{stage.code}.situation = {stage.situation} ; valeurs possibles : {', '.join(SITUATIONS)}"


def _parse_stage(data: Mapping[str, Any]) -> Stage:
    return Stage(
        code=data["code"],
        title=data["titre"],
        actor=data["acteur"],
        todo=data["faire"],
        evidence=tuple(data["preuves"]),
        old_evidence=tuple(data.get("preuves_historiques", ())),
        due=data.get("due", False),
        deadline=data.get("echeance", ""),
        next=tuple(data.get("vers", ())),
        reading=data.get("lecture", ""),
        excused=data.get("dispense", ""),
        excused_if=data.get("dispense_si", ""),
        condition=data.get("si", ""),
        situation=data.get("situation", "preparation"),
        lifted_by=data.get("leve_par", ""),
    )
