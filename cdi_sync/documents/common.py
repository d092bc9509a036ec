"""Facts that every document may show: who writes, to whom, about which agreement with which partner. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from cdi_sync.documents.facts import Fact, Facts, Missing, Pen, Said, Subject, lowered, typed
from cdi_sync.mail.language import FRENCH
from cdi_sync.model import Row, Tier
from cdi_sync.people import is_active
from cdi_sync.reference.councils import Council, councils

_TIERS = {
    Tier.REGION: "Région {de}",
    Tier.PREFECTURE: "Préfecture {de}",
    Tier.PROVINCE: "Province {de}",
    Tier.COMMUNE: "Commune {de}",
    Tier.GROUPEMENT: "Groupement {de}",
}
_VOWELS = "AEIOUÂÉÈÊÎÔÛ"
_OF_THE = {"Oriental": "de l'Oriental"}  # the one region whose name takes an article
HAND = ""  # the place of what is written by hand, when the document is signed


def common_facts(subject: Subject, pen: Pen) -> Facts:
    """numero, intitule, collectivite, conseil, partenaire, pays, president, autorite, lieu, date_document, reference."""
    case = subject.case
    return {
        "numero": Fact(subject.row.id),
        "intitule": pen.cell(case.act, "actes.intitule"),
        "objet": pen.cell(case.act, "actes.objet"),
        "collectivite": council_name(subject, pen),
        "partenaire": partner_cell(subject, "nom", pen, "nom du partenaire"),
        "pays": partner_cell(subject, "pays", pen, "pays du partenaire"),
        "president": holder(subject, "PRESIDENT", pen, "nom du président du conseil"),
        "autorite": authority(subject, pen),
        "lieu": _town(subject, pen),
        "date_document": pen.missing(HAND, "date de la signature"),
        "reference": pen.missing(HAND, "numéro d'ordre du courrier"),
    }


def partner_cell(subject: Subject, key: str, pen: Pen, what: str = "") -> Said:
    """What the partner's row says; the partner itself is missing when the agreement names none. what: in French."""
    if subject.case.partner is None:
        asked = what or lowered(pen.tabs["partenaires"].column(key).title)
        return pen.missing("actes.partenaire", asked, subject.case.act)
    return pen.cell(subject.case.partner, f"partenaires.{key}", what)


def council_cell(subject: Subject, key: str, pen: Pen, what: str = "") -> Said:
    """What the council's row says; the council itself is missing when the agreement names none. what: in French."""
    if subject.case.council is None:
        asked = what or lowered(pen.tabs["collectivites"].column(key).title)
        return pen.missing("actes.collectivite", asked, subject.case.act)
    return pen.cell(subject.case.council, f"collectivites.{key}", what)


def _name(subject: Subject, pen: Pen) -> Said:
    """The name of a council, in the document's language where the registry or the national list has it."""
    key = "nom_fr" if pen.language.code == FRENCH else "nom_ar"
    said, council = council_cell(subject, key, pen, "nom de la collectivité"), subject.case.council
    if isinstance(said, Missing) and council and pen.language.is_right_to_left:
        known = councils().get(council.text("code_hcp"))
        return Fact(known.name_ar) if known and known.name_ar else said
    return said


def _town(subject: Subject, pen: Pen) -> Said:
    """Where its letters are written: a commune bears the name of its town, the other councils that of a whole territory."""
    if subject.case.tier in (None, Tier.COMMUNE):
        return _name(subject, pen)
    return pen.missing(HAND, "lieu")


def council_name(subject: Subject, pen: Pen) -> Said:
    """« Commune de Fès »."""
    name, tier = _name(subject, pen), council_cell(subject, "niveau", pen, "niveau de la collectivité")
    if isinstance(name, Missing) or isinstance(tier, Missing) or subject.case.tier is None:
        return name if isinstance(name, Missing) else tier
    return titled(subject.case.tier, name.text, pen)


def titled(tier: Tier, name: str, pen: Pen) -> Fact:
    """A council by its tier and name, as that language puts them together."""
    return pen.say(_TIERS[tier], de=of(name) if pen.language.code == FRENCH else name)


def of(name: str) -> str:
    """« de Fès », « d'Agadir »."""
    return _OF_THE.get(name) or (f"d'{name}" if name[:1].upper() in _VOWELS else f"de {name}")


def holder(subject: Subject, role: str, pen: Pen, what: str) -> Said:
    """The one person who holds a role for the council, or what is missing; the first of several."""
    own = subject.case.council.id if subject.case.council else ""
    for row in subject.registry["contacts"]:
        is_theirs = row.text("collectivite") == own and not row["partenaire"] and row["fonction_role"] == role
        if own and is_theirs and row["nom_prenom"] and not row.quarantined and is_active(row, subject.today):
            return Fact(typed(row.text("nom_prenom")))
    return pen.missing("contacts.nom_prenom", what)


# ------------------------------------------------------------------------------------------------- the authority

_ROUTES = ("voie_rapport", "voie_demande")  # what staff chose, when they did


def goes_by_wali(subject: Subject) -> bool:
    """True when the file goes to the Wali: what staff typed of its route, else the council is a region."""
    act, council = subject.case.act, subject.case.council
    for column in _ROUTES:
        if act[column] in ("SOUS_COUVERT_WALI", "SOUS_COUVERT_GOUVERNEUR"):
            return act[column] == "SOUS_COUVERT_WALI"
    return bool(council and council["niveau"] == "REGION")


def authority(subject: Subject, pen: Pen) -> Said:
    """The Wali of the region or the Governor of the prefecture or province under whose cover the council writes."""
    council = subject.case.council
    own = council.text("code_hcp") if council else ""
    if goes_by_wali(subject):
        column, code = "region_code", own if council and council["niveau"] == "REGION" else ""
        wording = "Wali de la région {de}"
    else:
        column, code = "province_code", own if council and council["niveau"] in ("PREFECTURE", "PROVINCE") else ""
        wording = ""
    known = councils().get(code or (council.text(column) if council else "")) or _above(own, column)
    if known is None:
        said = council_cell(subject, column, pen, _ADDRESSEE)
        return said if isinstance(said, Missing) else pen.missing(f"collectivites.{column}", _ADDRESSEE, council)
    wording = wording or _GOVERNORS.get(known.tier, "Gouverneur {de}")
    name = known.name if pen.language.code == FRENCH else known.name_ar or known.name
    return pen.say(wording, de=of(name) if pen.language.code == FRENCH else name)


_ADDRESSEE = "autorité destinataire"
_GOVERNORS = {
    Tier.PREFECTURE: "Gouverneur de la préfecture {de}",
    Tier.PROVINCE: "Gouverneur de la province {de}",
}


def _above(code: str, column: str) -> Council | None:
    """The region, or the prefecture or province, of a council of the national list."""
    known = councils().get(code)
    return councils().get(known.region if column == "region_code" else known.province) if known else None


# --------------------------------------------------------------------------------------------------- the law

_LAWS = {Tier.REGION: "111-14", Tier.PREFECTURE: "112-14", Tier.PROVINCE: "112-14", Tier.COMMUNE: "113-14"}
# articles of the organic law of each tier: the visa (law.toml, delai_visa), the appropriation account (cdd_report_loi)
VISA = {Tier.REGION: 115, Tier.PREFECTURE: 109, Tier.PROVINCE: 109, Tier.COMMUNE: 118}
ACCOUNT = {Tier.REGION: 185, Tier.PREFECTURE: 164, Tier.PROVINCE: 164, Tier.COMMUNE: 172}


def article(subject: Subject, articles: Mapping[Tier, int], pen: Pen) -> Said:
    """« l'article 118 de la loi organique n° 113-14 »: the one that holds for the council's tier; missing for another tier."""
    tier = subject.case.tier
    if tier is None or tier not in articles:
        return pen.missing(HAND, "loi organique qui régit la collectivité")
    law = _LAWS[tier].replace("-", "." if pen.language.is_right_to_left else "-")
    return pen.say("l'article {article} de la loi organique n° {loi}", article=articles[tier], loi=law)


# --------------------------------------------------------------------------------------------- lines of a case


def line(subject: Subject, piece: str) -> Row | None:
    """The line of the checklist for that item, the first of several."""
    return next((row for row in subject.case.pieces if row["piece"] == piece), None)


def item(subject: Subject, piece: str, pen: Pen, what: str, column: str = "contenu") -> Said:
    """What the line of the checklist says for that item. what: in French."""
    return pen.cell(line(subject, piece), f"pieces_clauses.{column}", what)


def answer(subject: Subject, piece: str, pen: Pen, what: str) -> Said:
    """What that line says of a question: its text, else its Oui or Non. what: in French."""
    said, row = item(subject, piece, pen, what), line(subject, piece)
    if isinstance(said, Missing) and row and row["present"] is not None:
        return pen.cell(row, "pieces_clauses.present")
    return said


def joined(subject: Subject, piece: str, pen: Pen, what: str) -> Said:
    """Where the document of that line is: its address, else that it is there on paper. what: in French."""
    said, row = item(subject, piece, pen, what, "lien"), line(subject, piece)
    return pen.say("Jointe au dossier") if isinstance(said, Missing) and row and row.says("present") else said


def first_known(*told: Said) -> Said:
    """The first of them that is known, else what the first one lacks."""
    return next((said for said in told if isinstance(said, Fact)), told[0])


def vote_on(subject: Subject, objects: Sequence[str]) -> Row | None:
    """The deliberation on one of those objects: the last that was adopted, else the last."""
    own = [row for row in subject.case.deliberations if row["objet"] in objects]
    return max(
        own, key=lambda row: (row["resultat"] == "ADOPTEE", row.day("date_deliberation") or date.min), default=None
    )


def vote_facts(subject: Subject, objects: Sequence[str], pen: Pen) -> Facts:
    """The deliberation on one of those objects: session, vote, minutes."""
    vote = vote_on(subject, objects)
    session = subject.case.session_of(vote) if vote else None

    def of_session(key: str, what: str) -> Said:
        if vote and session is None:
            return pen.missing("deliberations.id_session", what, vote)
        return pen.cell(session, f"sessions.{key}", what)

    return {
        "session_type": of_session("type", "type de la session"),
        "session_ouverture": of_session("date_ouverture", "ouverture de la session"),
        "point": pen.cell(vote, "deliberations.numero_point_odj", "numéro du point à l'ordre du jour"),
        "date_deliberation": pen.cell(vote, "deliberations.date_deliberation", "date de la délibération"),
        "resultat": pen.cell(vote, "deliberations.resultat", "résultat du vote"),
        "votes_pour": pen.cell(vote, "deliberations.votes_pour", "voix pour"),
        "votes_contre": pen.cell(vote, "deliberations.votes_contre", "voix contre"),
        "abstentions": pen.cell(vote, "deliberations.abstentions", "abstentions"),
        "membres": pen.cell(vote, "deliberations.membres_en_exercice", "membres en exercice"),
        "date_pv": pen.cell(vote, "deliberations.date_pv", "date du procès-verbal"),
    }


def total(rows: Sequence[Row], place: str, pen: Pen, what: str) -> Said:
    """The sum of a column; missing as soon as one of the rows doesn't say, or there is none. what: in French."""
    amounts = [row.number_of(place.partition(".")[2]) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return Fact(pen.number(sum(known))) if known and len(known) == len(amounts) else pen.missing(place, what)


def or_one_empty(rows: Sequence[Row]) -> Sequence[Row | None]:
    """The rows, or one that says nothing, so that a table shows what it waits for."""
    return rows or [None]
