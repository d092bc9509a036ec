"""Reads translated texts from gettext catalogues."""

from collections.abc import Iterable
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from cdi_sync.errors import ConfigError
from cdi_sync.mail.language import Texts


def read_texts(paths: Iterable[Path]) -> Texts:
    """What those `.po` files translate, all together. Raises ConfigError."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                catalogue = read_po(file, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError) as error:
            raise ConfigError("Un catalogue de traductions ne se lit pas.", where=str(path), why=str(error),
                              fix="Corriger ce fichier, par exemple avec Poedit.") from None  # fmt: skip
        for message in catalogue:
            forms = tuple(map(str, message.string if isinstance(message.string, tuple | list) else [message.string]))
            if message.id and all(forms) and not message.fuzzy:
                one = message.id if isinstance(message.id, str) else message.id[0]
                found[message.context or "", one] = forms
    return found
