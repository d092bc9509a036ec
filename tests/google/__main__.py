"""`python -m tests.google --port N [--any-token] [--no-quota]`: serves until interrupted, and prints its address."""

import argparse
import contextlib
from threading import Event

from tests.google.server import serving
from tests.google.world import Google


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m tests.google", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--any-token", action="store_true", help="every bearer token is good")
    parser.add_argument("--no-quota", action="store_true", help="nobody is kept waiting")
    asked = parser.parse_args()
    google = Google(any_token=asked.any_token, no_quota=asked.no_quota)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            with serving(google, asked.port) as url:
                print(url, flush=True)
                Event().wait()
        except OSError as error:
            parser.error(f"port {asked.port} can't be served: {error.strerror}; choose another, or 0 for any free one")


if __name__ == "__main__":
    main()
