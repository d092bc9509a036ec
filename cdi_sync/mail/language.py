"""The languages of letters: French texts told in another one, its plurals, its days and numbers. Pure.

French is the language of the source: a text without a translation is told in French, and a test lets none be without.
Arabic is that of Morocco, whose months aren't those of the Mashriq.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

FRENCH = "fr"
_BETWEEN = {"ar": "؛ ", "en": "; "}
_LOCALES = {FRENCH: "fr", "ar": "ar_MA", "en": "en_GB"}
LANGUAGES = tuple(_LOCALES)
# Standard order of the forms of a translated plural.
_FORMS = {FRENCH: ("one", "other"), "ar": ("zero", "one", "two", "few", "many", "other"), "en": ("one", "other")}

Texts = Mapping[tuple[str, str], tuple[str, ...]]  # (context, French singular) → its forms in that language


@dataclass(frozen=True)
class Language:
    """One language. texts: what was translated, by context ("" for none) and French text."""

    code: str
    texts: Texts = field(default_factory=dict)

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(_LOCALES[self.code])

    @property
    def is_right_to_left(self) -> bool:
        return self.locale.text_direction == "rtl"

    @property
    def direction(self) -> str:
        """ "rtl" or "ltr"."""
        return str(self.locale.text_direction)

    @property
    def between(self) -> str:
        """What parts the items of a list that may hold commas."""
        return _BETWEEN.get(self.code, " ; ")

    @property
    def forms(self) -> int:
        """How many forms a translated plural has."""
        return len(_FORMS[self.code])

    # ------------------------------------------------------------------------------------------------- words

    def gettext(self, text: str, context: str = "") -> str:
        """The text in that language, else as it is."""
        return self.texts.get((context, text), (text,))[0]

    def ngettext(self, one: str, other: str, count: int) -> str:
        """The form that goes with that number. one, other: the French ones, which says « 0 dossier »."""
        if forms := self.texts.get(("", one)):
            return forms[self._form(count, _FORMS[self.code], self.locale)]
        return (one, other)[self._form(count, _FORMS[FRENCH], Locale("fr"))]

    @staticmethod
    def _form(count: int, names: tuple[str, ...], locale: Locale) -> int:
        name = locale.plural_form(count)
        return names.index(name) if name in names else len(names) - 1

    # ---------------------------------------------------------------------------------------- days and numbers

    def long_day(self, day: date) -> str:
        """« 3 décembre 2026 »."""
        return self._day(day, "MMMM y")

    def short_day(self, day: date) -> str:
        """« 3 déc. »."""
        return self._day(day, "MMM")

    def _day(self, day: date, rest: str) -> str:
        # French alone writes the first of a month as an ordinal, which Babel's patterns can't say.
        number = "1er" if day.day == 1 and self.code == FRENCH else str(day.day)
        return f"{number} {format_date(day, rest, locale=self.locale)}"

    def number(self, count: float) -> str:
        """« 1 234 », spaces as Babel has them."""
        return str(format_decimal(count, locale=self.locale))

    def signed(self, change: int) -> str:
        """« +2 », « −2 »."""
        return ("+" if change > 0 else "−") + self.number(abs(change))
