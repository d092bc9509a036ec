"""The dashboard tab: blocks of a fixed size, in fixed places, then the guide's table. Pure.

`BLOCKS` is what the template's charts rely on: a block never moves, whatever the registry holds, and what doesn't fit is
counted in its last row. Columns: A what is counted, B the same in words, C to G numbers. Numbers come from
`indicators`; a number that nothing allows to compute reads "sans objet".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from cdi_sync.assessment import Knowledge, law_of
from cdi_sync.casefile import latest_signature, partial_signature
from cdi_sync.living import Holds, asleep
from cdi_sync.model import Assessment, Case, Form, Outcome, Severity, Standing, Tier
from cdi_sync.pieces import rows_in_use
from cdi_sync.procedure import SITUATIONS
from cdi_sync.shown import (
    ANOMALIES,
    DASHBOARD,
    FORM_TITLES,
    SCHEDULE,
    Places,
    Shown,
    ShownGrid,
    actor_title,
    count,
    link,
    quoted,
    text,
)

SIGNED = ("signe", "vigueur")  # situations of an agreement that lives
LISTED = 10  # agreements in a list, countries in theirs
_FORMS = [FORM_TITLES[form] for form in Form]


class Block(NamedTuple):
    """`row`: of its subtitle, the headers being on the next one. `size`: rows below the headers. `titles`: headers."""

    row: int
    title: str
    titles: tuple[str, ...]
    size: int

    @property
    def head(self) -> int:
        return self.row + 1

    @property
    def first(self) -> int:
        return self.row + 2

    @property
    def last(self) -> int:
        return self.row + 1 + self.size


_BY_FORM = ("En clair", *_FORMS, "Total")
_STAGES = ("Étape", "En clair", "Actes", "Part (%)", "Passage (%)")
FORMS = Block(5, "Les actes par forme et par situation",
              ("Forme", "En clair", "En préparation", "Signés", "En vigueur", "Arrêtés", "Total"), 4)  # fmt: skip
TO_FOLLOW = Block(13, "À suivre", ("Point", "Où regarder", "Nombre"), 9)
VISAS = Block(26, "Les visas face aux 20 jours", ("Forme", "En clair", "Jours, un visa sur deux", "Jours, neuf sur dix",
              "Dans le délai", "Hors délai", "Tacites"), 4)  # fmt: skip
AHEAD = Block(34, "Les échéances des 30 prochains jours",
              ("Acte", "Ce qui reste à faire, et par qui", "N°", "Échéance", "Jours restants"), LISTED)  # fmt: skip
SLEEPING = Block(48, "Les actes dormants, du plus ancien au plus récent",
                 ("Acte", "Pourquoi", "N°", "Depuis le", "Jours", "Pays"), LISTED)  # fmt: skip
COUNTRIES = Block(62, "Par pays", ("Pays", *_BY_FORM), LISTED + 2)
TIERS = Block(78, "Par niveau de collectivité", ("Niveau", *_BY_FORM), len(Tier) + 1)
AREAS = Block(88, "Par zone géographique", ("Zone", *_BY_FORM), 9)
FIELDS = Block(101, "Par domaine", ("Domaine", *_BY_FORM), 17)
STAGES = {
    Form.JUMELAGE: Block(122, "Jumelages : combien ont atteint chaque étape", _STAGES, 16),
    Form.CONVENTION: Block(143, "Conventions : combien ont atteint chaque étape", _STAGES, 18),
    Form.ADHESION_OING: Block(166, "Adhésions : combien ont atteint chaque étape", _STAGES, 8),
}
SIGNED_ACTS = Block(178, "Tableau de bord du guide : les actes signés",
                    ("Collectivités partenaires", "Objet du partenariat", "Durée", "Pays", "Date de signature"), 0)  # fmt: skip
BLOCKS = (FORMS, TO_FOLLOW, VISAS, AHEAD, SLEEPING, COUNTRIES, TIERS, AREAS, FIELDS, *STAGES.values(), SIGNED_ACTS)

_Rows = Sequence[Sequence[Shown | None]]


def dashboard(assessment: Assessment, knowledge: Knowledge, to: Places) -> ShownGrid:
    """The whole tab, from row 1."""
    from cdi_sync.indicators import by_form_and_situation, cases_frame, waiting  # pandas: only when written

    sleeping = _asleep(assessment, knowledge)
    rows: dict[Block, _Rows] = {
        FORMS: _forms(by_form_and_situation(cases_frame(assessment))),
        TO_FOLLOW: _to_follow(assessment, waiting(cases_frame(assessment)), len(sleeping)),
        VISAS: _visas(assessment, knowledge),
        AHEAD: [_ahead(assessment, standing, to) for standing in _soon(assessment)],
        SLEEPING: [_sleeping(case, holds, assessment.as_of, to) for case, holds in sleeping],
        **_groups(assessment, knowledge),
        **_stages(assessment, knowledge),
        SIGNED_ACTS: [_guide_row(case) for case in _signed(assessment)],
    }
    grid: list[Sequence[Shown | None]] = [
        [Shown("Tableau de bord de la coopération décentralisée", "cdi_titre")],
        [
            *text(f"Situation au {assessment.as_of:%d/%m/%Y}"),
            link("Aller au tableau du guide", _place(SIGNED_ACTS.row)),
        ],
        [Shown(_quality(assessment), "cdi_phrase")],
    ]
    for block in BLOCKS:
        grid += [[]] * (block.row - 1 - len(grid))
        grid += [[Shown(block.title, "cdi_sous_titre")], _heads(block), *_fitted(rows[block], block.size)]
    return grid


_OF_TEXT = ("Où regarder", "N°", "Échéance", "Depuis le", "Pays", "Durée", "Date de signature")


def _heads(block: Block) -> Sequence[Shown | None]:
    """The headers of a block: above numbers, on their side."""
    return [
        Shown(title, "cdi_entete_systeme" if at < 2 or title in _OF_TEXT else "cdi_entete_nombre")
        for at, title in enumerate(block.titles)
    ]


def _place(row: int) -> str:
    return f"{quoted(DASHBOARD)}!A{row}"


def _fitted(rows: _Rows, size: int) -> _Rows:
    """The rows that a block has room for (0: all of them); the last one counts those that it hasn't."""
    if not size or len(rows) <= size:
        return rows or [text("Rien à signaler")]
    return [*rows[: size - 1], text(f"… et {len(rows) - size + 1} autres")]


def _quality(assessment: Assessment) -> str:
    """How many of the rows in use no rule finds fault with."""
    places = {(row.tab, row.number) for row in rows_in_use(assessment.registry)}
    used = len(places)
    faulty = len({(finding.tab, finding.row) for finding in assessment.findings if finding.is_fault} & places)
    if not used:
        return "Qualité des données : sans objet, aucune ligne n'est remplie."
    share = (used - faulty) * 100 // used  # rounded down: 100 means all
    return f"Qualité des données : {used - faulty} lignes sur {used} sont sans constat ⛔ ni ⚠, soit {share} %."


# ------------------------------------------------------------------------------------------ counts and delays


def _forms(counts: Mapping[Form, Mapping[str, int]]) -> _Rows:
    named = [(FORM_TITLES[form], counts[form]) for form in Form]
    together = {key: sum(row[key] for row in counts.values()) for key in (*SITUATIONS, "total")}
    return [
        [Shown(title, "cdi_gras"), *text(_situations(row)), *(count(row[key]) for key in (*SITUATIONS, "total"))]
        for title, row in [*named, ("Ensemble", together)]
    ]


def _situations(row: Mapping[str, int]) -> str:
    many = {"preparation": "en préparation", "signe": "signés", "vigueur": "en vigueur", "arrete": "arrêtés"}
    told = [f"{row[key]} {word if row[key] > 1 else word.removesuffix('s')}" for key, word in many.items() if row[key]]
    return f"{_acts(row['total'])} : {', '.join(told)}" if told else "aucun acte"


def _acts(number: int) -> str:
    return f"{number} acte{'s' if number > 1 else ''}" if number else "aucun acte"


def _days(number: float | None) -> Shown:
    """A number of days; half a day as text, since the cell would round it."""
    return count(number) if number is None or number == int(number) else Shown(_said(number), "cdi_nombre")


def _said(number: float) -> str:
    """10,5"""
    return f"{number:g}".replace(".", ",")


def _to_follow(assessment: Assessment, waits: Mapping[str, int], asleep: int) -> _Rows:
    problems = [f for f in assessment.findings if f.outcome is Outcome.PROBLEM and not f.derogation]
    blocking = sum(f.severity is Severity.BLOQUANT for f in problems)
    schedule, anomalies = f"{quoted(SCHEDULE)}!A1", f"{quoted(ANOMALIES)}!A1"
    late = sum(1 for s in assessment.standings.values() if s.days_left is not None and s.days_left < 0
               and assessment.cases[s.id].followed)  # fmt: skip
    return [
        [*text(label), link(title, place), count(number)]
        for label, title, place, number in (
            ("Échéances dépassées", f"Onglet {SCHEDULE}", schedule, late),
            ("Échéances dans les 30 jours", "Ci-dessous", _place(AHEAD.row), waits["trente_jours"]),
            ("Délibérations à inscrire à une session", f"Onglet {SCHEDULE}", schedule, waits["odj"]),
            ("Procès-verbaux à transmettre", f"Onglet {SCHEDULE}", schedule, waits["pv"]),
            ("Visas en cours (20 jours)", f"Onglet {SCHEDULE}", schedule, waits["visa"]),
            ("Visas dont les 20 jours sont échus", f"Onglet {SCHEDULE}", schedule, waits["visa_echu"]),
            ("Actes dormants", "Ci-dessous", _place(SLEEPING.row), asleep),
            ("Anomalies bloquantes", f"Onglet {ANOMALIES}", anomalies, blocking),
            ("Points à vérifier", f"Onglet {ANOMALIES}", anomalies, len(problems) - blocking),
        )
    ]


def _visas(assessment: Assessment, knowledge: Knowledge) -> _Rows:
    from cdi_sync.indicators import visa_delays, visas_frame

    frame = visas_frame(assessment, law_of(assessment.registry, knowledge.law)[0])
    rows = []
    for title, mine in [
        *((FORM_TITLES[form], frame[frame["form"] == str(form)]) for form in Form), ("Ensemble", frame)
    ]:  # fmt: skip
        delays = visa_delays(mine)
        if not len(mine):
            told = "aucun visa demandé n'a encore reçu de réponse"
        elif delays.median is None:
            told = "les dates de réception ou de décision manquent"
        else:
            told = f"un sur deux en {_said(delays.median)} jours ou moins, neuf sur dix en {_said(delays.ninth or 0)}"
        if delays.tacit_share:
            told += f" ; {delays.tacit_share:g} % des visas obtenus sont tacites"
        counts = (delays.in_time, delays.late, delays.tacit) if len(mine) else (None, None, None)
        rows.append(
            [Shown(title, "cdi_gras"), *text(told), _days(delays.median), _days(delays.ninth), *map(count, counts)]
        )
    return rows


def _groups(assessment: Assessment, knowledge: Knowledge) -> Mapping[Block, _Rows]:
    from cdi_sync.indicators import UNKNOWN, by_group, cases_frame

    frame = cases_frame(assessment)
    areas = _labels(knowledge, "partenaires", "zone_geographique")
    fields = _labels(knowledge, "actes", "domaine")
    tiers = _labels(knowledge, "collectivites", "niveau")
    counts = by_group(frame, "country")
    unknown = counts.pop(UNKNOWN)
    ranked = list(counts.items())
    others = {key: sum(row[key] for _, row in ranked[LISTED:]) for key in unknown}
    countries = [
        *ranked[:LISTED],
        (f"Autres\N{NO-BREAK SPACE}({max(0, len(ranked) - LISTED)})", others),
        ("Non\N{NO-BREAK SPACE}précisé", unknown),
    ]
    total = len(frame)
    return {
        COUNTRIES: [_group_row(name, row, total) for name, row in countries],
        TIERS: _labelled(by_group(frame, "tier", list(tiers)), tiers, "Niveau non précisé", total),
        AREAS: _labelled(by_group(frame, "area", list(areas)), areas, "Zone non précisée", total),
        FIELDS: _labelled(by_group(frame, "field", list(fields)), fields, "Domaine non précisé", total),
    }


def _labels(knowledge: Knowledge, tab: str, column: str) -> Mapping[str, str]:
    return {category.value: category.label for category in knowledge.tabs[tab].column(column).categories}


def _labelled(counts: Mapping[str, Mapping[str, int]], labels: Mapping[str, str], unknown: str, total: int) -> _Rows:
    return [_group_row(labels.get(name, unknown), row, total) for name, row in counts.items()]


def _group_row(name: str, row: Mapping[str, int], total: int) -> Sequence[Shown | None]:
    from cdi_sync.indicators import percent

    number = row["total"]
    share = percent(number, total)
    told = (
        "sans objet"
        if share is None
        else "aucun acte"
        if not number
        else f"{number} actes sur {total}, soit {share:g} %"
    )
    return [Shown(name, "cdi_gras"), *text(told), *(count(row[key]) for key in (*map(str, Form), "total"))]


def _stages(assessment: Assessment, knowledge: Knowledge) -> Mapping[Block, _Rows]:
    from cdi_sync.indicators import funnel

    found: dict[Block, _Rows] = {}
    for form, block in STAGES.items():
        reached = funnel(assessment, knowledge.machines[form], knowledge.readings)
        everyone = reached[0].cases
        found[block] = [
            [
                Shown(f"{stage.code} · {stage.title}", "cdi_texte"),
                *text(f"{_acts(stage.cases)} sur {everyone}" if everyone else "sans objet"),
                *map(count, (stage.cases, stage.share, stage.passage)),
            ]
            for stage in reached
        ]
    return found


# ---------------------------------------------------------------------------------------------------- lists


def _soon(assessment: Assessment) -> Sequence[Standing]:
    """IND-61: deadlines of today and of the 30 days that follow, the nearest first."""
    due = (s for s in assessment.standings.values() if s.days_left is not None and 0 <= s.days_left <= 30)
    return sorted((s for s in due if assessment.cases[s.id].followed), key=lambda s: (s.due or date.max, s.id))


def _ahead(assessment: Assessment, standing: Standing, to: Places) -> Sequence[Shown | None]:
    act = assessment.cases[standing.id].act
    place = to.cell("actes", act.number, "echeance")
    return [
        link(act.text("intitule") or act.text("objet") or standing.id, place),
        *text(f"{actor_title(standing.actor)} : {standing.next_step}"),
        link(standing.id, place),
        Shown(standing.due, "cdi_date"),
        count(standing.days_left),
    ]


def _asleep(assessment: Assessment, knowledge: Knowledge) -> Sequence[tuple[Case, Holds]]:
    """IND-11: signed agreements that sleep, the oldest first; of some, only the year of signature is known."""
    law = law_of(assessment.registry, knowledge.law)[0]
    signed = [assessment.cases[s.id] for s in assessment.standings.values() if s.situation in SIGNED]
    found = [(case, holds) for case in signed if (holds := asleep(case, law, assessment.as_of))]
    return sorted(found, key=lambda pair: (pair[1].since or latest_signature(pair[0]) or date.max, pair[0].id))


def _sleeping(case: Case, holds: Holds, today: date, to: Places) -> Sequence[Shown | None]:
    place = to.cell("actes", case.act.number, "intitule")
    return [
        link(case.act.text("intitule") or case.act.text("objet") or case.id, place),
        *text(holds.words),
        link(case.id, place),
        Shown(holds.since, "cdi_date"),
        Shown((today - holds.since).days if holds.since else None, "cdi_nombre"),
        *text(case.partner.text("pays") or None if case.partner else None),
    ]


# ---------------------------------------------------------------------------------------- the guide's table


def _signed(assessment: Assessment) -> Sequence[Case]:
    signed = (id_ for id_, standing in assessment.standings.items() if standing.situation in SIGNED)
    return sorted((assessment.cases[id_] for id_ in signed), key=lambda case: (_council(case), case.act.number))


def _council(case: Case) -> str:
    return case.council.text("nom_fr") if case.council else ""


def _guide_row(case: Case) -> Sequence[Shown | None]:
    partner = case.partner.text("nom") if case.partner else ""
    months = case.act.number_of("duree_mois")
    unlimited = "sans limite" if case.form is Form.JUMELAGE else None
    day = case.act.day("date_signature") or case.act.day("date_adhesion")
    return [
        Shown(f"{_council(case)} – {partner}", "cdi_texte"),
        Shown(case.act.text("objet") or None, "cdi_texte"),
        Shown(f"{months:.0f} mois" if months else unlimited, "cdi_texte"),
        Shown(case.partner.text("pays") or None if case.partner else None, "cdi_texte"),
        Shown(day or _signed_on(case) or partial_signature(case.act) or None, "cdi_date" if day else "cdi_texte"),
    ]


def _signed_on(case: Case) -> str:
    """For a twinning, the day of the outward protocol."""
    days = [event.day for event in case.events if event.kind == "phase_aller" and event.day]
    return f"{min(days):%d/%m/%Y}" if days else ""
