"""What makes a letter one and the same, and who gets which notice."""

from dataclasses import replace
from datetime import date

import pytest

from cdi_sync.mail.outbox import Gate, LetterState, Outcome, leaving, notice_key, parcels, unsaid
from cdi_sync.model import Notice

NOTICE = Notice(
    reminder="REM-VIS-02", case="ACT-00001", subject="VIS-00001", anchor=date(2026, 11, 3), step="+10", to="a@fes.example",
    contact="CON-00001", role="REFERENT_CDI", title="Visa en cours", action="Suivre", due=date(2026, 11, 23),
    council="COL-00001", actor="REFERENT_CDI", decision=False, source="Guide", tab="visas_accords", row=2, column="sens",
)  # fmt: skip
TODAY = date(2026, 11, 13)


def test_one_person_gets_one_letter_with_the_most_urgent_notice_first() -> None:
    later = replace(NOTICE, case="ACT-00002", subject="VIS-00002", due=date(2026, 12, 1))
    undated = replace(NOTICE, case="ACT-00003", subject="VIS-00003", due=None)
    (parcel,) = parcels([undated, later, NOTICE], TODAY, {})
    assert [notice.case for notice in parcel.notices] == ["ACT-00001", "ACT-00002", "ACT-00003"]


def test_two_people_get_a_letter_each() -> None:
    other = replace(NOTICE, to="b@fes.example")
    assert [parcel.to for parcel in parcels([other, NOTICE], TODAY, {})] == ["a@fes.example", "b@fes.example"]


def test_a_second_letter_of_the_same_day_has_a_key_and_a_message_id_of_its_own() -> None:
    (first,) = parcels([NOTICE], TODAY, {})
    (second,) = parcels([NOTICE], TODAY, {("rappels", "a@fes.example", TODAY): 1})
    assert first.key == "rappels|a@fes.example|2026-11-13|r1"
    assert second.key == "rappels|a@fes.example|2026-11-13|r2"
    assert first.message_id("fes.example") != second.message_id("fes.example")
    assert first.file_name(TODAY) != second.file_name(TODAY)


def test_the_same_letter_always_has_the_same_message_id() -> None:
    (once,), (again,) = parcels([NOTICE], TODAY, {}), parcels([NOTICE], TODAY, {})
    assert once.message_id("fes.example") == again.message_id("fes.example")


def test_what_was_said_is_not_said_again_but_the_next_step_is() -> None:
    said = {notice_key(NOTICE)}
    assert unsaid([NOTICE], said) == ()
    for changed in (
        replace(NOTICE, step="+15"),
        replace(NOTICE, anchor=date(2026, 11, 4)),
        replace(NOTICE, to="b@fes.example"),
    ):
        assert unsaid([changed], said) == (changed,)


def test_a_notice_that_nobody_can_receive_makes_no_letter() -> None:
    assert unsaid([replace(NOTICE, to="")], set()) == ()


def test_a_file_name_holds_nothing_that_a_path_could_mistake() -> None:
    (parcel,) = parcels([replace(NOTICE, to="../../etc/x@fes.example")], TODAY, {})
    assert "/" not in parcel.file_name(TODAY)
    assert ".." not in parcel.file_name(TODAY)
    assert parcel.file_name(TODAY).isascii()


def test_nobody_gets_two_digests_a_day_nor_one_on_a_day_off() -> None:
    urgent, other = replace(NOTICE, urgent=True), replace(NOTICE, to="b@fes.example")
    made = {("rappels", "a@fes.example", TODAY): 1}
    assert leaving([NOTICE, urgent, other], TODAY, made, worked=True) == (urgent, other)
    assert leaving([NOTICE, urgent, other], TODAY, {}, worked=False) == (urgent,)
    assert leaving([NOTICE], TODAY, {("rappels", "a@fes.example", date(2026, 11, 12)): 1}, worked=True) == (NOTICE,)


def test_an_urgent_notice_has_a_letter_of_its_own_that_leaves_first() -> None:
    urgent = replace(NOTICE, urgent=True, subject="PHA-00001", due=date(2026, 12, 24))
    assert [(p.kind, len(p.notices)) for p in parcels([NOTICE, urgent], TODAY, {})] == [("immediat", 1), ("rappels", 1)]


def test_the_most_pressing_letter_leaves_first() -> None:
    early = replace(NOTICE, to="z@fes.example", due=date(2026, 11, 14))
    assert [p.to for p in parcels([NOTICE, early], TODAY, {})] == ["z@fes.example", "a@fes.example"]


def test_one_address_told_twice_of_the_same_thing_hears_it_once() -> None:
    assert unsaid([NOTICE, replace(NOTICE, role="PRESIDENT")], set()) == (NOTICE,)


# ---------------------------------------------------------------------------------------------------- the gate

OPEN = Gate(live=True, production=True, allowed=(), room=2)
TRIAL = Gate(live=True, production=False, allowed=("amina@fes.example", "@tanger.example"), room=2)


def test_in_production_everyone_may_be_written_to() -> None:
    assert OPEN.why_held("quiconque@ailleurs.example") == ""


def test_nothing_leaves_when_sending_is_not_switched_on_even_to_allowed_people() -> None:
    for gate in (replace(OPEN, live=False), replace(TRIAL, live=False)):
        assert "mail.live" in gate.why_held("amina@fes.example")


@pytest.mark.parametrize("to", ["amina@fes.example", "Amina@FES.example", "qui@tanger.example", "qui@TANGER.example"])
def test_outside_production_an_allowed_address_or_domain_may_be_written_to(to: str) -> None:
    assert TRIAL.why_held(to) == ""


@pytest.mark.parametrize(
    "to",
    ["brahim@fes.example", "amina@fes.example.mal.example", "x@sous.tanger.example", "x@faux-tanger.example",
     "tanger.example", "amina"],
)  # fmt: skip
def test_outside_production_nobody_else_is(to: str) -> None:
    assert "mail.destinataires_autorises" in TRIAL.why_held(to)


def test_outside_production_an_empty_list_allows_nobody() -> None:
    assert "mail.destinataires_autorises" in replace(TRIAL, allowed=()).why_held("amina@fes.example")


@pytest.mark.parametrize(
    ("state", "fills"),
    [
        (LetterState.SENT, True),
        (LetterState.FAILED, True),  # the server answered for it
        (LetterState.UNKNOWN, True),  # it may have left
        (LetterState.QUEUED, False),
        (LetterState.HELD, False),
    ],
)
def test_what_reached_the_server_fills_a_place_under_the_cap(state: LetterState, fills: bool) -> None:
    last = replace(OPEN, room=1)
    assert last.why_held("a@fes.example") == ""
    assert ("mail.plafond" in last.after(Outcome(state)).why_held("a@fes.example")) is fills
