"""By what name an answer is known when its source gives it none for ever: a returned file, a row of a responses tab. Pure.

A file is copied for another case as often as it is corrected, and a row's moment changes with each edit. So the name follows
what designates the case: who asks, the row that it speaks of, the names and days that it gives. The same again is a
correction; a correction of one of these makes another answer, which the intake shows as alike. Where nothing designates the
case, any other content is another answer. Two answers told as alike can be put together by a person; one that was merged
into another is lost.
"""

import hashlib
from collections.abc import Iterator, Mapping

from cdi_sync.cells import shown
from cdi_sync.forms.declaration import SENDER, Declared, Question
from cdi_sync.forms.submission import Typed
from cdi_sync.model import Tab
from cdi_sync.text import fold

ADDRESS = f"{SENDER}.courriel"  # the question that asks who answers


def response_name(
    form: Declared,
    values: Mapping[str, Typed],
    tabs: Mapping[str, Tab],
    *,
    mark: str = "",
    moment: str = "",
    alone: bool = False,
) -> str:
    """Twenty hexadecimal digits. mark: of the file; moment: of the row, which counts where nothing designates the case.

    alone: what designates the case isn't looked at.
    """
    named = [] if alone else list(_designating(form, values, tabs))
    if not any(is_own for _, _, is_own in named):
        return _digest(mark, "contenu", moment, *(f"{key}={_plain(value)}" for key, value in sorted(values.items())))
    return _digest(mark, "cas", *(f"{key}={told}" for key, told, _ in named))


def _designating(
    form: Declared, values: Mapping[str, Typed], tabs: Mapping[str, Tab]
) -> Iterator[tuple[str, str, bool]]:
    """(key, what was answered, whether it tells this case from another of the same people)."""
    for key, question in form.questions.items():
        if (value := values.get(key)) is None or not (told := _plain(value)):
            continue
        own = _tells_apart(form, question, tabs)
        if own or key in (ADDRESS, "id") or question.column.reference or _names(question, tabs):
            yield key, told, own


def _tells_apart(form: Declared, question: Question, tabs: Mapping[str, Tab]) -> bool:
    """A day, or the new row's own name; a row that is there may be spoken of many times."""
    if question.column.type == "date":
        return True
    return form.is_new and question.tab == form.tab and _names(question, tabs)


def _names(question: Question, tabs: Mapping[str, Tab]) -> bool:
    return question.tab in tabs and question.column.key in tabs[question.tab].names


def _plain(value: Typed) -> str:
    """Two spellings of one thing are equal, whatever program wrote them."""
    if isinstance(value, tuple):
        return ";".join(map(_plain, value))
    return fold(value) if isinstance(value, str) else fold(shown(value))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:20]
