"""Each letter is written and recorded in the language that its reader prefers, and an escalation tells who heard before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.parser import BytesParser
from email.policy import SMTP
from itertools import cycle

import pytest
from click.testing import CliRunner

from cdi_sync.cli import cdi
from cdi_sync.demo import DemoRegistry
from cdi_sync.edges.installation import Installation
from cdi_sync.mail.letters import Digest, Letter, Templates
from jobs.remind import remind
from jobs.report import report
from tests import demos
from tests.demos import AS_OF

SEED, SIZE = 12, 5


def tongues() -> DemoRegistry:
    """The small demo, its contacts preferring Arabic, English and French in turn."""
    registry = demos.demo_registry(SEED, SIZE)
    contacts = [
        {**row, "langue_preferee": code}
        for row, code in zip(registry.rows["contacts"], cycle(("ar", "en", "fr")), strict=False)
    ]
    return replace(registry, rows={**registry.rows, "contacts": contacts})


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("langues")
    (folder / "registre.xlsx").write_bytes(demos._workbook(tongues(), spare_rows=0))
    (folder / "settings.toml").write_text("[registre]\nlignes_en_reserve = 0\n", "utf-8")
    at = Installation.at(folder / "settings.toml")
    yield at
    at.close()


def test_every_letter_is_written_and_recorded_in_its_readers_language(here: Installation) -> None:
    reading = here.read(AS_OF)
    assert remind(here, reading).new
    assert report(here, reading).new
    preferred = {
        row.text("courriel_institutionnel"): row.text("langue_preferee")
        for row in reading.assessment.registry["contacts"]
    }
    letters = here.store.outbox.letters()
    assert {letter.lang for letter in letters} == {"ar", "en", "fr"}
    assert {letter.kind for letter in letters} >= {"rappels", "rapport"}
    for letter in letters:
        message = BytesParser(policy=SMTP).parsebytes(letter.content)
        assert (letter.lang, message["Content-Language"]) == (preferred[letter.to],) * 2
    told = CliRunner().invoke(cdi, ["outbox", "--json", "--config", str(here.folder / "settings.toml")])
    assert {(one["to"], one["lang"]) for one in json.loads(told.stdout)} == {(one.to, one.lang) for one in letters}


def test_who_joins_later_reads_who_was_told_and_on_which_day(
    here: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Digest] = []
    write = Templates.digest

    def noting(self: Templates, digest: Digest) -> Letter:
        written.append(digest)
        return write(self, digest)

    monkeypatch.setattr(Templates, "digest", noting)
    later = AS_OF + timedelta(days=21)
    remind(here, here.read(AS_OF))
    remind(here, here.read(later))
    joined = {(digest.lang, who, day) for digest in written for line in digest.lines for who, day in line.told}
    assert joined
    assert {day for _, _, day in joined} == {AS_OF}
    assert not [line.link for digest in written for line in digest.lines if line.link]  # a file has no address
    assert not [digest.to for digest in written for line in digest.lines for who, _ in line.told if who == digest.to]
