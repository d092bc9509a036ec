"""`cdi doctor`: looks at each thing that an installation needs and says how to mend what is missing."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cdi_sync.edges import clock
from cdi_sync.edges.config import MailSettings
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.mail.imap import Inbox
from cdi_sync.edges.mail.secrets import secret
from cdi_sync.edges.mail.smtp import Relay
from cdi_sync.edges.workbook_xlsx.book import refuse_if_open
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.forms.google_form import MARK
from cdi_sync.mail.breakers import RELAY, Pause
from cdi_sync.mail.language import LANGUAGES
from cdi_sync.mail.letters import KINDS
from cdi_sync.mail.message import TRIAL

if TYPE_CHECKING:
    from cdi_sync.edges.ledger.store import Store


@dataclass(frozen=True)
class Result:
    """One thing looked at. `fix` says what to do when it isn't well."""

    what: str
    ok: bool
    detail: str
    fix: str = ""
    exit_code: ExitCode = ExitCode.FINE


def examine(settings_file: Path, today: date) -> Sequence[Result]:
    """Every check that can be made; those that need the settings are left out when these can't be read."""
    settings = attempt("Réglages", lambda: f"{Installation.at(settings_file).folder}")
    clock_ = attempt("Fuseaux horaires", lambda: f"heure du Maroc {clock.now():%H:%M}, UTC{clock.now():%z}")
    if not settings.ok:
        return [settings, clock_]
    return [settings, clock_, *_of_installation(Installation.at(settings_file), today)]


def _of_installation(installation: Installation, today: date) -> Iterator[Result]:
    overlaid = installation.declarations.overlaid()
    yield attempt("Configuration", lambda: _configuration(installation, overlaid))
    if installation.settings.registre.google:
        from cdi_sync.edges.workbook_google.diagnosis import examine_google  # gspread: not for a local file

        yield from examine_google(installation)
        yield Result("Hébergement", True, "registre chez Google, donc à l'étranger : la loi 09-08 demande de le déclarer à "
                     "la CNDP ; un classeur local (registre.google vide) ne sort pas d'ici")  # fmt: skip
    else:
        yield attempt("Classeur lisible", lambda: _workbook(installation, today))
        yield attempt("Classeur libre", lambda: _free(installation))
    yield attempt(
        "Registre des courriers", lambda: f"{len(installation.store.outbox.letters())} courriel(s) enregistrés"
    )
    yield from _google_forms(installation)
    yield attempt("Modèles de courriel", lambda: _templates(installation))
    yield from examine_mail(installation)


def _google_forms(installation: Installation) -> Iterator[Result]:
    """Nothing when no form is asked at Google, and when the ledger can't be read, which has its own line."""
    try:
        if not installation.store.mark(MARK):
            return
    except CdiError:
        return
    from cdi_sync.edges.forms.google_checks import examine_forms  # gspread: only for forms that are there

    yield from examine_forms(installation)


def _configuration(installation: Installation, overlaid: Sequence[str]) -> str:
    rulebook = installation.knowledge.rulebook
    executable = sum(rule.executable for rule in rulebook.values())
    own = f" ; fichiers propres à cette installation : {', '.join(overlaid)}" if overlaid else ""
    return f"{len(rulebook)} règles, dont {executable} vérifiées{own}"


def _templates(installation: Installation) -> str:
    installation.templates.check()
    return f"{len(KINDS)} sortes de courriel, en {len(LANGUAGES)} langues"


def _workbook(installation: Installation, today: date) -> str:
    registry = installation.read(today).assessment.registry
    return f"{sum(map(len, registry.rows.values()))} lignes remplies dans {len(registry.layouts)} onglets"


def _free(installation: Installation) -> str:
    refuse_if_open(installation.workbook)
    return "personne ne l'a ouvert"


def examine_mail(installation: Installation) -> Iterator[Result]:
    """How letters leave, and whether they can. With a mail server, connects as a run would and sends nothing."""
    transport = installation.settings.mail.transport
    if transport == "smtp":
        yield from _mail_server(installation)
    elif transport == "folder":
        yield Result("Courriels", True, f"fichiers .eml dans {installation.letters_folder} ; rien n'est envoyé")
    else:
        yield Result("Courriels", True, "aucun : mail.transport vaut « none »")
    yield from _mailbox(installation)


def _mailbox(installation: Installation) -> Iterator[Result]:
    """Whether what comes back can be read, and lost answers settled. Nothing is asked of an installation without."""
    mail = installation.settings.mail
    if mail.imap.serveur:
        inbox = Inbox(mail.imap, folder=installation.folder)
        yield attempt("Boîte aux lettres", lambda: _look(inbox))
    elif mail.temoin or mail.reponses:
        which = " et ".join(f"mail.{key}" for key in ("temoin", "reponses") if getattr(mail, key))
        yield Result("Boîte aux lettres", False, f"{which} : personne ne lit ce qui y arrive",
                     "Indiquer mail.imap.serveur, ou vider ces réglages.")  # fmt: skip


def _look(inbox: Inbox) -> str:
    with inbox:
        return inbox.look()


def what_stops(store: "Store", now: datetime) -> Sequence[str]:
    """What keeps letters from leaving at that moment, and how to go on, in French."""
    told = [f"{count} courriel(s) attendent une décision : {why}" for why, count in store.outbox.for_a_person().items()]
    pause = Pause.of(store.mark(RELAY))
    if pause is not None:
        since = f"depuis le {pause.since:%d/%m/%Y à %H:%M}, {pause.times} essai(s)"
        told.append(f"le serveur de courrier ne prend plus rien {since}. {pause.told}")
    return told


def _breakers(installation: Installation) -> Result:
    """Whether letters leave freely."""
    stops = what_stops(installation.store, clock.now())
    return Result("Courriels retenus", not stops, " ; ".join(stops) or "aucun n'attend de décision",
                  "Lire « cdi outbox list », puis décider : release, retry ou settle.")  # fmt: skip


def _mail_server(installation: Installation) -> Iterator[Result]:
    mail = installation.settings.mail
    password = attempt("Mot de passe du serveur de courrier", lambda: _password(installation))
    yield password
    relay = Relay(mail.smtp, sender=mail.expediteur, folder=installation.folder)
    login = password.ok and bool(mail.smtp.utilisateur)
    yield attempt("Serveur de courrier", lambda: relay.look(login=login))
    yield sender_result(mail)
    yield sending_result(mail)
    yield _breakers(installation)


def _password(installation: Installation) -> str:
    smtp = installation.settings.mail.smtp
    if not smtp.utilisateur:
        return "aucun : mail.smtp.utilisateur est vide"
    secret(smtp, installation.folder, os.environ)
    return f"lu dans {smtp.mot_de_passe_fichier or f'la variable {smtp.mot_de_passe_variable}'}"


def sender_result(mail: MailSettings) -> Result:
    """Whether the sender's address is the council's own."""
    if mail.expediteur == MailSettings().expediteur:
        return Result("Expéditeur", False, f"{mail.expediteur} est l'adresse de l'exemple",
                      "Écrire l'adresse du service dans mail.expediteur.")  # fmt: skip
    return Result("Expéditeur", True, f"{mail.service} <{mail.expediteur}>")


def sending_result(mail: MailSettings) -> Result:
    """Who would be written to by the next run, and how many at most."""
    cap = f"au plus {mail.plafond} courriels par passage"
    if not mail.live:
        return Result(
            "Envoi", True, f"arrêté (mail.live = false) : tout est retenu ; environnement {mail.environnement}, {cap}"
        )
    if mail.environnement == "production":
        return Result("Envoi", True, f"activé, en production : tous les destinataires, {cap}")
    if not mail.destinataires_autorises:
        return Result("Envoi", False, "activé, en essai, mais personne n'est autorisé : tout sera retenu",
                      "Ajouter des adresses à mail.destinataires_autorises.")  # fmt: skip
    allowed = ", ".join(mail.destinataires_autorises)
    return Result("Envoi", True, f"activé, en essai : seulement {allowed}, {cap}, objet précédé de « {TRIAL} »")


def attempt(what: str, look: Callable[[], str]) -> Result:
    """What a look says, or the error that it ends on."""
    try:
        return Result(what, True, look())
    except CdiError as error:
        return failure(what, error)


def failure(what: str, error: CdiError) -> Result:
    """An error as the result of a check."""
    detail = " ; ".join(part for part in (error.what, error.where, error.why) if part)
    return Result(what, False, detail, error.fix, error.exit_code)
