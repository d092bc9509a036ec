"""Real mail servers for tests: Postfix takes letters and sends back those that it can't deliver, Dovecot shows the mailboxes.

Both listen on ports of the loopback, under TLS, with settings and mailboxes of their own in a temporary folder. Postfix
only starts as root: without it, or sudo that asks nothing, or where either isn't installed, the tests are skipped and say
why; never in CI. Use: `@pytest.mark.mail_servers` and the fixture `mail_servers` (conftest.py hands it to every test).
"""

import contextlib
import imaplib
import json
import mailbox
import os
import pwd
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

DOMAIN = "fes.example"
SERVICE, WITNESS, AMINA = f"cdi@{DOMAIN}", f"temoin@{DOMAIN}", f"amina@{DOMAIN}"
PEOPLE = (SERVICE, WITNESS, AMINA)  # everybody else is unknown here, which is only found out after the letter was taken
PASSWORD = "b0ite-aux-lettres"
_PATIENCE = 20.0  # seconds for a server to answer, or for a letter to arrive
_PROGRAMS = ("/usr/sbin/postfix", "/usr/sbin/dovecot")


@dataclass(frozen=True)
class MailServers:
    """Both servers, running. folder: holds their settings, and `courrier/NAME`, a Maildir for each of PEOPLE."""

    folder: Path
    smtp_port: int
    imap_port: int

    def settings(self, folder: Path, **mail: object) -> Path:
        """Writes `settings.toml` of an installation in that folder, which sends and reads by these servers for good.

        mail: keys of [mail] that differ. The password stands in a file of its own.
        """
        from tests.relays import AUTHORITY

        AUTHORITY.cert_pem.write_to_path(folder / "autorite.pem")
        (folder / "boite.secret").write_text(f"{PASSWORD}\n", encoding="utf-8")
        (folder / "boite.secret").chmod(0o600)
        shared = {"serveur": "127.0.0.1", "autorite": "autorite.pem", "delai": 20}
        tables: dict[str, dict[str, object]] = {
            "mail": {"transport": "smtp", "live": True, "environnement": "production", "expediteur": SERVICE, **mail},
            "mail.smtp": {**shared, "port": self.smtp_port, "delai_final": 20},
            "mail.imap": {
                **shared, "port": self.imap_port, "utilisateur": "cdi", "mot_de_passe_fichier": "boite.secret",
            },
        }  # fmt: skip
        lines = [line for name, table in tables.items()
                 for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()))]  # fmt: skip
        path = folder / "settings.toml"
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, ""]))
        return path

    def received(self, address: str, *, at_least: int = 1) -> Sequence[bytes]:
        """The messages in the mailbox of one of PEOPLE, once it holds that many. Fails after a while."""
        box, until = self._box(address), time.monotonic() + _PATIENCE
        while len(found := [box.get_bytes(key) for key in sorted(box.keys())]) < at_least:
            assert time.monotonic() < until, f"{address} received {len(found)} messages\n{self.log()}"
            time.sleep(0.05)
        return found

    def _box(self, address: str) -> mailbox.Maildir:
        return mailbox.Maildir(self.folder / "courrier" / address.partition("@")[0], create=False)

    def drop(self, address: str, content: bytes) -> None:
        """Puts a message into the mailbox of one of PEOPLE, as if it had come by mail."""
        box = self._box(address)
        _give_away(Path(box._path) / "new" / str(box.add(content)))  # type: ignore[attr-defined]

    def empty(self) -> None:
        """Takes every message out of every mailbox."""
        for address in PEOPLE:
            self._box(address).clear()

    def log(self) -> str:
        """What Postfix and Dovecot wrote of their work."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))


@pytest.fixture(scope="session")
def started_mail_servers() -> Iterator[MailServers]:
    why = _missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"{why}: .ci/run installs Postfix and Dovecot")
    if why:
        pytest.skip(why)
    with running() as servers:
        yield servers


@pytest.fixture
def mail_servers(started_mail_servers: MailServers) -> MailServers:
    """Both servers, their mailboxes empty."""
    started_mail_servers.empty()
    return started_mail_servers


def _missing() -> str:
    for program in _PROGRAMS:
        if not Path(program).exists():
            return f"{program} isn't installed"
    if os.geteuid() and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        return "Postfix only starts as root"
    return ""


@contextlib.contextmanager
def running() -> Iterator[MailServers]:
    """Starts both, and stops them at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cdi-mail-"))
    folder.chmod(0o755)  # Postfix's own account goes through it
    servers = MailServers(folder, _free_port(), _free_port())
    (folder / "certificat.pem").write_bytes(b"".join(_certificate()))
    (folder / "certificat.pem").chmod(0o644)  # a certificate of the tests alone
    for address in PEOPLE:
        _maildir(folder / "courrier" / address.partition("@")[0])
    (folder / "courrier").chmod(0o777)
    _postfix(servers)
    _dovecot(servers)
    try:
        with contextlib.ExitStack() as undo:
            undo.callback(_as_root, _PROGRAMS[0], "-c", str(folder / "postfix"), "stop", check=False)
            _as_root(_PROGRAMS[0], "-c", str(folder / "postfix"), "start")
            dovecot = subprocess.Popen([_PROGRAMS[1], "-F", "-c", str(folder / "dovecot.conf")],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            undo.callback(dovecot.wait, 20)
            undo.callback(dovecot.terminate)
            _wait_for(servers)
            yield servers
    finally:
        _as_root("rm", "-rf", str(folder), check=False)


def _certificate() -> list[bytes]:
    from tests.relays import AUTHORITY  # trustme: for these tests alone

    issued = AUTHORITY.issue_cert("127.0.0.1")
    return [issued.private_key_pem.bytes(), *(part.bytes() for part in issued.cert_chain_pems)]


def _as_root(*command: str, check: bool = True) -> None:
    before = ["sudo", "-n"] if os.geteuid() else []
    done = subprocess.run([*before, *command], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _maildir(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    mailbox.Maildir(path)
    for one in (path, *path.iterdir()):
        one.chmod(0o777)
        _give_away(one)


def _mail_account() -> tuple[int, int]:
    """Whose the mailboxes are: our own account, or one without rights when we are root, as both servers ask."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _give_away(path: Path) -> None:
    if not os.geteuid():
        os.chown(path, *_mail_account())


# ------------------------------------------------------------------------------------------------------- settings


def _postfix(servers: MailServers) -> None:
    home, (uid, gid) = servers.folder / "postfix", _mail_account()
    for name in ("", "file", "data"):
        (home / name).mkdir()
    _as_root("chown", "postfix", str(home / "data"))
    certificate = servers.folder / "certificat.pem"
    (home / "boites").write_text("".join(f"{a} {a.partition('@')[0]}/\n" for a in PEOPLE), encoding="utf-8")
    settings = {
        "compatibility_level": "3.6", "queue_directory": home / "file", "data_directory": home / "data",
        "maillog_file": servers.folder / "postfix.log", "maillog_file_prefixes": servers.folder,
        "myhostname": f"relais.{DOMAIN}", "mydestination": "", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8", "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_cert_file": certificate, "smtpd_tls_key_file": certificate,
        "virtual_mailbox_domains": DOMAIN, "virtual_mailbox_base": servers.folder / "courrier",
        "virtual_mailbox_maps": f"texthash:{home}/boites", "virtual_minimum_uid": 1,
        "virtual_uid_maps": f"static:{uid}", "virtual_gid_maps": f"static:{gid}",
        "smtpd_reject_unlisted_recipient": "no",  # an unknown address is taken, then sent back
        "default_transport": "error:5.1.2 no other domain", "recipient_delimiter": "+", "smtpd_peername_lookup": "no",
        "alias_maps": "", "alias_database": "", "smtputf8_enable": "no",
    }  # fmt: skip
    _write(home / "main.cf", "".join(f"{key} = {value}\n" for key, value in settings.items()))
    _write(home / "master.cf", "\n".join([
        f"127.0.0.1:{servers.smtp_port} inet n - n - - smtpd",
        "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "flush unix n - n 1000? 0 flush",
        "proxymap unix - - n - - proxymap", "error unix - - n - - error", "retry unix - - n - - error",
        "discard unix - - n - - discard", "virtual unix - n n - - virtual", "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache", "showq unix n - n - - showq", "postlog unix-dgram n - n - 1 postlogd", "",
    ]))  # fmt: skip
    _as_root("chown", "-R", "root", str(home / "main.cf"), str(home / "master.cf"))


def _dovecot(servers: MailServers) -> None:
    uid, gid = _mail_account()
    us = pwd.getpwuid(os.geteuid()).pw_name
    login, internal = (us, us) if os.geteuid() else ("dovenull", "dovecot")
    # without root, nobody may shut a process into a folder
    free = [f"service {name} {{\n  chroot =\n}}" for name in ("imap-login", "anvil", "stats")] if os.geteuid() else []
    _write(servers.folder / "dovecot.conf", f"""
base_dir = {servers.folder}/dovecot
state_dir = {servers.folder}/dovecot
log_path = {servers.folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal}
ssl = required
ssl_cert = <{servers.folder}/certificat.pem
ssl_key = <{servers.folder}/certificat.pem
first_valid_uid = 1
auth_failure_delay = 0
mail_location = maildir:{servers.folder}/courrier/%n
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={servers.folder}/courrier/%n
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {servers.imap_port}
    ssl = yes
  }}
}}
{chr(10).join(free)}
""")  # fmt: skip


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _wait_for(servers: MailServers) -> None:
    from tests.relays import AUTHORITY

    until = time.monotonic() + _PATIENCE
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", servers.smtp_port), timeout=_PATIENCE) as greeted:
                assert greeted.recv(3) == b"220"
            with imaplib.IMAP4_SSL("127.0.0.1", servers.imap_port, ssl_context=trusting, timeout=_PATIENCE):
                return
        except (OSError, imaplib.IMAP4.error):
            assert time.monotonic() < until, f"the mail servers don't answer\n{servers.log()}"
            time.sleep(0.05)
