"""The methods of `spreadsheets.values`: read, written, appended to, cleared, by A1 notation or by DataFilter."""

from collections.abc import Mapping

from tests.google.call import Handler

HANDLERS: Mapping[str, Handler] = {}
