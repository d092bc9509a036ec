"""The job that listens: reads what is new in the mailbox (« relever »), each message once, and settles lost answers.

Steps: every new message → what it is → what follows (a letter that came back, a person's answer…), recorded with it → the
letters whose answer was lost are looked for among the audit copies. The mailbox is only read: nothing in it is marked,
moved or deleted, so that people can always look for themselves. Run under the installation's lock.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TypeAlias

from cdi_sync.console import finish, in_one_line
from cdi_sync.edges import clock
from cdi_sync.edges.forms.mail_attachments import Attached, submissions_of
from cdi_sync.edges.forms.returned_files import intake_of
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.edges.ledger.outbox import StoredLetter
from cdi_sync.edges.mail.imap import Arrived, Inbox, Place
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.mail import incoming, returned, tokens, witness
from cdi_sync.mail.incoming import Kind, Ours
from cdi_sync.mail.outbox import LetterState
from cdi_sync.mail.returned import Follow
from jobs.answers import TO_LOOK_AT, handle
from jobs.deliver import SETTLED_AFTER

_A_DAY = timedelta(days=1)
_WITNESSES = 20  # letters sent last among which one that left with a copy is looked for
MOST = 500  # messages handled in one run: a flood waits for the next ones
CAME_BACK = "revenu"  # how the journal's entries of letters that came back begin
_PLACE, _LOOKS = "relevé jusqu'à", "copies cherchées"  # marks left for the next run
log = logging.getLogger("cdi.jobs")

Answers: TypeAlias = Callable[[Installation, EmailMessage], str]


@dataclass(frozen=True)
class Collected:
    """What a look at the mailbox brought. kinds: how many new messages, by what they are.

    refused: addresses newly known to be unusable. again: letters that leave again on another day. found, free: letters whose
    answer was lost, that the witness found, or didn't. in_doubt: those that stay so. for_person: what a person has to look
    at, in French, without addresses.
    """

    kinds: Mapping[Kind, int] = field(default_factory=dict)
    refused: int = 0
    again: int = 0
    found: int = 0
    free: int = 0
    in_doubt: int = 0
    for_person: tuple[str, ...] = ()
    trouble: str = ""  # why the mailbox couldn't be read, in French

    @property
    def went_wrong(self) -> bool:
        """True when a person has to look."""
        return bool(self.for_person or self.trouble)

    @property
    def in_words(self) -> str:
        """What was done, in French, on one line."""
        told = [f"{count} {_NAMES[kind]}" for kind, count in self.kinds.items() if count]
        counts = (
            (self.refused, "adresse(s) refusée(s)"), (self.again, "courriel(s) à renvoyer un autre jour"),
            (self.found, "retrouvé(s) par la copie témoin"), (self.free, "absent(s) de la copie témoin, à renvoyer"),
        )  # fmt: skip
        told += [f"{count} {what}" for count, what in counts if count]
        return ", ".join(told) or "rien de nouveau"


_NAMES = {
    Kind.RETURNED: "retour(s)", Kind.AUTOMATIC: "réponse(s) automatique(s)", Kind.COPY: "copie(s) témoin",
    Kind.ANSWER: "réponse(s)", Kind.FORM: "formulaire(s) rempli(s)", Kind.OTHER: "autre(s)",
}  # fmt: skip


def collect(installation: Installation, *, answers: Answers = handle, dry_run: bool = False) -> Collected:
    """Reads what is new. answers: what is done with a person's answer, and its words. dry_run: tells, records nothing.

    Handling a message again must be harmless: it is recorded once all is done. Raises MailError.
    """
    settings = installation.settings.mail
    if not settings.imap.serveur:
        return Collected()
    with Inbox(settings.imap, folder=installation.folder) as inbox:
        round_ = _Round(installation, inbox, answers, dry_run=dry_run)
        round_.messages()
        if not dry_run and settings.temoin:
            round_.copies()
    return round_.told()


def collected_or_trouble(installation: Installation) -> Collected:
    """The same, for a day's work that goes on without the mailbox when it can't be read."""
    try:
        return collect(installation)
    except CdiError as error:
        return Collected(trouble=in_one_line(error))


def pardon(installation: Installation, address: str) -> bool:
    """Tries an address again: what came back from it is told afresh. False when nothing was said against it."""
    outbox, now = installation.store.outbox, clock.now()
    freed = [
        outbox.tell_afresh(letter.key, at=now, detail="adresse pardonnée : ses rappels seront redits")
        for letter in outbox.letters(LetterState.FAILED)
        if letter.to.casefold() == address.casefold() and letter.detail.startswith(CAME_BACK)
    ]
    return installation.store.mailbox.forgive(address) or any(freed)


class _Round:
    """One look at the mailbox of an installation."""

    def __init__(self, installation: Installation, inbox: Inbox, answers: Answers, *, dry_run: bool) -> None:
        self._installation, self._inbox, self._answers, self._dry_run = installation, inbox, answers, dry_run
        self._settings = installation.settings.mail
        self._store = installation.ledger(dry_run=dry_run)
        self._now = clock.now()
        self._ours = Ours(
            letters=self._store.outbox.message_ids(),
            addresses=frozenset(a.casefold() for a in (self._settings.expediteur, self._settings.reponses) if a),
            answers=self._settings.reponses,
        )
        self._kinds: Counter[Kind] = Counter()
        self._did: Counter[str] = Counter()
        self._for_person: list[str] = []

    def told(self) -> Collected:
        did = self._did
        return Collected(
            kinds=dict(self._kinds), refused=did["refused"], again=did["again"], found=did["found"], free=did["free"],
            in_doubt=did["in_doubt"], for_person=tuple(dict.fromkeys(self._for_person)),
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------- new messages

    def messages(self) -> None:
        """Every new message, in order, and those that couldn't be handled before."""
        first_day = self._store.outbox.first_day() or (self._now.date() if self._takes_forms else None)
        if first_day is None:
            return  # nothing was ever sent: no message can be about it
        place, stuck = self._left()
        handled = self._store.mailbox.handled()
        now, uids = self._inbox.new(self._settings.imap.boite, place, since=first_day - _A_DAY, most=MOST)
        if now != place:  # another folder, or one whose messages were numbered anew
            stuck = []
        stuck = [uid for uid in (*stuck, *uids) if not self._is_done(uid, handled)]
        if not self._dry_run:
            self._store.set_mark(_PLACE, [now.folder, now.validity, uids[-1] if uids else now.uid, stuck])

    def _left(self) -> tuple[Place | None, list[int]]:
        """How far the last run read, and the messages that it couldn't handle."""
        left = self._store.mark(_PLACE)
        return (Place(*left[:3]), left[3]) if left else (None, [])

    def _is_done(self, uid: int, handled: frozenset[str]) -> bool:
        """False when the message is to be taken again by the next run. One that is gone is done."""
        found = self._inbox.read(uid)
        return found is None or self._is_handled(found, handled)

    def _is_handled(self, found: Arrived, handled: frozenset[str]) -> bool:
        message = incoming.parsed(found.content)
        key = incoming.key_of(message, found.content)
        if key in handled:
            return True
        kind = incoming.kind_of(message, self._ours)
        try:
            attached = self._attached(message, kind)
            if attached.is_ours and not self._is_signed(message):
                kind = Kind.FORM
            self._kinds[kind] += 1
            if self._dry_run:
                return True
            brought = self._take(attached)
            self._handle(kind, message, key, brought)
        except CdiError as error:
            self._for_person.append(f"un message n'a pas pu être traité : {error.what}")
        except Exception as error:  # a message is written by anybody: what it breaks mustn't stop the others
            log.error("message non traité : %s", in_one_line(error))
            self._for_person.append("un message n'a pas pu être traité (erreur du logiciel) ; il sera repris")
        else:
            return True
        return False

    def _handle(self, kind: Kind, message: EmailMessage, key: str, brought: str) -> None:
        note = Incoming(
            key, self._now.isoformat(), kind, incoming.sender(message), incoming.answered(message, self._ours)
        )
        if kind is Kind.RETURNED:
            self._handle_return(message, key)
        elif kind is Kind.ANSWER:
            told = self._answers(self._installation, message)
            if told.startswith(TO_LOOK_AT):
                self._for_person.append(f"une réponse est {told}")
            self._store.mailbox.record(replace(note, detail=" ; ".join(filter(None, (told, brought)))))
        elif kind is Kind.FORM:
            self._store.mailbox.record(replace(note, detail=brought))
        elif kind is Kind.COPY:
            self._store.mailbox.record(replace(note, letter=self._ours.letters[key]))
        else:
            # of what doesn't concern us, not even the sender is kept
            self._store.mailbox.record(note if kind is Kind.AUTOMATIC else replace(note, sender=""))

    # ------------------------------------------------------------------------------------------- forms filled in

    @property
    def _takes_forms(self) -> bool:
        return "formulaires" in self._installation.settings.registre.modules

    def _attached(self, message: EmailMessage, kind: Kind) -> Attached:
        """The forms that a person's message brings."""
        if not self._takes_forms or kind not in (Kind.ANSWER, Kind.OTHER):
            return Attached()
        return submissions_of(message, self._installation.declarations, at=clock.now())

    def _is_signed(self, message: EmailMessage) -> bool:
        """Whether it answers a letter by the address that the letter gave, and so is an answer before all."""
        answers = self._ours.answers
        return bool(answers) and any(tokens.carried(to, answers) for to in incoming.recipients(message))

    def _take(self, attached: Attached) -> str:
        """Puts the answers in the intake, where each counts once; what was done, in French."""
        self._for_person.extend(attached.told)
        if not attached.is_ours:
            return ""
        taken = [intake_of(self._installation).take(one, at=one.received) for one in attached.submissions]
        told = f"{len(taken)} formulaire(s), dont {sum(taken)} nouveau(x) ou corrigé(s)"
        return f"{told} ; à regarder" if attached.told else told

    # ------------------------------------------------------------------------------------ letters that came back

    def _handle_return(self, message: EmailMessage, key: str) -> None:
        """Moves the letter, then records the report: cut short in between, it is read again and moves nothing more."""
        report = returned.read(message)
        letter = self._letter_of(report)
        one = report.about(_subject(letter), letter.to) if letter else None
        bad = None
        if letter and letter.state is LetterState.EXPIRED:
            letter_key, told = letter.key, "parle d'un courriel redit depuis : rien n'est changé"
        elif letter is None or one is None:
            letter_key, told = "", "ne parle d'aucune lettre partie d'ici à cette personne : rien n'est changé"
            if letter and self._settings.temoin and report.about(_subject(letter), self._settings.temoin):
                letter_key, told = letter.key, "la copie témoin n'a pas pu être remise"
                self._for_person.append("la copie témoin n'arrive pas : vérifier l'adresse mail.temoin")
        else:
            bad, told = self._follow(letter, one)
            letter_key = letter.key
        self._store.mailbox.record(
            Incoming(key, self._now.isoformat(), Kind.RETURNED, incoming.sender(message), letter_key, told), bad=bad
        )

    def _letter_of(self, report: returned.Report) -> StoredLetter | None:
        """The letter that a report returns, if it has left."""
        key = self._ours.letters.get(report.message_id)
        if key is None or not any(entry.event == LetterState.DATA for entry in self._store.journal.of(key)):
            return None
        return self._store.outbox.letter(key)

    def _follow(self, letter: StoredLetter, one: returned.Return) -> tuple[BadAddress | None, str]:
        outbox, told = self._store.outbox, f"{CAME_BACK} : {one.status or 'refus sans code'} {one.detail}".rstrip()
        before = sum(
            entry.event == LetterState.QUEUED and entry.detail.startswith(CAME_BACK)
            for entry in self._store.journal.of(letter.key)
        )
        follow = returned.follows(one, before=before)
        if follow is Follow.NOTHING:
            return None, f"{one.action} : rien à faire"
        if follow is Follow.TRY_AGAIN:
            tomorrow = datetime.combine(self._now.date() + _A_DAY, time(), clock.MOROCCO)
            self._did["again"] += outbox.came_back(
                letter.key, LetterState.QUEUED, at=self._now, detail=f"{told} ; repart un autre jour", retry_at=tomorrow
            )
            return None, told
        outbox.came_back(letter.key, LetterState.FAILED, at=self._now, detail=told)
        if follow is Follow.PERSON:
            self._for_person.append(
                f"un courriel est revenu pour de bon ({one.status or 'sans code'}) : voir « cdi outbox »"
            )
            return None, told
        address = letter.to.casefold()
        if address in self._store.mailbox.bad_addresses():
            return None, told
        self._did["refused"] += 1
        return BadAddress(address, self._now.isoformat(), one.status, one.detail, letter.key), told

    # --------------------------------------------------------------------------------------------- the witness

    def copies(self) -> None:
        """Each letter whose answer was lost, looked for among the copies."""
        outbox, looks = self._store.outbox, dict(self._store.mark(_LOOKS) or {})
        lost = [*outbox.letters(LetterState.UNKNOWN), *outbox.cut_short(self._now - SETTLED_AFTER)]
        still: dict[str, str] = {}
        is_working: bool | None = None
        for letter in lost:
            began = self._left_with_copy(letter)
            if began is None:
                self._did["in_doubt"] += 1
                continue
            found = self._is_there(letter, began)
            if not found and is_working is None:
                is_working = self._is_working()
            first = looks.get(letter.key)
            looked = witness.look(
                found=found, is_working=bool(is_working), lost_at=datetime.fromisoformat(letter.settled_at),
                first_empty=datetime.fromisoformat(first) if first else None, settled=SETTLED_AFTER, now=self._now,
            )  # fmt: skip
            self._settle(letter, looked.state)
            if looked.state is LetterState.UNKNOWN and looked.first_empty:
                still[letter.key] = looked.first_empty.isoformat()
        self._store.set_mark(_LOOKS, still or None)

    def _settle(self, letter: StoredLetter, state: LetterState) -> None:
        if state is LetterState.UNKNOWN:
            self._did["in_doubt"] += 1
            return
        is_found = state is LetterState.SENT
        detail, of = witness.FOUND if is_found else witness.NOT_FOUND, (LetterState.UNKNOWN, LetterState.DATA)
        self._did["found" if is_found else "free"] += self._store.outbox.leave(
            letter.key, state, of=of, at=self._now, detail=detail
        )

    def _left_with_copy(self, letter: StoredLetter) -> datetime | None:
        """When its text last began to leave, if a copy went with it to the witness that we have now."""
        began = [entry for entry in self._store.journal.of(letter.key) if entry.event == LetterState.DATA]
        if not began or began[-1].detail != witness.with_copy(self._settings.temoin):
            return None
        return datetime.fromisoformat(began[-1].at)

    def _is_there(self, letter: StoredLetter, began: datetime) -> bool:
        folder = self._settings.imap.temoin or self._settings.imap.boite
        return any(
            witness.is_copy(one.content, letter.content) and witness.is_of_this_time(one.at, began)
            for one in self._inbox.find(folder, letter.message_id)
        )

    def _is_working(self) -> bool:
        """Whether the copy of the letter sent last is where copies are looked for: otherwise an absence says nothing."""
        for letter in self._store.outbox.sent_last(_WITNESSES):
            if began := self._left_with_copy(letter):
                return self._is_there(letter, began)
        return False


def _subject(letter: StoredLetter) -> str:
    return incoming.header(incoming.parsed(letter.content), "Subject")


def main() -> None:
    """The job alone, on the installation of the current folder."""
    installation = Installation.at(Path("settings.toml"))
    with installation.alone():
        done = collect(installation)
    print(f"Boîte aux lettres : {done.in_words}.")
    if done.went_wrong:
        raise SystemExit(ExitCode.MAIL)


if __name__ == "__main__":
    finish(main)
