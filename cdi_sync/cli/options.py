"""The `cdi` group, and what its commands share: the common options and what they lead to, a bar for long work."""

import contextlib
import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdi_sync import __version__

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation

DEFAULT_SETTINGS = "settings.toml"


class Day(click.ParamType[date]):
    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"« {value} » n'est pas une date ; écrire par exemple 2026-11-23.", param, ctx)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command on an installation takes; hands it the options as `where`."""

    @click.option("--config", type=click.Path(path_type=Path), default=DEFAULT_SETTINGS, metavar="FICHIER",
                  help="Réglages de l'installation (settings.toml du dossier courant par défaut).")  # fmt: skip
    @click.option("--as-of", type=Day(), metavar="AAAA-MM-JJ", help="Contrôler comme si l'on était ce jour-là.")
    @click.option("--json", "as_json", is_flag=True, help="Résultat en JSON, pour une autre machine.")
    @click.option("--lang", type=click.Choice(["fr"]), default="fr", help="Langue des messages.")
    @click.option("--dry-run", is_flag=True, help="Montrer ce qui serait fait, sans rien écrire ni enregistrer.")
    @wraps(command)
    def with_options(
        *args: Any, config: Path, as_of: date | None, as_json: bool, lang: str, dry_run: bool, **kw: Any
    ) -> None:
        command(*args, where=Where(config, as_of, as_json, dry_run), **kw)

    return with_options


class Where:
    """Common options, and what they lead to."""

    def __init__(self, config: Path, as_of: date | None, as_json: bool, dry_run: bool) -> None:
        self.config, self._as_of, self.as_json, self.dry_run = config, as_of, as_json, dry_run

    def installation(self) -> "Installation":
        from cdi_sync.edges.installation import Installation

        return Installation.at(self.config)

    def today(self) -> date:
        from cdi_sync.edges import clock

        return self._as_of or clock.today()


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="cdi")
def cdi() -> None:
    """Suit les actes de coopération décentralisée tenus dans un classeur partagé.

    Pour commencer : « cdi init DOSSIER » crée un registre vide, « cdi demo » un registre d'exemple.
    """


def progress(what: str) -> Any:
    """A bar while a person is looking; nothing in a pipe."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(f"{what}…")
