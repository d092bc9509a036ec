"""The rules as data: parsed from `config/procedure/<family>.toml`, in the catalogue's order."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdi_sync.errors import ConfigError
from cdi_sync.law import InForce
from cdi_sync.model import FORM_LETTER, Form, Severity, Tier

ORGANIC_LAWS = ("LO 111-14", "LO 112-14", "LO 113-14")
LAW_OF_TIER = {
    Tier.REGION: "LO 111-14",
    Tier.PREFECTURE: "LO 112-14",
    Tier.PROVINCE: "LO 112-14",
    Tier.COMMUNE: "LO 113-14",
}

FAMILIES = {  # prefix of the identifiers → what these rules are about, in the catalogue's order
    "GEN": "Avant tout acte : dispositions générales",
    "FIN": "Finances",
    "JUM": "Jumelages",
    "CONV": "Conventions : les étapes",
    "PROJ": "Conventions : besoins, projet et cadre logique",
    "MKT": "Conventions : marketing territorial",
    "PART": "Conventions : recherche d'un partenaire",
    "AAP": "Conventions : appels à projets",
    "COF": "Conventions : cofinancement",
    "GOV": "Organes de suivi",
    "ACT": "Plan d'action",
    "SUIV": "Suivi",
    "EVAL": "Évaluation",
    "CAP": "Capitalisation",
    "OING": "Adhésions à une organisation",
    "COM": "Communication",
    "MEET": "Réunions de coordination",
    "RH": "Équipe et référent de la coopération",
    "CLA": "Clauses d'une convention (annexe 2)",
    "TDR": "Termes de référence d'une évaluation (annexe 3)",
    "LEX": "Lois organiques et textes d'application",
    "DATA": "Qualité de la saisie",
}
READING = "lecture"  # the `controle` of rules whose problems come from reading the cells, not from a check
_EXECUTABLE_KEYS = {"controle", "sujet", "colonne", "champs", "exigible", "message", "correction", "attendu",
                    "limite", "parametres", "vivante", "formes_selon_lecture", "module"}  # fmt: skip
_COMMON_KEYS = {"titre", "severite", "formes", "transitions", "sources", "raison"}


@dataclass(frozen=True)
class Rule:
    """One rule of the procedure.

    kind: name of the check in KINDS; "" when it isn't executable, and `reason` says why.
    subject: tab whose rows it is evaluated on. fields: what it reads, as "tab.column": a cell among them that can't
    be read makes the outcome unknown. due: kinds of event from which the rule is owed, beside the passing of one of
    its gates; ("toujours",) when it has its own clock. living: also asked of old acts. module: asked where that module is
    switched on; "" everywhere.
    """

    id: str
    title: str
    severity: Severity
    forms: frozenset[Form]
    gates: tuple[str, ...]
    sources: tuple[str, ...]
    reason: str = ""
    kind: str = ""
    subject: str = ""
    column: str = ""
    fields: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    fixes: Mapping[str, str] = field(default_factory=dict)
    expected: str = ""
    limit: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    living: bool = False
    module: str = ""
    more_forms: Mapping[str, frozenset[Form]] = field(default_factory=dict)

    def concerns(self, form: Form, readings: Mapping[str, str]) -> bool:
        """True when the rule speaks of that form, under the readings chosen."""
        if form in self.forms or not self.more_forms:
            return form in self.forms
        chosen = {f"{contradiction}:{reading}" for contradiction, reading in readings.items()}
        return any(form in forms for name, forms in self.more_forms.items() if name in chosen)

    @property
    def executable(self) -> bool:
        return bool(self.kind)

    def sources_for(self, tier: Tier | None, limit: InForce | None = None) -> tuple[str, ...]:
        """What to cite to a council: its limit's own citation first, then the sources, less other tiers' laws."""
        own = LAW_OF_TIER.get(tier) if tier else None
        first = (limit.citation,) if limit else ()
        others = (s for s in self.sources if not own or not s.startswith(ORGANIC_LAWS) or s.startswith(own))
        return (*first, *(source for source in others if source not in " ; ".join(first)))

    @property
    def always_due(self) -> bool:
        return "toujours" in self.due


@dataclass(frozen=True)
class Example:
    """A case that a rule finds fault with: what happens in it, and what the software says of it."""

    situation: str
    message: str


class Rulebook(Mapping[str, Rule]):
    """Identifier → Rule, in order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}

    def __getitem__(self, id_: str) -> Rule:
        return self._rules[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    @property
    def checked(self) -> tuple[Rule, ...]:
        """The rules that are evaluated on rows."""
        return tuple(rule for rule in self._rules.values() if rule.executable and rule.kind != READING)

    def guards(self, transition: str) -> tuple[Rule, ...]:
        """The rules that a transition such as "C55>C60" asks for."""
        return tuple(rule for rule in self._rules.values() if transition in rule.gates)


def parse_rule(id_: str, data: Mapping[str, Any], where: str, kinds: Collection[str]) -> Rule:
    """One table of a family's file. Raises ConfigError naming file, rule and key."""
    unknown = (
        set(data) - _EXECUTABLE_KEYS - _COMMON_KEYS - {k for k in data if k.startswith(("message_", "correction_"))}
    )
    if unknown:
        raise ConfigError(f"Clé inconnue : {', '.join(sorted(unknown))}.", where=f"{where} [{id_}]",
                          fix=f"Clés possibles : {', '.join(sorted(_COMMON_KEYS | _EXECUTABLE_KEYS))}.")  # fmt: skip
    missing = {"titre", "severite", "formes", "sources"} - set(data)
    if missing:
        raise ConfigError(f"Il manque : {', '.join(sorted(missing))}.", where=f"{where} [{id_}]")
    kind = data.get("controle", "")
    if kind and kind not in kinds:
        raise ConfigError(f"Contrôle inconnu : « {kind} ».", where=f"{where} [{id_}]",
                          fix=f"Contrôles possibles : {', '.join(sorted(kinds))}.")  # fmt: skip
    return Rule(
        id=id_,
        title=data["titre"],
        severity=Severity(data["severite"]),
        forms=frozenset(FORM_LETTER[letter] for letter in data["formes"]),
        gates=tuple(data.get("transitions", ())),
        sources=tuple(data["sources"]),
        reason="" if kind else data.get("raison", ""),
        kind=kind,
        subject=data.get("sujet", ""),
        column=data.get("colonne", ""),
        fields=tuple(data.get("champs", ())),
        due=tuple(data.get("exigible", ())),
        messages=_texts(data, "message"),
        fixes=_texts(data, "correction"),
        expected=data.get("attendu", ""),
        limit=data.get("limite", ""),
        parameters=data.get("parametres", {}),
        living=data.get("vivante", False),
        module=data.get("module", ""),
        more_forms={
            reading: frozenset(FORM_LETTER[letter] for letter in letters)
            for reading, letters in data.get("formes_selon_lecture", {}).items()
        },
    )


def _texts(data: Mapping[str, Any], name: str) -> Mapping[str, str]:
    """{"": the ordinary text, "late": the text under `message_late`…}."""
    return {key.removeprefix(name).removeprefix("_"): text for key, text in data.items() if key.split("_")[0] == name}
