"""The national register of the demo: documented partnerships, then synthetic agreements up to the count of 2018.

`build(seed, size, as_of)`: of every 703 agreements 174 are twinnings, 284 conventions, 245 memberships, and 64 are
the documented ones. About one row in twenty is spoiled, and more when that is what each fault needs for its turn.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cdi_sync.calendar import build_calendar
from cdi_sync.demo.book import Book, Dossier, Row, days_before, expected_rows
from cdi_sync.demo.calls import answer, watch
from cdi_sync.demo.careers import CAREERS, World
from cdi_sync.demo.cycle import carry, settle
from cdi_sync.demo.faults import Fault
from cdi_sync.demo.files import age, keep
from cdi_sync.demo.followup import follow
from cdi_sync.demo.general import close, complete
from cdi_sync.demo.projects import formulate
from cdi_sync.demo.projects_faults import FAULTS  # those of the other modules and its own
from cdi_sync.demo.search import prepare
from cdi_sync.demo.shares import share_out
from cdi_sync.law import Law
from cdi_sync.model import Finding, Outcome
from cdi_sync.reference.councils import Council, councils
from cdi_sync.text import fold

NATIONAL_COUNT = 703
SPOILED_SHARE = 0.05
ROUNDS = 2  # at full size each fault is planted at least that often
_COUNTRIES = (
    ("France", "EUROPE"), ("Espagne", "EUROPE"), ("Italie", "EUROPE"), ("Belgique", "EUROPE"), ("Portugal", "EUROPE"),
    ("Allemagne", "EUROPE"), ("Pays-Bas", "EUROPE"), ("Sénégal", "AFRIQUE_SUBSAHARIENNE"), ("Mali", "AFRIQUE_SUBSAHARIENNE"),
    ("Côte d'Ivoire", "AFRIQUE_SUBSAHARIENNE"), ("Bénin", "AFRIQUE_SUBSAHARIENNE"), ("Cameroun", "AFRIQUE_SUBSAHARIENNE"),
    ("Ghana", "AFRIQUE_SUBSAHARIENNE"), ("Kenya", "AFRIQUE_SUBSAHARIENNE"), ("Tunisie", "MAGHREB"), ("Mauritanie", "MAGHREB"),
    ("Jordanie", "PROCHE_ORIENT"), ("Canada", "AMERIQUES"), ("Brésil", "AMERIQUES"), ("Chili", "AMERIQUES"),
    ("Japon", "ASIE"), ("Chine", "ASIE"), ("Inde", "ASIE"), ("Suisse", "EUROPE"), ("Grèce", "EUROPE"),
)  # fmt: skip
_HEADS = (
    "Val",
    "Mont",
    "Roche",
    "Font",
    "Beau",
    "Clair",
    "Haute",
    "Port",
    "Bois",
    "Grand",
    "Puy",
    "Saint-Éloi",
    "Lac",
    "Tour",
)
_TAILS = (
    "brune",
    "ferrière",
    "court",
    "olive",
    "sorel",
    "marais",
    "cendre",
    "lande",
    "vigne",
    "aubépine",
    "torrent",
    "genêt",
)
_STAFF = (("PRESIDENT", "presidence", "Président du Conseil"), ("SECRETAIRE_CONSEIL", "secretariat", "Secrétaire du Conseil"),
          ("REFERENT_CDI", "cooperation", "Référent de la coopération"), ("DGS_DS", "direction", "Directeur des services"))  # fmt: skip


@dataclass(frozen=True)
class DemoRegistry:
    """Rows by tab (column key → raw cell), the rules planted row by row, and the day of the demo."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    expected: Sequence[Mapping[str, Any]]
    as_of: date

    def differing(self, findings: Iterable[Finding]) -> set[tuple[str, str]]:
        """The rows (tab, identifier) where what is found isn't what was planted."""
        found, planted = (
            defaultdict[tuple[str, str], set[str]](set),
            {(r["tab"], r["id"]): set(r["rules"]) for r in self.expected},
        )
        for finding in findings:
            if finding.outcome is Outcome.PROBLEM:
                found[finding.tab, finding.id].add(finding.rule)
        return {row for row in found.keys() | planted.keys() if found.get(row) != planted.get(row)}


def build(*, seed: int, size: int, as_of: date, law: Law, calendar: Mapping[str, object]) -> DemoRegistry:
    """A register of `size` agreements, give or take the lines that a fault adds. Same arguments, same register.

    calendar: the contents of `config/calendar.toml`.
    """
    years = build_calendar(range(as_of.year - 9, as_of.year + 4), (), calendar)
    register = _Register(World(Book(), random.Random(seed), as_of, law, years))
    register.fill(size)
    return DemoRegistry(register.book.rows, expected_rows(register.book), as_of)


class _Register:
    def __init__(self, world: World) -> None:
        self.facts = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
        self._list = [_council_fact(council) for council in councils().values()]
        self._documented_partners: dict[tuple[str, str], Row] = {}
        self.world, self.book, self.chance, self.as_of = world, world.book, world.chance, world.today
        self._councils: dict[str, Row] = {}
        self._organisations: dict[str, Row] = {}
        self._countries_of: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._names = _names(world.chance)
        self._embassies: set[str] = set()  # one a country: two of the same name would be one partner entered twice
        self._turns = 0

    def fill(self, size: int) -> None:
        """Councils and documented agreements first, then the synthetic ones, sound or spoiled."""
        documented = self.facts["acts"][: max(1, size * len(self.facts["acts"]) // NATIONAL_COUNT)]
        for fact in documented:
            self._documented(fact)
        pool = self._pool(size)
        while len(self.book.rows["actes"]) < size:
            planned = self._next_fault() if self._wants_a_fault(size) else None
            self._synthetic(self.chance.choice(pool), planned)
        self._holidays()
        watch(self.book, self.as_of)
        close(self.world)

    # ------------------------------------------------------------------------------------- councils and people

    def _pool(self, size: int) -> Sequence[Mapping[str, Any]]:
        """Councils that sign: every region, some prefectures and provinces, the larger communes first."""
        largest = sorted(self._list, key=lambda c: (-int(c["population"]), c["code"]))
        count = max(6, size // 5)
        return [c for c in self._list if c["niveau"] == "REGION"][: max(2, count // 12)] + largest[12 : 12 + count]

    def _council(self, fact: Mapping[str, Any]) -> Row:
        if fact["code"] not in self._councils:
            row = self.book.add(
                "collectivites", code_hcp=fact["code"], nom_fr=fact["nom"], nom_ar=fact["nom_ar"] or None,
                niveau=fact["niveau"], region_code=fact["region"], province_code=fact["province"] or None,
                population=fact["population"], langues_officielles="arabe ; amazighe",
            )  # fmt: skip
            self._councils[fact["code"]] = row
            self._people(row)
            settle(self.world, row, _place(row))
        return self._councils[fact["code"]]

    def _people(self, council: Row) -> None:
        place, lang = _place(council), "ar" if int(council["id"][-5:]) % 4 == 1 else "fr"
        for role, box, title in _STAFF:
            person = self.book.add(
                "contacts", collectivite=council["id"], fonction_role=role, nom_prenom=f"{title}, {council['nom_fr']}",
                courriel_institutionnel=f"{box}@{place}.example", langue_preferee=lang, base_legale_info=True, actif=True,
            )  # fmt: skip
            if role == "REFERENT_CDI":
                self.world.people[council["id"]] = person

    # --------------------------------------------------------------------------------------------- agreements

    def _documented(self, fact: Mapping[str, Any]) -> None:
        """A real, historical agreement, dated as its source dates it."""
        council = self._council(next(c for c in self._list if c["code"] == fact["code"]))
        named = (fact["partenaire"], fact["pays"])
        if named not in self._documented_partners:
            self._documented_partners[named] = self.book.add(
                "partenaires", nom=named[0], type="COLLECTIVITE_ETRANGERE", pays=named[1]
            )
        partner = self._documented_partners[named]
        kind = "Jumelage" if fact["forme"] == "JUMELAGE" else "Convention"
        parts = [int(part) for part in fact["date"].split("-")]
        act = self.book.add(
            "actes", intitule=f"{kind} {council['nom_fr']} – {fact['partenaire']}", forme=fact["forme"],
            collectivite=council["id"], partenaire=partner["id"], historique=True,
            historique_motif="Acte documenté, antérieur au registre", historique_par="Reprise des actes anciens",
            historique_le=days_before(self.as_of, 30), source_info=f"{fact['source']} (fiabilité : {fact['fiabilite']})",
            annee_signature=parts[0], mois_signature=parts[1] if len(parts) > 1 else None,
            date_signature=date(*parts) if len(parts) == 3 else None,
        )  # fmt: skip
        self.book.plant("actes", act, "PART-04")  # its source gives neither object nor length

    def _synthetic(self, fact: Mapping[str, Any], planned: Fault | None) -> None:
        council = self._council(fact)
        form = planned.form if planned else self._next_form()
        career, stages, weights = CAREERS[form]
        options = dict(planned.options) if planned else self._options(form)
        followed = options.pop("followed", True)
        partner = self._partner(council, form, options.pop("partner_type", ""), options.pop("partner_name", ""))
        stage = planned.stage if planned else self.chance.choices(stages, weights)[0]
        dossier: Dossier = career(self.world, council, partner, stage, **options)
        carry(self.world, dossier, stage)
        if not planned:
            age(dossier, stage, self.as_of)
            answer(self.world, dossier, stage)
        share_out(self.world, dossier)
        if followed:
            follow(self.world, dossier, stage)
        keep(self.world, dossier, stage)
        formulate(self.world, dossier, stage)
        prepare(self.world, dossier, stage)
        complete(self.world, dossier, stage)
        if planned:
            planned.spoil(self.world, dossier)

    def _options(self, form: str) -> dict[str, Any]:
        if form == "CONVENTION":
            return {"money": self.chance.random() < 0.3, "partner_type": self.chance.choice(_PARTNER_TYPES)}
        return {"abroad": self.chance.random() < 0.4} if form == "JUMELAGE" else {}

    def _next_form(self) -> str:
        """The form that is furthest behind its share of the national count."""
        wanted = self.facts["baseline"]
        count = {form: sum(act["forme"] == form for act in self.book.rows["actes"]) for form in wanted}
        return str(min(wanted, key=lambda form: count[form] / wanted[form]))

    # ----------------------------------------------------------------------------------------------- partners

    def _partner(self, council: Row, form: str, kind: str, name: str) -> Row:
        if form == "ADHESION_OING":
            return self._organisation(council)
        country, zone = self._new_country(council, form)
        while name.format(pays=country) in self._embassies:
            country, zone = self._new_country(council, form)
        if name:
            self._embassies.add(name.format(pays=country))
        text = name.format(pays=country) if name else f"{next(self._names)} (fictive)"
        return self.book.add("partenaires", nom=text, type=kind or "COLLECTIVITE_ETRANGERE", pays=country,
                             zone_geographique=zone, langues_officielles="français")  # fmt: skip

    def _new_country(self, council: Row, form: str) -> tuple[str, str]:
        """Another country for each agreement of one council and form, so that none looks like a double."""
        left = self._countries_of.setdefault((council["id"], form), [])
        if not left:
            left.extend(self.chance.sample(_COUNTRIES, len(_COUNTRIES)))
        return left.pop()

    def _organisation(self, council: Row) -> Row:
        mine = {act["partenaire"] for act in self.book.rows["actes"] if act["collectivite"] == council["id"]}
        suited = [o for o in self.facts["oing"] if o["sigle"] != "ORU-FOGAR" or council["niveau"] == "REGION"]
        left = [o for o in suited if self._organisations.get(o["sigle"], {"id": ""})["id"] not in mine]
        chosen = self.chance.choice(left)
        if chosen["sigle"] not in self._organisations:
            zone = "MONDE" if chosen["vocation"] != "REGIONALE" else "AFRIQUE_SUBSAHARIENNE"
            self._organisations[chosen["sigle"]] = self.book.add(
                "partenaires", nom=f"{chosen['nom']} ({chosen['sigle']})", type="OING", zone_geographique=zone
            )
        return self._organisations[chosen["sigle"]]

    # -------------------------------------------------------------------------------------------------- the rest

    def _wants_a_fault(self, size: int) -> bool:
        """True while fewer than one row in twenty is spoiled; at full size, until each fault had its ROUNDS too."""
        had_their_turn = size < NATIONAL_COUNT or self._turns >= ROUNDS * len(FAULTS)
        return not had_their_turn or len(self.book.expected) < SPOILED_SHARE * self.book.size

    def _next_fault(self) -> Fault:
        fault = FAULTS[self._turns % len(FAULTS)]
        self._turns += 1
        return fault

    def _holidays(self) -> None:
        self.book.add("jours_feries", date=date(2025, 6, 9), libelle="Congé exceptionnel de l'Aïd al-Adha",
                      nature="EXCEPTIONNEL", statut="CONFIRME", source="Communiqué du 3 juin 2025")  # fmt: skip


_PARTNER_TYPES = ("COLLECTIVITE_ETRANGERE",) * 8 + (
    "BAILLEUR",
    "ASSOCIATION_CIVILE",
    "GROUPEMENT_CT_ETRANGER",
    "UNIVERSITE",
)


def _council_fact(council: Council) -> Mapping[str, Any]:
    return {
        "code": council.code, "nom": council.name, "nom_ar": council.name_ar, "niveau": council.tier,
        "region": council.region, "province": council.province, "population": council.population,
    }  # fmt: skip


def _names(chance: random.Random) -> Iterator[str]:
    """Invented town names, each once in a round; a numeral tells the rounds apart."""
    names = [f"{head}-{tail}" for head in _HEADS for tail in _TAILS]
    turn = 1
    while True:
        chance.shuffle(names)
        yield from (name if turn == 1 else f"{name} {turn}" for name in names)
        turn += 1


def _place(council: Row) -> str:
    """What tells a council in an e-mail domain."""
    return f"{_slug(council['nom_fr'])}-{council['code_hcp'].replace('.', '')}"


def _slug(name: str) -> str:
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(name)).split()) or "conseil"
