"""One LibreOffice for all the tests of this folder: starting it takes seconds, editing a small workbook less than one."""

from collections.abc import Iterator

import pytest

from tests.libreoffice.office import Office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    started = Office.start(tmp_path_factory.mktemp("libreoffice"))
    yield started
    started.stop()
