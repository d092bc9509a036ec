"""Checks that no kind expresses: one function a rule, named as in the rule's `controle`, one module a family.

Days are calendar days unless a limit says worked days. A step taken late is a problem that can no longer be cured;
it never keeps a case from going on.
"""

from collections.abc import Callable, Mapping

from cdi_sync.rules.named import (
    clauses,
    data,
    deliberations,
    evaluations,
    files,
    general,
    meetings,
    sessions,
    signature,
    terms,
    twinning,
    visas,
)
from cdi_sync.rules.outcomes import Context, Subject, Verdict
from cdi_sync.rules.rulebook import Rule

CHECKS: Mapping[str, Callable[[Subject, Rule, Context], Verdict]] = {
    check.__name__: check
    for check in (
        general.avis_politique_exterieure,
        general.partenaire_etat,
        general.competences_propres,
        general.deliberation_reguliere,
        general.cdd_meme_session,
        general.approbation_royale,
        general.delai_visa,
        general.visa_obtenu,
        general.roles_pourvus,
        twinning.aucune_demarche_avant_approbation,
        twinning.inscrit_apres_accord,
        twinning.dossier_ministere,
        twinning.delegation_designee,
        twinning.deux_collectivites,
        signature.signature_apres_visa,
        signature.vigueur_apres_visa_et_signature,
        sessions.session_a_sa_date,
        sessions.session_extraordinaire,
        deliberations.quorum,
        deliberations.majorite,
        deliberations.transmission_pv,
        deliberations.nouvelle_deliberation,
        visas.autorite_du_visa,
        visas.visa_tacite,
        visas.accord_autorites_publiques,
        meetings.reunion_bien_preparee,
        meetings.point_prepare,
        meetings.prochaine_date_arretee,
        meetings.compte_rendu_bref,
        meetings.compte_rendu_diffuse,
        meetings.organe_reuni,
        evaluations.periode_convenue,
        evaluations.evaluation_prevue,
        evaluations.restitution_apres_collecte,
        evaluations.cadrage_avant_collecte,
        evaluations.restitutions_periodiques,
        evaluations.recommandations_suivies,
        data.source_des_actes_anciens,
        data.doublon_probable,
        clauses.deliberations_citees,
        clauses.parties_identifiees,
        clauses.montants_et_modalites,
        clauses.duree_et_reconduction,
        clauses.representants_nommes,
        clauses.organes_decrits,
        clauses.ouvrage_et_oeuvre,
        clauses.annulation_prevue,
        clauses.litiges,
        clauses.langues_de_redaction,
        terms.mission_datee,
        terms.calendrier_de_mission,
        terms.rapports_prevus,
        terms.atelier_prevu,
        terms.honoraires,
        terms.termes_valides,
        terms.paiement_du,
        files.partenaire_choisi,
        files.accord_sur_les_buts,
        files.adequation,
        files.demande_complete,
        files.dossier_cdd,
        files.dossier_appel,
        files.langues_maitrisees,
    )
}
