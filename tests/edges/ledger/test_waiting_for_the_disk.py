"""Which changes of a letter wait for the disk: all that tells what may have left; not that a copy is about to try."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from cdi_sync.edges.ledger.store import Store
from cdi_sync.mail.outbox import LetterState, Outcome, Parcel

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_only_a_claim_may_be_undone_by_a_power_cut(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "suivi.sqlite")
    waits, modes = "", dict[str, str]()

    def note(_c: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_rest: object) -> None:
        nonlocal waits
        if statement.startswith("PRAGMA synchronous="):
            waits = statement.partition("=")[2]
        if statement.startswith("INSERT INTO letters"):
            modes["recorded"] = waits
        if statement.startswith("UPDATE letters SET state="):
            modes[str(parameters[0])] = waits

    sa.event.listen(store.outbox._engine, "before_cursor_execute", note)
    parcel = Parcel("rappels", "amina@fes.example", "k")
    store.outbox.record(parcel, b"x", message_id="<1@x>", lang="fr", day=date(2026, 11, 23), rank=0, at=NOW)
    assert store.outbox.claim("k", "me", at=NOW, until=NOW + timedelta(minutes=1))
    assert store.outbox.begin_data("k", "me", at=NOW)
    assert store.outbox.settle("k", "me", Outcome(LetterState.SENT), at=NOW)
    assert modes == {"recorded": "FULL", "claimed": "NORMAL", "data": "FULL", "sent": "FULL"}
    assert store.journal.faults() == ()
