"""Uploads in several requests: what has come so far of each."""

import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Session:
    """An upload under way. method: what it will call once whole; file_id: "" for a new file."""

    method: str
    user: str
    file_id: str
    metadata: dict[str, Any]
    content_type: str
    total: int | None
    received: bytearray = field(default_factory=bytearray)


class Sessions:
    """The uploads under way, by identifier."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def open(self, session: Session) -> str:
        """Begins an upload. Gives its identifier."""
        id_ = secrets.token_urlsafe(60)
        self._sessions[id_] = session
        return id_

    def get(self, id_: str) -> Session | None:
        """The upload of that identifier."""
        return self._sessions.get(id_)

    def close(self, id_: str) -> None:
        """Ends an upload."""
        self._sessions.pop(id_, None)
