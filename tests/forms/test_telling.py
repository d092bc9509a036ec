"""Who is told what of a request, once, whatever happens in between. The day is 24 November 2026."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.submission import State, Why
from cdi_sync.forms.telling import Due, News, Plan, Request, in_words, parse_practice, plan
from cdi_sync.forms.words import values_of
from cdi_sync.mail.outbox import LetterState
from tests.forms.requests import accepted, awaited, faults, refused, request
from tests.registries import DECLARED

PRACTICE = DECLARED.acknowledging
SENT, QUEUED, HELD, EXPIRED, FAILED = (
    LetterState.SENT, LetterState.QUEUED, LetterState.HELD, LetterState.EXPIRED, LetterState.FAILED,
)  # fmt: skip


def planned(
    *requests: Request, letters: Mapping[str, LetterState] | None = None, made: Mapping[str, int] | None = None,
    never: Sequence[str] = (), before: date | None = None,
) -> Plan:  # fmt: skip
    return plan(requests, letters or {}, PRACTICE, made=made or {}, never=never, before=before)


class Sender:
    """What one sender has received. turn: what a run tells of a request, its letter having left or not."""

    def __init__(self) -> None:
        self.letters: dict[str, LetterState] = {}

    def turn(self, one: Request, becomes: LetterState = SENT) -> News | None:
        made = planned(one, letters=self.letters)
        self.letters |= dict.fromkeys(made.obsolete, EXPIRED) | {due.parcel.key: becomes for due in made.due}
        (due,) = made.due or (None,)
        return due.news if due else None


def news(*turns: Request) -> list[News | None]:
    sender = Sender()
    return [sender.turn(one) for one in turns]


INCOMPLETE = request(state=State.TO_CORRECT, found=faults(Why.ABSENT))
OTHER = {"objet": "Échanges de jeunes"}


@pytest.mark.parametrize(
    ("turns", "told"),
    [
        ([request(), request()], [News.RECEIVED, None]),
        ([request(), request(edited=1)], [News.RECEIVED, None]),  # sent again as it was
        ([request(), request(typed=OTHER)], [News.RECEIVED, News.EDITED]),
        ([request(), request(typed=OTHER), request()], [News.RECEIVED, News.EDITED, News.EDITED]),  # back to the first
        ([INCOMPLETE, request(typed=OTHER)], [News.RECEIVED, News.EDITED]),
        ([INCOMPLETE, request()], [News.RECEIVED, News.COMPLETE]),  # staff added what was missing
        ([request(), INCOMPLETE, request(), INCOMPLETE], [News.RECEIVED, News.INCOMPLETE, None, None]),
        ([request(), accepted(), accepted()], [News.RECEIVED, News.ACCEPTED, None]),
        ([request(), accepted(state=State.BY_HAND), accepted()], [News.RECEIVED, News.ACCEPTED, None]),
        ([request(), refused(), refused(motif="Hors compétence.")], [News.RECEIVED, News.REFUSED, News.REFUSED]),
        ([request(), awaited(), awaited(), request()], [News.RECEIVED, News.WAITING, None, News.REOPENED]),
        ([request(), awaited(), awaited(typed=OTHER)], [News.RECEIVED, News.WAITING, News.EDITED]),
        ([awaited(), accepted(typed=OTHER)], [News.WAITING, News.ACCEPTED]),
        ([request(), accepted(), accepted(typed=OTHER)], [News.RECEIVED, News.ACCEPTED, News.EDITED]),
        ([request(), accepted(), refused(), accepted()], [News.RECEIVED, News.ACCEPTED, News.REFUSED, News.ACCEPTED]),
        ([accepted()], [News.ACCEPTED]),
    ],
)  # fmt: skip
def test_each_turn_is_told_once(turns: Sequence[Request], told: Sequence[News | None]) -> None:
    assert news(*turns) == told


def test_a_letter_that_still_waits_is_not_made_twice_and_an_outdated_one_is_given_up() -> None:
    sender = Sender()
    assert sender.turn(request(), HELD) is News.RECEIVED
    assert sender.turn(request(), HELD) is None
    assert sender.turn(accepted(), QUEUED) is News.ACCEPTED
    assert list(sender.letters.values()) == [EXPIRED, QUEUED]
    assert sender.turn(refused()) is News.REFUSED
    assert list(sender.letters.values()) == [EXPIRED, EXPIRED, SENT]


def test_a_decision_taken_back_before_its_letter_left_is_never_told() -> None:
    sender = Sender()
    assert [sender.turn(request()), sender.turn(awaited(), HELD), sender.turn(request())] == [
        News.RECEIVED, News.WAITING, None,
    ]  # fmt: skip
    assert list(sender.letters.values()) == [SENT, EXPIRED]


def test_what_expired_is_told_by_another_letter_and_what_the_server_refused_is_not() -> None:
    (due,) = planned(request()).due
    (again,) = planned(request(), letters={due.parcel.key: EXPIRED}).due
    assert again.parcel.key != due.parcel.key
    assert again.first
    assert planned(request(), letters={due.parcel.key: FAILED}).due == ()


def test_two_copies_make_the_same_key_and_each_address_is_in_it() -> None:
    one, other = planned(request()).due[0].parcel, planned(request()).due[0].parcel
    assert one.key == other.key
    assert one.key.startswith("demande|salma@fes.example|")
    assert one.key != planned(request(2)).due[0].parcel.key


# ----------------------------------------------------------------------------------------------------- who isn't told


def by_address(address: str, number: int = 1) -> Request:
    return request(number, values={"demandeur.courriel": address})


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (by_address(""), "aucune adresse utilisable"),
        (by_address("salma"), "aucune adresse utilisable"),
        (by_address("a@b.example, c@d.example"), "aucune adresse utilisable"),
        (by_address("a@b.example\r\nBcc: c@d.example"), "aucune adresse utilisable"),
        (by_address("No-Reply@fes.example"), "automate"),
        (by_address("CDI+jeton@service.example"), "rien n'est envoyé"),
        (by_address("wali@interieur.example"), "rien n'est envoyé"),
        (refused(motif=""), "le motif est à écrire"),
        (awaited(motif=""), "le motif est à écrire"),
        (accepted(became=""), "pas encore dans le classeur"),
    ],
    ids=str,
)  # fmt: skip
def test_nothing_is_told_and_staff_know_why(one: Request, why: str) -> None:
    made = planned(one, never=("cdi@service.example", "wali@interieur.example"))
    assert made.due == ()
    assert why in made.kept["DEM-00001"]


def test_a_number_that_two_rows_bear_is_told_to_nobody() -> None:
    one = request()
    made = planned(replace(one, row=replace(one.row, quarantined=True)))
    assert (made.due, list(made.kept)) == ((), ["DEM-00001"])


# -------------------------------------------------------------------------------------------------- how many a day


def test_an_address_has_so_many_letters_a_day_decisions_first() -> None:
    many = [request(n) for n in range(1, 8)] + [accepted(8)]
    made = planned(*many)
    numbers = [due.request.row.id for due in made.due]
    assert numbers == ["DEM-00008", "DEM-00001", "DEM-00002", "DEM-00003", "DEM-00004"]
    assert (PRACTICE.a_day, made.deferred) == (5, 3)


def test_all_addresses_together_have_so_many_acknowledgements_a_day_and_decisions_leave() -> None:
    most = PRACTICE.in_all
    flood = [by_address(f"p{n}@ailleurs.example", n) for n in range(1, 1_001)]
    decided = [accepted(2_000), refused(2_001)]
    made = planned(*flood, *decided)
    assert (len(made.due), made.deferred) == (most, 1_002 - most)
    assert {"DEM-02000", "DEM-02001"} <= {due.request.row.id for due in made.due}
    later = planned(*flood, *decided, made={f"q{n}@ailleurs.example": 1 for n in range(most)})
    assert [due.request.row.id for due in later.due] == ["DEM-02000", "DEM-02001"]


@pytest.mark.parametrize("spelt", ["salma@fes.example", "SALMA@fes.example", "salma+2@fes.example"])
def test_letters_of_today_count_however_the_address_is_spelt(spelt: str) -> None:
    made = planned(by_address(spelt), by_address("omar@fes.example", 2), made={"Salma+1@fes.example": 5})
    assert [due.parcel.to for due in made.due] == ["omar@fes.example"]
    assert made.deferred == 1


def test_what_is_put_off_does_not_give_up_the_letter_that_waits() -> None:
    (due,) = planned(request()).due
    made = planned(accepted(), letters={due.parcel.key: HELD}, made={"salma@fes.example": 5})
    assert (made.due, made.obsolete, made.deferred) == ((), (), 1)


# ------------------------------------------------------------------------------------------------------ a new ledger


@pytest.mark.parametrize(("day", "holds"), [(23, False), (24, True)])
def test_an_answer_older_than_the_ledger_waits_for_a_person(day: int, holds: bool) -> None:
    """It was sent on the 23rd."""
    (due,) = planned(request(), before=date(2026, 11, day)).due
    assert due.hold is holds


def test_what_comes_after_a_letter_of_the_ledger_does_not_wait() -> None:
    (first,) = planned(request(), before=date(2026, 11, 24)).due
    (due,) = planned(accepted(), letters={first.parcel.key: HELD}, before=date(2026, 11, 24)).due
    assert isinstance(due, Due)
    assert not due.hold


@pytest.mark.parametrize("value", [0, -1, "5", True, None])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    data = {"delai_etude_jours": 15, "par_jour": value, "longueur_citee": 300, "longueur_motif": 1000}
    with pytest.raises(ValueError, match="par_jour"):
        parse_practice(data)


@pytest.mark.parametrize("code", ["fr", "ar", "en"])
@pytest.mark.parametrize("form", DECLARED.forms.values(), ids=DECLARED.forms)
def test_a_choice_is_told_in_the_words_of_the_form(form: Declared, code: str) -> None:
    language = DECLARED.languages[code]
    for question in form.questions.values():
        for label, value in values_of(question, language).items():
            meant = value == "OUI" if question.column.type == "boolean" else value
            assert in_words(meant, question, language, lambda _: "") == label
