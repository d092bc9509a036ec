"""What stops letters before they do harm: a mail server that is down, more mail than usual, a registry that shrank, a
ledger that knows less than it should. Pure.

Each says in French why, and how to go on. The numbers are ours (`parametre`). A breaker never loses a letter: it waits,
or it waits for a person.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from cdi_sync.mail.outbox import LetterState, Outcome

# -------------------------------------------------------------------------------------------- the mail server is down

RELAY = "relais"  # the mark under which a pause is kept
_PAUSES = (1, 5, 15, 60)  # minutes without a connection after the nth time in a row that the server took nothing
REFUSALS = 5  # letters refused one after the other, none accepted: it isn't the letters


@dataclass(frozen=True)
class Pause:
    """The mail server is left alone. since: it has taken nothing since then; times: in a row; until: the next attempt.

    why: what was found the last time, in French. refuses: it answers, and refuses every letter.
    """

    since: datetime
    times: int
    until: datetime
    why: str
    refuses: bool = False

    @property
    def told(self) -> str:
        """Why nothing is tried, when it will be, and how to try sooner."""
        return (f"{self.why.rstrip('.')}. Prochain essai à {self.until:%H:%M} (le {self.until:%d/%m/%Y}) ; "
                "pour essayer tout de suite : « cdi outbox retry »")  # fmt: skip

    def as_mark(self) -> Mapping[str, Any]:
        """As JSON keeps it."""
        return {"depuis": self.since.isoformat(), "fois": self.times, "reprise": self.until.isoformat(),
                "pourquoi": self.why, "refuse": self.refuses}  # fmt: skip

    @classmethod
    def of(cls, mark: Mapping[str, Any] | None) -> "Pause | None":
        """What was kept; None when nothing was."""
        if not mark:
            return None
        since, until = datetime.fromisoformat(mark["depuis"]), datetime.fromisoformat(mark["reprise"])
        return cls(since, mark["fois"], until, mark["pourquoi"], mark["refuse"])


def pause_after(pause: Pause | None, why: str, now: datetime, *, refuses: bool = False) -> Pause:
    """The pause that begins now, longer each time in a row."""
    times = pause.times + 1 if pause else 1
    minutes = _PAUSES[min(times, len(_PAUSES)) - 1]
    return Pause(pause.since if pause else now, times, now + timedelta(minutes=minutes), why, refuses)


@dataclass(frozen=True)
class Refusals:
    """Letters that the server refused one after the other. answer: the last one's."""

    in_a_row: int = 0
    answer: str = ""

    @classmethod
    def since(cls, pause: Pause | None) -> "Refusals":
        """At the end of a pause of a server that refused everything, one refusal more is enough."""
        return cls(REFUSALS - 1, pause.why) if pause and pause.refuses else cls()

    def after(self, outcome: Outcome) -> "Refusals":
        """What the server answered of one letter more; an outcome that isn't an answer of its changes nothing."""
        if outcome.state is LetterState.SENT:
            return Refusals()
        if outcome.state in (LetterState.FAILED, LetterState.QUEUED) and outcome.detail[:1] in ("4", "5"):
            return Refusals(self.in_a_row + 1, outcome.detail)
        return self

    @property
    def trouble(self) -> str:
        """Why nothing more is tried, in French; "" as long as letters are."""
        if self.in_a_row < REFUSALS:
            return ""
        return f"le serveur refuse tous les courriels ({self.in_a_row} de suite) : {self.answer}"


# ------------------------------------------------------------------------------------------------ more mail than usual

FEW = 20  # that many letters never are too many
_MANY = 3  # times the usual number
_RUNS = 8  # days that made letters, looked at for what is usual


def flood(new: int, kinds: Collection[str], made: Mapping[tuple[str, str, date], int], today: date) -> str:
    """Why a run's new letters wait for a person, in French; "" when they are no more than usual.

    made: letters made already, by (kind, address, day); usual: the median of the last days before today that made
    letters of these kinds.
    """
    by_day: dict[date, int] = {}
    for (kind, _, day), count in made.items():
        if kind in kinds and day < today:
            by_day[day] = by_day.get(day, 0) + count
    latest = [by_day[day] for day in sorted(by_day)[-_RUNS:]]
    usual = median(latest) if latest else 0
    most = max(FEW, _MANY * usual)
    if new <= most:
        return ""
    return (f"{new} courriels d'un coup, plus que d'habitude (au plus {most:g}) : les lire, puis « cdi outbox release "
            "--tous », ou corriger le classeur")  # fmt: skip


# -------------------------------------------------------------------------------------------------- the registry shrank

_GONE = 5  # one row less in four lines isn't an accident: fewer rows than this never are
_SHARE = 0.20


def shrunk(before: Mapping[str, int], now: Mapping[str, int], titles: Mapping[str, str]) -> str:
    """What shows that rows have vanished since the last run, in French; "" when none of it does.

    before, now: rows filled in, by tab. More than a fifth of all rows, or a whole tab.
    """
    lost, total = sum(before.values()) - sum(now.values()), sum(before.values())
    if lost >= _GONE and lost > _SHARE * total:
        return f"{lost} des {total} lignes du classeur ont disparu depuis le dernier passage"
    emptied = [titles.get(tab, tab) for tab, rows in before.items() if rows >= _GONE and not now.get(tab)]
    if emptied:
        return f"l'onglet {' et l’onglet '.join(emptied)} s'est vidé depuis le dernier passage"
    return ""


# ------------------------------------------------------------------------------------- a ledger that knows less than it should


@dataclass(frozen=True)
class Start:
    """A ledger that doesn't know what was sent before. before: what fell due before that day waits for a person.

    is_lost: letters are known to have been made that it doesn't know of (a restored copy, a deleted file); otherwise it
    is new. is_over: all that was due has been gone through.
    """

    before: date
    is_lost: bool
    is_over: bool = False

    @property
    def why(self) -> str:
        """Why letters wait, and how to go on, in French."""
        what = ("le registre des courriers est plus ancien que les derniers envois (sauvegarde remise, fichier effacé)"
                if self.is_lost else "le registre des courriers est neuf")  # fmt: skip
        return (f"{what} : ce qui était dû avant le {self.before:%d/%m/%Y} a peut-être déjà été envoyé. Lire « cdi outbox "
                "list --etat retenu », puis « cdi outbox release --tous »")  # fmt: skip

    def as_mark(self) -> Mapping[str, Any]:
        """As JSON keeps it."""
        return {"avant": self.before.isoformat(), "perdu": self.is_lost, "fini": self.is_over}

    @classmethod
    def of(cls, mark: Mapping[str, Any] | None) -> "Start | None":
        """What was kept; None when nothing was."""
        return cls(date.fromisoformat(mark["avant"]), mark["perdu"], mark["fini"]) if mark else None


def start_of(today: date, *, knows_letters: bool, sent_on: date | None) -> Start | None:
    """What is known of a ledger at the beginning of a run; None for one that knows all that it should.

    knows_letters: it knows of any. sent_on: the last day on which others remember letters that it doesn't know.
    """
    if sent_on is not None:
        return Start(
            max(today, sent_on + timedelta(days=1)) if not knows_letters else sent_on + timedelta(days=1), True
        )
    return None if knows_letters else Start(today, False)
