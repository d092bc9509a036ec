"""Answers to forms in a ledger: each version once, whatever comes again, in any order, or from several copies at once."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from cdi_sync.edges.ledger.store import Store
from cdi_sync.forms.submission import Change
from cdi_sync.model import CellError
from tests.edges.ledger.made import NOW, at_once, later
from tests.forms.answers import answer

Place = Path | str


def test_an_answer_comes_back_as_it_was(place: Place) -> None:
    one = answer(
        {"a": "=1+1\u202e\ud800\x00", "b": date(2026, 1, 2), "c": time(9, 30), "d": ("x", "y"), "e": CellError("#REF!"),
         "f": datetime(2026, 1, 2, 3, 4), "g": 1.5, "h": True},
        response="\udcff\x00", unknown={"Autre": "chose"},
    )  # fmt: skip
    store = Store.open(place)
    assert store.submissions.take(one, at=NOW)
    assert list(store.submissions.all()) == [one]


def test_seen_again_it_is_kept_once_and_edited_it_gets_a_version(place: Place) -> None:
    taken = Store.open(place).submissions
    first, edited = answer(), answer(later=5, intitule="Autre titre")
    assert [taken.take(one, at=NOW) for one in (first, first, edited, edited, first)] == [
        True,
        False,
        True,
        False,
        False,
    ]
    (held,) = taken.held()
    assert (held.version, held.submission) == (2, edited)
    assert list(taken.versions(first.key)) == [first, edited]


def test_the_same_content_dated_anew_is_the_same_answer(place: Place) -> None:
    taken = Store.open(place).submissions
    assert [taken.take(answer(later=minutes), at=NOW) for minutes in (0, 5, 9)] == [True, False, False]


def test_two_exports_read_by_turns_make_two_versions_and_no_more(place: Place) -> None:
    taken = Store.open(place).submissions
    old, new = answer(), answer(intitule="Autre titre")  # of a source that doesn't date edits
    assert [taken.take(one, at=NOW) for one in (old, new, old, new, old)] == [True, True, False, False, False]
    assert taken.held()[0].submission == new


def test_an_answer_put_back_as_it_first_was_counts(place: Place) -> None:
    taken = Store.open(place).submissions
    for minutes, title in enumerate(["Un", "Deux", "Un"]):
        assert taken.take(answer(later=minutes, intitule=title), at=NOW)
    assert taken.held()[0].submission.values["intitule"] == "Un"


def test_copies_that_take_the_same_answer_at_once_keep_it_once(place: Place) -> None:
    copies = [Store.open(place) for _ in range(4)]
    told = at_once(4, lambda n: copies[n].submissions.take(answer(), at=NOW))
    assert sorted(told) == [False, False, False, True]
    assert [held.version for held in copies[0].submissions.held()] == [1]


def test_what_is_accepted_keeps_its_version_and_what_is_left_to_staff(place: Place) -> None:
    taken = Store.open(place).submissions
    first = answer()
    taken.take(first, at=NOW)
    left = (
        Change("actes", "ACT-00001", "date_signature", date(2026, 1, 2)),
        Change("actes", "ACT-00001", "duree_mois", 3),
    )
    taken.accepting(first.key, 1, "ACT-00009", (), at=NOW)  # that was never written
    taken.accepting(first.key, 1, "ACT-00001", left, at=later(minutes=1))
    taken.take(answer(later=5, intitule="Autre"), at=NOW + timedelta(minutes=5))
    (held,) = taken.held()
    assert (held.accepted, held.became, held.changes, held.version) == (first, "ACT-00001", left, 2)
    taken.left_to_staff(first.key, left[1:])
    assert taken.held()[0].changes == left[1:]
