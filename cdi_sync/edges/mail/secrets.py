"""How a mail server knows us and how we know it, by SMTP or IMAP: our password, its certificate.

A password is never written in the settings: it comes from a file that only our account can read, or from the environment.
"""

import os
import ssl
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from cdi_sync.edges.config import ImapSettings, SmtpSettings
from cdi_sync.errors import CdiError, ExitCode
from cdi_sync.text import tidy

ServerSettings: TypeAlias = SmtpSettings | ImapSettings


class MailError(CdiError):
    """A mail server can't be used."""

    exit_code = ExitCode.MAIL


def section(settings: ServerSettings) -> str:
    """Where these settings are written: "mail.smtp" or "mail.imap"."""
    return "mail.imap" if isinstance(settings, ImapSettings) else "mail.smtp"


def secret(settings: ServerSettings, folder: Path, environment: Mapping[str, str]) -> str:
    """The password, from the secret file when one is named, else from the environment. Raises MailError.

    folder: the one that paths of the settings are relative to.
    """
    path, key = folder / (settings.mot_de_passe_fichier or ""), f"{section(settings)}.mot_de_passe_fichier"
    is_file = settings.mot_de_passe_fichier is not None
    found = _read_secret(path, key) if is_file else environment.get(settings.mot_de_passe_variable, "")
    if not found or not (found + settings.utilisateur).isascii():
        raise MailError(
            "Le mot de passe du serveur de courrier ne peut pas être utilisé.",
            where=f"{key} : {path}" if is_file else f"variable {settings.mot_de_passe_variable}",
            why="il contient des lettres accentuées" if found else "il est vide ou absent",
            fix="Écrire le mot de passe sur la première ligne de ce fichier." if is_file
                else f"Définir la variable {settings.mot_de_passe_variable}, ou indiquer {key}.",
        )  # fmt: skip
    return found


def _read_secret(path: Path, key: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise MailError(
                    "Le fichier du mot de passe est ouvert à d'autres comptes : il n'est pas utilisé.",
                    where=f"{key} : {path}",
                    fix=f"chmod 600 {path}",
                )
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MailError(
            "Le fichier du mot de passe ne se lit pas.", where=f"{key} : {path}",
            why=error.strerror or "" if isinstance(error, OSError) else "il n'est pas en UTF-8",
            fix="Le créer, lisible du seul compte de cdi (chmod 600).",
        ) from None  # fmt: skip


def tls_context(settings: ServerSettings, folder: Path) -> ssl.SSLContext:
    """TLS 1.2 or later, certificate and host name checked, against our own authority when there is one.

    Raises MailError when the authority's file can't be read.
    """
    own = folder / settings.autorite if settings.autorite else None
    try:
        context = ssl.create_default_context(cafile=own)
    except OSError as error:
        raise MailError(
            "Le certificat de l'autorité ne se lit pas.", where=f"{section(settings)}.autorite : {own}",
            why=tidy(error.strerror or str(error)),
            fix="Indiquer un fichier de certificats PEM lisible par le compte de cdi.",
        ) from None  # fmt: skip
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def no_tls(settings: ServerSettings, error: Exception, words: str) -> MailError:
    """Why no protected connection could be made. words: the error, as a person may read it."""
    where, key = f"{settings.serveur}:{settings.port}", section(settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            "Le certificat du serveur de courrier n'est pas accepté.",
            where=where,
            why=error.verify_message,
            fix=f"Employer dans {key}.serveur le nom écrit dans le certificat ; si l'autorité est interne, donner "
            f"son certificat dans {key}.autorite.",
        )
    usual = "993 avec tls, 143 avec starttls" if key == "mail.imap" else "587 avec starttls, 465 avec tls"
    return MailError(
        "La connexion chiffrée avec le serveur de courrier n'a pas pu s'établir.",
        where=where,
        why=words,
        fix=f"Vérifier {key}.port et {key}.securite : {usual} ; TLS 1.2 au moins.",
    )
