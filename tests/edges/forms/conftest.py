"""The fixtures of the emulator of Google, for the tests of forms asked there."""

from tests.emulator.conftest import nothing_that_google_would_not_say

__all__ = ["nothing_that_google_would_not_say"]
