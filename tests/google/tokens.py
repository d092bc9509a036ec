"""The token endpoint: a service account's signed assertion is exchanged for a bearer token that lives an hour."""

from tests.google.clock import Clock
from tests.google.wire import ApiError, Request, Response, json_response

ROBOT = "robot@essai.example"


class Tokens:
    """The bearer tokens given out, and whose they are."""

    def __init__(self, clock: Clock, *, any_token: bool) -> None:
        self._clock, self._any = clock, any_token

    def answer(self, request: Request) -> Response:
        """POST /token."""
        return json_response({"access_token": "ya29.essai", "expires_in": 3599, "token_type": "Bearer"})

    def user_of(self, request: Request) -> str:
        """Whose token a request carries. Raises ApiError 401."""
        if not request.headers.get("authorization", "").startswith("Bearer "):
            raise ApiError(401, "Request is missing required authentication credential.")
        return ROBOT
