"""What a reply to a letter says, and what is made of it. Pure.

A reply is a few instructions, one a line: « FAIT 12/03/2027 », « REPORTER 7 », « PRIS EN COMPTE », in any of the languages
of `config/reponses.toml`, with the number of the row when the letter had several. A line that begins as an instruction must
be one to its end. Nothing is guessed: what can be read two ways, or contradicts itself, changes nothing and is asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import quote

from cdi_sync.cells import Unreadable, day_in_sentence
from cdi_sync.mail.incoming import header
from cdi_sync.mail.language import Language
from cdi_sync.mail.own_words import TRIPS, lines_of, subject_of
from cdi_sync.mail.tokens import address, mark_of, token
from cdi_sync.mail.words import Verb, Words
from cdi_sync.model import Notice
from cdi_sync.text import ascii_digits, clean, fold

OLDEST = 400  # days after which a letter can't be answered any more
SHORT_PAUSE = 7  # days of the button « Rappeler dans 7 jours »
_LATE = 7  # days that a message may travel: its date is believed within them
_EDGES = " .,;:!-–—*•·\"'«»()[]،؛…"
_QUOTED = 80  # characters of a line that is quoted back


class Why(StrEnum):
    """Why an instruction changes nothing, as the acknowledgement's template tells it."""

    NOTHING = "rien"  # no instruction at all
    UNCLEAR = "confus"  # begins as one, and goes on otherwise
    WHICH = "laquelle"  # the letter had several lines, none is named
    SEVERAL = "plusieurs"  # that number stands for several lines of the letter
    STRANGER = "inconnue"  # the letter doesn't speak of that number
    TWO_WAYS = "contradiction"  # two instructions for one line
    BAD_DAY = "date_illisible"
    FUTURE = "date_future"
    TOO_EARLY = "date_anterieure"  # before what the reminder counts from
    NO_DAYS = "duree_absente"
    TOO_LONG = "duree_excessive"
    SET_ASIDE = "ecartee"  # clear, but something else of the reply may speak of the same line
    OVER = "termine"  # nothing waits there any more
    EXPIRED = "perimee"  # the letter is too old


@dataclass(frozen=True)
class Asked:
    """One line of a letter, as it stands on the day of the reply.

    title, column_title: French. column: the empty cell where staff will write that it is done, "" for none. not_before: a
    day done can't be earlier; None when it can be any. waits: still so.
    """

    reminder: str
    case: str
    subject: str
    anchor: str
    title: str = ""
    tab: str = ""
    column: str = ""
    column_title: str = ""
    not_before: date | None = None
    waits: bool = False

    @property
    def mark(self) -> str:
        return mark_of(self.reminder, self.case, self.subject, self.anchor)

    @property
    def number(self) -> str:
        """What the letter calls it."""
        return self.case or self.subject

    def is_called(self, number: str) -> bool:
        return number in (self.case, self.subject)


@dataclass(frozen=True)
class Instruction:
    """One line of a reply. numbers: the rows that it names. day: typed, else None; days: of a pause, else None."""

    verb: Verb
    words: str
    numbers: tuple[str, ...] = ()
    day: date | None = None
    days: int | None = None


@dataclass(frozen=True)
class Question:
    """What can't be applied, and why. words: what was written; number: the row concerned, "" for none; day: one to cite."""

    why: Why
    words: str = ""
    number: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Understood:
    """An answer to a line: the day it was done, the day on which reminders come back, or the day it was seen."""

    asked: Asked
    verb: Verb
    day: date


@dataclass(frozen=True)
class Reading:
    """All that a reply says."""

    understood: tuple[Understood, ...] = ()
    questions: tuple[Question, ...] = ()


# --------------------------------------------------------------------------------------------------------- lines


def read_line(line: str, words: Words, prefixes: Iterable[str]) -> Instruction | Question | None:
    """What one line says; None when it doesn't begin as an instruction. prefixes: of the rows' numbers, as ACT."""
    written = clean(line)
    folded = fold(written).strip(_EDGES)
    text = ascii_digits(folded) or folded
    numbers, rest = _numbers(text, prefixes)
    verb, tail = _verb(rest.strip(_EDGES), words)
    if verb is None:
        return None
    tail = _without(tail, words)
    quoted, about = written[:_QUOTED], numbers[0] if len(numbers) == 1 else ""
    found = _complete(verb, tail, words)
    if isinstance(found, Why):
        return Question(found, quoted, about)
    return replace(found, words=quoted, numbers=numbers)


def _complete(verb: Verb, tail: str, words: Words) -> Instruction | Why:
    if verb is Verb.SEEN:
        return Why.UNCLEAR if tail else Instruction(verb, "")
    if verb is Verb.DONE and not tail:
        return Instruction(verb, "")
    if verb is Verb.PUT_OFF:
        if not tail:
            return Why.NO_DAYS
        units = "|".join(map(re.escape, words.days))
        if match := re.fullmatch(rf"([0-9]{{1,4}})(?: ?(?:{units}))?", tail):
            return Instruction(verb, "", days=int(match[1]))
    if not any(char.isdigit() for char in tail):
        return Why.UNCLEAR
    day = day_in_sentence(tail)
    return Why.BAD_DAY if isinstance(day, Unreadable) else Instruction(verb, "", day=day)


def _numbers(text: str, prefixes: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """The rows named in a line, in order, and the line without them."""
    known = "|".join(prefix.casefold() for prefix in prefixes)
    form = re.compile(rf"(?<!\w)(?:n° ?)?({known})(?: ?- ?(\d{{1,5}})| ?(\d{{5}}))(?!\w)")
    found = [f"{m[1].upper()}-{int(m[2] or m[3]):05d}" for m in form.finditer(text)]
    return tuple(dict.fromkeys(found)), " ".join(form.sub(" ", text).split())


def _verb(text: str, words: Words) -> tuple[Verb | None, str]:
    """(the verb that a line begins with, the rest); the longest word wins."""
    for word, verb in words.verbs:
        if text == word or (text.startswith(word) and not (text[len(word)].isalnum() or text[len(word)] in "'-")):
            return verb, text[len(word) :]
    return None, ""


def _without(tail: str, words: Words) -> str:
    """What follows a verb, without courtesies at its end nor little words at its beginning."""
    tail = tail.strip(_EDGES)
    for word in words.polite:
        if tail == word or tail.endswith((f" {word}", f",{word}", f".{word}")):
            tail = tail.removesuffix(word).strip(_EDGES)
            break
    for word in words.links:
        if tail.startswith(f"{word} "):
            return tail.removeprefix(word).strip(_EDGES)
    return tail


# --------------------------------------------------------------------------------------------------- the whole reply


def read_reply(
    message: EmailMessage,
    asked: Sequence[Asked],
    mark: str,
    words: Words,
    *,
    prefixes: Iterable[str],
    sent: date,
    longest: int,
) -> Reading:
    """What a reply says of the lines of its letter.

    mark: of the line whose own button was used, "" for none. sent: the day of the message. longest: days of a pause.
    """
    told = _said(message, words, tuple(prefixes))
    if not told:
        return Reading(questions=(Question(Why.NOTHING),))
    questions = [one for one in told if isinstance(one, Question)]
    meant: dict[Asked, list[Instruction]] = defaultdict(list)
    for one in told:
        if isinstance(one, Instruction):
            found = _targets(one, asked, mark)
            if isinstance(found, Question):
                questions.append(found)
            else:
                for target in found:
                    meant[target].append(one)
    understood, unclear = [], tuple(questions)
    for target, instructions in meant.items():
        result = _settled(target, instructions, unclear, sent, longest)
        if isinstance(result, Question):
            questions.append(result)
        else:
            understood.append(result)
    return Reading(tuple(understood), tuple(dict.fromkeys(questions)))


def _said(message: EmailMessage, words: Words, prefixes: Sequence[str]) -> list[Instruction | Question]:
    """The instructions of the text, else that of the subject, unless the text says otherwise."""
    lines = lines_of(message, words)
    told = [one for line in lines if (one := read_line(line, words, prefixes))]
    subject = subject_of(message)
    if told or not (one := read_line(subject, words, prefixes)):
        return told
    denied = next((line for line in lines if words.denies(fold(line))), "")
    return [Question(Why.UNCLEAR, denied[:_QUOTED])] if denied else [one]


def _targets(one: Instruction, asked: Sequence[Asked], mark: str) -> Sequence[Asked] | Question:
    """The lines that an instruction speaks of."""
    own = [line for line in asked if line.mark == mark]
    if not one.numbers:
        found = own or list(asked)
        return found if len(found) == 1 else Question(Why.WHICH, one.words)
    lines: list[Asked] = []
    for number in one.numbers:
        called = [line for line in asked if line.is_called(number)]
        if not called:
            return Question(Why.STRANGER, one.words, number)
        precise = [line for line in called if line in own] or called
        if one.verb is Verb.DONE and len(precise) > 1:
            return Question(Why.SEVERAL, one.words, number)
        lines += precise
    return lines


def _settled(
    target: Asked, instructions: Sequence[Instruction], questions: Sequence[Question], sent: date, longest: int
) -> Understood | Question:
    """What was answered to a line; nothing while something else of the reply, not understood, may speak of it."""
    first = instructions[0]
    if len({(one.verb, one.day, one.days) for one in instructions}) > 1:
        return Question(Why.TWO_WAYS, " / ".join(one.words for one in instructions)[: 2 * _QUOTED], target.number)
    if any(not question.number or target.is_called(question.number) for question in questions):
        return Question(Why.SET_ASIDE, first.words, target.number)
    if not target.waits:
        return Question(Why.OVER, first.words, target.number)
    found = _day(first, target, sent, longest)
    return Question(found, first.words, target.number, _cited(found, target)) if isinstance(found, Why) else Understood(
        target, first.verb, found
    )  # fmt: skip


def _day(one: Instruction, target: Asked, sent: date, longest: int) -> date | Why:
    if one.verb is Verb.SEEN:
        return sent
    if one.verb is Verb.PUT_OFF:
        days = one.days if one.days is not None else ((one.day or sent) - sent).days
        return sent + timedelta(days=days) if 1 <= days <= longest else Why.TOO_LONG
    day = one.day or sent
    if day > sent:
        return Why.FUTURE
    return Why.TOO_EARLY if target.not_before and day < target.not_before else day


def _cited(why: Why, target: Asked) -> date | None:
    return target.not_before if why is Why.TOO_EARLY else None


# ---------------------------------------------------------------------------------------------- who writes, and when


def is_refused(message: EmailMessage) -> bool:
    """True when our own mail server, whose result stands above all others, says that the sender isn't who it says."""
    try:
        first = str(next(iter(message.get_all("Authentication-Results", [])), ""))[:4000]
    except TRIPS:
        return True
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\([^()]*\)', " ", first)  # others write there
    results: dict[str, set[str]] = defaultdict(set)
    for part in bare.split(";")[1:]:
        if match := re.match(r"\s*(dmarc|spf|dkim)\s*=\s*(\w+)", part, re.IGNORECASE):
            results[match[1].casefold()].add(match[2].casefold())
    if results["dmarc"] - {"none", "bestguesspass"}:
        return "pass" not in results["dmarc"]
    seen = results["spf"] | results["dkim"]
    return "fail" in seen and "pass" not in seen


def day_sent(message: EmailMessage, *, not_before: date, today: date, zone: tzinfo) -> date:
    """The day of a message: the one that it says, within the days that mail may travel, else the day it was read."""
    try:
        moment = parsedate_to_datetime(header(message, "Date"))
        day = (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
    except (*TRIPS, OverflowError):
        return today
    return day if max(not_before, today - timedelta(days=_LATE)) <= day <= today else today


# ----------------------------------------------------------------------------------------------- ready to be answered


def answer_links(
    key: str, notice: Notice, words: Words, language: Language, *, secret: bytes, answers: str
) -> tuple[tuple[str, str], ...]:
    """The label, and the `mailto:` link, of each answer to one line of a letter: they open a message ready to be sent.

    key: the letter's. answers: the address of answers, as set. Raises ConfigError when it is too long.
    """
    line = mark_of(notice.reminder, notice.case, notice.subject, notice.anchor.isoformat())
    to = quote(address(answers, token(secret, key, line)), safe="@")
    number, say = notice.case or notice.subject, language.gettext
    buttons = (
        (say("C'est fait"), Verb.DONE, ""),
        (say("Rappeler dans 7 jours"), Verb.PUT_OFF, f" {SHORT_PAUSE}"),
        (say("Je m'en occupe"), Verb.SEEN, ""),
    )
    return tuple(
        (label, f"mailto:{to}?subject={quote(f'{words.buttons[verb][language.code].upper()}{more} {number}', safe='')}")
        for label, verb, more in buttons
    )


# ----------------------------------------------------------------------------------------------- the acknowledgement


@dataclass(frozen=True)
class Taken:
    """One line of an acknowledgement, in its reader's language. verb: as `Verb`. column: where staff will type the day."""

    number: str
    title: str
    verb: str
    day: date
    column: str = ""


@dataclass(frozen=True)
class Acknowledgement:
    """What a person is told of a reply. pause: worked days for which a reminder is silent once
    done; seen_days: days once acknowledged; longest: days of a
    pause that one may ask for; examples: one answer of each kind, as that language writes it."""

    name: str
    service: str
    taken: tuple[Taken, ...]
    questions: tuple[Question, ...]
    pause: int
    seen_days: int
    longest: int
    examples: tuple[str, ...]
    lang: str

    @property
    def number(self) -> str:
        """The row that the subject names; "" for several or none."""
        numbers = {one.number for one in self.taken} | {one.number for one in self.questions if one.number}
        return numbers.pop() if len(numbers) == 1 else ""

    @property
    def shows_how(self) -> bool:
        """Whether an answer written otherwise would change anything."""
        return any(one.why not in (Why.OVER, Why.EXPIRED) for one in self.questions)


def acknowledgement(
    reading: Reading,
    words: Words,
    language: Language,
    *,
    name: str,
    service: str,
    pause: int,
    seen_days: int,
    longest: int,
    today: date,
) -> Acknowledgement:
    """What a person is told of the reply read, in that language."""
    say = language.gettext
    taken = tuple(
        Taken(one.asked.number, say(one.asked.title), one.verb, one.day, one.asked.column_title)
        for one in reading.understood
    )
    done, put_off, seen = (words.buttons[verb][language.code].upper() for verb in (Verb.DONE, Verb.PUT_OFF, Verb.SEEN))
    number = next((f" {one.number}" for one in reading.questions if one.number), " ACT-00012")
    examples = (f"{done} {today:%d/%m/%Y}{number}", f"{put_off} {SHORT_PAUSE}{number}", f"{seen}{number}")
    return Acknowledgement(name, service, taken, reading.questions, pause, seen_days, longest, examples, language.code)


def noted(reading: Reading) -> str:
    """What was done with a reply, in French, on one line."""
    told = [f"{one.asked.number} : {_VERBS[one.verb].format(one.day)}" for one in reading.understood]
    told += [
        f"{one.number} : sans effet ({one.why})" if one.number else f"sans effet ({one.why})"
        for one in reading.questions
    ]
    return " ; ".join(told)


_VERBS = {
    Verb.DONE: "fait le {:%d/%m/%Y}, à saisir",
    Verb.PUT_OFF: "rappel reporté au {:%d/%m/%Y}",
    Verb.SEEN: "pris en compte le {:%d/%m/%Y}",
}
