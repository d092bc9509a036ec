"""Invitations of a small registry, from the workbook to the message: to whom, once, then what changes.

Monday 23 November 2026; a commune, its French partner, a steering committee on Thursday 3 December at ten.
"""

import email
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from cdi_sync.assessment import assess
from cdi_sync.cli import main
from cdi_sync.edges.config import MailSettings, Settings, read_settings
from cdi_sync.edges.installation import Common, Installation, Reading
from cdi_sync.errors import ConfigError
from cdi_sync.mail.guests import parse_practice
from cdi_sync.mail.outbox import LetterState
from cdi_sync.model import Grid
from jobs.invite import MARK, invite
from jobs.remind import RemindReport, remind
from tests.jobs.test_report import contact, small, text_of
from tests.registries import DECLARED, Rows, registry

MONDAY = date(2026, 11, 23)
HELD_ON = date(2026, 12, 3)
SETTINGS = '[mail]\nservice = "Service de la coopération"\nexpediteur = "cdi@fes.example"\n'


def meeting(**cells: Any) -> Mapping[str, Any]:
    """A steering committee, in a room and on line."""
    values = {
        "type": "Comité de pilotage", "date": HELD_ON, "heure_debut": time(10), "heure_fin": time(11, 30),
        "mode": "Mixte", "lieu": "Salle du conseil, Fès", "plateforme": "Jitsi", "lien": "https://visio.example/fes",
        "ordre_du_jour": "Budget 2027 ; Missions",
    }  # fmt: skip
    return {**values, **cells}


SAMIRA = contact("REFERENT_CDI", "Samira")
KARIM = contact("POINT_FOCAL", "Karim")
ANNA = contact("POINT_FOCAL", "Anna", collectivite=None, partenaire="PAR-00001", langue_preferee="Anglais")


COMMON = Common(declarations=DECLARED)  # templates are compiled once for all tests


@dataclass(frozen=True)
class Unread:
    """A workbook that nobody looks at."""

    grids: Mapping[str, Grid] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office(Installation):
    """An installation whose rows are read as those of a workbook are, without one."""

    rows: Rows = field(default_factory=dict)

    def read(self, today: date) -> Reading:
        return Reading(Unread(), assess(registry(self.rows), self.knowledge, today))


def place(folder: Path, *meetings: Mapping[str, Any], people: Any = (SAMIRA, KARIM, ANNA), **rows: Any) -> Installation:
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    settings = read_settings(folder / "settings.toml")
    return Office(folder, settings, DECLARED, COMMON, {"contacts": people, "reunions": meetings, **rows})


def on_disk(folder: Path, *meetings: Mapping[str, Any]) -> Installation:
    """The same with a workbook."""
    return small(folder, SAMIRA, KARIM, ANNA, settings=SETTINGS, reunions=meetings)


def told(at: Installation, day: date = MONDAY, **options: Any) -> RemindReport:
    return remind(at, at.read(day), **options)


def letters(at: Installation, day: date = MONDAY) -> dict[str, EmailMessage]:
    """Address → the letter about a meeting that was made that day."""
    found = {}
    for file in sorted(at.letters_folder.glob(f"{day.isoformat()}_invitation_*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=SMTP)
        assert isinstance(message, EmailMessage)
        (one,) = message["To"].addresses
        assert one.addr_spec not in found
        found[one.addr_spec] = message
    return found


def event(message: EmailMessage) -> Any:
    """The event that the file joined to a letter holds, the method of the calendar beside it."""
    (part,) = message.iter_attachments()
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (found,) = calendar.walk("VEVENT")
    return calendar["METHOD"], found


def invited(at: Installation, day: date = MONDAY) -> set[str]:
    return set(letters(at, day))


# -------------------------------------------------------------------------------------------------- an invitation


def test_both_partners_are_invited_once_in_their_own_language(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    done = told(at)
    assert (done.invitations, done.failed) == (2, 0)
    found = letters(at)
    assert set(found) == {"karim@essai.example", "anna@essai.example"}
    karim, anna = text_of(found["karim@essai.example"]), text_of(found["anna@essai.example"])
    for line in (
        "Bonjour Karim,",
        "Nous avons le plaisir de vous inviter à cette réunion.",
        "Quand : jeudi 3 décembre 2026",
        "10:00 – 11:30 · Maroc (UTC+0)",
        "11:00 – 12:30 · France (UTC+1)",
        "Lieu : Salle du conseil, Fès",
        "En ligne : Jitsi https://visio.example/fes",
        "* Budget 2027",
        "* Missions",
        "Dites si vous viendrez, en écrivant à Samira <samira@essai.example>.",
    ):
        assert line in karim.splitlines()
    assert "When: Thursday 3 December 2026" in anna.splitlines()
    assert "11:00 – 12:30 · France (UTC+1)" in anna.splitlines()
    subject = found["karim@essai.example"]["Subject"]
    assert subject == "Invitation · Comité de pilotage · jeudi 3 décembre 2026, 10:00 – 11:30 · Acte d'essai"
    method, one = event(found["anna@essai.example"])
    assert (method, one["SEQUENCE"], one["SUMMARY"]) == ("REQUEST", 0, "Steering committee · Acte d'essai")
    assert one["DTSTART"].to_ical() == b"20261203T100000Z"
    assert one["ATTENDEE"] == "mailto:anna@essai.example"
    assert one["ORGANIZER"] == "mailto:cdi@fes.example"
    assert "karim" not in str(found["anna@essai.example"])
    assert told(at).new == 0
    assert told(at, MONDAY + timedelta(days=1)).invitations == 0


def test_the_text_the_page_and_the_calendar_tell_the_same_meeting(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    for message in letters(at).values():
        page = message.get_body(("html",))
        assert page is not None
        _, one = event(message)
        for fact in (
            "10:00 – 11:30",
            "11:00 – 12:30",
            "Salle du conseil, Fès",
            "Jitsi",
            "https://visio.example/fes",
            "Budget 2027",
        ):
            assert fact in text_of(message)
            assert fact in page.get_content()
            assert fact in one["DESCRIPTION"]


@pytest.mark.parametrize(
    ("cells", "people", "expected"),
    [
        ({"participants_invites": "Zineb ; omar@essai.example"}, ["Zineb", "Omar"], {"zineb", "omar"}),
        ({"moderateur": "CON-00001", "rapporteur": "CON-00002"}, ["Zineb", "Omar"], {"zineb", "omar"}),
        ({"participants_invites": "Zineb", "moderateur": "CON-00001"}, ["Zineb"], {"zineb"}),  # once
        ({"participants_invites": "Quelqu'un d'autre"}, ["Zineb"], set()),
    ],
)
def test_the_row_names_its_guests(cells: dict[str, Any], people: list[str], expected: set[str], tmp_path: Path) -> None:
    at = place(tmp_path, meeting(**cells), people=[contact("RESPONSABLE_ACTION", name) for name in people])
    told(at)
    assert invited(at) == {f"{name}@essai.example" for name in expected}


@pytest.mark.parametrize(
    ("body", "kind", "role"),
    [
        ("Comité de pilotage", "Coordination", "MEMBRE_COPIL"),
        ("Comité de suivi", "Coordination", "MEMBRE_COSUI"),
        ("", "Comité de pilotage", "MEMBRE_COPIL"),
        ("", "Comité de suivi", "MEMBRE_COSUI"),
        ("", "Restitution", "EVALUATEUR"),
    ],
)
def test_those_who_sit_in_the_body_are_invited(body: str, kind: str, role: str, tmp_path: Path) -> None:
    people = [contact(name) for name in ("MEMBRE_COPIL", "MEMBRE_COSUI", "EVALUATEUR", "PRESIDENT")]
    bodies = [{"type": body}] if body else []
    at = place(tmp_path, meeting(type=kind, id_organe="ORG-00001" if body else None), people=people, organes=bodies)
    told(at)
    others = {"membre-copil@essai.example"} if kind == "Restitution" else set()
    assert invited(at) == {f"{role.casefold().replace('_', '-')}@essai.example"} | others


def test_authorities_and_those_who_left_are_never_invited(tmp_path: Path) -> None:
    people = [contact("WALI_GOUVERNEUR", "Wali"), contact("POINT_FOCAL", "Ancien", date_fin=date(2026, 11, 1)),
              contact("POINT_FOCAL", "Parti", actif=False), contact("POINT_FOCAL", "Double", courriel_institutionnel=
              "wali@essai.example")]  # fmt: skip
    at = place(tmp_path, meeting(participants_invites="Wali ; Ancien ; Parti"), people=people)
    assert told(at).invitations == 0


def test_people_of_another_partner_are_not_invited(tmp_path: Path) -> None:
    stranger = contact("POINT_FOCAL", "Tiers", collectivite=None, partenaire="PAR-00002")
    at = place(tmp_path, meeting(participants_invites="Tiers"), people=[KARIM, stranger], partenaires=[{}, {}])
    told(at)
    assert invited(at) == {"karim@essai.example"}


@pytest.mark.parametrize(
    "cells",
    [
        {"date": MONDAY},
        {"date": MONDAY - timedelta(days=1)},
        {"date": None},
        {"date": "le 3 ou le 4"},
        {"annulee": True},
        {"lieu": None, "plateforme": None, "lien": None},
        {"heure_debut": "dix heures et des"},
        {"fuseau_ct": "Casablanca"},
    ],
)
def test_nobody_is_invited_to_a_meeting_that_is_not_sure_or_not_to_come(cells: dict[str, Any], tmp_path: Path) -> None:
    at = place(tmp_path, meeting(**cells))
    assert told(at).invitations == 0


def test_a_meeting_without_an_hour_takes_the_day(tmp_path: Path) -> None:
    at = place(tmp_path, meeting(heure_debut=None, heure_fin=None))
    told(at)
    message = letters(at)["karim@essai.example"]
    assert "L'heure n'est pas encore fixée." in text_of(message)
    assert event(message)[1]["DTSTART"].dt == HELD_ON


def test_an_end_before_the_beginning_is_left_out(tmp_path: Path) -> None:
    at = place(tmp_path, meeting(heure_fin=time(9)))
    told(at)
    message = letters(at)["karim@essai.example"]
    assert "10:00 · Maroc (UTC+0)" in text_of(message).splitlines()
    assert "DTEND" not in event(message)[1]


def test_a_partner_whose_country_has_several_clocks_reads_universal_time(tmp_path: Path) -> None:
    at = place(tmp_path, meeting(), partenaires=[{"pays": "Espagne"}])
    told(at)
    assert "10:00 – 11:30 · temps universel (UTC+0)" in text_of(letters(at)["karim@essai.example"]).splitlines()


def test_on_a_day_off_only_what_cannot_wait_leaves(tmp_path: Path) -> None:
    saturday = date(2026, 11, 21)
    at = place(tmp_path, meeting(), meeting(date=date(2026, 11, 23)))
    done = told(at, saturday)
    assert (done.invitations, done.invitations_deferred) == (2, 2)
    assert {event(message)[1]["DTSTART"].dt.date() for message in letters(at, saturday).values()} == {MONDAY}
    assert told(at).invitations == 2


# ------------------------------------------------------------------------------------------------------- changes


def changed(
    folder: Path, *meetings: Mapping[str, Any], day: date = MONDAY + timedelta(days=1), **more: Any
) -> Installation:
    """The same installation, its workbook typed anew, after the run of that day."""
    at = place(folder, *meetings, **more)
    told(at, day)
    return at


TUESDAY = MONDAY + timedelta(days=1)


def test_a_meeting_moved_is_told_with_what_it_was(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    uid = event(letters(at)["karim@essai.example"])[1]["UID"]
    at = changed(tmp_path, meeting(date=date(2026, 12, 10), lieu="Rabat"))
    message = letters(at, TUESDAY)["karim@essai.example"]
    assert message["Subject"].startswith("Réunion modifiée · Comité de pilotage · jeudi 10 décembre 2026")
    assert "* Date et heure (auparavant : jeudi 3 décembre 2026, 10:00 – 11:30)" in text_of(message).splitlines()
    assert "* Lieu (auparavant : Salle du conseil, Fès)" in text_of(message).splitlines()
    assert "En ligne (auparavant" not in text_of(message)
    method, one = event(message)
    assert (method, one["UID"], one["SEQUENCE"]) == ("REQUEST", uid, 1)
    assert one["DTSTART"].to_ical() == b"20261210T100000Z"


def test_a_typo_mended_in_the_evening_of_the_same_day_makes_a_second_letter_only_if_it_changes_facts(
    tmp_path: Path,
) -> None:
    at = place(tmp_path, meeting())
    told(at)
    at = place(tmp_path, meeting(lieu="  Salle du conseil,   Fès ", moderateur="CON-00002"))
    assert told(at).invitations == 0


def test_a_new_guest_gets_the_meeting_as_it_is_and_nobody_else_hears(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    at = changed(tmp_path, meeting(), people=(SAMIRA, KARIM, ANNA, contact("POINT_FOCAL", "Nadia")))
    assert invited(at, TUESDAY) == {"nadia@essai.example"}
    assert event(letters(at, TUESDAY)["nadia@essai.example"])[1]["SEQUENCE"] == 0


@pytest.mark.parametrize(
    ("after", "subject", "words"),
    [
        ([meeting(annulee=True)], "Réunion annulée", "Cette réunion est annulée : elle n'aura pas lieu à la date prévue."),
        ([meeting(date=None)], "Réunion reportée", "Cette réunion est reportée. Sa nouvelle date vous sera communiquée."),
        ([], "Réunion annulée", "Cette réunion est annulée : elle n'aura pas lieu à la date prévue."),
        ([meeting(date=date(2026, 11, 3))], "Réunion annulée", "Cette réunion est annulée : elle n'aura pas lieu à la date prévue."),
    ],
    ids=["cancelled", "postponed", "deleted", "moved back"],
)  # fmt: skip
def test_a_meeting_called_off_is_taken_off_calendars(
    after: list[Mapping[str, Any]], subject: str, words: str, tmp_path: Path
) -> None:
    at = place(tmp_path, meeting())
    told(at)
    at = changed(tmp_path, *after)
    assert invited(at, TUESDAY) == {"karim@essai.example", "anna@essai.example"}
    message = letters(at, TUESDAY)["karim@essai.example"]
    assert message["Subject"].startswith(f"{subject} · Comité de pilotage · jeudi 3 décembre 2026")
    assert words in text_of(message).splitlines()
    method, one = event(message)
    assert (method, one["STATUS"], one["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert one["DTSTART"].to_ical() == b"20261203T100000Z"
    assert told(at, TUESDAY + timedelta(days=1)).invitations == 0
    back = place(tmp_path, meeting())
    assert told(back, TUESDAY + timedelta(days=2)).invitations == 2
    assert event(letters(back, TUESDAY + timedelta(days=2))["karim@essai.example"])[1]["SEQUENCE"] == 2


def test_somebody_taken_off_the_list_is_told(tmp_path: Path) -> None:
    zineb = contact("RESPONSABLE_ACTION", "Zineb")
    at = place(tmp_path, meeting(participants_invites="Zineb"), people=(SAMIRA, KARIM, zineb))
    told(at)
    at = changed(tmp_path, meeting(), people=(SAMIRA, KARIM, zineb))
    assert invited(at, TUESDAY) == {"zineb@essai.example"}
    message = letters(at, TUESDAY)["zineb@essai.example"]
    assert "Votre présence à cette réunion n'est plus demandée." in text_of(message)
    assert event(message)[0] == "CANCEL"


@pytest.mark.parametrize(
    "cells", [{"date": "bientôt"}, {"heure_debut": "??"}, {"fuseau_ct": "Fès"}, {"id_acte": "ACT-00009"}]
)
def test_a_cell_that_cannot_be_read_calls_nothing_off(cells: dict[str, Any], tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    assert told(place(tmp_path, meeting(**cells)), TUESDAY).invitations == 0


def test_a_number_typed_twice_calls_nothing_off(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    doubled = place(tmp_path, meeting(), meeting(id="REU-00001", date=date(2026, 12, 20)))
    assert told(doubled, TUESDAY).invitations == 0


def test_a_meeting_that_was_held_is_spoken_of_no_more(tmp_path: Path) -> None:
    at = place(tmp_path, meeting())
    told(at)
    after = HELD_ON + timedelta(days=1)
    for rows in ([meeting(lieu="Rabat")], [meeting(annulee=True)], []):
        assert told(place(tmp_path, *rows), after).invitations == 0


def test_many_cancellations_at_once_of_rows_that_vanished_wait_for_a_person(tmp_path: Path) -> None:
    at = place(tmp_path, meeting(), meeting(), meeting())
    told(at)
    assert told(place(tmp_path), TUESDAY).invitations == 6
    held = at.store.outbox.letters(LetterState.HELD)
    assert len(held) == 6
    assert all("3 réunions à venir ont disparu du classeur" in letter.hold for letter in held)
    assert not letters(at, TUESDAY)
    back = place(tmp_path, meeting(), meeting(), meeting())
    assert told(back, TUESDAY + timedelta(days=1)).invitations == 0
    assert not back.store.outbox.letters(LetterState.HELD)


# --------------------------------------------------------------------------------------- the ledger and the runs


def test_a_run_cut_short_before_its_letters_makes_the_same_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = place(tmp_path, meeting())
    with monkeypatch.context() as cut:
        cut.setattr("jobs.invite.freeze", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            invite(at, at.read(MONDAY))
    assert at.store.mark(MARK) is not None
    assert told(at).invitations == 2
    assert {event(message)[1]["SEQUENCE"] for message in letters(at).values()} == {0}


def test_the_run_counts_invitations_and_a_dry_one_records_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = on_disk(tmp_path, meeting())
    command = ["run", "--config", str(tmp_path / "settings.toml"), "--as-of", MONDAY.isoformat()]
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--dry-run"])
    assert "karim@essai.example : une réunion" in capsys.readouterr().out
    assert not at.letters_folder.exists()
    assert not (tmp_path / "suivi.sqlite").exists()
    with pytest.raises(SystemExit, match="0"):
        main(command)
    said = "2 courriel(s) d'invitation à une réunion, de changement ou d'annulation préparés."
    assert said in capsys.readouterr().out
    lines = [str(row[2]) for row in at.book.read().grids["Journal"].rows[2:] if len(row) > 2]
    assert any(", 2 courriel(s), dont 2 sur des réunions, " in line for line in lines)


def test_without_mail_nothing_is_left_in_the_ledger(tmp_path: Path) -> None:
    at = replace(place(tmp_path, meeting()), settings=Settings(mail=MailSettings(transport="none")))
    assert told(at).invitations == 0
    assert at.store.mark(MARK) is None


def test_a_role_that_does_not_exist_is_named() -> None:
    good: dict[str, Any] = {"invites": ["POINT_FOCAL"], "organisateur": "REFERENT_CDI", "disparues": 3, "organes": {},
                            "types": {"COPIL": ["MEMBRE"]}, "alarme": {"avec_heure": 60, "sans_heure": 900}}  # fmt: skip
    with pytest.raises(ConfigError) as error:
        parse_practice(good, DECLARED.roles)
    assert "« MEMBRE »" in error.value.what
    with pytest.raises(ConfigError) as error:
        parse_practice({**good, "types": {}, "invite": []}, DECLARED.roles)
    assert "« invite »" in error.value.what
