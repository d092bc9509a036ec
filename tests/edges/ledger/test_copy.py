"""The ledger of another installation taken along."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cdi_sync.edges.ledger.copy import copy_ledger
from cdi_sync.edges.ledger.store import Store
from cdi_sync.errors import CdiError
from cdi_sync.mail.outbox import Parcel

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def with_a_letter(path: Path, to: str = "amina@commune.example") -> Store:
    store = Store.open(path)
    parcel = Parcel(key=f"rappels|{to}|2026-11-23|r1", kind="rappels", to=to, notices=())
    store.outbox.record(
        parcel, b"...", message_id="<1@commune.example>", lang="fr", day=date(2026, 11, 23), rank=0, at=NOW
    )
    return store


def test_letters_not_yet_folded_into_the_file_are_copied_too(tmp_path: Path) -> None:
    theirs = with_a_letter(tmp_path / "leur.sqlite")  # still open: its last transactions are beside the file
    ours = tmp_path / "suivi.sqlite"
    Store.open(ours)
    assert copy_ledger(tmp_path / "leur.sqlite", ours) == 1
    assert Store.open(ours).outbox.letters() == theirs.outbox.letters()


def test_a_ledger_that_knows_of_letters_is_not_replaced(tmp_path: Path) -> None:
    with_a_letter(tmp_path / "leur.sqlite")
    with_a_letter(tmp_path / "suivi.sqlite", "omar@commune.example")
    with pytest.raises(CdiError, match="n'est pas vide"):
        copy_ledger(tmp_path / "leur.sqlite", tmp_path / "suivi.sqlite")
    assert [letter.to for letter in Store.open(tmp_path / "suivi.sqlite").outbox.letters()] == ["omar@commune.example"]


def test_a_file_that_is_no_ledger_is_refused_and_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "autre.sqlite").write_bytes(b"bonjour" * 1000)
    with pytest.raises(CdiError):
        copy_ledger(tmp_path / "autre.sqlite", tmp_path / "suivi.sqlite")
    assert not (tmp_path / "suivi.sqlite").exists()
