"""Where the templates of letters run: an installation may edit them by hand, and a mistake there costs one letter. Pure.

Jinja's sandbox keeps a template from the program's insides. Here it can't work for ever nor fill the memory by the
simplest ways either: no `range`, no product of texts or lists, no power, and a bounded output.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from jinja2 import Template, TemplateRuntimeError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST = 2_000_000  # characters of one part of a letter: a hundred times an ordinary one


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's, without what makes a small template do a huge work."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"*", "**"})  # type: ignore[misc]  # as Jinja documents it

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        del self.globals["range"]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise SecurityError(f"opération « {operator} » non permise dans un modèle")
        return super().call_binop(context, operator, left, right)


def rendered(template: Template, facts: Mapping[str, Any]) -> str:
    """What a template makes of those facts. Raises TemplateRuntimeError when that is longer than any letter."""
    pieces, size = [], 0
    for piece in template.generate(facts):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise TemplateRuntimeError(f"le texte produit dépasse {LARGEST} caractères")
    return "".join(pieces)
