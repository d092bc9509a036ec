"""The fixtures of the emulator of Google, for the tests of what speaks to it."""

from tests.emulator.conftest import client, google, nothing_that_google_would_not_say, url

__all__ = ["client", "google", "nothing_that_google_would_not_say", "url"]
