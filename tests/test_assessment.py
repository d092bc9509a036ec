"""The whole assessment: derogations, parameters, holidays and unreadable cells, seen in its findings.

Row 2 is the first row of data of each tab.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cdi_sync.assessment import assess, examine
from cdi_sync.model import Assessment, Finding, Outcome
from cdi_sync.rules import NotApplicable, Problem
from tests.registries import DECLARED, Rows, knowledge, merged, registry

TODAY = date(2026, 12, 1)
VOTED: Rows = {"deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 2)}]}


def assessed(rows: Rows, today: date = TODAY) -> Assessment:
    return assess(registry(rows), knowledge(), today)


def found(rows: Rows, rule: str, today: date = TODAY) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in assessed(rows, today).findings if finding.rule == rule]


def in_tab(rows: Rows, tab: str) -> list[Finding]:
    return [finding for finding in assessed(rows).findings if finding.tab == tab]


# ------------------------------------------------------------------------------------------------ derogations


def waived(**cells: Any) -> Rows:
    return merged(VOTED, {"derogations": [{"id_concerne": "ACT-00001", "regle": "GEN-01", **cells}]})


def test_a_finding_without_derogation_is_open_and_blocking() -> None:
    (opinion,) = found(VOTED, "GEN-01")
    assert (opinion.derogation, opinion.is_open_blocking) == ("", True)


@pytest.mark.parametrize("rule", ["GEN-01", "gen-01"])
def test_a_derogation_with_its_reason_keeps_the_finding_but_no_longer_blocks(rule: str) -> None:
    rows = waived(regle=rule, motif="Avis donné en réunion")
    (opinion,) = found(rows, "GEN-01")
    assert (opinion.derogation, opinion.is_open_blocking) == ("Avis donné en réunion", False)
    assert in_tab(rows, "derogations") == []


def test_a_derogation_concerns_only_its_rule_and_its_agreement() -> None:
    two = merged(
        waived(motif="Avis donné en réunion"), {"actes": [{}, {}], "deliberations": [{}, VOTED["deliberations"][0]]}
    )
    both = merged(two, {"deliberations": [{}, {"id_acte": "ACT-00002"}]})
    assert {finding.case: finding.derogation for finding in found(both, "GEN-01")} == {
        "ACT-00001": "Avis donné en réunion",
        "ACT-00002": "",
    }
    assert {finding.derogation for finding in found(both, "GEN-02")} == {""}


@pytest.mark.parametrize("concerned", ["DEL-00001", "ACT-00001"])
def test_a_derogation_may_name_the_row_or_its_agreement(concerned: str) -> None:
    line = {"id_concerne": concerned, "regle": "LEX-08", "motif": "Grève de la poste"}
    rows = merged(session_and_minutes(date(2026, 10, 26)), {"derogations": [line]})
    assert [finding.derogation for finding in found(rows, "LEX-08")] == ["Grève de la poste"]


def test_two_derogations_under_one_number_are_not_honoured() -> None:
    line = {"id": "DER-00001", "id_concerne": "ACT-00001", "regle": "GEN-01", "motif": "Avis donné en réunion"}
    (opinion,) = found(merged(VOTED, {"derogations": [line, line]}), "GEN-01")
    assert opinion.is_open_blocking


def test_a_derogation_without_a_reason_is_not_honoured_and_says_so() -> None:
    (opinion,) = found(waived(), "GEN-01")
    assert opinion.is_open_blocking
    (line,) = in_tab(waived(), "derogations")
    assert (line.rule, line.row, line.column, line.expected) == ("DATA-02", 2, "motif", "la raison de la dérogation")
    assert line.message.startswith("Dérogation sans effet")


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"regle": "GEN-99"}, "regle", "le nom d'une règle, comme LEX-02"),
        ({"id_concerne": "ACT-00009"}, "id_concerne", "le numéro d'une ligne du registre, comme ACT-00001"),
    ],
)
def test_a_derogation_of_an_unknown_rule_or_row_says_so(cells: dict[str, str], column: str, expected: str) -> None:
    rows = waived(motif="Avis donné en réunion", **cells)
    (line,) = in_tab(rows, "derogations")
    assert (line.rule, line.column, line.read, line.expected) == ("DATA-01", column, cells[column], expected)
    assert found(rows, "GEN-01")[0].is_open_blocking


# ------------------------------------------------------------------------------------------------- parameters

KEY = "source_obligatoire_avant_annee"  # 2010 unless the registry says otherwise: from that year on, no source asked


def signed(year: int, **parameter: Any) -> Rows:
    act: dict[str, Any] = {"historique": True, "annee_signature": year}
    return {"actes": [act], "parametres": [{"cle": KEY, **parameter}] if parameter else []}


def asks_source(rows: Rows) -> bool:
    return bool(found(rows, "DATA-03"))


def test_without_a_line_the_parameter_has_its_own_value() -> None:
    assert asks_source(signed(2009))
    assert not asks_source(signed(2010))


@pytest.mark.parametrize("value", [2013, "2013"])
def test_the_parameters_tab_changes_what_no_text_fixes(value: object) -> None:
    assert asks_source(signed(2012, valeur=value))
    assert not asks_source(signed(2013, valeur=value))


def test_a_finding_cites_the_source_given_for_the_parameter() -> None:
    (finding,) = found(signed(2012, valeur=2013, source="Note de service du 4 mai"), "DATA-03")
    assert finding.sources[0] == "Note de service du 4 mai"


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"niveau": "COMMUNE"}, True),
        ({"niveau": "REGION"}, False),  # the council is a commune
        ({"valable_du": date(2026, 12, 1)}, True),  # from today on
        ({"valable_du": date(2026, 12, 2)}, False),
        ({"valable_au": date(2026, 12, 1)}, True),  # until today, included
        ({"valable_au": date(2026, 11, 30)}, False),
    ],
)
def test_a_parameter_holds_for_its_tier_and_its_period(cells: dict[str, Any], asked: bool) -> None:
    assert asks_source(signed(2012, valeur=2013, **cells)) is asked


def test_a_number_fixed_by_a_text_stands_and_the_line_says_why() -> None:
    rows: Rows = {
        "deliberations": VOTED["deliberations"],
        "visas_accords": [{"nature": "VISA", "date_reception": date(2026, 11, 23)}],
        "parametres": [{"cle": "delai_visa", "valeur": 30}],
    }
    (line,) = in_tab(rows, "parametres")
    assert (line.rule, line.row, line.column, line.read) == ("DATA-01", 2, "cle", "delai_visa")
    assert line.message.startswith("Paramètre sans effet : « delai_visa » est fixé par un texte")
    assert KEY in line.message  # the parameters that may be set
    assert assessed(rows).standings["ACT-00001"].due == date(2026, 12, 13)  # 23 November + 20 days


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"cle": "delai_inconnu", "valeur": 3}, "« delai_inconnu » n'existe pas"),
        ({"cle": KEY, "valeur": "beaucoup"}, "« beaucoup » n'est pas un nombre entier"),
        ({"cle": KEY, "valeur": "-3"}, "« -3 » n'est pas un nombre entier"),
    ],
)
def test_a_parameter_that_cannot_be_used_says_why_and_changes_nothing(cells: dict[str, Any], why: str) -> None:
    rows = merged(signed(2009), {"parametres": [cells]})
    (line,) = in_tab(rows, "parametres")
    assert why in line.message
    assert asks_source(rows)


# --------------------------------------------------------------------------------------------------- holidays


def session_and_minutes(sent: date, closing: date = date(2026, 10, 2)) -> Rows:
    """A vote whose minutes were sent on that day; a commune has 15 worked days after the close."""
    return {
        "sessions": [{"type": "ORDINAIRE", "date_ouverture": closing, "date_cloture": closing}],
        "deliberations": [
            {
                "objet": "ACTE_CDI",
                "resultat": "ADOPTEE",
                "date_deliberation": closing,
                "date_transmission_pv_autorite": sent,
            }
        ],
    }


def holiday(day: date, **cells: Any) -> Rows:
    return {"jours_feries": [{"date": day, "nature": "EXCEPTIONNEL", "statut": "CONFIRME", **cells}]}


def is_late(rows: Rows) -> bool:
    return any(finding.outcome is Outcome.PROBLEM for finding in found(rows, "LEX-08"))


def test_minutes_sent_after_the_last_worked_day_are_late() -> None:
    # closed on Friday 2 October: 5–9, 12–16, 19–23 October
    assert not is_late(session_and_minutes(date(2026, 10, 23)))
    assert is_late(session_and_minutes(date(2026, 10, 26)))


@pytest.mark.parametrize(("sent", "late"), [(date(2026, 10, 26), False), (date(2026, 10, 27), True)])
def test_a_holiday_added_to_the_registry_gives_one_worked_day_more(sent: date, late: bool) -> None:
    # Wednesday 14 October is off: 5–9, 12, 13, 15, 16, 19–23, 26 October
    rows = merged(session_and_minutes(sent), holiday(date(2026, 10, 14), libelle="Deuil national"))
    assert is_late(rows) is late


CLOSED = date(2026, 10, 30)  # Friday; 2–5, 9–13, 16, 17, 19, 20, 23, 24 November, the 6th and the 18th being off


def test_the_holidays_of_the_country_are_no_worked_days() -> None:
    assert not is_late(session_and_minutes(date(2026, 11, 24), CLOSED))
    assert is_late(session_and_minutes(date(2026, 11, 25), CLOSED))


def test_a_holiday_cancelled_in_the_registry_takes_a_worked_day_back() -> None:
    # the 18th is worked: the fifteenth day is Monday 23
    cancelled = holiday(date(2026, 11, 18), nature="NATIONAL", statut="SUPPRIME")
    assert not is_late(merged(session_and_minutes(date(2026, 11, 23), CLOSED), cancelled))
    assert is_late(merged(session_and_minutes(date(2026, 11, 24), CLOSED), cancelled))


@pytest.mark.parametrize(
    ("moved_to", "late"),
    [
        (date(2026, 11, 19), False),  # another day of the period: still Tuesday 24
        (date(2026, 11, 26), True),  # after it: Monday 23
    ],
)
def test_a_holiday_moved_in_the_registry_is_off_on_its_new_day_only(moved_to: date, late: bool) -> None:
    moved = holiday(moved_to, nature="NATIONAL", date_remplacee=date(2026, 11, 18))
    assert is_late(merged(session_and_minutes(date(2026, 11, 24), CLOSED), moved)) is late


def test_two_holidays_under_one_number_are_not_counted() -> None:
    off = {"id": "FER-00001", "date": date(2026, 10, 14), "nature": "EXCEPTIONNEL", "statut": "CONFIRME"}
    rows = merged(session_and_minutes(date(2026, 10, 26)), {"jours_feries": [off, off]})
    assert is_late(rows)
    assert [finding.rule for finding in assessed(rows).findings if finding.tab == "jours_feries"] == ["DATA-01"] * 2


# ------------------------------------------------------------------------------------- what is told, how often


def messy() -> Rows:
    """Several agreements with problems of several tabs."""
    return {
        "partenaires": [{}, {"type": "bof"}],
        "actes": [{}, {"partenaire": "PAR-00099", "date_creation": "?"}, {"annee_signature": 1990, "historique": True}],
        "sessions": [{"type": "ORDINAIRE", "date_ouverture": "bientôt"}, {"type": "EXTRAORDINAIRE"}],
        "deliberations": [
            {"id_acte": "ACT-00002", "objet": "ACTE_CDI", "resultat": "ADOPTEE"},
            {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 2)},
        ],
        "derogations": [{"regle": "GEN-99"}],
    }


def test_findings_come_in_the_order_of_the_tabs_then_of_the_rows_then_of_the_rules() -> None:
    findings = assessed(messy()).findings
    order = list(DECLARED.tabs)
    places = [(order.index(f.tab), f.row, f.rule, f.column) for f in findings]
    assert places == sorted(places)
    assert len({f.tab for f in findings}) > 3


def test_the_same_registry_on_the_same_day_is_assessed_the_same() -> None:
    once, again = assessed(messy()), assessed(messy())
    assert (once, once.told) == (again, again.told)


def test_no_finding_is_told_twice() -> None:
    told = [(f.rule, f.tab, f.row, f.column, f.message) for f in assessed(messy()).findings]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("rows", "rule", "place"),
    [
        (  # the last request for a visa, not the last line of the tab
            {
                "actes": [{"date_signature": date(2026, 11, 2)}],
                "visas_accords": [{"nature": "VISA"}, {"nature": "ACCORD_ECHANGE"}],
            },
            "GEN-10",
            ("visas_accords", "VIS-00001", "sens"),
        ),
        (  # the vote that came too early
            {
                "actes": [{"forme": "JUMELAGE"}],
                "visas_accords": [
                    {"nature": "ACCORD_PRINCIPE_MI", "sens": "ACCORDE", "date_notification": date(2026, 10, 6)}
                ],
                "deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 5)}],
            },
            "JUM-10",
            ("deliberations", "DEL-00001", "inscrit_odj"),
        ),
        (  # what the agreement lacks comes before the copy of the minutes
            {
                "actes": [{"forme": "JUMELAGE", "date_transmission_pieces_mi": date(2026, 10, 12)}],
                "deliberations": [{"objet": "ACTE_CDI", "resultat": "ADOPTEE", "date_deliberation": date(2026, 10, 5)}],
            },
            "JUM-11",
            ("actes", "ACT-00001", "etat_detaille_depenses"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_finding_stands_at_the_cell_to_mend(rows: Rows, rule: str, place: tuple[str, str, str]) -> None:
    (finding,) = found(rows, rule)
    assert (finding.tab, finding.id, finding.column) == place


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ({"date_transmission_pv_autorite": date(2026, 11, 16)}, date(2026, 12, 6)),  # twenty days of silence
        ({}, date(2026, 12, 20)),  # the plate
    ],
)
def test_a_street_name_may_be_approved_until_the_last_day_of_silence_else_until_the_plate(
    sent: dict[str, date], day: date
) -> None:
    street = {"objet": "DENOMINATION_VOIE", "resultat": "ADOPTEE", "date_pose_plaque": date(2026, 12, 20), **sent}
    seen = examine(registry({"actes": [{"forme": "JUMELAGE"}], "deliberations": [street]}), knowledge(), TODAY)
    (verdict,) = [e.verdict for e in seen.verdicts.all if e.rule.id == "LEX-17"]
    assert isinstance(verdict, NotApplicable) and verdict.day == day


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("LEX-20", {"collectivites": [{"mandat_debut": date(2021, 9, 20), "doc_date_adoption": date(2023, 1, 9)}]}),
        ("MKT-04", {"actes": [{"date_recherche_partenaire": date(2026, 4, 1), "date_marketing": date(2026, 4, 2)}]}),
    ],
)
def test_a_document_that_came_too_late_can_no_longer_be_mended(rule: str, rows: Rows) -> None:
    seen = examine(registry(rows), knowledge(), TODAY)
    (verdict,) = [e.verdict for e in seen.verdicts.all if e.rule.id == rule]
    assert isinstance(verdict, Problem) and not verdict.curable


def test_a_rule_that_reads_an_unreadable_cell_is_folded_into_the_problem_of_that_cell() -> None:
    rows = merged(VOTED, {"actes": [{"avis_politique_exterieure": "bof"}]})
    assert found(VOTED, "GEN-01") and not found(rows, "GEN-01")
    (cell,) = [finding for finding in in_tab(rows, "actes") if finding.column == "avis_politique_exterieure"]
    assert (cell.rule, cell.outcome, cell.read) == ("DATA-02", Outcome.PROBLEM, "bof")


def test_a_cell_that_many_rules_read_is_told_once_when_it_is_unreadable() -> None:
    # the opening of a session is read by the rules on its date, its agenda, its notices and its vote
    rows = merged(VOTED, {"sessions": [{"type": "ORDINAIRE", "date_ouverture": "bientôt"}]})
    assert [finding.rule for finding in in_tab(rows, "sessions")] == ["DATA-02"]
    readable = merged(rows, {"sessions": [{"date_ouverture": date(2026, 10, 1)}]})
    assert {"LEX-02", "LEX-03"} <= {finding.rule for finding in in_tab(readable, "sessions")}


def test_what_nobody_can_tell_for_want_of_a_cell_is_told_as_unknown() -> None:
    (quorum,) = found(merged(VOTED, {"sessions": [{"type": "ORDINAIRE"}]}), "LEX-06")
    assert (quorum.outcome, quorum.fix, quorum.is_open_blocking) == (Outcome.UNKNOWN, "", False)
    assert "impossible à dire, la session ne dit pas si le quorum était atteint" in quorum.message


def test_an_agreement_whose_form_is_unknown_has_no_standing_and_leaves_the_others_theirs() -> None:
    seen = assessed({"actes": [{"forme": "bof"}, {}]})
    assert set(seen.cases) == {"ACT-00001", "ACT-00002"}
    assert set(seen.standings) == {"ACT-00002"}
    assert [(f.rule, f.column) for f in seen.findings if f.case == "ACT-00001"] == [("DATA-02", "forme")]


def test_two_agreements_under_one_number_are_no_case_at_all() -> None:
    seen = assessed({"actes": [{"id": "ACT-00001"}, {"id": "ACT-00001"}, {"id": "ACT-00003"}]})
    assert set(seen.cases) == set(seen.standings) == {"ACT-00003"}
    assert [(f.rule, f.row) for f in seen.findings if f.tab == "actes"] == [("DATA-01", 2), ("DATA-01", 3)]


def test_an_old_act_is_exempt_from_past_steps_and_not_from_the_living_rules() -> None:
    old = assessed(signed(1986)).findings
    assert [finding.rule for finding in old] == ["DATA-03", "PART-04"]


@pytest.mark.parametrize(
    ("rule", "act", "vote"),
    [
        ("FIN-07", {"resultat_appel": "RETENU", "date_signature": date(2026, 10, 1)}, "ACTE_CDI"),
        ("FIN-13", {"forme": "JUMELAGE"}, "ACTE_CDI"),
        ("FIN-14", {"forme": "ADHESION_OING"}, "ADHESION_OING"),
        ("COF-13", {"programme": "FRMA", "date_transmission_dossier": date(2026, 10, 1)}, "ACTE_CDI"),
    ],
)
def test_money_that_is_not_kept_in_the_registry_is_not_asked_for(rule: str, act: dict[str, Any], vote: str) -> None:
    rows = {"actes": [act], "deliberations": [{**VOTED["deliberations"][0], "objet": vote}]}
    for modules, told in ((frozenset({"appels"}), False), (frozenset({"appels", "finances"}), True)):
        findings = assess(registry(rows), replace(knowledge(), modules=modules), TODAY).findings
        assert any(finding.rule == rule for finding in findings) is told


def test_what_is_valued_too_high_is_told_on_the_line_that_values_it() -> None:
    act = {"programme": "FRMA", "cout_global": 1000000, "date_transmission_dossier": date(2026, 10, 1)}
    lyon = {"type_ligne": "CONTRIBUTION", "categorie_contributeur": "CT_FRANCAISE", "contributeur": "Ville de Lyon"}
    lines = [{**lyon, "montant_mad": 100000}, {**lyon, "montant_mad": 100000, "dont_valorisation": 90000}]
    (finding,) = found({"actes": [act], "budget": lines}, "COF-06")
    assert finding.id == "BUD-00002"


def test_the_assessment_says_of_which_day_it_is() -> None:
    assert assessed({}, date(2026, 11, 23)).as_of == date(2026, 11, 23)


LAWS = {"REGION": "LO 111-14", "PREFECTURE": "LO 112-14", "PROVINCE": "LO 112-14", "COMMUNE": "LO 113-14"}


@pytest.mark.parametrize(("tier", "law"), LAWS.items())
def test_findings_and_reminders_cite_the_law_of_the_council_and_no_other(tier: str, law: str) -> None:
    rows = {
        "collectivites": [{"niveau": tier}],
        "contacts": [
            {
                "collectivite": "COL-00001",
                "fonction_role": "SECRETAIRE_CONSEIL",
                "courriel_institutionnel": "s@a.example",
            }
        ],
        "sessions": [{"type": "ORDINAIRE", "date_cloture": date(2026, 9, 1), "quorum_atteint": True}],
        "deliberations": [
            {"objet": "ACTE_CDI", "resultat": "ADOPTEE", "inscrit_odj": True, "date_pv": date(2026, 9, 1)}
        ],
    }
    assessed = assess(registry(rows), knowledge(), date(2026, 11, 23))
    cited = [f.sources for f in assessed.findings if f.rule in ("LEX-08", "LEX-19")]
    cited += [(n.source,) for n in assessed.notices if n.reminder == "REM-DEL-06" and n.to]
    assert len(cited) == 3
    for sources in cited:
        assert any(law in source for source in sources)
        assert not [source for source in sources for other in set(LAWS.values()) - {law} if other in source]
        assert len(sources) == len(set(sources))


def test_an_unreadable_cell_belongs_to_the_case_of_its_row() -> None:
    rows = {"deliberations": [{"objet": "ACTE_CDI", "date_pv": "03/04/2026"}]}
    findings = assess(registry(rows), knowledge(), date(2026, 11, 23)).findings
    assert [(f.rule, f.case, f.id) for f in findings if f.rule == "DATA-02"] == [("DATA-02", "ACT-00001", "DEL-00001")]


def test_money_typed_before_its_module_is_on_is_followed_all_the_same() -> None:
    without = replace(knowledge(), modules=frozenset({"appels"}))
    act = {"programme": "FRMA", "cout_global": 1000000, "date_transmission_dossier": date(2026, 10, 1)}
    line = {"type_ligne": "CONTRIBUTION", "categorie_contributeur": "DGCT_MI", "montant_mad": 300200}
    silent, told = (assess(registry({"actes": [act], "budget": lines}), without, TODAY) for lines in ([], [line]))
    assert [any(f.rule == "COF-01" for f in seen.findings) for seen in (silent, told)] == [False, True]


@pytest.mark.parametrize(("came", "told"), [(25, True), (26, False)])
def test_half_of_fifty_one_leaders_is_twenty_six(came: int, told: bool) -> None:
    leaders = [f"CON-{n:05d}" for n in range(1, 52)]
    rows: Rows = {
        "actes": [{"date_cloture": date(2026, 6, 1), "date_capitalisation": date(2026, 7, 20)}],
        "contacts": [{"nom_prenom": "Une personne"}] * 51,
        "plan_action": [{"qui_responsable": leader} for leader in leaders],
        "pieces_clauses": [{"piece": "CAPI_PARTICIPANTS", "contenu": " ; ".join(leaders[:came])}],
    }
    assert bool(found(rows, "CAP-02", date(2026, 8, 31))) is told


# ------------------------------------------------------------------------------ where money isn't followed (no finances)


def messages_without_finances(rule: str, rows: Rows) -> list[str]:
    known = replace(knowledge(), modules=frozenset({"appels"}))
    return [f.message for f in assess(registry(rows), known, date(2026, 11, 23)).findings if f.rule == rule]


def test_a_project_that_is_retained_lacks_no_credit_where_money_is_not_followed() -> None:
    signed: Rows = {"actes": [{"resultat_appel": "RETENU", "date_signature": date(2026, 11, 16)}]}
    assert not any("crédit" in message for message in messages_without_finances("AAP-08", signed))
    followed = merged(signed, {"budget": [{"type_ligne": "SUIVI"}]})
    assert any("crédit" in message for message in messages_without_finances("AAP-08", followed))


def test_the_budget_is_among_the_means_of_a_council_where_money_is_followed() -> None:
    voted: Rows = {"actes": [{"date_signature": date(2026, 10, 5)}]}
    assert "des 4 moyens" in messages_without_finances("GEN-16", voted)[0]
    followed = merged(voted, {"budget": [{"type_ligne": "SUIVI"}]})
    assert "des 5 moyens" in messages_without_finances("GEN-16", followed)[0]
