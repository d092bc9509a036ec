"""The writing is cut short: what we wrote ourselves never passes for what someone typed."""

from datetime import timedelta
from pathlib import Path

import pytest

from cdi_sync.edges import workbook_xlsx
from jobs.sync import sync
from tests.demos import AS_OF, lean_installation
from tests.jobs.test_run import cells_of


class Killed(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("when", ["before the file is replaced", "after the file is replaced"])
def test_after_a_stop_in_the_middle_our_own_text_is_not_taken_for_typing(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = lean_installation(tmp_path)
    sync(at, at.read(AS_OF))
    tomorrow, later = AS_OF + timedelta(days=1), AS_OF + timedelta(days=2)
    write = workbook_xlsx.write_atomically

    def stopped(path: Path, data: bytes) -> None:
        if path != at.workbook or when.startswith("after"):
            write(path, data)
        if path == at.workbook:
            raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(workbook_xlsx, "write_atomically", stopped)
        sync(at, at.read(tomorrow))
    assert sync(at, at.read(later)).healed == ()
    assert {line[1] for line in cells_of(at.workbook, "Journal")[2:]} == {"Contrôle"}
