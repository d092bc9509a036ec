"""Developer metadata: looked up, searched for, and resolved to the places that a DataFilter designates."""

from collections.abc import Mapping

from tests.google.call import Handler

HANDLERS: Mapping[str, Handler] = {}
