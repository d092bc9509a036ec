"""How people of a place write numbers, dates and words in a spreadsheet, from the CLDR through Babel.

Patterns are written in the tokens of Google's number formats. Digits are the Latin ones everywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from babel import Locale, UnknownLocaleError
from babel.localedata import LocaleDataDict
from babel.numbers import get_currency_precision, get_currency_symbol, get_decimal_symbol, get_group_symbol
from babel.numbers import get_territory_currencies as currencies

# the CLDR has no words for these two; a language that isn't here keeps the English ones
BOOLEANS = {
    "cs": ("PRAVDA", "NEPRAVDA"), "da": ("SAND", "FALSK"), "de": ("WAHR", "FALSCH"), "es": ("VERDADERO", "FALSO"),
    "fi": ("TOSI", "EPÄTOSI"), "fr": ("VRAI", "FAUX"), "hu": ("IGAZ", "HAMIS"), "it": ("VERO", "FALSO"),
    "nb": ("SANN", "USANN"), "nl": ("WAAR", "ONWAAR"), "pl": ("PRAWDA", "FAŁSZ"), "pt": ("VERDADEIRO", "FALSO"),
    "ru": ("ИСТИНА", "ЛОЖЬ"), "sv": ("SANT", "FALSKT"), "tr": ("DOĞRU", "YANLIŞ"),
}  # fmt: skip
KNOWN_EVERYWHERE = ("$", "€", "£", "¥")  # currencies that are recognised whatever the place
_MARKS = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))  # of direction: no part of what is written
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


@dataclass(frozen=True)
class Conventions:
    """The ways of one locale. `conventions` finds them by the name that a spreadsheet has for it ("fr_FR")."""

    babel: Locale

    @cached_property
    def decimal(self) -> str:
        """The decimal separator."""
        return get_decimal_symbol(self.babel, numbering_system="latn")

    @cached_property
    def group(self) -> str:
        """The separator of thousands."""
        return get_group_symbol(self.babel, numbering_system="latn")

    @property
    def argument_separator(self) -> str:
        """Between the arguments of a function, and between the rows of an array."""
        return ";" if self.decimal == "," else ","

    @property
    def column_separator(self) -> str:
        """Between the columns of an array."""
        return "\\" if self.decimal == "," else ","

    @cached_property
    def booleans(self) -> tuple[str, str]:
        """The words for true and false."""
        return BOOLEANS.get(self.babel.language, ("TRUE", "FALSE"))

    @cached_property
    def currency(self) -> str:
        """The symbol of the place's money, its code where it has none."""
        return plain_spaces(get_currency_symbol(self._currency_code, self.babel))

    @cached_property
    def currency_names(self) -> tuple[str, ...]:
        """All that may be typed next to an amount, the longest first."""
        return tuple(sorted({self.currency, self._currency_code, *KNOWN_EVERYWHERE}, key=len, reverse=True))

    @cached_property
    def _currency_code(self) -> str:
        return next(iter(currencies(self.babel.territory or "US")), "USD")

    def money(self, symbol: str, decimals: int) -> str:
        """The pattern of an amount, its symbol on the side where the place has it. symbol: as a pattern writes it."""
        point = "." + "0" * decimals if decimals else ""
        amount = self.number + point
        written = self.babel.currency_formats["standard"].pattern.split(";")[0].translate(_MARKS).translate(_SPACES)
        gap = " " if re.search("¤ | ¤", written) else ""
        return symbol + gap + amount if written.index("¤") < written.index("0") else amount + gap + symbol

    @cached_property
    def number(self) -> str:
        """The pattern of a whole number with its thousands."""
        return "#,##,##0" if self.babel.decimal_formats[None].pattern.startswith("#,##,") else "#,##0"

    @cached_property
    def date(self) -> str:
        """The pattern of a date in figures, its year in full."""
        short = _as_google(self.babel.date_formats["short"].pattern)
        return re.sub("y+", "yyyy", re.sub(r"\s*G+", "", short)).strip()

    @cached_property
    def time(self) -> str:
        """The pattern of a time to the second, in figures."""
        pattern = _as_google(self.babel.time_formats["medium"].pattern)
        return "HH:mm:ss" if '"' in pattern else re.sub("[aAbB]+", "am/pm", pattern, count=1)

    @cached_property
    def time_separator(self) -> str:
        """What stands between hours and minutes."""
        return "." if "h.m" in self.time.lower() else ":"

    @cached_property
    def date_time(self) -> str:
        """The pattern of a date and its time, on 24 hours."""
        return f"{self.date} {self.time_separator.join((self.hours, 'mm', 'ss'))}"

    @property
    def hours(self) -> str:
        """The token of the hours of a day of 24: "H", "HH" where small hours have two figures."""
        return "HH" if "hh" in self.time.lower() else "H"

    @cached_property
    def figured_date(self) -> str:
        """The pattern of a long date where it is all figures, as in Japan, else that of a short one."""
        pattern = _quoted(_as_google(self.babel.date_formats["long"].pattern))
        return self.date if "MMM" in pattern else re.sub("y+", "yyyy", pattern)

    @cached_property
    def date_order(self) -> str:
        """The order of day, month and year in figures: "mdy", "dmy", "ymd"."""
        return "".join(dict.fromkeys(letter for letter in self.date.lower() if letter in "dmy"))

    def default(self, type_: str) -> str | None:
        """The pattern of a type of number format that has none of its own."""
        match type_:
            case "NUMBER":
                return self.number + ".00"
            case "PERCENT":
                return "0.00%"
            case "SCIENTIFIC":
                return "0.00E+00"
            case "CURRENCY":
                return self.money(f'"{self.currency}"', get_currency_precision(self._currency_code))
            case "DATE":
                return self.date
            case "TIME":
                return self.time
            case "DATE_TIME":
                return self.date_time
            case _:
                return None

    def month(self, number: int, width: str) -> str:
        """A month's name within a date. width: "wide", "abbreviated" or "narrow"."""
        return str(self.babel.months["format" if width != "narrow" else "stand-alone"][width][number])

    def day(self, weekday: int, width: str) -> str:
        """A day's name. weekday: 0 is Monday; width: "wide" or "abbreviated"."""
        return str(self.babel.days["format"][width][weekday])

    def half(self, hour: int) -> str:
        """The word for the half of the day: "AM", "PM"."""
        return str(self.babel.day_periods["format"]["abbreviated"]["am" if hour < 12 else "pm"])

    @cached_property
    def halves(self) -> Mapping[str, int]:
        """The hours to add after each word for a half of the day, in small letters."""
        local = {plain_spaces(self.half(hour)).casefold(): hour for hour in (0, 12)}
        return {"am": 0, "pm": 12, "a.m.": 0, "p.m.": 12, **local}

    @cached_property
    def months(self) -> Mapping[str, tuple[int, str]]:
        """The number of each month, and the token that shows it so, by its names in small letters, without final dot."""
        return {name: (number, token) for name, number, token in self._names(self.babel.months, "m")}

    @cached_property
    def weekdays(self) -> Mapping[str, str]:
        """The token that shows each day so, by its names in small letters, without final dot."""
        return {name: token for name, _, token in self._names(self.babel.days, "d")}

    def _names(self, names: LocaleDataDict, letter: str) -> Iterator[tuple[str, int, str]]:
        for width, token in (("abbreviated", letter * 3), ("wide", letter * 4)):
            for context in ("stand-alone", "format"):
                for number, name in names[context][width].items():
                    if not name[:1].isdigit():
                        yield plain_spaces(name).casefold().removesuffix("."), number, token

    @cached_property
    def words(self) -> re.Pattern[str]:
        """Takes a date apart: numbers, names of months and days, other words, and what stands between."""
        names = sorted({*self.months, *self.weekdays}, key=len, reverse=True)
        known = "|".join(map(re.escape, names))
        return re.compile(rf"[0-9]+|(?:{known})\.?(?!\w)|[\s,./-]+|[^\W\d]+|.", re.IGNORECASE)


def plain_spaces(text: str) -> str:
    """The text with ordinary spaces for those that don't break, and without marks of direction."""
    return text.translate(_SPACES).translate(_MARKS)


def _as_google(pattern: str) -> str:
    """A pattern of the CLDR in Google's tokens: literals between double quotes, ordinary spaces."""
    return re.sub(r"'([^']*)'", r'"\1"', plain_spaces(pattern))


def _quoted(pattern: str) -> str:
    """The pattern with its words of other alphabets between double quotes, as Google writes them."""
    return re.sub(r'(?<!")([^\W\d_a-zA-Z]+)(?!")', r'"\1"', pattern)


@cache
def conventions(locale: str) -> Conventions:
    """The ways of a locale, by its name; those of its language where the CLDR hasn't that place, of en_US at last."""
    names = (locale.replace("-", "_"), re.split("[-_]", locale)[0], "en_US")
    for name in names:
        try:
            return Conventions(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("the CLDR has en_US")
