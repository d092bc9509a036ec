"""Three answers to forms: a proposal to accept, one that doubles an agreement, one to correct. They plant no fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from cdi_sync.demo.national import DemoRegistry

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A form filled in. file: name of the returned file; values: key of a question → what was typed."""

    file: str
    form: str
    lang: str
    values: Mapping[str, str]
    is_accepted: bool = False


def answers(registry: DemoRegistry) -> Sequence[Answer]:
    """What departments sent: staff accept the first one. None when the demo is too small to hold an agreement to double."""
    if (found := _doubled(registry)) is None:
        return ()
    act, council, partner = found
    return (
        Answer(
            "proposition-clairval.xlsx", "convention", "fr",
            {
                "demandeur.nom": "Service de la coopération", "demandeur.courriel": "bureau-clairval@commune.example",
                "collectivite": council["id"], "partenaires.nom": "Clairval (fictive)", "partenaires.type": "Collectivité étrangère",
                "partenaires.pays": "Portugal", "intitule": f"Convention {council['nom_fr']} – Clairval (fictive)",
                "objet": "Échanges entre services techniques", "domaine": act["domaine"],
                "implique_engagement_financier": "Non",
            },
            is_accepted=True,
        ),
        Answer(
            "proposition-deja-connue.xlsx", "convention", "fr",
            {
                "demandeur.nom": "Cabinet du Président", "demandeur.courriel": "cabinet@commune.example",
                "collectivite": council["nom_fr"], "partenaires.nom": partner["nom"], "partenaires.type": "Collectivité étrangère",
                "partenaires.pays": partner["pays"], "intitule": act["intitule"], "objet": "Convention de coopération",
                "domaine": act["domaine"], "implique_engagement_financier": "Non",
            },
        ),
        Answer(
            "talab.xlsx", "convention", "ar",
            {
                "demandeur.nom": "مصلحة التعاون", "demandeur.courriel": "taawoun@commune.example", "collectivite": "جماعة لا توجد",
                "partenaires.nom": '=HYPERLINK("https://partenaire.example","Partenaire")', "intitule": "اتفاقية تعاون",
                "date_signature_prevue": "قريبا", "duree_mois": "سنتان",
            },
        ),
    )  # fmt: skip


def _doubled(registry: DemoRegistry) -> tuple[Row, Row, Row] | None:
    """A convention that is followed, its council, whose priorities are known, and its foreign partner."""
    councils, partners = ({row["id"]: row for row in registry.rows[tab]} for tab in ("collectivites", "partenaires"))
    faulty = {row["id"] for row in registry.expected}
    for act in registry.rows["actes"]:
        council, partner = councils.get(act.get("collectivite")), partners.get(act.get("partenaire"))
        if act.get("forme") != "CONVENTION" or act.get("historique") or council is None or partner is None:
            continue
        is_known = act.get("domaine") and partner.get("type") == "COLLECTIVITE_ETRANGERE" and partner.get("pays")
        if is_known and not {act["id"], council["id"]} & faulty:
            return act, council, partner
    return None
