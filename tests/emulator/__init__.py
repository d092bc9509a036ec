"""Tests of the emulator of Google in `tests/google`."""
