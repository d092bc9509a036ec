"""Drive: files, who may see them, and what has changed.

`Drive` holds the files; `HANDLERS` answers the methods; `apis()` gives what the discovery document leaves out.
"""

from collections.abc import Mapping

from tests.google.call import Handler
from tests.google.drive import about, changes, comments, methods, permissions
from tests.google.drive.store import Drive
from tests.google.drive.uploads import apis

HANDLERS: Mapping[str, Handler] = {
    **methods.HANDLERS,
    **permissions.HANDLERS,
    **changes.HANDLERS,
    **about.HANDLERS,
    **comments.HANDLERS,
}

__all__ = ["HANDLERS", "Drive", "apis"]
