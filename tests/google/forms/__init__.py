"""Forms: what they ask, how they are edited, and what people answered.

`Form` is the state of one; `HANDLERS` answers the methods; `respond` has somebody fill a form in, which no method does.
"""

from tests.google.forms.answering import respond
from tests.google.forms.methods import HANDLERS
from tests.google.forms.state import Form

__all__ = ["HANDLERS", "Form", "respond"]
