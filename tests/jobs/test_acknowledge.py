"""From a request of the registry to the letter of its sender: once, to nobody else, held when it should be.

Tuesday 24 November 2026; requests were sent on Monday. ACT-00001 is a twinning that was just proposed.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdi_sync.edges import clock
from cdi_sync.edges.installation import Installation
from cdi_sync.edges.ledger.mailbox import BadAddress, Incoming
from cdi_sync.errors import ConfigError
from cdi_sync.forms.submission import Source, State, Why
from cdi_sync.mail import breakers
from cdi_sync.mail.breakers import Start
from cdi_sync.mail.outbox import REQUEST, LetterState
from cdi_sync.model import Assessment
from jobs.acknowledge import AcknowledgeReport, acknowledge
from jobs.deliver import deliver
from jobs.guard import START, starting
from tests.forms.requests import accepted, faults, refused, request
from tests.jobs.test_invite import place
from tests.jobs.test_report import contact, text_of
from tests.mail.replies import parsed

TODAY = date(2026, 11, 24)
WALI = contact("WALI_GOUVERNEUR", "Wali")
TWINNING = {"forme": "JUMELAGE", "intitule": "Jumelage Fès – Gand", "partenaire": "PAR-00001"}


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    monkeypatch.setattr(clock, "now", lambda: clock.morning_of(TODAY))
    made = place(tmp_path, people=[WALI], actes=[TWINNING])
    yield made
    made.close()


@pytest.fixture
def by_smtp(at: Installation) -> Installation:
    """The same, whose letters wait for the server."""
    mail = at.settings.mail.model_copy(update={"transport": "smtp"})
    return replace(at, settings=at.settings.model_copy(update={"mail": mail}))


def seen(at: Installation, day: date = TODAY) -> Assessment:
    return at.read(day).assessment


def tell(at: Installation, *requests: Any, day: date = TODAY, **more: Any) -> AcknowledgeReport:
    return acknowledge(at, seen(at, day), requests, day, **more)


def texts(at: Installation) -> list[str]:
    return [text_of(parsed(letter.content)) for letter in at.store.outbox.letters() if letter.kind == REQUEST]


def states(at: Installation) -> list[LetterState]:
    return [letter.state for letter in at.store.outbox.letters()]


def test_each_sender_is_told_once_in_the_language_of_the_form(at: Installation) -> None:
    both = (request(), request(2, values={"demandeur.courriel": "omar@fes.example"}, lang="ar"))
    made = tell(at, *both, hand_over=True)
    assert (made.new, made.delivered.sent, made.went_wrong) == (2, 2, False)
    assert sorted(path.name.split("_")[2] for path in at.letters_folder.iterdir()) == [
        "omar-fes-example",
        "salma-fes-example",
    ]
    french, arabic = texts(at)
    assert " (COL-00001)" in french, "the council by its name and number"
    assert "أجل أقصاه 9 دجنبر 2026" in arabic
    assert tell(at, *both, hand_over=True).new == 0
    assert len(texts(at)) == 2


def test_a_correction_then_an_acceptance_are_told_with_where_the_row_stands(at: Installation) -> None:
    tell(at, request(state=State.TO_CORRECT, found=faults(Why.ABSENT)), hand_over=True)
    tell(at, request(typed={"objet": "Autre"}), hand_over=True)
    tell(at, accepted(typed={"objet": "Autre"}), hand_over=True)
    wrong, corrected, took = texts(at)
    assert "Ce qui manque : collectivite." in wrong
    assert "Votre correction a été prise en compte dans la demande DEM-00001." in corrected
    assert "Elle porte maintenant le numéro ACT-00001" in took
    standing = seen(at).standings["ACT-00001"]
    assert f"Étape : {standing.stage_title}" in took
    assert f"Prochaine étape : {standing.next_step}" in took


def test_a_row_that_no_procedure_follows_is_told_without_a_step(at: Installation) -> None:
    tell(at, accepted(became="REU-00001"))
    (text,) = texts(at)
    assert "REU-00001" in text
    assert "Prochaine étape" not in text


def test_a_dry_run_tells_and_records_nothing(at: Installation) -> None:
    made = tell(at, request(), dry_run=True)
    assert [parcel.to for parcel in made.parcels] == ["salma@fes.example"]
    assert not (at.folder / "suivi.sqlite").exists()


def test_nothing_is_made_when_mail_is_off(at: Installation) -> None:
    mail = at.settings.mail.model_copy(update={"transport": "none"})
    off = replace(at, settings=at.settings.model_copy(update={"mail": mail}))
    assert tell(off, request()) == AcknowledgeReport()


def test_nobody_is_written_to_who_must_not_be_and_staff_are_told(at: Installation) -> None:
    bad = Incoming("m1", clock.now().isoformat(), "rapport", "gone@fes.example", "", "")
    at.store.mailbox.record(bad, bad=BadAddress("gone@fes.example", clock.now().isoformat(), "5.1.1", "", "m1"))
    addresses = (
        str(WALI["courriel_institutionnel"]),
        at.settings.mail.expediteur,
        "gone@fes.example",
        "pas une adresse",
    )
    made = tell(at, *(request(n, values={"demandeur.courriel": a}) for n, a in enumerate(addresses, 1)), hand_over=True)
    assert (made.new, sorted(made.kept)) == (0, [f"DEM-{n:05}" for n in range(1, 5)])
    assert texts(at) == []


def test_what_is_too_much_for_a_day_leaves_on_the_next(at: Installation) -> None:
    many = [request(n) for n in range(1, 8)]
    assert (tell(at, *many).new, tell(at, *many).deferred) == (5, 2)
    made = tell(at, *many, day=TODAY + timedelta(days=1))
    assert (made.new, made.deferred) == (2, 0)


def test_a_letter_that_waits_and_says_something_older_never_leaves(by_smtp: Installation) -> None:
    by_smtp.store.set_mark(START, Start(date(2026, 11, 1), is_lost=False, is_over=True).as_mark())
    tell(by_smtp, request())
    tell(by_smtp, refused())
    assert states(by_smtp) == [LetterState.EXPIRED, LetterState.QUEUED]
    assert "Ville de Gand" in texts(by_smtp)[1], "the first to leave says what was understood"


def test_a_ledger_that_is_new_holds_what_may_have_been_told_and_stays_new_for_reminders(by_smtp: Installation) -> None:
    late, fresh = request(), request(2, edited=1)  # sent on the 23rd and on the 24th
    tell(by_smtp, late, fresh)
    held, free = by_smtp.store.outbox.letters()
    assert ("neuf" in held.hold, free.hold) == (True, "")
    start = starting(by_smtp, by_smtp.read(TODAY))
    assert start is not None and (start.before, start.is_over) == (TODAY, False)


def test_more_letters_than_usual_wait_for_a_person(by_smtp: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "FEW", 3)
    monkeypatch.setattr("jobs.deliver.FEW", 3)
    by_smtp.store.set_mark(START, Start(date(2026, 11, 1), is_lost=False, is_over=True).as_mark())
    tell(by_smtp, *(request(n, values={"demandeur.courriel": f"a{n}@fes.example"}) for n in range(1, 5)))
    assert set(states(by_smtp)) == {LetterState.HELD}
    assert len(texts(by_smtp)) == 4


def test_all_wait_when_the_job_is_told_so(by_smtp: Installation) -> None:
    tell(by_smtp, request(edited=1), hold="à relire")
    assert [letter.hold for letter in by_smtp.store.outbox.letters()] == ["à relire"]


def test_a_run_cut_short_before_its_letter_is_recorded_tells_it_the_next_time(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(at, request())

    def dies(*args: object, **more: object) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr("jobs.acknowledge.freeze", dies)
        tell(at, accepted())
    assert states(at) == [LetterState.EXPIRED]
    assert tell(at, accepted()).new == 1
    assert deliver(at).sent == 1


def test_hostile_text_is_kept_from_the_headers(at: Installation) -> None:
    name = 'Salma" <x@evil.example>\r\nBcc: y@evil.example\r\n'
    assert tell(at, request(values={"demandeur.nom": name}, source=Source.CSV)).new == 1
    head = at.store.outbox.letters()[0].content.split(b"\r\n\r\n")[0].decode("ascii")
    assert [line for line in head.splitlines() if line.lower().startswith(("bcc", "cc"))] == []


def test_a_wrong_number_in_the_settings_names_its_file(at: Installation) -> None:
    overlay = at.folder / "config"
    overlay.mkdir()
    (overlay / "accuses.toml").write_text("par_jour = 0\n", "utf-8")
    wrong = replace(at, declarations=replace(at.declarations, overlay=overlay))
    with pytest.raises(ConfigError, match=r"accusés") as stop:
        tell(wrong, request())
    assert "accuses.toml" in str(stop.value.where)
