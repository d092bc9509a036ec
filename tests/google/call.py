"""One call of one method, as the functions that answer it see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.google.wire import Request, Response

if TYPE_CHECKING:
    from tests.google.world import Google

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A method called by somebody. parameters: those of the path, decoded. body: as sent, checked against its schema."""

    google: "Google"
    method: str  # "sheets.spreadsheets.values.get"
    user: str  # the address of whoever calls
    parameters: Mapping[str, str]
    request: Request
    body: Json

    def one(self, name: str, otherwise: str = "") -> str:
        """The last value of a query parameter."""
        return self.request.one(name, otherwise)

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false."""
        return self.one(name).lower() == "true"


Handler: TypeAlias = Callable[[Call], Json | Response]
