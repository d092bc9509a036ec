"""What is done with a person's reply to a letter: read, acknowledged, recorded. Called by the job that reads the mailbox.

Steps: a token of ours, genuine, of a letter that went to the very person who writes → what the reply says → the
acknowledgement frozen, then the answers recorded with the message, so that each message counts once whenever we are stopped.
Anything else changes nothing, is never answered, and is told to the service (`TO_LOOK_AT`). No cell that staff own is written.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

from cdi_sync.assessment import law_of
from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import Incoming, StoredAnswer
from cdi_sync.edges.ledger.outbox import StoredLetter
from cdi_sync.law import EVERY_TIER, Law
from cdi_sync.mail import incoming, tokens
from cdi_sync.mail.answers import (
    OLDEST,
    Acknowledgement,
    Asked,
    Question,
    Reading,
    Why,
    acknowledgement,
    answer_links,
    day_sent,
    is_refused,
    noted,
    read_reply,
)
from cdi_sync.mail.letters import Digest
from cdi_sync.mail.outbox import RECEIPT, NoticeKey, Parcel
from cdi_sync.model import Assessment
from cdi_sync.publish import is_filled
from jobs.deliver import Draft, freeze

TO_LOOK_AT = "à regarder"
KIND = "reponse"  # of a message that came in
MOST_A_DAY, MOST_QUESTIONS = 10, 3  # acknowledgements to one person; beyond, two machines may be talking
_AFTER_REMINDERS = 500_000  # reminders are the day's first letters


def handle(installation: Installation, message: EmailMessage) -> str:
    """What was done with a reply, in French, on one line; « à regarder » when a person should look at it.

    Handled again, a message changes nothing. Raises RegistryError when the workbook can't be read: nothing is recorded.
    """
    settings, store = installation.settings.mail, installation.store
    if not settings.reponses:
        return f"{TO_LOOK_AT} : les réponses par courriel ne sont pas activées (mail.reponses)"
    if incoming.is_automatic(message, frozenset({settings.expediteur.casefold(), settings.reponses.casefold()})):
        return "réponse automatique : rien n'est fait"
    key = incoming.message_id(message) or f"sha256:{hashlib.sha256(_bytes(message)).hexdigest()}"
    if key in store.mailbox.handled():
        return "déjà traitée : rien n'est fait"
    found = _genuine(installation, message)
    if isinstance(found, str):
        return f"{TO_LOOK_AT} : {found}"
    letter, line = found
    return _answered(installation, message, key, letter, line)


def _bytes(message: EmailMessage) -> bytes:
    try:
        return message.as_bytes()
    except (LookupError, ValueError, AttributeError, TypeError):  # made to trip the standard writer
        return repr(message.items()).encode("utf-8", "replace")


def _genuine(installation: Installation, message: EmailMessage) -> tuple[StoredLetter, str] | str:
    """(the letter answered, the mark of its line), or why nobody can tell that its reader wrote this, in French."""
    answers = installation.settings.mail.reponses
    carried = [text for to in incoming.recipients(message) if (text := tokens.carried(to, answers))]
    if not carried:
        return "l'adresse à laquelle elle répond ne dit pas de quel courriel il s'agit"
    token = tokens.read(installation.answer_key, carried[0])
    if token is None:
        return "la signature de l'adresse de réponse est fausse"
    letter = installation.store.outbox.named(token.letter)
    if letter is None:
        return "le courriel auquel elle répond n'est pas dans le registre des courriers"
    if incoming.sender(message) != letter.to.casefold():
        return "elle ne vient pas de la personne à qui le courriel a été envoyé"
    if is_refused(message):
        return "notre serveur ne reconnaît pas l'expéditeur (Authentication-Results)"
    return letter, token.line


# ------------------------------------------------------------------------------------------------- reading, recording


def _answered(installation: Installation, message: EmailMessage, key: str, letter: StoredLetter, line: str) -> str:
    today = clock.today()
    assessment = installation.read(today).assessment
    law, _ = law_of(assessment.registry, installation.knowledge.law)
    if (today - letter.day).days > OLDEST:
        reading = Reading(questions=(Question(Why.EXPIRED, day=letter.day),))
    else:
        told = installation.store.outbox.told_by(letter.key)
        reading = read_reply(
            message, asked_of(told, letter.day, assessment, installation), line, installation.declarations.answer_words,
            prefixes=[tab.prefix for tab in installation.knowledge.tabs.values()],
            sent=day_sent(message, not_before=letter.day, today=today, zone=clock.MOROCCO),
            longest=_days(law, "reponse_report_max", today),
        )  # fmt: skip
    is_told = _acknowledge(installation, assessment, reading, letter, key, law)
    words = noted(reading) + ("" if is_told else " ; sans accusé de réception")
    if any(question.why is Why.NOTHING for question in reading.questions):
        words = f"{TO_LOOK_AT} : {words}"
    _record(installation, reading, letter, key, words)
    return words


def asked_of(
    told: Sequence[NoticeKey], day: date, assessment: Assessment, installation: Installation
) -> tuple[Asked, ...]:
    """The lines of a letter of that day, as they stand now."""
    titles = {reminder.id: reminder.title for reminder in installation.declarations.reminders}
    waiting = {(item.reminder, item.case, item.subject, item.anchor.isoformat()): item for item in assessment.pending}
    tabs, lines = installation.knowledge.tabs, []
    for notice in dict.fromkeys(notice[:4] for notice in told):
        line = Asked(*notice, title=titles.get(notice[0], notice[0]))
        if item := waiting.get(notice):
            column = tabs[item.tab].column(item.column)
            is_free = not column.is_system and not is_filled(item.tab, item.subject, item.column, assessment)
            counts_from = item.anchor <= day and (item.due is None or item.anchor < item.due)
            line = replace(
                line, tab=item.tab, column=column.key if is_free else "", column_title=column.title if is_free else "",
                not_before=item.anchor if counts_from else None, waits=True,
            )  # fmt: skip
        lines.append(line)
    return tuple(lines)


def _record(installation: Installation, reading: Reading, letter: StoredLetter, key: str, words: str) -> None:
    at = clock.now().isoformat()
    answers = [
        StoredAnswer(
            id=hashlib.sha256(f"{key}|{one.asked.mark}|{one.verb}".encode()).hexdigest()[:32],
            reminder=one.asked.reminder, case_id=one.asked.case, subject=one.asked.subject, anchor=one.asked.anchor,
            tab=one.asked.tab, column=one.asked.column, sender=letter.to.casefold(), at=at, verb=str(one.verb),
            value=one.day.isoformat(), message=key,
        )
        for one in reading.understood
    ]  # fmt: skip
    installation.store.mailbox.record(Incoming(key, at, KIND, letter.to.casefold(), letter.key, words), told=answers)


def _days(law: Law, name: str, day: date) -> int:
    limit = law.in_force(name, day, EVERY_TIER)
    return int(limit.number) if limit else 0


# ------------------------------------------------------------------------------------------------ the acknowledgement


def _acknowledge(
    installation: Installation, assessment: Assessment, reading: Reading, letter: StoredLetter, key: str, law: Law
) -> bool:
    """Freezes what the person is told; False when they were told enough today, or it couldn't be made."""
    today, settings = assessment.as_of, installation.settings.mail
    made = installation.store.outbox.made().get((RECEIPT, letter.to, today), 0)
    if settings.transport == "none" or made >= (MOST_A_DAY if reading.understood else MOST_QUESTIONS):
        return False
    told = acknowledgement(
        reading, installation.declarations.answer_words, installation.declarations.languages[letter.lang],
        name=_name(assessment, letter.to), service=settings.service, pause=_days(law, "reponse_fait_pause", today),
        seen_days=_days(law, "rappel_vu_pause", today), longest=_days(law, "reponse_report_max", today), today=today,
    )  # fmt: skip
    parcel = Parcel(RECEIPT, letter.to, f"{RECEIPT}|{letter.to}|{hashlib.sha256(key.encode()).hexdigest()}|r1")
    receipt = _receipt(parcel, told, letter, installation)
    return not freeze([receipt], installation, today, first_rank=_AFTER_REMINDERS).refused


def _receipt(parcel: Parcel, told: Acknowledgement, letter: StoredLetter, installation: Installation) -> Draft:
    """Answered in its turn, it speaks of the same letter."""
    return Draft(
        parcel, told.name, lambda: installation.templates.receipt(told), told.lang,
        reply_to=_address(installation, letter.key),
    )  # fmt: skip


def _name(assessment: Assessment, address: str) -> str:
    contacts = assessment.registry["contacts"]
    named = (
        c.text("nom_prenom") for c in contacts if c.text("courriel_institutionnel").casefold() == address.casefold()
    )
    return next(named, "")


# ------------------------------------------------------------------------------------------- letters that are answered


def reply_address(installation: Installation, parcel: Parcel) -> str:
    """The address that answers to a letter go to; "" when answers aren't taken."""
    return _address(installation, parcel.key) if installation.settings.mail.reponses else ""


def _address(installation: Installation, key: str) -> str:
    return tokens.address(installation.settings.mail.reponses, tokens.token(installation.answer_key, key))


def ready(digest: Digest, parcel: Parcel, installation: Installation) -> Digest:
    """The digest, with the answers ready to be sent under each line; its lines are the parcel's notices, in order."""
    answers = installation.settings.mail.reponses
    if not answers:
        return digest
    words, language = installation.declarations.answer_words, installation.declarations.languages[digest.lang]
    lines = (
        replace(
            line,
            answers=answer_links(parcel.key, notice, words, language, secret=installation.answer_key, answers=answers),
        )
        for line, notice in zip(digest.lines, parcel.notices, strict=True)
    )
    return replace(digest, lines=tuple(lines))
