"""The service: `serve`."""

from pathlib import Path

import click

from cdi_sync.cli.options import DEFAULT_SETTINGS, cdi


@cdi.command()
@click.option("--config", type=click.Path(path_type=Path), default=DEFAULT_SETTINGS, metavar="FICHIER",
              help="Réglages de l'installation (settings.toml du dossier courant par défaut).")  # fmt: skip
@click.option("--lang", type=click.Choice(["fr"]), default="fr", help="Langue des messages.")
def serve(config: Path, lang: str) -> None:
    """Reste en marche et fait chaque travail à son heure, jusqu'à ce qu'on l'arrête (Ctrl-C, SIGTERM)."""
    from cdi_sync.edges.installation import Installation
    from cdi_sync.engines.in_process import InProcess
    from cdi_sync.engines.service import log_to_stderr
    from cdi_sync.engines.service import serve as keep_serving

    log_to_stderr()
    keep_serving(Installation.at(config), InProcess())
