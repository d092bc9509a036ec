"""A reminder handed to Postfix, answered through Postfix, read in Dovecot, proposed to staff and acknowledged."""

import smtplib
import ssl
from pathlib import Path

import pytest

from cdi_sync.edges.installation import Installation
from cdi_sync.edges.workbook_xlsx.template import build_workbook
from cdi_sync.mail.incoming import Kind
from jobs.run import run
from tests.jobs.test_answers import CLOSED, TODAY, on, shown
from tests.jobs.test_deliver import accustomed
from tests.mail.replies import parsed, reply
from tests.mail_servers import AMINA, SERVICE, MailServers
from tests.registries import DECLARED, complete, merged
from tests.relays import AUTHORITY
from tests.reminders.test_notices import minutes

SECRETARY = {"fonction_role": "SECRETAIRE_CONSEIL", "courriel_institutionnel": AMINA, "collectivite": "COL-00001",
             "nom_prenom": "Amina Idrissi"}  # fmt: skip


@pytest.mark.mail_servers
def test_an_answer_goes_all_the_way(mail_servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, TODAY)
    rows = complete(merged(minutes(CLOSED), {"contacts": [SECRETARY]}))
    (tmp_path / "registre.xlsx").write_bytes(build_workbook(list(DECLARED.tabs.values()), rows, spare_rows=0))
    (tmp_path / "settings.toml").write_text("[registre]\nlignes_en_reserve = 0\n", "utf-8")
    at = accustomed(Installation.at(mail_servers.settings(tmp_path, reponses=SERVICE)), monkeypatch)
    run(at, TODAY)
    reminder = next(one for one in map(parsed, mail_servers.received(AMINA)) if "+" in str(one["Reply-To"]))
    answer = reply("FAIT 21/10/2026", to=str(reminder["Reply-To"]), sent="Fri, 23 Oct 2026 10:00:00 +0000")
    _sent_by_amina(answer.as_bytes(), str(reminder["Reply-To"]), mail_servers.smtp_port)
    mail_servers.received(SERVICE)
    before = len(mail_servers.received(AMINA))
    assert run(at, TODAY).collected.kinds == {Kind.ANSWER: 1}
    assert shown(at) == "Amina Idrissi, 23/10/2026 : fait le 21/10/2026 — à saisir dans « Transmis à l'autorité le »"
    arrived = mail_servers.received(AMINA, at_least=before + 1)
    texts = [parsed(one).get_body(("plain",)) for one in arrived]
    assert any("Fait le 21 octobre 2026." in text.get_content() for text in texts if text is not None)


def _sent_by_amina(content: bytes, to: str, port: int) -> None:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as connection:
        connection.starttls(context=context)
        assert connection.sendmail(AMINA, [to], content) == {}
